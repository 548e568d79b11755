"""Version 1 of the REST interface: one module per family of the catalogue, and the table of their routes."""
