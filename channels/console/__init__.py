"""A channel that prints: what would be posted or said, to whoever watches the terminal."""
