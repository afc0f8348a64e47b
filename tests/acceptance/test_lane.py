"""Stories of one lane: it sleeps until something is to be done, and then does it once, whatever fails on our side."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen

from bot import outbox
from bot.chatops.order import Order, carry_out
from bot.delivery import FIRST_FOLLOW, Delivery
from bot.language import Words
from bot.outbox import LEASE, Lane
from bot.scribe import Worded
from bot.settlement import Settlement
from bot.store.connection import Connection
from bot.store.record import NotificationRow, NotificationState, StoreError
from channels.base import MAIL, Capabilities, Channel, Ended, FollowResult, RetryLater, SendResult, Sent
from channels.message import Message, Verb
from escalation.alert import Alert
from escalation.event import Outcome
from tests.acceptance.stage import Stage, mail, on_stage
from tests.acceptance.test_sent import hands_in, sends
from tests.fakes.channel import ScriptedChannel
from tests.fakes.patience import PATIENCE

GUESTS = [f"guest{number}@partner.example" for number in range(20)]
NEVER = timedelta(days=1)


class Post(ScriptedChannel):
    """As mail is: nobody can be asked what was sent. ``changed`` is set whenever something was."""

    def __init__(self) -> None:
        super().__init__(MAIL, can_update=False)
        self.capabilities = Capabilities(concurrency=2, ahead=8)
        self.changed = asyncio.Event()

    async def send(self, message: Message) -> SendResult:
        result = await super().send(message)
        self.changed.set()
        return result

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.sent) < count:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


def lane_of(stage: Stage, channel: Post, worded: Worded | None = None) -> Lane:
    app = stage.app
    lane = Lane(Delivery(channel, app.engine, stage.clock, worded or app.scribe.word, app.metrics, app.post))
    app.outbox.lanes[MAIL] = lane
    return lane


@asynccontextmanager
async def running(lane: Lane) -> AsyncIterator[asyncio.Task[None]]:
    """What is under way at the end is finished, unless the test has failed."""
    task = asyncio.create_task(lane.run())
    await asyncio.sleep(0)
    try:
        yield task
        async with asyncio.timeout(PATIENCE):
            await lane.drain()
    finally:
        task.cancel()


def is_claim(statement: str) -> bool:
    return statement.startswith("UPDATE notification") and "leased_until" in statement


@pytest.fixture
def sleepless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lane looks again by itself: what nobody wakes it for, it misses."""
    monkeypatch.setattr(Lane, "looks_every", NEVER)


@pytest.mark.usefixtures("sleepless")
async def test_a_lane_that_becomes_quick_while_it_is_full_goes_on_at_once(stage: Stage) -> None:
    post = Post()
    async with running(lane_of(stage, post)):
        await asyncio.wait_for(sends_quietly(stage, *GUESTS), PATIENCE)
        await post.until(len(GUESTS))
    assert sorted(one.address for one in post.sent) == sorted(GUESTS)


@pytest.mark.usefixtures("sleepless")
async def test_a_lane_that_sleeps_is_woken_for_what_is_tried_again(stage: Stage) -> None:
    """Its instant is told by the commit that settles the first try."""
    post = Post()
    post.answers.append(RetryLater("busy", timedelta(milliseconds=10)))
    stage.app.engine.listeners.append(lambda _: stage.clock.move_to(stage.clock.now() + timedelta(milliseconds=20)))
    async with running(lane_of(stage, post)):
        await asyncio.wait_for(sends_quietly(stage, GUESTS[0]), PATIENCE)
        await post.until(2)


# What is due at once, with its decision -------------------------------------------------------------------------------


@pytest.fixture
def commits(stage: Stage) -> list[None]:
    """One entry for each commit of a writer."""
    found: list[None] = []
    listen(stage.app.store.engines.writer.sync_engine, "commit", lambda _: found.append(None))
    return found


def breaks_off(stage: Stage, monkeypatch: pytest.MonkeyPatch, *, is_saved: bool) -> list[ConnectionError]:
    """The writer's next commit raises, before it is made or after; returns what is yet to be raised."""
    commit, faults = Connection.commit, [ConnectionError("the connection broke off at COMMIT")]

    async def broken(self: Connection) -> None:
        is_next = self.engine is stage.app.store.engines.writer and bool(faults)
        if is_saved or not is_next:
            await commit(self)
        if is_next:
            raise faults.pop()

    monkeypatch.setattr(Connection, "commit", broken)
    return faults


