"""What happens at the edges of an outage: what waited before it, what is overtaken after it, what lasts for hours."""

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.health import Board
from bot.inbox import BotInbox
from bot.language import Words
from bot.settlement import Settlement
from bot.store.reach import DOWN
from bot.store.record import MISSED
from channels.base import Channel, Ended, RetryLater
from channels.message import Verb
from escalation.command import AlarmKind
from escalation.decided import RungFired
from escalation.event import DeliveryReported, Outcome
from escalation.phrase import of_parts
from escalation.target import Reached
from tests.acceptance.stage import Stage, mail, on_stage
from tests.fakes.channel import ScriptedChannel

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one
        one.told()


def limited(wait: timedelta) -> RetryLater:
    return RetryLater("rate limit", wait, is_channel_wide=True)


async def tell(desk: Desk) -> None:
    """Alice hears over Slack of something that works again."""
    text = json.dumps({"kind": AlarmKind.RECOVERED, "detail": "imap:alice"})
    desk.announce(text, "test", [Reached("alice", "slack", "U0ALICE000", "alice")])


def accounts(stage: Stage) -> list[str]:
    """What the room was told that it missed."""
    return [one.title for one in stage.slack.sent if "out of order" in one.title]


async def test_an_alarm_that_waits_in_a_lane_when_it_goes_out_leaves_by_another_way(stage: Stage) -> None:
    stage.slack.answers.extend([limited(30 * SECOND), limited(30 * MINUTE)])
    await stage.app.engine.submit(tell)
    await stage.passes(40 * SECOND)
    assert [one.title for one in stage.discord.sent] == ["Kidoku reaches imap:alice again."]
    await stage.passes(40 * MINUTE)
    assert len(stage.slack.sent) == 2, "it does not leave twice"
    assert len(stage.discord.sent) == 1


async def test_after_an_outage_of_nine_hours_a_room_is_told_what_it_missed(stage: Stage) -> None:
    """Nobody was told of it anywhere, and it was given up after six."""
    stage.slack.answers.extend([limited(3 * HOUR + MINUTE)] * 3)
    stage.discord.answers.extend([limited(3 * HOUR + MINUTE)] * 3)
    stage.phone.ends.extend([Ended(Outcome.NO_ANSWER)] * 20)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(6 * MINUTE)
    async with stage.app.store.reading() as tx:
        first = next(one for one in await tx.notifications_of(1) if one.channel == "slack")
    await stage.passes(9 * HOUR + 10 * MINUTE)
    assert accounts(stage) == ["Slack was out of order since 02:05. 1 alert was not told here, but elsewhere."]
    async with stage.app.store.reading() as tx:
        given_up = await tx.notification(first.key)
    assert given_up is not None
    assert (given_up.state, given_up.outcome) == ("rejected", MISSED)


@pytest.mark.parametrize("has_other", [False, True])
async def test_what_is_overtaken_after_the_end_is_told_to_the_room(stage: Stage, has_other: bool) -> None:
    """One page must wait by itself for longer than the outage; Discord has it by then. ``has_other``: the account left
    before, about another alert."""
    stage.slack.answers.extend([limited(2 * MINUTE), RetryLater("this one alone", 5 * MINUTE)])
    stage.discord.answers.append(limited(6 * MINUTE))
    stage.phone.ends.extend([Ended(Outcome.NO_ANSWER)] * 20)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    if has_other:
        await stage.passes(30 * SECOND)
        await stage.arrives(mail("【緊急】 other", "b@x"))
    await stage.passes(6 * MINUTE)
    if has_other:
        await stage.presses(Verb.ACK, 2, "discord", "201000000000000000")
    await stage.passes(2 * MINUTE)
    await stage.app.engine.submit(tell)
    await stage.passes(2 * MINUTE)
    assert stage.app.failover.watches["slack"].told is None
    assert len(accounts(stage)) == has_other
    await stage.passes(5 * MINUTE)
    async with stage.app.store.reading() as tx:
        page = next(one for one in await tx.notifications_of(1) if one.channel == "slack")
    assert (page.state, page.outcome) == ("dropped", MISSED)
    [account] = [one for one in stage.slack.sent if "out of order" in one.title]
    newest = stage.slack.updated[-1] if has_other else account
    assert [fact.label for fact in newest.facts] == (["#2", "#1"] if has_other else ["#1"])


def silent(inbox: BotInbox, board: Board) -> list[Channel]:
    """A connection that says nothing."""
    return [Channel("slack", ScriptedChannel("slack"), answers="slack:socket")]


async def test_from_the_start_on_a_connection_is_waited_for(tmp_path: Path) -> None:
    stage = await Stage.build(tmp_path, real=silent)
    try:
        await stage.app.start()
        assert not stage.app.board.states["slack:socket"].is_up
        assert not stage.app.board.is_ready
    finally:
        await stage.close()


