"""One transaction's worth of decisions: alerts loaded once, decided in order, saved together.

An alert whose decision raises is parked alone, with an alarm, and delays nobody.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.elsewhere import by_what_works
from bot.store.record import LEFT_OUT, Change, MailCopy, NotificationRow, NotificationState, OutgoingMail
from bot.store.store import Tx
from bot.turns import in_turn
from channels.base import PHONE
from escalation import machine
from escalation.alert import Alert
from escalation.command import AlarmKind, Notify, Purpose, RaiseAlarm, Refresh, Withdraw
from escalation.decided import Event
from escalation.event import Input, Opened
from escalation.load import PAGES, Page
from escalation.machine import Decision
from escalation.phrase import parts_of
from escalation.policy import Action, EscalationPolicy
from escalation.roster import Roster
from escalation.target import Reached, resolve
from escalation.turn import after, turns_of

log = structlog.get_logger(__name__)

PRIORITY = {
    Purpose.LAST_RESORT: 0,
    Purpose.ELSE: 0,
    Purpose.CODE: 0,
    Purpose.STEP: 1,
    Purpose.MAIL: 1,
    Purpose.APPROVAL: 1,
    Purpose.ASKED: 1,
    Purpose.SENDER: 2,
    Purpose.ALARM: 2,
    Purpose.DUTY: 15,
    Purpose.CHECK: 15,
    Purpose.CALLED_IN: 15,
    Purpose.CONNECTED: 15,
    Purpose.RELAY: 16,
    Purpose.MISSED: 17,
}
_SEVERITIES = ("critical", "error", "warning", "info")


def priority_of(purpose: Purpose, severity: str) -> int:
    """What leaves first where a lane has a queue, 0 before all else: what is more severe; within that, by purpose."""
    rank = _SEVERITIES.index(severity) if severity in _SEVERITIES else 0
    return PRIORITY[purpose] if purpose is Purpose.CODE else PRIORITY[purpose] + 4 * rank


def due_at_once(
    key: str, to: Reached, purpose: Purpose, now: datetime, text: str = "", alert_id: int | None = None
) -> NotificationRow:
    """A notification that no step of an alert decided on: due now."""
    return NotificationRow(
        key=key,
        alert_id=alert_id,
        channel=to.channel,
        address=to.address,
        target=to.target,
        person=to.person,
        purpose=purpose,
        priority=PRIORITY[purpose],
        due_at=now,
        created_at=now,
        send_at=now,
        text=text,
    )


def random_digits() -> str:
    """Two different digits for a call: the first acknowledges, the second passes on. Unguessable by a machine that
    answers and presses one key."""
    first, step = divmod(secrets.randbelow(72), 8)
    return f"{first + 1}{(first + 1 + step) % 9 + 1}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions need besides the alert: the people, whom to alarm, which channels can update a message, and which
    are out of order now."""

    roster: Roster
    alarms: tuple[Action, ...]
    updating: frozenset[str]
    digits: Callable[[], str] = random_digits
    out: Callable[[], Collection[str]] = tuple


