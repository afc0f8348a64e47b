"""Calendars of others, read; and our own schedules, as calendars that others can read."""
