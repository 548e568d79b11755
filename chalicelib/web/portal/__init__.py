"""The Organisation Portal: pages for people, over the same use cases as the web service."""
