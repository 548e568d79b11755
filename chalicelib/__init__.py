"""The Learning Records Service: the code shared by its functions and web services."""

VERSION = "1.0.0.dev0"
"""The version of the service, and of the validator that belongs to it."""
