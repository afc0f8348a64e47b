"""A channel."""
