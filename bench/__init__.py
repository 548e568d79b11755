"""Measurements against floors, in ratios: `make bench`."""