@pytest.mark.usefixtures("sleepless")
async def test_what_is_due_at_once_waits_for_no_second_commit(stage: Stage, commits: list[None]) -> None:
    post, seen = Post(), list[int]()

    async def worded(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        seen.append(len(commits))
        return await stage.app.scribe.word(row)

    lane = lane_of(stage, post, worded)
    async with running(lane):
        before = len(commits)
        await hands_in(stage, GUESTS[0])
        await post.until(1)
    assert seen == [before + 1]


@pytest.mark.usefixtures("sleepless")
async def test_no_more_is_taken_up_than_there_is_room_for_and_all_of_it_leaves_once(stage: Stage) -> None:
    post, gate = Post(), asyncio.Event()

    async def worded(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        await gate.wait()
        return await stage.app.scribe.word(row)

    lane = lane_of(stage, post, worded)
    async with running(lane):
        await hands_in(stage, GUESTS[0])
        await hands_in(stage, *GUESTS[1:])
        in_hand = len(lane._sending)
        gate.set()
        assert in_hand == post.capabilities.concurrency
        await post.until(len(GUESTS))
    assert sorted(one.address for one in post.sent) == sorted(GUESTS)


@pytest.mark.usefixtures("sleepless")
@pytest.mark.parametrize(
    "fault", [ValueError("a row that can't be read"), sqlite3.OperationalError("a statement that can't be run")]
)
async def test_what_can_not_be_taken_up_with_its_decision_is_decided_all_the_same(
    stage: Stage, fault: Exception
) -> None:
    faults = [fault]

    def fail(_: Any, __: Any, statement: str, *___: Any) -> None:
        if is_claim(statement) and faults:
            raise faults.pop()

    post = Post()
    lane = lane_of(stage, post)
    async with running(lane):
        listen(stage.app.store.engines.writer.sync_engine, "before_cursor_execute", fail)
        await hands_in(stage, GUESTS[0])
        await post.until(1)
    assert faults == [] and len(post.sent) == 1


async def test_a_lane_that_has_stopped_takes_nothing_up(stage: Stage) -> None:
    post = Post()
    lane = lane_of(stage, post)
    async with running(lane):
        assert lane._room(is_send=True) > 0
    await asyncio.sleep(0)
    id = await hands_in(stage, GUESTS[0])
    async with stage.app.store.reading() as tx:
        [row] = await tx.notifications_of(id)
    assert (row.state, row.attempts, post.sent) == (NotificationState.PENDING, 0, [])


async def test_what_was_taken_up_while_its_lane_stopped_does_not_leave(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked about at the next start, as whatever was taken up."""
    commit, post, taken = Connection.commit, Post(), list[str]()
    async with running(lane_of(stage, post)) as task:

        async def stopped_meanwhile(self: Connection) -> None:
            await commit(self)
            if taken:
                task.cancel()
                await asyncio.wait([task])

        def see(_: Any, __: Any, statement: str, *___: Any) -> None:
            taken.extend([statement] * is_claim(statement))

        listen(stage.app.store.engines.writer.sync_engine, "before_cursor_execute", see)
        monkeypatch.setattr(Connection, "commit", stopped_meanwhile)
        id = await hands_in(stage, GUESTS[0])
    async with stage.app.store.reading() as tx:
        [row] = await tx.notifications_of(id)
    assert (row.state, post.sent) == (NotificationState.SENDING, [])


@pytest.mark.usefixtures("sleepless")
async def test_what_was_taken_up_and_could_not_be_settled_is_taken_up_again_when_its_lease_ends(stage: Stage) -> None:
    faults = [sqlite3.OperationalError("disk I/O error")]

    def fail(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("UPDATE notification") and "sent_at" in statement and faults:
            raise faults.pop()

    post = Post()
    lane = lane_of(stage, post)
    async with running(lane):
        await asyncio.sleep(0)
        listen(stage.app.store.engines.writer.sync_engine, "before_cursor_execute", fail)
        await hands_in(stage, GUESTS[0])
        await post.until(1)
        await lane.drain()
        assert faults == []
        stage.clock.move_to(stage.clock.now() + LEASE + timedelta(seconds=1))
        lane.kick(outbox.NEVER)
        await post.until(2)


async def test_what_could_not_be_committed_was_not_taken_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    lane = lane_of(stage, post)
    async with running(lane):
        breaks_off(stage, monkeypatch, is_saved=False)
        with pytest.raises(StoreError):
            await hands_in(stage, GUESTS[0])
        assert not lane._sending and post.sent == []
        await hands_in(stage, GUESTS[1])
        await post.until(1)
    assert [one.address for one in post.sent] == [GUESTS[1]]


async def test_what_was_taken_up_leaves_soon_where_the_answer_to_the_commit_is_lost(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has begun on it: its lease must not keep it, and it was never sent."""
    monkeypatch.setattr(Lane, "looks_every", timedelta(milliseconds=10))
    post = Post()
    lane = lane_of(stage, post)
    async with running(lane):
        breaks_off(stage, monkeypatch, is_saved=True)
        with pytest.raises(StoreError):
            await hands_in(stage, GUESTS[0])
        await post.until(1)
        await lane.drain()
    async with stage.app.store.reading() as tx:
        [row] = await tx.notifications_of(1)
    assert (row.state, row.attempts, len(post.sent)) == (NotificationState.SENT, 1, 1)


async def test_a_claim_that_was_not_committed_is_made_again_and_nothing_leaves_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lane, "looks_every", timedelta(milliseconds=10))
    post = Post()
    lane = lane_of(stage, post)
    await hands_in(stage, GUESTS[0])
    faults = breaks_off(stage, monkeypatch, is_saved=False)
    async with running(lane):
        await post.until(1)
    assert (len(post.sent), faults) == (1, [])


# Rooms of their own ---------------------------------------------------------------------------------------------------


class Slow(Post):
    """One call at a time, as the phone; each asking about one waits until it is ``told``."""

    def __init__(self) -> None:
        super().__init__()
        self.capabilities = Capabilities(concurrency=1)
        self.told, self.asking = asyncio.Event(), asyncio.Semaphore(0)

    async def send(self, message: Message) -> SendResult:
        return Sent(dict((await super().send(message)).ref), is_final=False)  # type: ignore[union-attr]

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        self.asking.release()
        await self.told.wait()
        return Ended(Outcome.SENT)


@pytest.mark.usefixtures("sleepless")
async def test_nothing_waits_behind_what_is_asked_about(stage: Stage) -> None:
    slow = Slow()
    lane = lane_of(stage, slow)
    async with running(lane):
        await hands_in(stage, GUESTS[0])
        await slow.until(1)
        stage.clock.move_to(stage.clock.now() + 2 * FIRST_FOLLOW)
        lane.kick(stage.clock.now())
        async with asyncio.timeout(PATIENCE):
            await slow.asking.acquire()
        await hands_in(stage, GUESTS[1])
        await slow.until(2)
        slow.told.set()


@pytest.mark.usefixtures("sleepless")
async def test_what_is_asked_about_waits_for_nobody_s_turn(stage: Stage) -> None:
    slow, gate = Slow(), asyncio.Event()

    async def worded(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        if row.address == GUESTS[1]:
            await gate.wait()
        return await stage.app.scribe.word(row)

    lane = lane_of(stage, slow, worded)
    async with running(lane):
        await hands_in(stage, GUESTS[0])
        await slow.until(1)
        await hands_in(stage, GUESTS[1])
        stage.clock.move_to(stage.clock.now() + 2 * FIRST_FOLLOW)
        lane.kick(stage.clock.now())
        async with asyncio.timeout(PATIENCE):
            await slow.asking.acquire()
        assert len(slow.sent) == 1
        slow.told.set()
        gate.set()


async def test_a_turn_ends_when_the_provider_has_answered(stage: Stage, commits: list[None]) -> None:
    """What came of it is saved beside the next one's turn."""
    lane = lane_of(stage, Post())
    await hands_in(stage, GUESTS[0])
    [row] = await claims(stage)
    before, ended = len(commits), list[int]()
    await lane.delivery.work(row, stage.clock.now(), lambda: ended.append(len(commits)))
    assert (ended[0], len(commits)) == (before, before + 1)


class Gated(Post):
    """Each waits at its gate."""

    def __init__(self, **more: Any) -> None:
        super().__init__()
        self.capabilities = Capabilities(**more)
        self.begun, self.gate = asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def send(self, message: Message) -> SendResult:
        self.begun.release()
        await self.gate.acquire()
        return await super().send(message)


async def test_the_end_of_a_turn_counts_once_whoever_has_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told twice: when the provider has answered, and when all is saved."""
    gated, is_saved = Gated(concurrency=1), asyncio.Event()
    lane = lane_of(stage, gated)
    settle = Settlement.settle

    async def slowly(self: Settlement, row: NotificationRow, *rest: Any) -> None:
        if row.address == GUESTS[0]:
            await is_saved.wait()
        await settle(self, row, *rest)

    monkeypatch.setattr(Settlement, "settle", slowly)
    async with asyncio.timeout(PATIENCE), running(lane):
        await hands_in(stage, GUESTS[0])
        await gated.begun.acquire()
        await hands_in(stage, GUESTS[1])
        [first] = lane._tasks
        gated.gate.release()
        await gated.begun.acquire()
        is_saved.set()
        await first
        assert lane._room(is_send=True) == 0
        gated.gate.release()


async def test_an_address_that_is_called_alone_is_tried_once_at_a_time_and_others_beside_it(stage: Stage) -> None:
    """In the order of their taking up, however long it takes to word each."""
    gated, worded = Gated(concurrency=4, is_alone=True), list[str]()

    async def word(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        worded.append(row.address)
        return await stage.app.scribe.word(row)

    lane = lane_of(stage, gated, word)
    async with asyncio.timeout(PATIENCE), running(lane):
        for guest in (GUESTS[0], GUESTS[0], GUESTS[0], GUESTS[1]):
            await hands_in(stage, guest)
        for _ in range(2):
            await gated.begun.acquire()
        assert sorted(worded) == [GUESTS[0], GUESTS[1]]
        assert lane._room(is_send=True) == 0
        for _ in range(4):
            gated.gate.release()
    assert sorted(one.address for one in gated.sent) == [GUESTS[0]] * 3 + [GUESTS[1]]
    ids = [one.alert_id or 0 for one in gated.sent if one.address == GUESTS[0]]
    assert ids == sorted(ids)


async def test_what_was_begun_first_is_asked_about_first_however_urgent_what_waited_for_it_is(stage: Stage) -> None:
    """Of two whose outcome was lost, to one phone: the provider has the first if it has any. The second, that waited
    behind it, must not take that call for its own."""
    ids = [await hands_in(stage, GUESTS[0])]
    await claims(stage)
    stage.clock.move_to(stage.clock.now() + timedelta(seconds=1))
    ids.append(await hands_in(stage, GUESTS[0]))
    [second] = await claims(stage)
    async with stage.app.store.transaction() as tx:
        await tx.connection.exec_driver_sql("UPDATE notification SET priority = -1 WHERE key = ?", (second.key,))
    stage.clock.move_to(stage.clock.now() + LEASE)
    post = Post()
    post.capabilities = Capabilities(concurrency=4, is_alone=True)
    async with running(lane_of(stage, post)):
        await post.until(2)
    assert [one.alert_id for one in post.sent] == ids


async def claims(stage: Stage) -> list[NotificationRow]:
    """As by a process that is killed then."""
    return await stage.app.engine.submit(lambda desk: desk.tx.claim(MAIL, desk.now, 1, LEASE, is_send=True))


async def waits(stage: Stage, gated: Gated, *answers: RetryLater) -> timedelta:
    """How long the third waits after these came, at once, to the first two; an answer that is missing is that it was
    sent."""
    lane = lane_of(stage, gated)
    async with asyncio.timeout(PATIENCE), running(lane):
        for guest in GUESTS[:2]:
            await hands_in(stage, guest)
            await gated.begun.acquire()
        gated.answers += answers
        for _ in range(2):
            gated.gate.release()
        await lane.drain()
        id = await hands_in(stage, GUESTS[2])
        await lane.drain()
        assert gated.begun.locked()
    async with stage.app.store.reading() as tx:
        [row] = await tx.notifications_of(id)
    assert row.send_at is not None
    return row.send_at - stage.clock.now()


async def test_no_success_of_what_had_begun_before_ends_a_pause_that_the_provider_has_asked_for(stage: Stage) -> None:
    minute = timedelta(minutes=1)
    told = RetryLater("ratelimited", minute, is_channel_wide=True)
    assert await waits(stage, Gated(concurrency=2), told) == minute


async def test_what_waits_for_its_turn_while_the_provider_asks_for_a_pause_is_not_tried(stage: Stage) -> None:
    """It was taken up and worded before: whether it may be tried is asked last of all."""
    gated, worded = Gated(concurrency=1, ahead=8), asyncio.Semaphore(0)

    async def word(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        made = await stage.app.scribe.word(row)
        worded.release()
        return made

    gated.answers.append(RetryLater("ratelimited", timedelta(minutes=1), is_channel_wide=True))
    lane = lane_of(stage, gated, word)
    lane.delivery.is_quick = True
    async with asyncio.timeout(PATIENCE), running(lane):
        for guest in GUESTS[:2]:
            await hands_in(stage, guest)
            await worded.acquire()
        await gated.begun.acquire()
        for _ in range(2):
            gated.gate.release()
        await lane.drain()
    assert gated.begun.locked() and len(gated.sent) == 1


async def test_a_provider_that_wants_no_pause_at_all_is_not_asked_again_at_once(stage: Stage) -> None:
    """Retry-After: 0."""
    told = RetryLater("ratelimited", timedelta(0), is_channel_wide=True)
    assert await waits(stage, Gated(concurrency=2), told, told) > timedelta(seconds=0.5)


async def test_several_that_fail_together_are_one_failure_of_the_channel(stage: Stage) -> None:
    down = RetryLater("can't be reached", is_channel_wide=True)
    assert await waits(stage, Gated(concurrency=2), down, down) < timedelta(seconds=1.4), "the second would be 1.6 s"


async def test_what_no_commit_told_a_lane_is_found_however_often_it_is_told_of_something_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the answer to a commit is lost: the store is asked regularly, by its own clock, sooner than any lease
    ends, and though no pause was long enough to ask."""
    regularly = LEASE * 0.9
    monkeypatch.setattr(Lane, "looks_every", regularly)
    post = Post()
    lane = lane_of(stage, post)
    async with asyncio.timeout(PATIENCE), running(lane):
        await hands_in(stage, GUESTS[0])
        await post.until(1)
        monkeypatch.setattr(stage.app.outbox, "lanes", {})
        await hands_in(stage, GUESTS[1])
        for _ in range(3):
            lane.kick(outbox.NEVER)
            await asyncio.sleep(0)
        stage.clock.move_to(stage.clock.now() + regularly)
        monkeypatch.setattr(stage.app.outbox, "lanes", {MAIL: lane})
        lane.kick(outbox.NEVER)
        await post.until(2)


async def sends_quietly(stage: Stage, *to: str) -> None:
    """Without the stage's own hand on the lanes."""
    lanes, stage.app.outbox.lanes = stage.app.outbox.lanes, {}
    try:
        await sends(stage, *to)
    finally:
        stage.app.outbox.lanes = lanes
    for lane in lanes.values():
        lane.kick(outbox.NEVER, is_due=True)


async def test_what_left_is_not_sent_again_where_the_answer_to_its_commit_is_lost(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    lane_of(stage, post)
    submit, lost = stage.app.engine.submit, 0

    async def losing(job: Callable[..., Any]) -> Any:
        nonlocal lost
        found = await submit(job)
        if post.sent and not lost:
            lost += 1
            raise ConnectionError("the connection broke off at COMMIT")
        return found

    monkeypatch.setattr(stage.app.engine, "submit", losing)
    await sends(stage, GUESTS[0])
    await stage.passes(3 * LEASE)
    assert (len(post.sent), lost) == (1, 1)


async def test_what_left_and_can_not_be_kept_is_not_sent_again_before_its_lease_ends(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    lane_of(stage, post)
    submit = stage.app.engine.submit

    async def failing(job: Callable[..., Any]) -> Any:
        if post.sent:
            raise ConnectionError("the database is gone")
        return await submit(job)

    monkeypatch.setattr(stage.app.engine, "submit", failing)
    await sends(stage, GUESTS[0])
    await stage.passes(LEASE - timedelta(seconds=1))
    assert len(post.sent) == 1


async def test_a_late_failure_does_not_bring_back_what_another_node_has_sent(stage: Stage) -> None:
    """Our lease had ended meanwhile."""
    post = Post()
    lane_of(stage, post)
    store = stage.app.store

    async def elsewhere(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        worded = await stage.app.scribe.word(row)
        async with store.transaction() as tx:
            sent = row._replace(state=NotificationState.SENT, send_at=None, sent_at=stage.clock.now())
            await tx.settle([sent], [row])
        post.answers.append(RetryLater("no answer", maybe_sent=True))
        return worded

    lane_of(stage, post, elsewhere)
    id = await sends(stage, GUESTS[0])
    await stage.passes(3 * LEASE)
    async with store.reading() as tx:
        [row] = await tx.notifications_of(id)
    assert (row.state, row.send_at, len(post.sent)) == (NotificationState.SENT, None, 1)


async def test_what_is_recalled_while_it_is_worded_does_not_leave(stage: Stage) -> None:
    post = Post()
    await sends(stage, "alice")

    async def recalled(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        worded = await stage.app.scribe.word(row)
        order = Order(Verb.RECALL, 2, "bob", "cli")
        await stage.app.engine.submit(lambda desk: carry_out(desk, order, "UTC", Words("en", "UTC")))
        stage.clock.move_to(stage.clock.now() + timedelta(seconds=1))
        return worded

    lane_of(stage, post, recalled)
    await sends(stage, GUESTS[0])
    assert post.sent == []


async def test_a_wording_that_fails_is_tried_again_soon_and_is_no_try(stage: Stage) -> None:
    post, faults = Post(), [ValueError("a fault of our own")] * 2

    async def failing(row: NotificationRow) -> tuple[Message | None, Alert | None]:
        if faults:
            raise faults.pop()
        return await stage.app.scribe.word(row)

    lane_of(stage, post, failing)
    await sends(stage, GUESTS[0])
    async with stage.app.store.reading() as tx:
        [row] = await tx.notifications_of(1)
    assert row.state is NotificationState.PENDING, "so that a recall drops it"
    await stage.passes(timedelta(seconds=5))
    assert len(post.sent) == 1


class Forgetful(ScriptedChannel):
    """Its code fails when it is asked how a call goes, and when a message is brought up to date."""

    faults = 2

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        self._fails()
        return Ended(Outcome.NO_ANSWER)

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        self._fails()
        return await super().update(message, ref)

    def _fails(self) -> None:
        if self.faults:
            self.faults -= 1
            raise ValueError("a fault of our own")


async def test_how_a_call_went_is_asked_again_soon_where_our_code_failed(tmp_path: Path) -> None:
    phone = Forgetful("phone", is_phone=True)
    async with on_stage(tmp_path, real=lambda inbox, board: [Channel("phone", phone)]) as stage:
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(15 * timedelta(minutes=1) + FIRST_FOLLOW + timedelta(seconds=5))
        async with stage.app.store.reading() as tx:
            [row] = [one for one in await tx.notifications_of(1) if one.channel == "phone"]
        assert (row.state, row.outcome, phone.faults) == (NotificationState.ENDED, Outcome.NO_ANSWER, 0)
        stage.told()


async def test_a_message_is_brought_up_to_date_soon_where_our_code_failed(tmp_path: Path) -> None:
    slack = Forgetful("slack")
    async with on_stage(tmp_path, real=lambda inbox, board: [Channel("slack", slack)]) as stage:
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(timedelta(minutes=5))
        await stage.presses(Verb.ACK, 1, "slack", "U0ALICE000")
        await stage.passes(timedelta(seconds=5))
        assert len(slack.updated) == 1
        stage.told()
