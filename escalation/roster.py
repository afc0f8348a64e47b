"""The people, teams and schedules as they stand now; passed in as data when a step fires."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from escalation.action import CONSOLE, MAIL, PHONE
from escalation.imported import Imported
from escalation.rotation import Role
from escalation.schedule import Leave, Override, Schedule, on_call


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

    @property
    def calm_contacts(self) -> tuple[tuple[str, str], ...]:
        """Where to tell what should wake nobody, (channel, address): chat first, where a button can be pressed, then
        mail, then the console; never a call."""
        ways = [(channel, address) for channel, address in self.contacts.items() if channel != PHONE]
        return tuple(sorted(ways, key=lambda way: _CALM_RANK.get(way[0], 0)))


_CALM_RANK = {MAIL: 1, CONSOLE: 2}


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody that a target can name. ``rooms`` maps "#name" to {channel: its id there}. ``leaves`` were entered,
    ``away`` are those that calendars tell of."""

    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    rooms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leaves: tuple[Leave, ...] = ()
    away: tuple[Leave, ...] = ()

    def on_call(self, name: str, at: datetime) -> tuple[str, ...]:
        """Who is on call for what stands after ``oncall:``; nobody for a schedule that is not there."""
        duty = self.duty(name)
        return () if duty is None else on_call(duty[0], at, duty[1])

    def duty(self, name: str) -> tuple[Schedule, Role] | None:
        """The schedule and the role that ``noc`` or ``noc/backup`` names."""
        if name in self.schedules:
            return self.schedules[name], Role.PRIMARY
        schedule, slash, role = name.rpartition("/")
        if slash and role == Role.BACKUP and schedule in self.schedules:
            return self.schedules[schedule], Role.BACKUP
        return None

    def changed(self, overrides: Collection[Override], leaves: Collection[Leave]) -> "Roster":
        """The same people, with these overrides and leaves in place of those before."""
        changed = {id: one.changed(overrides, leaves) for id, one in self.schedules.items()}
        return replace(self, schedules=changed, leaves=tuple(leaves)).fed({}, self.away)

    def fed(self, calendars: Mapping[str, Imported], away: Collection[Leave]) -> "Roster":
        """The same people, with what the calendars say now."""
        fed = {id: one.fed(calendars, away) for id, one in self.schedules.items()}
        return replace(self, schedules=fed, away=tuple(away))

    def person_of(self, address: str) -> Person | None:
        """The person with this mail address (any case)."""
        wanted = address.lower()
        return next((one for one in self.people.values() if wanted in one.addresses), None)

    def person_at(self, channel: str, address: str) -> Person | None:
        """The person with this contact on a channel."""
        return next((one for one in self.people.values() if one.contacts.get(channel) == address), None)
