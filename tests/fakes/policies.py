"""Small policies, rosters and alerts for tests. Whole minutes from ``AT`` keep stories readable."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from escalation import machine
from escalation.alert import Alert
from escalation.command import Notify, RaiseAlarm
from escalation.decided import RungFired
from escalation.event import Input, Opened, TimerFired
from escalation.machine import Decision
from escalation.mail import MailBrief
from escalation.policy import Action, EscalationPolicy, Ladder, Step, Target
from escalation.receipt import Recipient
from escalation.roster import Person, Roster

AT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
"""When the mails of these tests arrive: a Friday, noon in Tokyo."""


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def after(count: float) -> datetime:
    """The instant so many minutes after ``AT``."""
    return AT + minutes(count)


def person(id: str, **contacts: str) -> Person:
    """Somebody with these contacts; without any named, one on every channel."""
    ways = contacts or {channel: f"{channel}-{id}" for channel in ("slack", "discord", "phone")}
    return Person(id, id.title(), (f"{id}@example.com",), ways)


def roster(*people: Person, **teams: tuple[str, ...]) -> Roster:
    """These people (alice, bob and carol if none), teams, and the room #ops on Slack and Discord."""
    listed = people or (person("alice"), person("bob"), person("carol"))
    rooms = {"#ops": {"slack": "C-OPS", "discord": "D-OPS"}}
    return Roster({one.id: one for one in listed}, teams, {}, rooms)


NOBODY = Roster()


def action(channel: str, *targets: str) -> Action:
    return Action(channel, tuple(Target.parse(one) for one in targets))


def step(
    channel: str,
    *targets: str,
    after: float = 0,
    retry: int = 0,
    every: float = 2,
    otherwise: Action | None = None,
) -> Step:
    """A step; ``after`` and ``every`` in minutes."""
    return Step(action(channel, *targets), minutes(after), retry, minutes(every), otherwise)


def ladder(*steps: Step, repeat: int = 0, wait: float = 5) -> Ladder:
    return Ladder(steps, repeat=repeat, wait=minutes(wait))


LAST = action("phone", "carol")
SPINE = ladder(step("slack", "#ops"), step("discord", "#ops", after=5), step("phone", "alice", after=5))
"""Slack at once, Discord at 5 minutes, the phone at 10, the end at 15."""


def policy(*ladders: Ladder, last_resort: tuple[Action, ...] = (LAST,), **others: object) -> EscalationPolicy:
    """A policy of these ladders (``SPINE`` if none)."""
    return EscalationPolicy(name="main", ladders=ladders or (SPINE,), last_resort=last_resort, **others)  # type: ignore[arg-type]


def mail(number: int = 1) -> MailBrief:
    return MailBrief(
        message_id=f"{number}@example.com",
        subject="disk full",
        sender="nagios@example.com",
        sender_name="Nagios",
        received_at=AT,
    )


def opened(rules: EscalationPolicy, *recipients: Recipient) -> Opened:
    return Opened(mail=mail(), policy=rules, recipients=recipients or (Recipient("alice"),))


class Story:
    """One alert that lives through what a test tells it, and everything that was decided meanwhile."""

    def __init__(self, rules: EscalationPolicy, *recipients: Recipient, people: Roster | None = None) -> None:
        self.people = roster() if people is None else people
        self.decisions = [machine.open(1, self.opened(rules, *recipients), AT, self.people)]
        self.instants = [AT]

    def opened(self, rules: EscalationPolicy, *recipients: Recipient) -> Opened:
        """The mail that it begins with."""
        return opened(rules, *recipients)

    @property
    def alert(self) -> Alert:
        return self.decisions[-1].alert

    def tell(self, event: Input, at: float = 0) -> Decision:
        """Something happens so many minutes after ``AT``."""
        decision = machine.decide(self.alert, event, after(at), self.people)
        self.decisions.append(decision)
        self.instants.append(after(at))
        return decision

    def tick(self, at: float) -> Decision:
        return self.tell(TimerFired(), at)

    def run_until(self, at: float) -> None:
        """The timer fires at every due time up to then."""
        while (due_at := self.alert.wake_at) is not None and due_at <= after(at):
            self.tick((due_at - AT) / minutes(1))

    @property
    def notified(self) -> list[tuple[float, str, str]]:
        """Everybody who was told: (minutes after ``AT``, channel, address)."""
        pairs = zip(self.instants, self.decisions, strict=True)
        return [((at - AT) / minutes(1), one.channel, one.address) for at, made in pairs for one in notifies(made)]


def notifies(decision: Decision) -> list[Notify]:
    return [one for one in decision.commands if isinstance(one, Notify)]


def told(decision: Decision) -> list[str]:
    """The addresses that one decision tells, in order."""
    return [one.address for one in notifies(decision)]


def alarms(decision: Decision) -> list[tuple[str, str]]:
    """The alarms that one decision raises: (kind, detail)."""
    return [(str(one.kind), one.detail) for one in decision.commands if isinstance(one, RaiseAlarm)]


def fired(decisions: Iterable[Decision]) -> list[RungFired]:
    return [event for made in decisions for event in made.events if isinstance(event, RungFired)]
