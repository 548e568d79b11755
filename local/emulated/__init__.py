"""The emulated cloud."""
