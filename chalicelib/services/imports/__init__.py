"""Imports: registers, feeds of events, the operator's lists."""
