"""The people, teams and schedules as they stand now; passed in as data when a step fires."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from escalation.action import CONSOLE, MAIL, PHONE, SMS, WHATSAPP
from escalation.contact import Order, Quiet, Way, is_at_least, usual_ways
from escalation.fairness import FAIR_WITHIN, Choice, after_turn, choice, had_in, in_order
from escalation.imported import Imported
from escalation.load import Page, Toll
from escalation.rotation import Role
from escalation.schedule import Leave, Override, Schedule, on_call


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be woken. ``contacts`` maps a channel ("slack", "discord", "phone", "sms", "mail", "console")
    to the address there, in the order in which the settings give them. ``more`` has further addresses on a channel,
    each in its turn when a step rings again. ``ring`` is how long their phone may ring, None: as the channel does.
    ``orders`` are their ways, for steps that leave it to them. ``delegate`` is told in their place while they are on
    leave."""

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    zone: str = "UTC"
    morning: time = time(8)
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ring: timedelta | None = None
    orders: tuple[Order, ...] = ()
    quiet: Quiet | None = None
    delegate: str = ""

    def addresses_on(self, channel: str) -> tuple[str, ...]:
        """Every address on a channel, the first one first."""
        first = self.contacts.get(channel)
        return () if first is None else (first, *self.more.get(channel, ()))

    def ways(self, is_urgent: bool, at: datetime) -> tuple[Way, ...]:
        """How they want to be told of what is due at ``at``."""
        order = next((one for one in self.orders if one.fits(is_urgent, at)), None)
        return order.ways if order else usual_ways(self.contacts)

    def is_silent(self, channel: str, severity: str | None, at: datetime) -> bool:
        """Whether their quiet hours forbid this; a severity of None is what can't wait."""
        return self.quiet is not None and severity is not None and self.quiet.silences(channel, severity, at)

    @property
    def calm_contacts(self) -> tuple[tuple[str, str], ...]:
        """Where to tell what should wake nobody, (channel, address): chat first, where a button can be pressed, then
        mail, a text message, the console; never a call."""
        ways = [(channel, address) for channel, address in self.contacts.items() if channel != PHONE]
        return tuple(sorted(ways, key=lambda way: _CALM_RANK.get(way[0], 0)))


_CALM_RANK = {MAIL: 1, SMS: 2, WHATSAPP: 2, CONSOLE: 3}


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody that a target can name. ``rooms`` maps "#name" to {channel: its id there}. ``leaves`` were entered,
    ``away`` are those that calendars tell of. From the severity ``urgent_from`` on a matter is urgent. ``last_turns``
    maps a team to the member who had the last turn. In ``fair_teams`` turns go by load (``fairness.py``): ``rounds``
    maps each to those who had a turn in its round, ``tolls`` are everybody's loads of the time ``fair_within``."""

    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    rooms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leaves: tuple[Leave, ...] = ()
    away: tuple[Leave, ...] = ()
    urgent_from: str = "error"
    last_turns: Mapping[str, str] = field(default_factory=dict)
    fair_teams: frozenset[str] = frozenset()
    fair_within: timedelta = FAIR_WITHIN
    rounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolls: Mapping[str, Toll] = field(default_factory=dict)

    def is_urgent(self, severity: str | None) -> bool:
        return severity is None or is_at_least(severity, self.urgent_from)

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

    def in_turn(self, team: str, told: Collection[str] = ()) -> tuple[str, ...]:
        """The members, whoever has the next turn first; ``told`` are those whom the alert has just told."""
        members = self.teams.get(team, ())
        if team in self.fair_teams:
            return in_order(members, self.rounds.get(team, ()), self.tolls, told)
        last = self.last_turns.get(team)
        begin = members.index(last) + 1 if last in members else 0
        return members[begin:] + members[:begin]

    def turned(self, turns: Mapping[str, str]) -> "Roster":
        """The same people after these turns: a team, and who had it."""
        if not turns:
            return self
        fair = {team: self._after_turn(team, person) for team, person in turns.items() if team in self.fair_teams}
        return replace(self, last_turns={**self.last_turns, **turns}, rounds={**self.rounds, **fair})

    def _after_turn(self, team: str, person: str) -> tuple[str, ...]:
        return after_turn(self.teams.get(team, ()), self.rounds.get(team, ()), person)

    def choice(self, team: str, person: str, rest: Collection[str], told: Collection[str]) -> Choice | None:
        """Why it is the turn of this member, and not of any of the rest; None where turns do not go by load."""
        if team not in self.fair_teams:
            return None
        had = had_in(self.teams.get(team, ()), self.rounds.get(team, ()))
        return choice(person, rest, tuple(had), self.tolls, told)

    def told(self, pages: Collection[Page]) -> "Roster":
        """The same people after these pages; as they are where no turn goes by load, or loads are those of no time."""
        if not pages or not self.fair_teams or not self.fair_within:
            return self
        tolls = dict(self.tolls)
        for one in pages:
            if one.person is not None and one.person in self.people:
                tolls[one.person] = tolls.get(one.person, Toll()).after(one, self.people[one.person].zone)
        return replace(self, tolls=tolls)

    def is_away(self, id: str, at: datetime) -> bool:
        """Whether this person is on leave."""
        return bool(self._leaves(id, at))

    def stand_in(self, id: str, at: datetime) -> str:
        """Who is told in this person's place: a delegate while they are on leave, that one's while both are, and so
        on. They themselves where nobody is named, and where the delegates go round in a circle."""
        passed = [id]
        while (following := self._delegate(passed[-1], at)) is not None:
            if following in passed:
                return id
            passed.append(following)
        return passed[-1]

    def _delegate(self, id: str, at: datetime) -> str | None:
        leaves, person = self._leaves(id, at), self.people.get(id)
        named = [one.delegate for one in sorted(leaves, key=lambda one: (one.at, one.id), reverse=True)]
        usual = [person.delegate] if leaves and person is not None else []
        return next((one for one in (*named, *usual) if one in self.people), None)

    def _leaves(self, id: str, at: datetime) -> list[Leave]:
        return [one for one in (*self.leaves, *self.away) if one.person == id and one.start <= at < one.end]

    def speaking(self, languages: Mapping[str, str]) -> "Roster":
        """The same people, each of these in the language that they chose."""
        chosen = {id: one for id, one in languages.items() if id in self.people}
        people = {id: replace(self.people[id], language=one) for id, one in chosen.items()}
        return replace(self, people={**self.people, **people})

    def person_of(self, address: str) -> Person | None:
        """The person with this mail address (any case)."""
        wanted = address.lower()
        return next((one for one in self.people.values() if wanted in one.addresses), None)

    def person_at(self, channel: str, address: str) -> Person | None:
        """The person with this contact on a channel, or with such a way."""
        found = next((one for one in self.people.values() if address in one.addresses_on(channel)), None)
        return found or next((one for one in self.people.values() if (channel, address) in _places(one)), None)


def _places(person: Person) -> set[tuple[str, str]]:
    return {(way.channel, way.address) for order in person.orders for way in order.ways}
