"""The regulators' registers, and the catalogue made from them."""