async def test_a_connection_that_never_comes_about_and_says_nothing_is_told(tmp_path: Path) -> None:
    stage = await Stage.open(tmp_path, real=silent)
    try:
        for name in stage.app.failover.expected:
            stage.app.board.expect(name)
        await stage.passes(MINUTE)
        assert stage.console.sent == []
        await stage.passes(2 * MINUTE)
        assert [one.title for one in stage.console.sent] == [
            "Buttons and commands don't work now: Slack (not connected yet). Messages still go out."
        ]
        stage.told()
    finally:
        await stage.close()


async def test_an_alarm_calls_channels_as_its_reader_does(stage: Stage) -> None:
    stage.app.board.heard("phone", False, "Twilio can't be reached")
    await stage.passes(3 * MINUTE)
    async with stage.app.store.reading() as tx:
        found = await tx.standing_alarm(DOWN + "phone")
    assert found is not None
    said = of_parts(json.loads(found[1])["said"])
    assert Words("ja", "UTC").said(said).startswith("電話")


# Put off by the transaction that decides it ---------------------------------------------------------------------------


async def goes_out(stage: Stage, *channels: ScriptedChannel) -> None:
    """By alert 1, which is resolved then, these are known to be out of order, for half an hour."""
    for one in channels:
        one.answers.append(limited(30 * MINUTE))
    await stage.arrives(mail("【緊急】 first", "first@x"))
    await stage.passes(5 * MINUTE)
    assert {name for name, watch in stage.app.failover.watches.items() if watch.is_out} == {
        one.name for one in channels
    }
    await stage.presses(Verb.RESOLVE, 1, "discord", "201000000000000000")
    await stage.work()
    stage.told()


async def falls_due(stage: Stage, count: int) -> None:
    """So many more come, and their first step is decided; no lane has looked yet."""
    for number in range(count):
        await stage.arrives(mail(f"【緊急】 {number}", f"{stage.clock.now().timestamp()}.{number}@x"))
    stage.clock.move_to(stage.clock.now() + 5 * MINUTE)
    await stage.app.timers.tick()


async def happened_to(stage: Stage, alert: int) -> list[tuple[str, object]]:
    async with stage.app.store.reading() as tx:
        events = [row.event for row in await tx.events(alert)]
    steps = [("step", one.step) for one in events if isinstance(one, RungFired)]
    return steps + [(one.key, one.outcome) for one in events if isinstance(one, DeliveryReported)]


async def test_what_falls_due_in_an_outage_comes_forward_with_its_decision(stage: Stage) -> None:
    await goes_out(stage, stage.slack)
    await falls_due(stage, 20)
    for alert in range(2, 22):
        assert await happened_to(stage, alert) == [("step", 0), ("step", 1), (f"{alert}.0", Outcome.STALLED)]
    async with stage.app.store.reading() as tx:
        [missed, forward] = await tx.notifications_of(2)
    assert (missed.outcome, missed.attempts, missed.is_stalled) == (MISSED, 0, True)
    assert missed.send_at is not None and missed.send_at > stage.clock.now()
    assert (forward.channel, forward.send_at) == ("discord", stage.clock.now())
    await stage.work()
    assert [channel for channel, _ in stage.told()].count("discord") == 20


async def test_what_comes_forward_into_another_outage_goes_on_from_there(stage: Stage) -> None:
    await goes_out(stage, stage.slack, stage.discord)
    await falls_due(stage, 1)
    assert await happened_to(stage, 2) == [
        ("step", 0),
        ("step", 1),
        ("step", 2),
        ("2.0", Outcome.STALLED),
        ("2.1", Outcome.STALLED),
    ]
    await stage.work()
    assert stage.told() == [("phone", "+81312345678")]


async def test_no_page_that_can_leave_waits_for_one_that_comes_forward(stage: Stage) -> None:
    """Alert 2 rings in the instant in which alert 3 falls due for Slack."""
    await goes_out(stage, stage.slack)
    await falls_due(stage, 1)
    await falls_due(stage, 1)
    assert ("step", 2) in await happened_to(stage, 2)
    assert await happened_to(stage, 3) == [("step", 0)]
    await stage.work()
    assert ("discord", "111000000000000000") in stage.told()
    assert ("3.0", Outcome.STALLED) in await happened_to(stage, 3)


async def test_what_can_still_be_tried_is_tried_first(stage: Stage) -> None:
    """A channel that is out of order but not paused may work for this one."""
    stage.slack.answers.extend([RetryLater("can't be reached", is_channel_wide=True)] * 12)
    await stage.arrives(mail("【緊急】 first", "first@x"))
    await stage.passes(5 * MINUTE + 30 * SECOND)
    await stage.presses(Verb.RESOLVE, 1, "discord", "201000000000000000")
    await falls_due(stage, 1)
    assert stage.app.failover.watches["slack"].is_out
    assert await happened_to(stage, 2) == [("step", 0)]
    stage.told()


async def test_what_can_not_be_put_off_is_decided_all_the_same(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    await goes_out(stage, stage.slack)
    monkeypatch.setattr(Settlement, "put_off", fail)
    await falls_due(stage, 1)
    assert await happened_to(stage, 2) == [("step", 0)]
    monkeypatch.undo()
    await stage.work()
    assert stage.told() == [("discord", "111000000000000000")]
