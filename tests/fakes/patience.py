"""How long a test waits for what must come."""

PATIENCE = 60.0
"""Seconds. Only a test that fails waits so long, so a slow machine fails none that would pass on a quick one."""
