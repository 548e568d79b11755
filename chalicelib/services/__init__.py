"""The use cases, each against the ports that it needs."""
