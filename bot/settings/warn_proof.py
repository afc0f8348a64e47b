"""Warnings of the short form of ``kidoku prove``: instants of the next days at which a policy would page nobody at all,
with every channel up."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.settings.build import Settings
from bot.settings.problem import Fault
from escalation.occasion import recipients_of
from escalation.phrase import Phrase
from escalation.prove import almanac_of, prove

AHEAD = timedelta(days=14)


def proof_warnings(settings: Settings) -> Iterator[Fault]:
    """One for each reason, with its first instant. Not for a policy that is named wrong: that is told elsewhere."""
    roster = settings.roster()
    almanac = almanac_of(roster, datetime.combine(settings.today, time(0), UTC), AHEAD)
    for name, policy in settings.escalation_policies().items():
        found = prove(policy, almanac, recipients_of(policy, roster), takes_down=False)
        for one in (silence for silence in found.silences if not silence.is_last_resort):
            at = f"{one.at.astimezone(ZoneInfo(settings.zone)):%Y-%m-%d %H:%M}"
            message = Phrase("a mail at %(at)s pages nobody: %(why)s", at=at, why=one.why)
            yield Fault(("policies", name), message, one.fix, is_warning=True, is_key=True)
