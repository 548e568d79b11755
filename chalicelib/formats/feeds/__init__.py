"""Feeds of learning events."""
