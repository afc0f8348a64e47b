"""A channel goes out of order: what waits there comes forward at once, the team is told once, and once when it is over.

The stage's channels answer as the story says; its clock moves from one thing that falls due to the next.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.record import MISSED, NotificationState
from channels.base import Ended, RetryLater, SendResult, Sent
from channels.message import Message, Verb
from escalation.alert import AlertStatus
from escalation.decided import RungFired
from escalation.event import DeliveryReported, Outcome
from tests.acceptance.stage import Stage, mail, on_stage

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NOC = ("slack", "C0NOC00000")
DISCORD = ("discord", "111000000000000000")
ALICE = ("phone", "+81312345678")
BOB = ("phone", "+81387654321")
ADMIN = ("console", "admin")

LIMITED = RetryLater("Slack's rate limit", 30 * MINUTE, is_channel_wide=True)
ENDS = [(NotificationState.SENT, "sent"), (NotificationState.DROPPED, MISSED), (NotificationState.PENDING, MISSED)]
DOWN = RetryLater("Slack can't be reached", is_channel_wide=True)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


def said(stage: Stage) -> list[str]:
    """What the administrators were told since the last call; the rest is left alone."""
    titles = [one.title for one in stage.console.sent]
    stage.console.sent.clear()
    return titles


async def rungs(stage: Stage, alert: int = 1) -> list[int]:
    async with stage.app.store.reading() as tx:
        return [one.event.step for one in await tx.events(alert) if isinstance(one.event, RungFired)]


async def test_slack_asks_for_half_an_hour_and_the_next_step_comes_at_once(stage: Stage) -> None:
    stage.slack.answers.append(LIMITED)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC, DISCORD, ADMIN]
    assert stage.app.failover.watches["slack"].told is not None
    # The ladder goes on as planned from there; what comes later for Slack does not wait either.
    await stage.passes(5 * MINUTE)
    assert stage.told() == [ALICE]


async def test_the_team_is_told_once_over_what_works_and_once_that_it_is_over(stage: Stage) -> None:
    stage.slack.answers.append(LIMITED)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert said(stage) == [
        "Messages don't get through: Slack (Slack's rate limit). Steps that wait there come forward at once."
    ]
    await stage.presses(Verb.ACK, 1, "discord", "201000000000000000")
    await stage.passes(29 * MINUTE)
    assert said(stage) == []
    stage.told()
    await stage.passes(3 * MINUTE)
    assert [message.title for message in stage.slack.sent] == [
        "Slack was out of order since 02:05. 1 alert was not told here, but elsewhere."
    ]
    assert [fact.value for fact in stage.slack.sent[0].facts] == ["Taken by Alice: 【緊急】 down"]
    assert said(stage) == ["Kidoku reaches Slack again."]
    stage.told()
    await stage.passes(60 * MINUTE)
    assert stage.told() == []


async def test_a_page_that_was_overtaken_is_not_posted_when_slack_comes_back(stage: Stage) -> None:
    stage.slack.answers.append(LIMITED)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    # Discord has it: from there the ladder climbs on while Slack is out.
    await stage.passes(29 * MINUTE + 59 * SECOND)
    stage.told()
    await stage.passes(2 * MINUTE)
    titles = [message.title for message in stage.slack.sent]
    assert len(titles) == 1
    assert titles[0].startswith("Slack was out of order")
    async with stage.app.store.reading() as tx:
        [page] = [one for one in await tx.notifications_of(1) if one.channel == "slack" and one.loop == 1]
    assert (page.state, page.outcome) == (NotificationState.DROPPED, MISSED)


async def test_a_room_that_misses_more_after_its_account_sees_it_there(stage: Stage) -> None:
    stage.slack.answers.extend([LIMITED, Sent({"key": "account"}), LIMITED])
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(30 * MINUTE + 20 * SECOND)
    await stage.arrives(mail("【緊急】 too", "b@x"))
    await stage.passes(5 * MINUTE)
    assert len([one for one in stage.slack.sent if one.alert_id is None]) == 1
    assert stage.app.failover.watches["slack"].told is not None, "it had only begun to mend"
    await stage.passes(33 * MINUTE)
    assert len([one for one in stage.slack.sent if one.alert_id is None]) == 1
    accounts = [one.title for one in stage.slack.updated if one.alert_id is None]
    assert accounts[-1] == "Slack was out of order since 02:05. 2 alerts were not told here, but elsewhere."
    stage.told()


async def test_a_page_that_nothing_has_overtaken_still_leaves(stage: Stage) -> None:
    """All else rings in vain: then Slack is not too late."""
    stage.slack.answers.append(LIMITED)
    down = RetryLater("Discord can't be reached", is_channel_wide=True)
    stage.discord.answers.extend([down] * 1000)
    stage.phone.ends.extend([Ended(Outcome.NO_ANSWER)] * 10)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    for _ in range(17):
        await stage.passes(2 * MINUTE)
    stage.told()
    await stage.passes(3 * MINUTE)
    assert "NOBODY has read this" in next(message.title for message in stage.slack.sent)
    assert len([one for one in stage.slack.sent if one.alert_id == 1]) == 1


async def test_a_wait_of_half_a_minute_is_no_outage(stage: Stage) -> None:
    stage.slack.answers.append(RetryLater("Slack's rate limit", 30 * SECOND, is_channel_wide=True))
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(6 * MINUTE)
    assert stage.told() == [NOC, NOC]


async def test_what_fails_again_and_again_is_an_outage_before_a_minute_has_passed(stage: Stage) -> None:
    stage.slack.answers.extend([DOWN] * 12)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE + 5 * SECOND)
    assert stage.told() == [NOC] * 3
    await stage.passes(25 * SECOND)
    told = stage.told()
    assert DISCORD in told
    assert told.count(ADMIN) == 1


async def test_it_mends_for_a_minute_before_it_is_over_and_never_flaps(stage: Stage) -> None:
    stage.slack.answers.extend([DOWN] * 6)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.arrives(mail("ACKED down", "b@x"))
    slack = stage.app.failover.watches["slack"]
    await stage.passes(5 * MINUTE + 30 * SECOND)
    assert slack.is_out
    while slack.is_out:
        await stage.passes(5 * SECOND)
    said(stage)
    await stage.passes(50 * SECOND)
    assert slack.told is not None, "it mends"
    assert said(stage) == []
    await stage.passes(10 * SECOND)
    assert said(stage) == ["Kidoku reaches Slack again."]
    stage.told()


async def test_a_storm_of_fifty_is_brought_forward_once_each(stage: Stage) -> None:
    stage.slack.answers.append(LIMITED)
    for number in range(50):
        await stage.arrives(mail(f"【緊急】 down {number}", f"{number}@x"))
    await stage.passes(5 * MINUTE + SECOND)
    told = stage.told()
    assert told.count(NOC) <= 4, "as many as were under way"
    assert told.count(DISCORD) == 50
    assert told.count(ADMIN) == 1, "of the outage, and not of each"
    for alert in range(1, 51):
        assert await rungs(stage, alert) == [0, 1]
        async with stage.app.store.reading() as tx:
            events = [one.event for one in await tx.events(alert)]
        assert sum(isinstance(one, DeliveryReported) and one.outcome is Outcome.STALLED for one in events) == 1
    await stage.presses(Verb.ACK, 1, "discord", "201000000000000000")
    for alert in range(2, 51):
        await stage.presses(Verb.RESOLVE, alert, "discord", "201000000000000000")
    stage.told()
    await stage.passes(31 * MINUTE)
    [account] = stage.slack.sent
    assert account.title == "Slack was out of order since 02:05. 50 alerts were not told here, but elsewhere."
    assert len(account.facts) == 16
    assert stage.told() == [NOC, ADMIN]


async def test_a_channel_without_a_connection_brings_forward_what_waits(stage: Stage) -> None:
    stage.app.board.heard("phone", False, "Twilio can't be reached")
    await stage.passes(3 * MINUTE)
    assert said(stage) == [
        "Messages don't get through: phone (Twilio can't be reached). Steps that wait there come forward at once."
    ]
    stage.app.board.heard("phone", True, "")
    await stage.passes(59 * SECOND)
    assert said(stage) == []
    await stage.passes(SECOND)
    assert said(stage) == ["Kidoku reaches phone again."]


async def test_calls_that_hang_and_what_queues_behind_them_come_forward(stage: Stage) -> None:
    """Slack takes the connection and says nothing; then it says of all but one that it took them after all."""
    answering, under_way = asyncio.Event(), asyncio.Semaphore(0)
    take = stage.slack.send

    async def send(message: Message) -> SendResult:
        under_way.release()
        await answering.wait()
        return await take(message)

    stage.slack.send = send  # type: ignore[method-assign]
    for number in range(6):
        await stage.arrives(mail(f"【緊急】 down {number}", f"{number}@x"))
    stage.clock.move_to(stage.clock.now() + 5 * MINUTE)
    await stage.app.timers.tick()
    await stage.app.outbox.lanes["slack"].turn()
    for _ in range(4):
        await under_way.acquire()
    stage.clock.move_to(stage.clock.now() + 30 * SECOND)
    await stage.app.failover.look()
    for alert in range(1, 7):
        assert await rungs(stage, alert) == [0, 1]
    discord = stage.app.outbox.lanes["discord"]
    for _ in range(3):
        await discord.turn()
        await discord.drain()
    stage.slack.answers.append(DOWN)  # the first of them failed after all
    answering.set()
    await stage.work()
    told = stage.told()
    assert told.count(DISCORD) == 6
    # Four were under way; the others were overtaken before their turn.
    assert told.count(NOC) == 5
    for alert in range(1, 7):
        async with stage.app.store.reading() as tx:
            events = [one.event for one in await tx.events(alert)]
            [page] = [one for one in await tx.notifications_of(alert) if one.channel == "slack"]
        assert sum(isinstance(one, DeliveryReported) and one.outcome is Outcome.STALLED for one in events) == 1
        assert (page.state, page.outcome) in ENDS


async def test_a_restart_in_an_outage_tells_nothing_twice(tmp_path: Path) -> None:
    first = await Stage.open(tmp_path)
    first.slack.answers.append(LIMITED)
    await first.arrives(mail("【緊急】 down", "a@x"))
    await first.passes(5 * MINUTE)
    assert len(said(first)) == 1
    await first.close()
    second = await Stage.open(tmp_path, first.clock.now())
    try:
        await second.passes(MINUTE)
        assert second.app.failover.watches["slack"].told is not None
        assert said(second) == []
        await second.presses(Verb.ACK, 1, "discord", "201000000000000000")
        await second.passes(31 * MINUTE)
        assert [one.title for one in second.slack.sent] == [
            "Slack was out of order since 02:05. 1 alert was not told here, but elsewhere."
        ]
        assert said(second) == ["Kidoku reaches Slack again."]
        assert (await second.alert()).status is AlertStatus.ACKNOWLEDGED
    finally:
        await second.close()


async def test_the_gauge_shows_it_and_readiness_does_not_change(stage: Stage) -> None:
    def gauge() -> float | None:
        return stage.app.metrics.registry.get_sample_value("kidoku_channel_outage", {"channel": "slack"})

    assert gauge() == 0
    stage.slack.answers.append(LIMITED)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert gauge() == 1
    assert stage.app.board.is_ready
    stage.told()


async def test_a_limit_of_the_settings_holds(tmp_path: Path) -> None:
    async with on_stage(tmp_path, more="failover: {channels: {slack: {pause: 1h}}}") as stage:
        stage.slack.answers.append(LIMITED)
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(5 * MINUTE)
        assert stage.app.failover.watches["slack"].told is None
        assert DISCORD in stage.told(), "a page that must wait longer than a minute takes its step along all the same"
