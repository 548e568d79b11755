"""The description of the interface: OpenAPI and the developer pages."""
