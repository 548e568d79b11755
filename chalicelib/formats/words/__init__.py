"""The words of every failure."""
