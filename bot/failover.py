"""Failing over: what an outage of a channel does, beyond the lane's own trouble.

1. When a channel goes out, whoever hears Kidoku's alarms is told, once, over what still works; and once when it is
   over. Both are in the store with what says so: a crash tells nothing twice.
2. The pages that wait in its lane are reported to their alerts as stalled, once each: the next step comes forward. They
   are found by lane, some at a time; no other alert is looked at. While the outage lasts, so are those that come later:
   by the transaction that decides them where nothing is tried before a pause is over, by the lane when they fail, and
   here when they hang or queue behind what does.
3. Each room that so missed something is owed one account of it, which leaves over the channel itself as soon as it can:
   that is what a page that was overtaken becomes (``bot/outcome.py``).
4. Where only the answers are lost (buttons, commands), pages go on, and the alarm says so.
"""

import asyncio
import contextlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.channel_watch import SILENCE, ChannelWatch
from bot.desk import Desk, Rules, due_at_once
from bot.elsewhere import by_what_works
from bot.engine import Engine
from bot.failpoint import failpoint
from bot.health import Board, State
from bot.metrics import Metrics
from bot.notice import key_of
from bot.outcome import happened
from bot.store.reach import DOWN
from bot.store.record import MISSED, NotificationRow, NotificationState
from bot.wording.name import channel_phrase
from escalation.command import AlarmKind, Purpose
from escalation.event import Outcome
from escalation.outage import Outage, Sign
from escalation.phrase import Phrase, parts_of
from escalation.target import Reached

log = structlog.get_logger(__name__)

AT_ONCE = 200
"""Pages brought forward in one transaction."""

GRACE = timedelta(seconds=5)
"""During an outage a page may try for so long before the next step comes forward."""

LOOK_AGAIN = timedelta(seconds=5)
ANSWERS = "answers:"
"""What the key of an alarm about lost answers begins with."""


