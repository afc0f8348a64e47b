"""A decision while it is being made: the alert so far, what happened, and what is to be done."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from escalation.alert import Alert
from escalation.command import AlarmKind, Command, Notify, Purpose, RaiseAlarm
from escalation.contact import Part
from escalation.decided import Event, Notified, Skipped, SkipReason
from escalation.event import CallBackAsked
from escalation.fold import apply
from escalation.load import PAGES, Page
from escalation.policy import CONSOLE, MAIL, PHONE, SMS, WHATSAPP, Action, Target, TargetKind
from escalation.receipt import Recipient
from escalation.redial import who_of
from escalation.roster import Roster
from escalation.target import Found, Reached, Seek, of_recipient, resolve, turn_of

_ALARMS = {
    SkipReason.NO_CONTACT: AlarmKind.NO_CONTACT,
    SkipReason.UNKNOWN_TARGET: AlarmKind.NO_CONTACT,
    SkipReason.NOBODY_ON_CALL: AlarmKind.NOBODY_ON_CALL,
}
_WITHOUT_BUTTONS = frozenset({PHONE, SMS, WHATSAPP, MAIL, CONSOLE})


def _in_place_of(id: str, found: Found) -> Found:
    """What was found for a person, or for whoever stands in for them."""
    stands_in_for = None if found.person == id else id
    if isinstance(found, Skipped):
        return replace(found, target=id, stands_in_for=stands_in_for)
    return found._replace(target=id, stands_in_for=stands_in_for)


def _failing_in(alert: Alert) -> frozenset[str]:
    return frozenset(one.address for one in alert.recipients if alert.is_failing(one))


class Draft:
    """Gathers events and commands. Lives only inside one call of ``decide``, which stays pure."""

    def __init__(self, alert: Alert, now: datetime, roster: Roster) -> None:
        self.alert = alert
        self.now = now
        self.roster = roster
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.due_at = now
        self.turn = 0
        self._told: set[tuple[str, str]] = set()
        self._spared: set[tuple[str, str]] = set()
        self._failing: tuple[Alert | None, frozenset[str]] = (None, frozenset())

    def record(self, event: Event) -> None:
        """Something happened: fold it in and keep it."""
        self.alert = apply(self.alert, event, self.now)
        self.events.append(event)

    def do(self, *commands: Command) -> None:
        """Something is to be done; the same command once."""
        self.commands += [one for one in commands if one not in self.commands]

    @property
    def has_told(self) -> bool:
        """Whether this decision notifies anybody."""
        return bool(self._told)

    def spare(self, told: Iterable[tuple[str, str]]) -> None:
        """Whoever was told over this (channel, address) is not told again by this decision, until ``spare_nobody``."""
        self._spared |= set(told)

    def spare_nobody(self) -> None:
        """What follows is of another loop, of the last resort, or asked for."""
        self._spared.clear()

    def tell(
        self,
        action: Action,
        purpose: Purpose,
        step: int = 0,
        keys_taken: int = 0,
        part: Part | None = None,
        turn: int = 0,
        done: frozenset[str] = frozenset(),
    ) -> tuple[tuple[Notified, ...], tuple[Skipped, ...]]:
        """Notify everyone whom the action names; who was told already in this decision is not told again. Nobody's
        quiet hours hold for the last resort.

        ``keys_taken``: keys given out since the last recorded event. ``part`` of the people's own ways; None: all.
        ``turn``: how often the step was tried before. ``done``: whom a retry leaves alone (``redial.py``).
        """
        self.turn = turn
        severity = None if purpose is Purpose.LAST_RESORT else self.alert.severity
        found = resolve(action, self.alert, self.roster, self.now, severity=severity, part=part, turn=turn)
        return self._tell(found, action.channel, purpose, step, keys_taken, done)

    def tell_one(
        self, recipient: Recipient, channel: str, step: int
    ) -> tuple[tuple[Notified, ...], tuple[Skipped, ...]]:
        """Notify one recipient alone."""
        seek = Seek(channel, self.roster, self.now, self.alert.severity)
        found = of_recipient(Target(TargetKind.UNREAD), recipient, seek)
        return self._tell(found, channel, Purpose.STEP, step)

    def tell_asked(self, found: Iterable[Found]) -> tuple[tuple[Notified, ...], tuple[Skipped, ...]]:
        """Notify those whom a person asked for. Who can't be told is that person's to hear: it raises no alarm."""
        return self._tell(found, "", Purpose.ASKED)

    def calm(self, id: str) -> Found:
        """Where to tell a person, or whoever is told in their place, without ringing: where a button can be pressed,
        if they are there, and their quiet hours allow it."""
        told = self.roster.stand_in(id, self.now)
        found, person = self._contact(told, is_calm=True), self.roster.people.get(told)
        if person is not None and isinstance(found, Reached):
            severity = self.alert.severity
            ways = [way for way in person.calm_contacts if not self._fails(*way)] or [(found.channel, found.address)]
            ways = [way for way in ways if not person.is_silent(way[0], severity, self.now)]
            found = Reached(told, *ways[0], told) if ways else Skipped(told, SkipReason.QUIET_HOURS, told)
        return _in_place_of(id, found)

    def loud(self, id: str) -> Iterable[Found]:
        """Where to tell a person who is wanted now, or whoever is told in their place, in quiet hours too: by a call,
        and beside it where a button can be pressed."""
        told = self.roster.stand_in(id, self.now)
        person = self.roster.people.get(told)
        if person is not None and PHONE in person.contacts:
            yield _in_place_of(id, Reached(told, PHONE, person.contacts[PHONE], told))
            if not set(person.contacts) - _WITHOUT_BUTTONS:
                return
        yield _in_place_of(id, self._contact(told, is_calm=True))

    def ask_approvers(self) -> tuple[tuple[Notified, ...], tuple[Skipped, ...]]:
        """Tell everybody who may let the mail leave, each where a button can be pressed, if they are there."""
        notified: list[Notified] = []
        skipped: list[Skipped] = []
        for id in self.alert.approvers:
            found = self._contact(id, is_calm=True)
            channel = found.channel if isinstance(found, Reached) else ""
            told, missed = self._tell([found], channel, Purpose.APPROVAL, keys_taken=len(notified))
            notified += told
            skipped += missed
        return tuple(notified), tuple(skipped)

    def tell_sender(
        self, keys_taken: int, *, is_calm: bool = False
    ) -> tuple[tuple[Notified, ...], tuple[Skipped, ...]]:
        """Notify whoever sent the mail, over the first of their channels; ``is_calm``: of those that don't ring."""
        sent_by = self.alert.sent_by
        found = self._contact(sent_by, is_calm=is_calm)
        if sent_by and sent_by not in self.roster.people:
            found = Reached(sent_by, MAIL, sent_by)
        if isinstance(found, Skipped):
            return (), (found,)
        return self._tell([found], found.channel, Purpose.SENDER, 0, keys_taken)

    def call_again(self, asked: CallBackAsked) -> Notified:
        """Notify somebody later, where they asked for it."""
        self.due_at = asked.at
        return self._notify(Reached(asked.by, asked.channel, asked.address, asked.by), self.alert.keys, Purpose.STEP, 0)

    def _contact(self, id: str, *, is_calm: bool) -> Found:
        """The first written contact; ``is_calm``: the first of those that don't ring."""
        person = self.roster.people.get(id)
        ways = () if person is None else person.calm_contacts if is_calm else tuple(person.contacts.items())
        if not ways:
            return Skipped(id, SkipReason.NO_CONTACT, id)
        return Reached(id, *ways[0], id)

    def _fails(self, channel: str, address: str) -> bool:
        """Whether mail does not get there. Asked of each of thousands: where it fails is gathered once."""
        if channel != MAIL:
            return False
        alert, addresses = self._failing
        if alert is not self.alert:
            alert, addresses = self._failing = self.alert, _failing_in(self.alert)
        return address in addresses

    def post(self) -> None:
        """Send the mail itself, to each recipient one of their own."""
        for number, one in enumerate(self.alert.recipients):
            person = one.id if one.id in self.roster.people else None
            self.commands.append(
                Notify(
                    key=f"{self.alert.id}.m{number}",
                    due_at=self.due_at,
                    channel=MAIL,
                    address=one.address,
                    target=one.id,
                    person=person,
                    purpose=Purpose.MAIL,
                )
            )

    def _tell(
        self,
        found: Iterable[Found],
        channel: str,
        purpose: Purpose,
        step: int = 0,
        keys_taken: int = 0,
        done: frozenset[str] = frozenset(),
    ) -> tuple[tuple[Notified, ...], tuple[Skipped, ...]]:
        notified: list[Notified] = []
        skipped: list[Skipped] = []
        for one in found:
            if isinstance(one, Skipped):
                skipped.append(one)
            elif purpose in PAGES and self._fails(one.channel, one.address):
                skipped.append(Skipped(one.target, SkipReason.MAIL_FAILED, one.person, one.stands_in_for))
            elif (one.channel, one.address) in self._told or (one.channel, one.address) in self._spared:
                skipped.append(Skipped(one.target, SkipReason.ALREADY_TOLD, one.person, one.stands_in_for))
            elif who_of(one.target, one.person) in done:
                skipped.append(Skipped(one.target, SkipReason.NO_REDIAL, one.person, one.stands_in_for))
            else:
                number = self.alert.keys + keys_taken + len(notified)
                notified.append(self._notify(one, number, purpose, step))
        if purpose is not Purpose.ASKED:
            self._raise_for(skipped, channel)
        return tuple(notified), tuple(skipped)

    def _notify(self, one: Reached, number: int, purpose: Purpose, step: int) -> Notified:
        key = f"{self.alert.id}.{number}"
        self._told.add((one.channel, one.address))
        if self.alert.policy.has_turns:
            pages = [Page(one.person, one.channel, self.due_at)] if purpose in PAGES else []
            self.roster = self.roster.turned(turn_of(one)).told(pages)
        self.commands.append(
            Notify(
                key=key,
                due_at=self.due_at,
                channel=one.channel,
                address=one.address,
                target=one.target,
                person=one.person,
                purpose=purpose,
                step=step,
                loop=self.alert.loop,
                turn=self.turn,
            )
        )
        return Notified(key, one.channel, one.target, one.address, one.person, one.stands_in_for, one.choice)

    def _raise_for(self, skipped: list[Skipped], channel: str) -> None:
        for one in skipped:
            if one.reason in _ALARMS:
                self.do(RaiseAlarm(_ALARMS[one.reason], f"{channel}: {one.person or one.target}"))
