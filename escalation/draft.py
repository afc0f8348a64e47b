"""A decision while it is being made: the alert so far, what happened, and what is to be done."""

from datetime import datetime

from escalation.alert import Alert
from escalation.command import AlarmKind, Command, Notify, Purpose, RaiseAlarm
from escalation.event import Event, Notified, Skipped, SkipReason
from escalation.fold import apply
from escalation.policy import Action
from escalation.roster import Roster
from escalation.target import UNREACHABLE, Reached, resolve

_ALARMS = {
    SkipReason.NO_CONTACT: AlarmKind.NO_CONTACT,
    SkipReason.UNKNOWN_TARGET: AlarmKind.NO_CONTACT,
    SkipReason.NOBODY_ON_CALL: AlarmKind.NOBODY_ON_CALL,
}


class Draft:
    """Gathers events and commands. Lives only inside one call of ``decide``, which stays pure."""

    def __init__(self, alert: Alert, now: datetime, roster: Roster) -> None:
        self.alert = alert
        self.now = now
        self.roster = roster
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.due_at = now
        self._told: set[tuple[str, str]] = set()

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

    def tell(
        self, action: Action, purpose: Purpose, step: int = 0, keys_taken: int = 0
    ) -> tuple[tuple[Notified, ...], tuple[Skipped, ...]]:
        """Notify everyone whom the action names; who was told already in this decision is not told again.

        ``keys_taken``: keys given out since the last recorded event.
        """
        notified: list[Notified] = []
        skipped: list[Skipped] = []
        for one in resolve(action, self.alert, self.roster, self.now):
            if isinstance(one, Skipped):
                skipped.append(one)
            elif (one.channel, one.address) in self._told:
                skipped.append(Skipped(one.target, SkipReason.ALREADY_TOLD, one.person))
            else:
                number = self.alert.keys + keys_taken + len(notified)
                notified.append(self._notify(one, number, purpose, step))
        self._raise_for(skipped, action.channel)
        return tuple(notified), tuple(skipped)

    def _notify(self, one: Reached, number: int, purpose: Purpose, step: int) -> Notified:
        key = f"{self.alert.id}.{number}"
        self._told.add((one.channel, one.address))
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
            )
        )
        return Notified(key, one.channel, one.target, one.address, one.person)

    def _raise_for(self, skipped: list[Skipped], channel: str) -> None:
        for one in skipped:
            if one.reason in UNREACHABLE:
                self.do(RaiseAlarm(_ALARMS[one.reason], f"{channel}: {one.person or one.target}"))
