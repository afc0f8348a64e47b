"""The main job as stories, over the whole bot."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.store.record import NotificationState, StoreError
from channels.base import Ended, Rejected, RetryLater, Sent
from channels.imap.mailbox import FiledAsJunk, FlagsChanged, Removed
from channels.inbox import CallReport
from channels.message import Tone, Verb
from escalation.alert import AlertStatus
from escalation.event import Outcome
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import START, Stage, mail, on_stage

MINUTE = timedelta(minutes=1)
NOC = ("slack", "C0NOC00000")
DISCORD = ("discord", "111000000000000000")
ALICE = ("phone", "+81312345678")
BOB = ("phone", "+81387654321")
ADMIN = ("console", "admin")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def test_nobody_reads_then_the_digit_is_pressed_and_nothing_rings_again(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    assert stage.told() == []
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]
    await stage.passes(5 * MINUTE)
    assert stage.told() == [DISCORD]
    stage.phone.ends.append(Ended(Outcome.NO_ANSWER, "no-answer"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [ALICE]
    await stage.passes(3 * MINUTE)
    assert stage.told() == [ALICE]

    await stage.presses(Verb.ACK, 1, "phone", "+81312345678")

    alert = await stage.alert()
    assert (alert.status, alert.taken_by) == (AlertStatus.ACKNOWLEDGED, ("alice",))
    assert {message.tone for message in (stage.slack.updated[-1], stage.discord.updated[-1])} == {Tone.TAKEN}
    assert "no answer" in "\n".join(stage.slack.updated[-1].timeline)
    await stage.passes(timedelta(days=2))
    assert stage.told() == []
    assert (await stage.alert()).status is AlertStatus.RESOLVED


async def test_reading_in_any_mail_program_stops_everything(stage: Stage) -> None:
    uid = await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]
    await stage.happens("alice", FlagsChanged(uid, "a@x", is_seen=True, is_answered=False))
    await stage.passes(timedelta(hours=12))
    assert stage.told() == []
    assert stage.slack.updated[-1].title == "Read by Alice: 【緊急】 down"


async def test_a_mail_that_was_read_before_it_was_found_pages_nobody(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x", flags=["\\Seen"]))
    await stage.passes(timedelta(hours=2))
    assert stage.told() == []
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED


async def test_a_ladder_that_nobody_answers_ends_in_the_last_resort_and_an_alarm(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(34 * MINUTE)
    assert stage.told() == [NOC, DISCORD, ALICE, ALICE, BOB]
    await stage.passes(MINUTE)
    assert sorted(stage.told()) == sorted([ALICE, BOB, ADMIN])
    assert (await stage.alert()).status is AlertStatus.EXHAUSTED
    await stage.passes(timedelta(days=3))
    assert stage.told() == []
    await stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    assert (await stage.alert()).taken_by == ("bob",)


async def test_a_channel_that_is_down_is_passed_over_within_a_minute_and_delays_no_other(stage: Stage) -> None:
    down = RetryLater("Slack can't be reached", is_channel_wide=True)
    stage.slack.answers.extend([down] * 12)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE + timedelta(seconds=61))
    told = stage.told()
    assert DISCORD in told
    assert ADMIN in told
    await stage.passes(timedelta(minutes=5))
    assert ALICE in stage.told()


async def test_a_refused_step_uses_its_else_at_once(stage: Stage) -> None:
    stage.slack.answers.append(Rejected("the channel is archived"))
    await stage.arrives(mail("FALLBACK", "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC, DISCORD, ADMIN]
    await stage.passes(5 * MINUTE)
    assert stage.told() == [ALICE]


async def test_a_read_that_is_taken_back_opens_the_alert_again_if_the_policy_says_so(stage: Stage) -> None:
    uid = await stage.arrives(mail("FALLBACK", "a@x"))
    await stage.happens("alice", FlagsChanged(uid, "a@x", is_seen=True, is_answered=False))
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED
    await stage.passes(MINUTE)
    await stage.happens("alice", FlagsChanged(uid, "a@x", is_seen=False, is_answered=False))
    assert (await stage.alert()).status is AlertStatus.TRIGGERED
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]


async def test_the_same_mail_in_two_mailboxes_is_one_alert_and_only_the_unread_are_told(stage: Stage) -> None:
    uid = await stage.arrives(mail("EVERYBODY", "a@x"), "alice")
    await stage.arrives(mail("EVERYBODY", "a@x"), "bob")
    await stage.happens("alice", FlagsChanged(uid, "a@x", is_seen=True, is_answered=False))
    assert (await stage.alert()).status is AlertStatus.TRIGGERED
    await stage.passes(10 * MINUTE)
    assert stage.told() == [("slack", "U0BOB00000"), BOB]
    await stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    await stage.passes(timedelta(hours=5))
    assert stage.told() == []


async def test_one_reader_of_a_shared_mailbox_is_somebody(stage: Stage) -> None:
    uid = await stage.arrives(mail("【緊急】 down", "a@x"), "shared")
    await stage.happens("shared", FlagsChanged(uid, "a@x", is_seen=True, is_answered=False))
    alert = await stage.alert()
    assert (alert.status, alert.recipients[0].id) == (AlertStatus.ACKNOWLEDGED, "noc")


async def test_a_snooze_is_silent_until_its_instant_and_then_goes_on(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]
    reply = await stage.presses(Verb.SNOOZE, 1, "slack", "U0ALICE000", "15m")
    assert "silent until" in reply.text
    await stage.passes(14 * MINUTE)
    assert stage.told() == []
    await stage.passes(MINUTE)
    assert stage.told() == [DISCORD]


async def test_a_snooze_silences_what_is_being_tried_again(stage: Stage) -> None:
    stage.slack.answers.append(RetryLater("Slack's rate limit", timedelta(seconds=30), is_channel_wide=True))
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]
    await stage.presses(Verb.SNOOZE, 1, "discord", "201000000000000000", "15m")
    await stage.passes(14 * MINUTE)
    assert stage.told() == []


async def test_escalate_now_and_pass_on_bring_the_next_step(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.presses(Verb.ESCALATE, 1, "slack", "U0ALICE000")
    assert stage.told() == [NOC]
    await stage.presses(Verb.ESCALATE, 1, "slack", "U0ALICE000")
    await stage.presses(Verb.ESCALATE, 1, "slack", "U0ALICE000")
    assert stage.told() == [DISCORD, ALICE]
    await stage.presses(Verb.PASS_ON, 1, "phone", "+81312345678")
    assert stage.told() == [BOB]


async def test_a_stranger_and_a_repeated_press_change_nothing(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    reply = await stage.presses(Verb.ACK, 1, "slack", "USTRANGER")
    assert not reply.is_done
    assert (await stage.alert()).status is AlertStatus.TRIGGERED
    await stage.presses(Verb.ESCALATE, 1, "slack", "U0ALICE000", dedup="p1")
    await stage.presses(Verb.ESCALATE, 1, "slack", "U0ALICE000", dedup="p1")
    assert stage.told() == [NOC]


async def test_an_acknowledged_alert_that_stays_unresolved_starts_again(stage: Stage) -> None:
    uid = await stage.arrives(mail("ACKED", "a@x"))
    await stage.happens("alice", FlagsChanged(uid, "a@x", is_seen=True, is_answered=False))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC], "reading does not stop this policy"
    await stage.presses(Verb.ACK, 1, "slack", "U0ALICE000")
    await stage.passes(64 * MINUTE)
    assert stage.told() == []
    await stage.passes(MINUTE)
    assert stage.told() == [NOC]
    await stage.presses(Verb.RESOLVE, 1, "slack", "U0ALICE000")
    await stage.passes(timedelta(days=1))
    assert stage.told() == []


async def test_junk_is_said_and_a_deleted_mail_still_pages(stage: Stage) -> None:
    uid = await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.happens("alice", Removed(uid, "a@x", is_seen=False, moved_to="Junk"), FiledAsJunk("a@x"))
    await stage.passes(5 * MINUTE)
    assert any("junk" in fact.value for fact in stage.slack.sent[0].facts)
    assert (await stage.alert()).recipients[0].has(ReceiptKind.JUNKED)


async def test_a_later_mail_of_the_thread_joins_and_is_unread_again(stage: Stage) -> None:
    uid = await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.happens("alice", FlagsChanged(uid, "a@x", is_seen=True, is_answered=False))
    await stage.passes(MINUTE)
    await stage.arrives(mail("Re: 【緊急】 down, still", "b@x", references=("a@x",)))
    alert = await stage.alert()
    assert (alert.status, alert.mails) == (AlertStatus.TRIGGERED, 2)
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]


async def test_a_colleagues_answer_in_the_thread_is_no_news(stage: Stage) -> None:
    uid = await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.happens("alice", FlagsChanged(uid, "a@x", is_seen=True, is_answered=False))
    await stage.arrives(mail("Re: 【緊急】 down", "b@x", references=("a@x",), sender="bob@team.example"))
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED


async def test_a_closed_thread_does_not_swallow_an_urgent_mail(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.presses(Verb.RESOLVE, 1, "slack", "U0ALICE000")
    await stage.arrives(mail("【緊急】 down again", "b@x", references=("a@x",)))
    assert (await stage.alert(2)).status is AlertStatus.TRIGGERED


async def test_a_restart_in_mid_story_goes_on_where_it_was(tmp_path: Path) -> None:
    first = await Stage.open(tmp_path)
    await first.arrives(mail("【緊急】 down", "a@x"))
    await first.passes(5 * MINUTE)
    assert first.told() == [NOC]
    await first.close()

    second = await Stage.open(tmp_path, START + 5 * MINUTE)
    try:
        await second.work()
        assert second.told() == []
        await second.passes(5 * MINUTE)
        assert second.told() == [DISCORD]
    finally:
        await second.close()


async def test_after_an_outage_what_is_overdue_comes_once_and_the_last_told_get_their_wait(tmp_path: Path) -> None:
    first = await Stage.open(tmp_path)
    await first.arrives(mail("【緊急】 down", "a@x"))
    await first.close()

    second = await Stage.open(tmp_path, START + timedelta(hours=12))
    try:
        await second.app.timers.tick()
        await second.work()
        assert sorted(second.told()) == sorted([NOC, DISCORD, ALICE, BOB])
        await second.passes(9 * MINUTE)
        assert second.told() == []
        await second.passes(MINUTE)
        assert sorted(second.told()) == sorted([ALICE, BOB, ADMIN])
    finally:
        await second.close()


async def test_a_store_that_can_not_save_is_told_past_the_store_once(stage: Stage) -> None:
    full = StoreError("the disk is full")

    async def job(desk: object) -> None:
        raise full

    for _ in range(3):
        with pytest.raises(StoreError):
            await stage.app.engine.submit(job)
    await asyncio.gather(*(task for task in asyncio.all_tasks() if "Lifeline" in repr(task.get_coro())))
    assert stage.told() == [ADMIN]
    stage.clock.move_to(stage.clock.now() + 11 * MINUTE)
    with pytest.raises(StoreError):
        await stage.app.engine.submit(job)
    await asyncio.gather(*(task for task in asyncio.all_tasks() if "Lifeline" in repr(task.get_coro())))
    assert stage.told() == [ADMIN]
    with capture_logs() as logs:
        await stage.arrives(mail("nothing", "a@x"))
        for _ in range(2):
            stage.clock.move_to(stage.clock.now() + 2 * MINUTE)
            await stage.app.upkeep.lifeline.look()
    again = [one for one in logs if one["event"] == "Saving works again"]
    assert [one["seconds"] for one in again] == [660]


async def test_an_alert_that_can_not_be_decided_is_parked_alone_with_an_alarm(stage: Stage) -> None:
    await stage.arrives(mail("EVERYBODY", "a@x"), "alice")
    await stage.arrives(mail("【緊急】 down", "b@x"), "bob")
    roster = stage.app.engine.rules.roster
    people: dict[str, Any] = dict(roster.people) | {"alice": 7}
    broken = replace(roster, people=people)
    stage.app.engine.rules = replace(stage.app.engine.rules, roster=broken)
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC, ADMIN]
    async with stage.app.store.reading() as tx:
        assert list(await tx.due(stage.clock.now() + timedelta(days=9), 10)) == [2]


async def test_the_price_of_a_call_that_we_do_not_know_is_not_asked_for(stage: Stage) -> None:
    """The process died before it knew what Twilio calls this call; its callback came all the same."""
    await stage.arrives(mail("【緊急】 down", "a@x"))
    stage.clock.move_to(START + 15 * MINUTE)
    await stage.app.timers.tick()
    [row] = await stage.app.engine.submit(lambda desk: desk.tx.claim("phone", desk.now, 1, MINUTE, is_send=True))
    await stage.app.inbox.report(CallReport(row.key, Outcome.NO_ANSWER, "no-answer"))
    async with stage.app.store.reading() as tx:
        ended = await tx.notification(row.key)
    assert ended is not None and (ended.state, ended.follow_at) == (NotificationState.ENDED, None)


@pytest.mark.parametrize("was_taken", [True, False])
async def test_after_a_crash_while_sending_the_provider_is_asked_first(tmp_path: Path, was_taken: bool) -> None:
    """The answer of the first try is lost: the process dies between the provider's taking it and our commit."""
    first = await Stage.open(tmp_path)
    first.slack.answers.append(asyncio.CancelledError())
    await first.arrives(mail("【緊急】 down", "a@x"))
    await first.passes(5 * MINUTE)
    [lost] = first.slack.sent
    await first.close()

    second = await Stage.open(tmp_path, START + 5 * MINUTE)
    if was_taken:
        second.slack.remembered[lost.key] = Sent({"key": lost.key})
    try:
        await second.work()
        assert second.slack.asked == [lost.key]
        assert second.told() == ([] if was_taken else [NOC])
    finally:
        await second.close()


async def test_what_is_posted_bears_its_databases_own_mark(stage: Stage, tmp_path: Path) -> None:
    """A bot on another database begins at the same numbers, in the same room."""
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    (tmp_path / "other").mkdir()
    async with on_stage(tmp_path / "other") as other:
        await other.arrives(mail("【緊急】 down", "a@x"))
        await other.passes(5 * MINUTE)
        [ours], [others] = stage.slack.sent, other.slack.sent
        assert ours.key == others.key and len(ours.nonce) <= 25
        assert ours.nonce != others.nonce and ours.mark != others.mark
        other.told()
    stage.told()


async def test_who_takes_it_second_hears_who_took_it_first(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    stage.told()
    first = await stage.presses(Verb.ACK, 1, "slack", "U0ALICE000")
    second = await stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    assert first.text.startswith("#1 ") and "Alice" not in first.text
    assert "Alice" in second.text
    assert (await stage.alert()).taken_by == ("alice", "bob")
