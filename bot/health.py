"""How mailboxes and channels are, and the alarm when one of them stays down."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.clock import Clock
from bot.desk import Desk
from bot.engine import Engine
from bot.metrics import Metrics
from bot.wording.name import channel_phrase
from channels.base import FIRST_ACCOUNT, of_first_account
from escalation.command import AlarmKind
from escalation.phrase import N_, Phrase, parts_of

log = structlog.get_logger(__name__)

ALARM_AFTER = timedelta(minutes=2)
"""A reconnect that takes less than this wakes nobody."""


@dataclass(frozen=True, slots=True)
class State:
    """One mailbox or channel: up or down, since when, and why in words without secrets."""

    is_up: bool
    since: datetime
    detail: str = ""


class Board:
    """Listens to every service; asked by ``/readyz``, the metrics and the alarm."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self.clock = clock
        self.metrics = metrics
        self.states: dict[str, State] = {}
        self.listeners: list[Callable[[str, State], None]] = []

    def expect(self, name: str) -> None:
        """Something that should come up: down until it says otherwise."""
        if name in self.states:
            return
        self.states[name] = State(False, self.clock.now(), N_("not connected yet"))
        self.metrics.is_up(name, False)
        self._tell(name)

    def heard(self, name: str, is_up: bool, detail: str) -> None:
        """The ``HealthListener`` that every channel is given."""
        before = self.states.get(name)
        if before is not None and before.is_up == is_up:
            self.states[name] = State(is_up, before.since, detail)
            if not is_up and detail != before.detail:
                log.warning("Can't be reached; it is tried again", name=name, reason=detail)
            return
        state = State(is_up, self.clock.now(), detail)
        self.states[name] = state
        self.metrics.is_up(name, is_up)
        if is_up:
            log.info("Connected", name=name)
        else:
            said = "Connection lost" if before is not None else "Can't be reached"
            log.warning(f"{said}; it is tried again", name=name, reason=detail)
        self._tell(name)

    def _tell(self, name: str) -> None:
        for listener in self.listeners:
            listener(name, self.states[name])

    @property
    def is_ready(self) -> bool:
        return all(state.is_up for name, state in self.states.items() if not of_first_account(name))


class HealthAlarm:
    """Tells the administrators once when something stays down, and once when it is over."""

    def __init__(self, board: Board, engine: Engine, elsewhere: Collection[str] = ()) -> None:
        self.board = board
        self.engine = engine
        self.elsewhere = elsewhere
        """The names that somebody else tells of."""
        self._known: dict[str, bool] = {}
        """What the store knows already, by name: True if alarmed. Empty at start: then the store is asked."""

    async def look(self) -> None:
        """Compare the board with the alarms that stand. Costs nothing while nothing changes."""
        for name, state in list(self.board.states.items()):
            if name in self.elsewhere:
                continue
            is_alarmed = not state.is_up and self.board.clock.now() - state.since >= ALARM_AFTER
            if self._known.get(name) == is_alarmed or not (is_alarmed or state.is_up):
                continue
            await self.engine.submit(partial(self._raise if is_alarmed else self._clear, name=name, state=state))
            self._known[name] = is_alarmed

    async def _raise(self, desk: Desk, name: str, state: State) -> None:
        kind = AlarmKind.MAILBOX_DOWN if name.startswith("imap:") else AlarmKind.CHANNEL_DOWN
        detail: str = Phrase("%(name)s: %(why)s", name=channel_phrase(name), why=state.detail)
        if name == FIRST_ACCOUNT:
            kind, detail = AlarmKind.ACCOUNT_DOWN, state.detail
        elif channel := of_first_account(name):
            kind, detail = AlarmKind.SENDER_DOWN, _standing(channel, state)
        await desk.alarm(kind, detail, f"down:{name}")

    async def _clear(self, desk: Desk, name: str, state: State) -> None:
        if await desk.tx.clear_alarm(f"down:{name}", desk.now):
            desk.announce(_recovered(name), f"up:{name}")


def _standing(channel: str, state: State) -> Phrase:
    return Phrase("%(channel)s (%(why)s)", channel=channel_phrase(channel), why=state.detail)


def _recovered(name: str) -> str:
    if name == FIRST_ACCOUNT:
        kind, detail = AlarmKind.ACCOUNT_BACK, name
    elif channel := of_first_account(name):
        kind, detail = AlarmKind.SENDER_BACK, channel_phrase(channel)
    else:
        kind, detail = AlarmKind.RECOVERED, channel_phrase(name)
    return json.dumps({"kind": kind, "detail": detail, "said": parts_of(detail)})
