"""Conversion between bytes and commands: file layouts, readers, writers, and the words of every failure. Pure."""
