"""Where a page could get lost, or be one too many: faults of our own, and outages that overlap."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.clock import ManualClock
from bot.desk import Desk
from bot.failover import _by_another_way
from bot.store.record import NotificationState
from channels.base import CantTell, Channel, NotFound, RetryLater, SendResult, Sent
from channels.message import Message, Verb
from escalation.alert import AlertStatus
from escalation.target import Reached
from tests.acceptance.stage import Stage, mail, on_stage
from tests.fakes.channel import ScriptedChannel

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
NOC = ("slack", "C0NOC00000")
DISCORD = ("discord", "111000000000000000")
ALICE, BOB = ("phone", "+81312345678"), ("phone", "+81387654321")
ADMIN = ("console", "admin")
BUTTONS = "201000000000000000"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one
        one.told()


def limited(wait: timedelta) -> RetryLater:
    return RetryLater("rate limit", wait, is_channel_wide=True)


class Slow(ScriptedChannel):
    """Takes its time, and nobody knows whether it has sent."""

    clock: ManualClock

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.since: list[datetime] = []

    async def send(self, message: Message) -> SendResult:
        """The first time it surely takes nothing."""
        self.sent.append(message)
        if len(self.sent) == 1:
            return RetryLater("busy", 30 * SECOND)
        self.clock.move_to(self.clock.now() + 20 * SECOND)
        self._take(message)
        return RetryLater("no answer", maybe_sent=True)

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        self.since.append(since)
        return await super().reconcile(message, since)


async def tell(desk: Desk) -> None:
    """Alice hears over Slack of something about Kidoku itself."""
    desk.announce(
        '{"kind": "recovered", "detail": "imap:alice"}', "test", [Reached("a", "slack", "U0ALICE000", "alice")]
    )


async def alarms(stage: Stage) -> list[tuple[str, str]]:
    """(channel, state) of every alarm for Alice."""
    async with stage.app.store.reading() as tx:
        keys = (await tx.connection.exec_driver_sql("SELECT key FROM notification WHERE purpose = 'alarm'")).all()
        rows = (await tx.by_key([key for (key,) in keys])).values()
    return sorted((one.channel, one.state.value) for one in rows if one.person == "alice")


async def test_a_channel_whose_code_fails_brings_the_next_step_forward(stage: Stage) -> None:
    stage.slack.answers.extend([ValueError("a fault of our own")] * 1000)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(6 * MINUTE + 5 * SECOND)
    assert DISCORD in stage.told(), "not five minutes later, as planned"


async def test_what_a_failing_channel_may_have_sent_is_asked_for(stage: Stage) -> None:
    stage.slack.loses.append(ValueError("a fault of our own"))
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE + 10 * SECOND)
    assert stage.told() == [NOC]
    async with stage.app.store.reading() as tx:
        [row] = await tx.notifications_of(1)
    assert row.state is NotificationState.SENT


async def test_a_try_is_asked_about_from_when_it_began(tmp_path: Path) -> None:
    """A provider that takes twenty seconds to break off the connection may have made the call at the first of them."""
    slow = Slow("slack")
    async with on_stage(tmp_path, real=lambda inbox, board: [Channel("slack", slow)]) as stage:
        slow.clock = stage.clock
        began_at = stage.clock.now() + 5 * MINUTE + 30 * SECOND
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(6 * MINUTE)
        assert slow.since == [began_at]
        stage.told()


async def test_an_alarm_that_nothing_could_carry_leaves_by_what_works_first(stage: Stage) -> None:
    stage.phone.answers.extend([limited(3 * HOUR)] * 10)
    stage.slack.answers.extend([limited(3 * HOUR)] * 10)
    stage.discord.answers.extend([limited(6 * MINUTE)])
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(6 * MINUTE)
    assert set(stage.app.failover.out()) >= {"slack", "discord", "phone"}
    stage.told()
    await stage.app.engine.submit(tell)
    await stage.passes(8 * MINUTE)
    assert "discord" not in stage.app.failover.out()
    assert [one.title for one in stage.discord.sent if one.address == BUTTONS] == ["Kidoku reaches imap:alice again."]
    assert ("slack", "pending") not in await alarms(stage)


async def test_an_alarm_of_which_nobody_knows_whether_it_left_leaves_by_another_way(stage: Stage) -> None:
    """Slack's answer to it was lost, and Slack can't be asked either."""
    stage.slack.answers.extend([RetryLater("an error inside Slack", maybe_sent=True, is_channel_wide=True)] * 1000)
    stage.slack.found = CantTell("Slack does not answer")
    await stage.app.engine.submit(tell)
    await stage.passes(2 * MINUTE)
    assert "slack" in stage.app.failover.out()
    assert [one.title for one in stage.discord.sent if one.address == BUTTONS] == ["Kidoku reaches imap:alice again."]
    assert await alarms(stage) == [("discord", "sent"), ("slack", "dropped")]


async def test_an_alarm_that_knew_of_no_outage_leaves_by_another_way(tmp_path: Path) -> None:
    """The command line put it there while the bot was down."""
    before = await Stage.open(tmp_path)
    before.slack.answers.append(limited(3 * HOUR))
    await before.arrives(mail("ACKED down", "a@x"))
    await before.passes(6 * MINUTE)
    assert set(before.app.failover.out()) == {"slack"}
    await before.close()
    after = await Stage.open(tmp_path, before.clock.now())
    try:
        after.slack.answers.extend([limited(3 * HOUR)] * 10)
        rules = after.app.engine.rules
        after.app.engine.rules = replace(rules, out=frozenset[str])
        await after.app.engine.submit(tell)
        after.app.engine.rules = rules
        await after.passes(6 * SECOND)
        await after.app.failover.look()
        await after.work()
        assert [one.address for one in after.discord.sent] == [BUTTONS]
        assert await alarms(after) == [("discord", "sent"), ("slack", "dropped")]
    finally:
        await after.close()


async def test_an_alarm_between_two_channels_that_come_and_go_stays_one_alarm(stage: Stage) -> None:
    await stage.app.engine.submit(tell)
    rules = stage.app.engine.rules
    for number in range(20):
        channel = ("slack", "discord")[number % 2]
        stage.app.engine.rules = replace(rules, out=partial(set, [channel]))
        await stage.app.engine.submit(partial(_by_another_way, channel=channel, due_by=stage.clock.now()))
    stage.app.engine.rules = rules
    found = await alarms(stage)
    assert found.count(("slack", "pending")) == 1 and found.count(("discord", "pending")) == 0
    async with stage.app.store.reading() as tx:
        longest = (await tx.connection.exec_driver_sql("SELECT max(length(key)) FROM notification")).scalar_one()
    assert longest <= 25, "as long as a key may be"


async def test_what_was_snoozed_in_an_outage_stays_quiet_and_goes_on_after_it(stage: Stage) -> None:
    for channel in (stage.slack, stage.discord, stage.phone):
        channel.answers.append(limited(30 * MINUTE))
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    tried = [one[0] for one in stage.told() if one != ADMIN]
    assert tried == ["slack", "discord", "phone"], "nobody was reached"
    await stage.presses(Verb.SNOOZE, 1, "slack", "U0ALICE000", "1h")
    await stage.passes(59 * MINUTE)
    assert all(one.alert_id is None for one in (*stage.slack.sent, *stage.discord.sent)), "what the rooms missed"
    assert stage.phone.sent == []
    stage.told()
    async with stage.app.store.reading() as tx:
        rows = await tx.notifications_of(1)
    assert not [one for one in rows if one.send_at is not None]
    await stage.passes(27 * MINUTE)
    assert (await stage.alert()).status is AlertStatus.TRIGGERED
    pages = [(c.name, one.address) for c in (stage.slack, stage.discord, stage.phone) for one in c.sent if one.alert_id]
    assert pages == [NOC, DISCORD, ALICE, ALICE, BOB], "each rung once; Alice's is tried twice"


async def test_a_snooze_before_the_outage_brings_nothing_forward(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    stage.told()
    await stage.presses(Verb.SNOOZE, 1, "slack", "U0ALICE000", "1h")
    stage.slack.answers.extend([limited(20 * MINUTE)])
    await stage.arrives(mail("ACKED other", "b@x"))
    await stage.passes(10 * MINUTE)
    told = stage.told()
    assert DISCORD not in told and ALICE not in told


async def test_a_last_resort_in_an_outage_is_told_to_the_administrators_and_rings_when_it_can(stage: Stage) -> None:
    stage.app.board.heard("phone", False, "Twilio can't be reached")
    down = RetryLater("Twilio can't be reached", is_channel_wide=True)
    stage.phone.answers.extend([down] * 10_000)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    for _ in range(30):
        await stage.passes(MINUTE)
    assert (await stage.alert()).status is AlertStatus.EXHAUSTED
    titles = [one.title for one in stage.console.sent]
    assert any("last resort" in one.lower() for one in titles), titles
    stage.phone.answers.clear()
    stage.told()
    stage.app.board.heard("phone", True, "")
    await stage.passes(3 * MINUTE)
    called = [one for one in stage.told() if one[0] == "phone"]
    assert set(called) == {ALICE, BOB}
    assert len(called) == 2, "once each"
