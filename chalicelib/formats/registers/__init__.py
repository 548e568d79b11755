"""The regulators' registers, and the catalogue made of them."""
