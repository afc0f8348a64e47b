"""Wires the parts of Kidoku and runs them."""
