"""The web surfaces: what comes over HTTPS, and how it is answered."""