@dataclass(slots=True)
class _Staged:
    before: int
    alert: Alert
    events: list[tuple[Event, datetime]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Happened:
    """What was decided of one alert, which has come to this by it; its list had ``before`` entries."""

    alert: Alert
    before: int
    events: Sequence[Event]


class Desk:
    """Opens and feeds alerts inside one transaction; ``save`` writes all of it."""

    def __init__(self, tx: Tx, now: datetime, rules: Rules) -> None:
        self.tx = tx
        self.now = now
        self.rules = rules
        self.due_at: datetime | None = None
        self.links: dict[str, int] = {}
        self.copies: list[MailCopy] = []
        self.wakes: list[datetime] = []
        self.claimed: dict[str, list[NotificationRow]] = {}
        """What the lanes took up, by channel: it is worked on after the commit."""
        self.lane_wakes: dict[str, datetime] = {}
        """When a lane has something to do by this at the earliest, by channel; what was put there to be sent at once is
        in ``due_channels``."""
        self.is_roster_changed = False
        self._staged: dict[int, _Staged] = {}
        self._rows: dict[str, NotificationRow] = {}
        self._withdrawn: set[int] = set()
        self._recalled: set[int] = set()
        self._refreshed: set[int] = set()
        self._refreshed_keys: set[str] = set()
        self._settled: list[tuple[NotificationRow, NotificationRow]] = []
        self._ids: list[int] = []
        self._people_read: Roster | None = None
        self._people: Roster | None = None
        self._taken_turns: dict[str, str] = {}

    @property
    def due_channels(self) -> frozenset[str]:
        """The channels for which there is something new that is due at once."""
        return frozenset(row.channel for row in self._rows.values() if self._is_due(row))

    def due_in(self, channel: str) -> list[NotificationRow]:
        """What is new in a channel's lane and is due at once."""
        return [row for row in self._rows.values() if row.channel == channel and self._is_due(row)]

    def has_put(self, key: str) -> bool:
        """Whether a notification is new in the outbox, and has not been withdrawn since."""
        return key in self._rows

    async def load(self, ids: Collection[int]) -> Mapping[int, Alert]:
        """Those alerts that exist, as they stand at this desk."""
        missing = [id for id in ids if id not in self._staged]
        if missing:
            for id, alert in (await self.tx.alerts(missing)).items():
                self._staged[id] = _Staged(alert.seq, alert)
        return {id: self._staged[id].alert for id in ids if id in self._staged}

    async def due(self, limit: int) -> list[int]:
        """Load what is due by now, longest overdue first; returns the ids."""
        found = await self.tx.due(self.now, limit)
        for id, alert in found.items():
            self._staged.setdefault(id, _Staged(alert.seq, alert))
        return list(found)

    async def reserve(self, count: int) -> None:
        """Take ``count`` alert ids at once, for a burst."""
        self._ids += await self.tx.next_alert_ids(count)

    async def open(self, opened: Opened) -> int:
        """Open an alert; returns its id."""
        if not self._ids:
            await self.reserve(1)
        id = self._ids.pop(0)
        decision = machine.open(id, opened, self.now, await self._roster(opened.policy))
        self._staged[id] = _Staged(0, decision.alert)
        await self._take(id, decision)
        self.links[opened.mail.message_id] = id
        return id

    async def send(self, opened: Opened, mail: OutgoingMail) -> int:
        """Open the alert of a mail that the team sends, and keep what it says; returns its id."""
        id = await self.open(opened)
        await self.tx.put_outgoing(id, mail)
        return id

    async def feed(self, id: int, event: Input) -> bool:
        """Let an alert decide about an event; True if anything changed. An unknown alert changes nothing."""
        return bool(await self.decided(id, event))

    async def decided(self, id: int, event: Input) -> tuple[Event, ...]:
        """Let an alert decide about an event; what happened by it."""
        if id not in self._staged and not await self.load([id]):
            return ()
        roster = await self._roster(self._staged[id].alert.policy)
        try:
            decision = machine.decide(self._staged[id].alert, event, self.now, roster)
        except Exception as error:
            await self._park(id, event, error)
            return ()
        await self._take(id, decision)
        return decision.events

    def settle(self, row: NotificationRow, claimed: NotificationRow) -> None:
        """Write a notification's outcome with this transaction."""
        self._settled.append((row, claimed))

    def is_settling(self, key: str) -> bool:
        """Whether this transaction writes the outcome of a notification."""
        return any(row.key == key for row, _ in self._settled)

    async def alarm(self, kind: AlarmKind, detail: str, key: str, alert: Alert | None = None) -> bool:
        """Tell the administrators, once until it is cleared; False if they were told already."""
        text = json.dumps(
            {
                "kind": kind,
                "detail": detail,
                "said": parts_of(detail),
                "alert_id": alert.id if alert else None,
                "subject": alert.mail.subject if alert else "",
                "is_exercise": alert is not None and alert.is_exercise,
            },
            ensure_ascii=False,
        )
        if not await self.tx.raise_alarm(key, text, self.now):
            return False
        log.warning("Alarm raised", kind=kind, detail=detail, alert_id=alert.id if alert else None)
        left_out = alert.left_out if alert else ()
        self.announce(text, key, [one for one in self.administrators() if one.channel not in left_out])
        return True

    def put(self, row: NotificationRow) -> None:
        """Put one notification into the outbox that no alert decided on."""
        self._rows[row.key] = row

    def refresh(self, keys: Iterable[str]) -> None:
        """Bring what was posted under these keys up to date, as far as it was posted."""
        self._refreshed_keys.update(keys)

    async def set_back(self, by: timedelta) -> None:
        """The clock was set back by so much, to now: what is in the outbox waits no longer by that."""
        self._wake_lanes(await self.tx.set_back(by, self.now))

    def administrators(self) -> list[Reached]:
        """Where those are told who hear of Kidoku itself: over what works."""
        roster = self.rules.roster
        found = (one for action in self.rules.alarms for one in resolve(action, None, roster, self.now))
        return by_what_works((one for one in found if isinstance(one, Reached)), roster, self.rules.out())

    def announce(self, text: str, key: str, to: Sequence[Reached] | None = None) -> None:
        """Put one message about Kidoku itself into the lane of each of these; left out: of every administrator."""
        digest = hashlib.sha256(f"{key}{self.now.isoformat()}".encode()).hexdigest()[:16]
        for number, one in enumerate(self.administrators() if to is None else to):
            self._rows[f"x{digest}.{number}"] = due_at_once(f"x{digest}.{number}", one, Purpose.ALARM, self.now, text)

    def happened(self, ids: Collection[int]) -> list[Happened]:
        """What was decided so far of those of these alerts of which anything was."""
        staged = [self._staged[id] for id in ids if id in self._staged and self._staged[id].events]
        return [Happened(one.alert, one.before, [event for event, _ in one.events]) for one in staged]

    def events(self) -> Iterator[Event]:
        """Everything that was decided so far."""
        return (event for one in self._staged.values() for event, _ in one.events)

    @property
    def ids(self) -> Collection[int]:
        """The alerts that were looked at."""
        return self._staged.keys()

    @property
    def opened(self) -> tuple[Alert, ...]:
        """The alerts that begin here."""
        return tuple(one.alert for one in self._staged.values() if one.before == 0 and one.events)

    async def save(self) -> None:
        """Write everything. Raises ConflictError if another node decided about one of these alerts, or gave a turn,
        meanwhile."""
        changes = [Change(one.alert, one.before, tuple(one.events)) for one in self._staged.values() if one.events]
        if changes:
            await self.tx.save(changes)
        if self.links:
            await self.tx.link_mails(self.links)
        if self.copies:
            await self.tx.put_copies(self.copies)
        if self._settled:
            settled = await self.tx.settle([row for row, _ in self._settled], [claimed for _, claimed in self._settled])
            self._wake(settled)
        if self._taken_turns and self._people is not None and self._people_read is not None:
            await self.tx.put_turns(self._taken_turns, self._people.rounds, self._people_read)
        await self._save_outbox()
        dues = [wake_at for one in self._staged.values() if one.events and (wake_at := one.alert.wake_at)]
        self.due_at = min([*dues, *self.wakes], default=None)

    async def _save_outbox(self) -> None:
        if self._withdrawn:
            await self.tx.withdraw(self._withdrawn, self.now)
        if self._recalled:
            await self.tx.withdraw(self._recalled, self.now, is_recall=True)
        if self._rows:
            await self.tx.add_notifications(list(self._rows.values()))
            self._wake(row for row in self._rows.values() if not self._is_due(row))
        updating = self.rules.updating
        if self._refreshed and updating:
            self._wake_lanes(await self.tx.refresh(self._refreshed, updating, self.now))
        if self._refreshed_keys and updating:
            self._wake_lanes(await self.tx.refresh_keys(self._refreshed_keys, updating, self.now))

    def _is_due(self, row: NotificationRow) -> bool:
        return row.send_at is not None and row.send_at <= self.now

    def _wake(self, rows: Iterable[NotificationRow]) -> None:
        for row in rows:
            if row.next_at is not None:
                self._wake_lanes({row.channel: row.next_at})

    def _wake_lanes(self, wakes: Mapping[str, datetime]) -> None:
        for channel, at in wakes.items():
            self.lane_wakes[channel] = min(at, self.lane_wakes.get(channel, at))

    async def _roster(self, policy: EscalationPolicy) -> Roster:
        """The people, with whose turn it is if this policy asks. What this desk decided before counts, too."""
        if not policy.has_turns:
            return self.rules.roster
        if self._people is None:
            told = [Page(one.person, one.channel, one.due_at) for one in self._rows.values() if one.purpose in PAGES]
            self._people_read = await in_turn(self.tx, self.rules.roster, self.now)
            self._people = self._people_read.told(told)
        return self._people

    async def _take(self, id: int, decision: Decision) -> None:
        self._taken_turns |= turns_of(decision)
        if self._people is not None:
            self._people = after(self._people, decision, self.now)
        staged = self._staged[id]
        staged.alert = decision.alert
        staged.events += [(event, self.now) for event in decision.events]
        for command in decision.commands:
            if isinstance(command, RaiseAlarm):
                key = f"alert:{id}:{decision.alert.climb}:{command.kind}:{command.detail}"
                await self.alarm(command.kind, command.detail, key, decision.alert)
            else:
                self._stage(decision.alert, command)

    def _stage(self, alert: Alert, command: Notify | Withdraw | Refresh) -> None:
        match command:
            case Notify():
                self._rows[command.key] = self._row(alert, command)
            case Withdraw(is_recall):
                kept = {Purpose.ALARM} if is_recall else {Purpose.ALARM, Purpose.MAIL, Purpose.CODE}
                self._rows = {
                    key: row for key, row in self._rows.items() if row.alert_id != alert.id or row.purpose in kept
                }
                (self._recalled if is_recall else self._withdrawn).add(alert.id)
            case Refresh():
                self._refreshed.add(alert.id)

    def _row(self, alert: Alert, one: Notify) -> NotificationRow:
        is_left_out = one.channel in alert.left_out
        return NotificationRow(
            key=one.key,
            alert_id=alert.id,
            channel=one.channel,
            address=one.address,
            target=one.target,
            person=one.person,
            purpose=one.purpose,
            step=one.step,
            loop=one.loop,
            priority=priority_of(one.purpose, alert.severity),
            due_at=one.due_at,
            created_at=self.now,
            state=NotificationState.DROPPED if is_left_out else NotificationState.PENDING,
            send_at=None if is_left_out else max(self.now, one.due_at),
            outcome=LEFT_OUT if is_left_out else "",
            digits=self.rules.digits() if one.channel == PHONE else "",
            turn=one.turn,
        )

    async def _park(self, id: int, event: Input, error: Exception) -> None:
        alert = self._staged[id].alert
        words = f"{type(event).__name__}: {type(error).__name__}"
        log.exception("An alert could not be decided and is parked", alert_id=id, event_kind=type(event).__name__)
        await self.tx.park(id, words)
        await self.alarm(AlarmKind.PARKED, words, f"parked:{id}", alert)