class Failover:
    """``answers`` gives the name under which the board knows the connection that brings a channel's answers in, of
    each channel that has one apart from its way out."""

    def __init__(
        self,
        engine: Engine,
        board: Board,
        metrics: Metrics,
        watches: Mapping[str, ChannelWatch],
        answers: Mapping[str, str],
    ) -> None:
        self.engine = engine
        self.metrics = metrics
        self.watches = watches
        self.answers = {name: ChannelWatch(name, engine.clock, watches[name].limits) for name in answers}
        self._by_connection = {answers[name]: watch for name, watch in self.answers.items()}
        self._kicked = asyncio.Event()
        self._is_restored = False
        for watch in (*watches.values(), *self.answers.values()):
            watch.changed = self._kicked.set
            self._show(watch)
        board.listeners.append(self._heard)

    @property
    def connections(self) -> Collection[str]:
        """What is told of here when it is down, and not by the alarm for all else."""
        return {*self.watches, *self._by_connection}

    @property
    def expected(self) -> Collection[str]:
        """The connections that should come about by themselves."""
        return self._by_connection.keys()

    def out(self) -> Collection[str]:
        """The channels that are out of order."""
        return {name for name, watch in self.watches.items() if watch.state.outage is not None}

    def _heard(self, name: str, state: State) -> None:
        watch = self._by_connection.get(name) or self.watches.get(name)
        if watch is not None:
            watch.connected(state.is_up, state.since, state.detail)
            self._kicked.set()

    async def run(self) -> None:
        """Look whenever something has changed or may have by time alone, until cancelled."""
        while True:
            self._kicked.clear()
            try:
                await self.look()
            except Exception:
                log.exception("Outages could not be looked at; it is tried again")
            await self._wait()

    async def _wait(self) -> None:
        wait = LOOK_AGAIN
        if (next_look := self.next_look) is not None:
            wait = min(wait, max(timedelta(0), self.engine.clock.real(next_look - self.engine.clock.now())))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait.total_seconds()):
                await self._kicked.wait()

    @property
    def next_look(self) -> datetime | None:
        """When time alone may change something; None: never."""
        looks = (watch.next_look for watch in (*self.watches.values(), *self.answers.values()))
        return min((at for at in looks if at is not None), default=None)

    async def look(self) -> None:
        """Judge every channel, and do what an outage that begins, lasts or ends asks for."""
        if not self._is_restored:
            await self._restore()
        for watch in self.watches.values():
            await self._judge(watch)
        for watch in self.answers.values():
            await self._judge_answers(watch)

    async def _restore(self) -> None:
        """What stood when the bot was stopped is known, and not told again."""
        async with self.engine.store.reading() as tx:
            for prefix, watches in ((DOWN, self.watches), (ANSWERS, self.answers)):
                for name, watch in watches.items():
                    if (found := await tx.standing_alarm(prefix + name)) is not None:
                        text = json.loads(found[1])
                        watch.restore(Outage(found[0], Sign(text.get("sign", Sign.DOWN)), text.get("why", "")))
                        self._show(watch)
        self._is_restored = True

    async def _judge(self, watch: ChannelWatch) -> None:
        outage = watch.judge()
        if outage is not None and watch.told is None:
            log.error("A channel is out of order", channel=watch.name, sign=outage.sign, reason=_why(outage))
            await self._begin(watch, outage, DOWN, AlarmKind.OUTAGE)
            self._take_over(watch.name)
            failpoint("failover.told")
            await self._bring_forward(watch, self.engine.clock.now())
        elif outage is None and watch.told is not None:
            log.info("A channel works again", channel=watch.name)
            await self._end(watch, DOWN, AlarmKind.RECOVERED)
        elif watch.is_out:
            due_by = self.engine.clock.now() - GRACE
            await self._bring_forward(watch, due_by)
            await self._let_alarms_out(watch.name, due_by)

    async def _judge_answers(self, watch: ChannelWatch) -> None:
        """While its pages don't go either, that is told already."""
        outage = watch.judge()
        if outage is not None and watch.told is None and self.watches[watch.name].told is None:
            log.error("A channel brings no answers in", channel=watch.name, reason=_why(outage))
            await self._begin(watch, outage, ANSWERS, AlarmKind.ANSWERS_LOST)
        elif outage is None and watch.told is not None:
            log.info("A channel brings answers in again", channel=watch.name)
            await self._end(watch, ANSWERS, AlarmKind.ANSWERS_BACK)

    # Told once ------------------------------------------------------------------------------------------------------

    async def _begin(self, watch: ChannelWatch, outage: Outage, prefix: str, kind: AlarmKind) -> None:
        key = prefix + watch.name
        detail = out_of_order(watch.name, _why(outage))
        text = _text(kind, detail, sign=outage.sign, why=str(_why(outage)))

        async def job(desk: Desk) -> datetime:
            if prefix == DOWN:
                await desk.tx.clear_alarm(ANSWERS + watch.name, desk.now)
                await _by_another_way(desk, watch.name, desk.now)
            if await desk.tx.raise_alarm(key, text, desk.now):
                desk.announce(text, key)
            standing = await desk.tx.standing_alarm(key)
            return standing[0] if standing is not None else desk.now

        since = await self.engine.submit(job)
        watch.told = Outage(since, outage.sign, str(_why(outage)))
        self._show(watch)

    async def _end(self, watch: ChannelWatch, prefix: str, kind: AlarmKind) -> None:
        key = prefix + watch.name
        text = _text(kind, channel_phrase(watch.name))

        async def job(desk: Desk) -> None:
            if await desk.tx.clear_alarm(key, desk.now):
                desk.announce(text, f"over:{key}")

        await self.engine.submit(job)
        watch.told, watch.over = None, watch.told
        self._show(watch)

    def _take_over(self, channel: str) -> None:
        """Lost answers are a part of the greater trouble, from its beginning to its end."""
        if (answers := self.answers.get(channel)) is not None:
            answers.told = None
            self._show(answers)

    def _show(self, watch: ChannelWatch) -> None:
        show = self.metrics.outage if watch is self.watches[watch.name] else self.metrics.answers_outage
        show(watch.name, watch.told is not None)

    # Brought forward ------------------------------------------------------------------------------------------------

    async def _bring_forward(self, watch: ChannelWatch, due_by: datetime) -> None:
        while keys := await self._waiting(watch.name, due_by):
            await self.engine.submit(partial(_miss, watch=watch, keys=keys))
            failpoint("failover.forward")
            if len(keys) < AT_ONCE:
                return

    async def _let_alarms_out(self, channel: str, due_by: datetime) -> None:
        """What nothing could carry when the outage began may find something that works by now; and what had been asked
        of the provider then, or was put there by a process that knew of no outage, must not wait for its end."""
        async with self.engine.store.reading() as tx:
            waiting = await tx.waiting_alarms(channel, due_by, AT_ONCE)
        if any(_detour(row, self.engine.rules) is not None for row in waiting):
            await self.engine.submit(partial(_by_another_way, channel=channel, due_by=due_by))

    async def _waiting(self, channel: str, due_by: datetime) -> list[str]:
        async with self.engine.store.reading() as tx:
            return await tx.waiting_pages(channel, due_by, AT_ONCE)


