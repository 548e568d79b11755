"""The web surfaces: routes, the guard in front of them, and what they answer."""
