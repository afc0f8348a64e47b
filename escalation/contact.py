"""How a person wants to be told: their ways in order, by severity and time of day, and the hours that they keep quiet.

The rules:

1. A step whose channel is ``CONTACTS`` tells each of its people in their own order. Of a person's orders the first
   counts that fits the severity and the instant at which the step was due; where none fits, ``usual_ways``.
2. A way is used ``after`` that instant. The step has a rung for each such delay of the people it may name
   (``Step.ways``); a rung uses what has come since the rung before it, the last one all that is left. So every way is
   used once, also one that was added when the alert was open already.
3. What has no rungs (``else``, the last resort, an alarm) uses all ways of the order at once.
4. In their quiet hours nobody is told over a channel that disturbs them, unless the severity breaks them. The last
   resort always does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from escalation.calendar import ALWAYS, Window

CONTACTS = "contacts"
"""What stands in the place of a channel in a step that leaves it to each person."""

SEVERITIES = ("info", "warning", "error", "critical")
DISTURBING = frozenset({"slack", "discord", "phone", "sms", "whatsapp"})
"""The channels that may wake somebody, if they don't say otherwise."""
USUAL_GAP = timedelta(minutes=2)
_USUAL = ("slack", "discord", "phone")


def is_at_least(severity: str, least: str) -> bool:
    """Whether a matter is as severe; one of a severity that nobody knows is."""
    return severity not in SEVERITIES or SEVERITIES.index(severity) >= SEVERITIES.index(least)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to tell somebody, ``after`` the step was due."""

    channel: str
    address: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Order:
    """Somebody's ways, soonest first; for urgent matters, for the others, or (None) for both; within a window."""

    ways: tuple[Way, ...]
    is_urgent: bool | None = None
    window: Window = ALWAYS

    def fits(self, is_urgent: bool, at: datetime) -> bool:
        return self.is_urgent in (None, is_urgent) and self.window.contains(at)


def usual_ways(contacts: Mapping[str, str]) -> tuple[Way, ...]:
    """Of whoever says nothing: chat, then the phone, ``USUAL_GAP`` apart; else the first contact that they have."""
    channels = [channel for channel in _USUAL if channel in contacts] or list(contacts)[:1]
    return tuple(Way(channel, contacts[channel], USUAL_GAP * number) for number, channel in enumerate(channels))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Somebody's quiet hours: over ``channels`` they are told nothing that is less severe than ``broken_by``."""

    window: Window
    broken_by: str = "critical"
    channels: frozenset[str] = DISTURBING

    def silences(self, channel: str, severity: str, at: datetime) -> bool:
        return channel in self.channels and not is_at_least(severity, self.broken_by) and self.window.contains(at)


class Part(NamedTuple):
    """Which ways one rung uses: of the order that held when the step was due at ``since``, those later than ``after``
    (None: from the first) and not later than ``until`` (None: to the last)."""

    since: datetime
    after: timedelta | None = None
    until: timedelta | None = None

    def holds(self, way: Way) -> bool:
        return (self.after is None or way.after > self.after) and (self.until is None or way.after <= self.until)


def part_of(offsets: tuple[timedelta, ...], attempt: int, since: datetime) -> Part:
    """The part of a rung: of a step with rungs at these offsets, the one with this number."""
    is_last = attempt + 1 == len(offsets)
    return Part(since, offsets[attempt - 1] if attempt else None, None if is_last else offsets[attempt])