async def _by_another_way(desk: Desk, channel: str, due_by: datetime) -> None:
    """The alarms that were put into its lane before it was known to be out of order."""
    for row in await desk.tx.waiting_alarms(channel, due_by, AT_ONCE):
        to = _detour(row, desk.rules)
        if to is None or desk.is_settling(row.key):
            continue
        # Kept from other nodes from here on; one that has taken it up meanwhile sends it.
        there = (await desk.tx.by_key([row.key])).get(row.key)
        if there is None or (there.attempts, there.state) != (row.attempts, row.state):
            continue
        key = key_of("x", row.key)
        desk.put(due_at_once(key, to, Purpose.ALARM, desk.now, row.text, row.alert_id))
        desk.settle(row._replace(state=NotificationState.DROPPED, send_at=None), row)


def _detour(alarm: NotificationRow, rules: Rules) -> Reached | None:
    """By what its reader hears it instead; None while nothing else works."""
    [to] = by_what_works([Reached(alarm.target, alarm.channel, alarm.address, alarm.person)], rules.roster, rules.out())
    return to if to.channel != alarm.channel else None


async def _miss(desk: Desk, watch: ChannelWatch, keys: Sequence[str]) -> None:
    """Report these pages as stalled, once each. One whose outcome is written by this very transaction is found again if
    it still waits."""
    rows = [row for row in (await desk.tx.by_key(keys)).values() if not desk.is_settling(row.key)]
    waiting = [row for row in rows if row.send_at is not None and row.outcome != MISSED]
    why = watch.told.why if watch.told is not None else ""
    await desk.load({row.alert_id for row in waiting if row.alert_id is not None})
    await desk.tx.miss([row.key for row in waiting], why)
    for row in waiting:
        owe(desk, row, watch)
        event = None if row.is_stalled else happened(row, Outcome.STALLED, desk.now, why, is_outage=True)
        if event is not None and row.alert_id is not None:
            await desk.feed(row.alert_id, event)


def owe(desk: Desk, row: NotificationRow, watch: ChannelWatch) -> None:
    """The room of a page that can't leave is told once of this outage what it missed. What it was told already is
    brought up to date."""
    outage = watch.told or watch.over
    if row.person is not None or row.channel not in desk.rules.updating or outage is None:
        return
    since = outage.since.isoformat()
    key = key_of("o", row.channel, row.address, since)
    to = Reached(row.target, row.channel, row.address)
    desk.put(due_at_once(key, to, Purpose.MISSED, desk.now, json.dumps({"since": since})))
    desk.refresh([key])


def out_of_order(channel: str, why: str) -> Phrase:
    """The detail of an alarm about a channel."""
    return Phrase("%(channel)s (%(why)s)", channel=channel_phrase(channel), why=why)


def _why(outage: Outage) -> str:
    return outage.why or SILENCE


def _text(kind: AlarmKind, detail: str, **more: str) -> str:
    return json.dumps({"kind": kind, "detail": detail, "said": parts_of(detail)} | more, ensure_ascii=False)
