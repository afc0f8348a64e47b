"""The people, teams and schedules as they stand now; passed in as data when a step fires."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from escalation.schedule import Schedule, on_call


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be woken. ``contacts`` maps a channel ("slack", "discord", "phone", "mail", "console")
    to the address there, in the order in which the settings give them."""

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    zone: str = "UTC"
    morning: time = time(8)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody that a target can name. ``rooms`` maps "#name" to {channel: its id there}."""

    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    rooms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def on_call(self, schedule: str, at: datetime) -> str | None:
        found = self.schedules.get(schedule)
        return None if found is None else on_call(found, at)

    def person_of(self, address: str) -> Person | None:
        """The person with this mail address (any case)."""
        wanted = address.lower()
        return next((one for one in self.people.values() if wanted in one.addresses), None)

    def person_at(self, channel: str, address: str) -> Person | None:
        """The person with this contact on a channel."""
        return next((one for one in self.people.values() if one.contacts.get(channel) == address), None)
