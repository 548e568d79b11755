"""The web service: REST under a version, with what all versions share."""
