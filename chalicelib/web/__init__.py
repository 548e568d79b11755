"""The web services: requests over HTTPS, and their responses."""
