"""Invented sample data."""
