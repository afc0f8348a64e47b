"""Warnings about windows: holidays that are known for too short a time."""

from collections.abc import Iterator
from datetime import timedelta

from bot.settings.build import Settings
from bot.settings.problem import Fault
from escalation.phrase import Phrase

AHEAD = timedelta(days=425)
"""Fourteen months: who plans next year's shifts in autumn sees its holidays."""


def window_warnings(settings: Settings) -> Iterator[Fault]:
    """Said at ``kidoku check``; a running bot raises an alarm months before (``App``)."""
    until = settings.holidays_until
    if until is not None and until < settings.today + AHEAD:
        message = Phrase("holidays are known until %(day)s only", day=until.isoformat())
        fix = Phrase("upgrade the package holidays, or write the dates of your own")
        yield Fault(("windows",), message, fix, is_warning=True, is_key=True)
