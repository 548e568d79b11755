"""Batch files: layouts, readers, writers, results."""
