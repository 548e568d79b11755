"""The stand-alone check of batch files before they are sent (VAL-01)."""
