"""Slack: Socket Mode by default, signed HTTP as an option."""
