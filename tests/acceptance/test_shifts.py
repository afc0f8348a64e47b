"""Stories around a shift: reminders before it, the summary at its end, and swaps that both sides confirm.

Alice is on call until 00:00 UTC (09:00 in Tokyo), then Bob for a day, then Alice again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import drill, duty, swap
from bot.chatops.role import Role as ChatRole
from bot.chatops.role import Roles
from bot.desk import Desk
from bot.drill import Wanted
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.store.record import AuditOutcome
from bot.swap import Offer
from channels.base import MAIL, Rejected, RetryLater
from channels.message import Message, Verb
from escalation.rotation import Role
from escalation.schedule import Leave, Override, on_call
from escalation.swap import SwapState
from tests.acceptance.stage import START, Stage, mail

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HANDOFF = datetime(2026, 5, 4, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = Words("en", "UTC", lambda: START)
ALICE, BOB, CAROL, ROOM = "U0ALICE000", "U0BOB00000", "203000000000000000", "C0NOC00000"
OFFER = Offer(schedule="noc", asker="bob", mine_at=HANDOFF + HOUR, other="carol")
"""Bob gives his next shift."""
EXCHANGE = replace(OFFER, other="alice", theirs_at=HANDOFF + DAY + HOUR)


@asynccontextmanager
async def on_stage(folder: Path, at: datetime = START) -> AsyncIterator[Stage]:
    stage = await Stage.open(folder, at, settings_file="shifts.yaml")
    stage.has_shifts = True
    try:
        await stage.look_at_shifts()
        await stage.work()
        yield stage
    finally:
        await stage.close()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def until(stage: Stage, at: datetime) -> list[tuple[str, str]]:
    """What was told on the way."""
    await stage.passes(at - stage.clock.now())
    return sorted(stage.told())


async def changes(stage: Stage, act: object) -> str:
    """Somebody changes the schedule; the watch is woken by it."""
    said: str = await stage.app.engine.submit(act)  # type: ignore[arg-type]
    await stage.look_at_shifts()
    await stage.work()
    return said


def to(stage: Stage, address: str) -> Message:
    """The one message that went there."""
    (found,) = (message for one in stage.channels for message in one.sent if message.address == address)
    return found


def titles(stage: Stage, channel: str = "slack") -> list[str]:
    return [one.title for one in next(one for one in stage.channels if one.name == channel).sent]


# Reminders ------------------------------------------------------------------------------------------------------------


async def test_a_person_is_told_an_hour_and_a_quarter_of_an_hour_before(stage: Stage) -> None:
    assert await until(stage, HANDOFF - HOUR - MINUTE) == []
    await stage.passes(MINUTE)
    assert titles(stage) == ["noc：あと1時間で当番が始まります（5月4日(月) 09:00）"]
    assert stage.told() == [("slack", BOB)]
    assert await until(stage, HANDOFF - 16 * MINUTE) == []
    assert await until(stage, HANDOFF - 14 * MINUTE) == [("slack", BOB)]


async def test_once_across_a_restart_and_late_rather_than_never(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        assert await until(stage, HANDOFF - 50 * MINUTE) == [("slack", BOB)]
    async with on_stage(tmp_path, HANDOFF - 40 * MINUTE) as stage:
        assert stage.told() == []
    async with on_stage(tmp_path, HANDOFF - 5 * MINUTE) as stage:
        assert titles(stage) == ["noc：あと5分で当番が始まります（5月4日(月) 09:00）"]
        assert stage.told() == [("slack", BOB)]


async def test_not_again_after_the_outbox_was_tidied(stage: Stage) -> None:
    await until(stage, HANDOFF - 50 * MINUTE)
    async with stage.app.store.transaction() as tx:
        await tx.purge(HANDOFF - 50 * MINUTE)
    stage.app.shifts.wake()
    await stage.look_at_shifts()
    await stage.work()
    assert stage.told() == []


async def test_a_shift_that_went_away_is_not_told_and_one_that_came_is_at_once(stage: Stage) -> None:
    await until(stage, HANDOFF - 30 * MINUTE)
    taken = Override("noc", "carol", HANDOFF, HANDOFF + DAY, by="bob")
    await changes(stage, lambda desk: duty.take_over(desk, taken, WORDS))
    assert titles(stage, "discord") == ["noc: your shift begins in 30 min, Mon 4 May 01:00 BST"]
    assert stage.told() == [("discord", CAROL)]
    assert await until(stage, HANDOFF - MINUTE) == [("discord", CAROL)]


async def test_whoever_goes_on_leave_is_not_told_and_who_steps_in_is(stage: Stage) -> None:
    away = Leave("bob", HANDOFF - HOUR, HANDOFF + DAY, "bob")
    await changes(stage, lambda desk: duty.go_on_leave(desk, away, WORDS))
    assert await until(stage, HANDOFF - MINUTE) == [], "Alice goes on without a break"


async def test_a_reminder_that_waits_for_its_channel_is_dropped_if_its_shift_goes_away(stage: Stage) -> None:
    stage.slack.answers.append(RetryLater("busy", after=10 * MINUTE))
    await until(stage, HANDOFF - 59 * MINUTE)
    taken = Override("noc", "carol", HANDOFF, HANDOFF + DAY, by="bob")
    await changes(stage, lambda desk: duty.take_over(desk, taken, WORDS))
    assert stage.told() == [("discord", CAROL)]
    assert await until(stage, HANDOFF - 20 * MINUTE) == []


async def test_where_chat_refuses_or_is_late_mail_is_sent_too(stage: Stage) -> None:
    stage.slack.answers.append(Rejected("no such member"))
    assert await until(stage, HANDOFF - 30 * MINUTE) == [(MAIL, "bob@team.example"), ("slack", BOB)]
    stage.slack.answers.append(RetryLater("an outage", after=2 * MINUTE))
    assert await until(stage, HANDOFF - MINUTE) == [(MAIL, "bob@team.example"), ("slack", BOB), ("slack", BOB)]


async def test_the_mail_is_not_marked_as_urgent(stage: Stage) -> None:
    stage.slack.answers.append(Rejected("no such member"))
    await stage.passes(HANDOFF - 30 * MINUTE - START)
    (sent,) = stage.mail.sent
    assert sent.letter is not None
    assert not sent.letter.is_urgent


# Handoffs -------------------------------------------------------------------------------------------------------------


def facts(message: Message) -> dict[str, str]:
    return {one.label: one.value for one in message.facts}


async def test_a_handoff_is_summed_up_for_the_room_and_for_who_comes_next(stage: Stage) -> None:
    await stage.arrives(mail("DUTY disk full", "a@x"))
    await stage.passes(6 * MINUTE)
    await stage.presses(Verb.ACK, 1, "phone", "+81312345678")
    await stage.arrives(mail("DUTY link down", "b@x"))
    await stage.presses(Verb.RESOLVE, 2, "slack", ALICE)
    await until(stage, HANDOFF - MINUTE)
    await stage.passes(MINUTE)
    summary, personal = to(stage, ROOM), to(stage, BOB)
    assert sorted(stage.told()) == [("slack", ROOM), ("slack", BOB)]
    assert summary.title == "Handoff in noc: Alice → 田中 ボブ"
    assert facts(summary) == {
        "Shift": "Sun 3 May 09:00 JST – Mon 4 May 09:00 JST",
        "Next on call": "田中 ボブ, until Tue 5 May 09:00 JST",
        "In this shift": "alerts opened 2, taken 1, resolved 1, nobody came 0",
        "Told": "1 notification, Alice called in 1 night",
        "Open alerts": "1",
        "#1": "DUTY disk full — taken, held by Alice, read by Alice",
    }
    assert personal.title == "noc の引き継ぎ：Aliceさん → 田中 ボブさん"


async def test_a_handoff_counts_no_exercise_and_says_of_one_that_is_open_that_it_is_one(stage: Stage) -> None:
    await until(stage, HANDOFF - HOUR)
    policies = dict(stage.app.settings.escalation_policies())
    wanted = Wanted(policy="duty", by="alice")
    await stage.app.engine.submit(lambda desk: drill.begin(desk, wanted, policies, Words("en", "UTC")))
    await until(stage, HANDOFF - MINUTE)
    stage.told()
    for one in stage.channels:
        one.sent.clear()
    await stage.passes(MINUTE)
    summary = next(one for channel in stage.channels for one in channel.sent if one.title.startswith("Handoff in noc"))
    shown = facts(summary)
    assert shown["In this shift"] == "alerts opened 0, taken 0, resolved 0, nobody came 0"
    assert shown["Told"].startswith("0 notifications")
    assert shown["#1"].startswith("EXERCISE – Drill of policy duty")
    stage.told()


async def test_a_handoff_is_told_once_across_restarts_and_the_last_one_if_several_were_missed(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await until(stage, HANDOFF - MINUTE)
    async with on_stage(tmp_path, HANDOFF + MINUTE) as stage:
        assert to(stage, ROOM).title == "Handoff in noc: Alice → 田中 ボブ"
        assert sorted(stage.told()) == [("slack", ROOM), ("slack", BOB)]
    async with on_stage(tmp_path, HANDOFF + 2 * MINUTE) as stage:
        assert stage.told() == []
    async with on_stage(tmp_path, HANDOFF + 4 * DAY + MINUTE) as stage:
        assert to(stage, ROOM).title == "Handoff in noc: Alice → 田中 ボブ"
        assert sorted(stage.told()) == [("slack", ROOM), ("slack", BOB)]


async def test_a_duty_that_is_taken_over_now_is_handed_over_now(stage: Stage) -> None:
    taken = Override("noc", "carol", START, START + HOUR, by="carol")
    await changes(stage, lambda desk: duty.take_over(desk, taken, WORDS))
    assert to(stage, ROOM).title == "Handoff in noc: Alice → Carol"
    assert to(stage, ALICE).title == "noc: your shift begins in 1 h, Mon 4 May 03:00 JST", "it goes on after Carol's"
    assert sorted(stage.told()) == [("slack", ROOM), ("slack", ALICE)], "Carol has no Slack"
    assert ("slack", ROOM) in await until(stage, START + HOUR)


async def test_a_handoff_to_nobody_names_who_comes_later(stage: Stage) -> None:
    away = [Leave(one, HANDOFF, HANDOFF + 3 * HOUR, one) for one in ("alice", "bob")]
    for one in away:
        await changes(stage, lambda desk, one=one: duty.go_on_leave(desk, one, WORDS))
    await until(stage, HANDOFF - MINUTE)
    await stage.passes(MINUTE)
    summary, personal = to(stage, ROOM), to(stage, BOB)
    assert summary.title == "Handoff in noc: Alice → nobody is on call"
    assert facts(summary)["Next on call"].startswith("田中 ボブ, Mon 4 May 12:00 JST – ")
    assert personal.title.endswith("→ 当番なし")
    stage.told()
    assert ("slack", ROOM) not in await until(stage, HANDOFF + 4 * HOUR), "nobody had handed over to Bob"


async def test_a_room_that_is_gone_is_an_alarm(stage: Stage) -> None:
    await until(stage, HANDOFF - MINUTE)
    stage.slack.answers += [Rejected("is_archived"), Rejected("is_archived")]
    found = await until(stage, HANDOFF)
    assert found == [("console", "admin"), (MAIL, "bob@team.example"), ("slack", ROOM), ("slack", BOB)]


# Swaps ----------------------------------------------------------------------------------------------------------------


def holder(stage: Stage, at: datetime) -> tuple[str, ...]:
    return on_call(stage.app.engine.rules.roster.schedules["noc"], at, Role.PRIMARY)


async def asks(stage: Stage, offer: Offer = OFFER) -> str:
    return await changes(stage, lambda desk: swap.ask(desk, offer, WORDS))


async def state(stage: Stage, id: int = 1) -> SwapState:
    async with stage.app.store.reading() as tx:
        found = await tx.swap(id)
    assert found is not None
    return found.state


async def test_a_shift_is_exchanged_when_the_other_presses_accept(stage: Stage) -> None:
    said = await asks(stage, EXCHANGE)
    assert said == (
        "Swap 1: Alice is asked to take the shift of 田中 ボブ in noc, Mon 4 May 00:00 UTC – Tue 5 May 00:00 UTC, "
        "in exchange for Tue 5 May 00:00 UTC – Wed 6 May 00:00 UTC; until Mon 4 May 00:00 UTC."
    )
    (asked,) = stage.slack.sent
    assert (asked.title, asked.swap_id) == ("田中 ボブ asks you to swap a shift in noc", 1)
    assert [one.verb for one in asked.buttons] == [Verb.ACCEPT, Verb.DECLINE]
    assert stage.told() == [("slack", ALICE)]
    reply = await stage.presses(Verb.ACCEPT, 1, "slack", ALICE, dedup="1")
    assert reply.text.startswith("Swap 1 is done: Alice takes the shift of 田中 ボブ in noc, ")
    assert (holder(stage, HANDOFF), holder(stage, HANDOFF + DAY)) == (("alice",), ("bob",))
    assert holder(stage, HANDOFF + 2 * DAY) == ("bob",), "the rest is as it was"
    assert [one.title for one in stage.slack.sent] == [
        "シフト交換 1 が成立しました。noc の田中 ボブさんの当番（5月4日(月) 09:00 – 5月5日(火) 09:00）はAliceさんが、"
        "Aliceさんの当番（5月5日(火) 09:00 – 5月6日(水) 09:00）は田中 ボブさんが引き受けます。"
    ]
    assert [(one.buttons, one.title[:14]) for one in stage.slack.updated] == [((), "Swap 1 is done")]
    again = await stage.presses(Verb.ACCEPT, 1, "slack", ALICE, dedup="2")
    assert (again.text, again.is_done) == ("Swap 1 was decided already (accepted); nothing was changed", False)


async def test_a_swap_that_is_declined_changes_nothing_and_both_see_it(stage: Stage) -> None:
    await asks(stage)
    assert stage.told() == [("discord", CAROL)]
    reply = await stage.presses(Verb.DECLINE, 1, "discord", CAROL)
    assert reply.text.startswith("Swap 1: Carol declined. 田中 ボブ keeps the shift in noc")
    assert stage.told() == [("slack", BOB)]
    assert holder(stage, HANDOFF) == ("bob",)
    assert [one.title[:22] for one in stage.discord.updated] == ["Swap 1: Carol declined"]


async def test_a_shift_that_changed_meanwhile_makes_it_void_and_both_are_told(stage: Stage) -> None:
    await asks(stage)
    taken = Override("noc", "alice", HANDOFF + HOUR, HANDOFF + 2 * HOUR, by="alice")
    await changes(stage, lambda desk: duty.take_over(desk, taken, WORDS))
    stage.told()
    reply = await stage.presses(Verb.ACCEPT, 1, "discord", CAROL)
    assert reply.text.startswith("Swap 1 is void: ")
    assert reply.text.endswith("(bob is not on call throughout it)")
    assert await state(stage) is SwapState.VOID
    assert stage.told() == [("slack", BOB)]
    assert holder(stage, HANDOFF) == ("bob",)
    async with stage.app.store.reading() as tx:
        assert len(await tx.overrides(START)) == 1, "nothing takes effect by half"


async def test_a_swap_for_somebody_on_leave_by_now_is_void(stage: Stage) -> None:
    await asks(stage)
    away = Leave("carol", HANDOFF + HOUR, HANDOFF + 2 * HOUR, "carol")
    await changes(stage, lambda desk: duty.go_on_leave(desk, away, WORDS))
    reply = await stage.presses(Verb.ACCEPT, 1, "discord", CAROL)
    assert reply.text.endswith("(carol is on leave then)")


async def test_nobody_else_answers_a_swap(stage: Stage) -> None:
    await asks(stage)
    reply = await stage.presses(Verb.ACCEPT, 1, "slack", ALICE)
    assert (reply.text, reply.is_done) == ("Swap 1 was put to carol, not to alice", False)
    assert await state(stage) is SwapState.ASKED


async def test_the_answer_to_a_swap_asks_for_the_role_and_is_in_the_audit_trail(stage: Stage) -> None:
    await asks(stage)
    stage.app.inbox.reception.roles = Roles(people={"carol": ChatRole.VIEWER})
    reply = await stage.presses(Verb.ACCEPT, 1, "discord", CAROL)
    assert (reply.text, reply.is_done) == ("Your role here is viewer; this needs responder.", False)
    assert await state(stage) is SwapState.ASKED
    stage.app.inbox.reception.roles = Roles()
    assert (await stage.presses(Verb.ACCEPT, 1, "slack", ALICE)).is_done is False
    assert (await stage.presses(Verb.ACCEPT, 1, "discord", CAROL)).is_done
    kept = [(one.who, one.verb, one.alert_id, one.argument, one.outcome) for one in await stage.audits()]
    assert kept == [
        ("carol", "accept", None, "1", AuditOutcome.DENIED),
        ("alice", "accept", None, "1", AuditOutcome.MISTAKEN),
        ("carol", "accept", None, "1", AuditOutcome.DONE),
    ]


async def test_a_swap_lapses_when_the_shift_begins_and_both_are_told(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await asks(stage)
        await until(stage, HANDOFF - MINUTE)
        assert ("discord", CAROL) in await until(stage, HANDOFF)
        assert await state(stage) is SwapState.LAPSED
        assert [one.buttons for one in stage.discord.updated] == [()]
        late = await stage.presses(Verb.ACCEPT, 1, "discord", CAROL)
        assert late.text == "Swap 1 was decided already (not answered in time); nothing was changed"
    async with on_stage(tmp_path, HANDOFF + 2 * MINUTE) as stage:
        assert stage.told() == []


async def test_a_swap_lapses_after_the_hours_that_were_said(stage: Stage) -> None:
    await asks(stage, replace(OFFER, within=HOUR))
    stage.told()
    assert await until(stage, START + HOUR - MINUTE) == []
    assert await until(stage, START + HOUR) == [("discord", CAROL), ("slack", BOB)]


async def test_of_two_who_are_asked_for_one_shift_the_first_gets_it(stage: Stage) -> None:
    await asks(stage)
    await asks(stage, replace(OFFER, other="alice"))
    stage.told()
    await stage.presses(Verb.ACCEPT, 2, "slack", ALICE)
    reply = await stage.presses(Verb.ACCEPT, 1, "discord", CAROL)
    assert reply.text.startswith("Swap 1 is void")
    assert holder(stage, HANDOFF) == ("alice",)


async def test_two_answers_in_one_commit_are_decided_one_after_the_other(stage: Stage) -> None:
    """Jobs that wait together share a transaction, and its instant."""
    await asks(stage)
    await asks(stage, replace(OFFER, other="alice"))

    async def both(desk: Desk) -> list[str]:
        return [await swap.accept(desk, 1, "carol", WORDS), await swap.accept(desk, 2, "alice", WORDS)]

    first, second = await stage.app.engine.submit(both)
    assert first.startswith("Swap 1 is done")
    assert second.startswith("Swap 2 is void")
    assert holder(stage, HANDOFF) == ("carol",)


async def test_a_part_of_a_shift_that_is_under_way_is_given_from_the_answer_on(stage: Stage) -> None:
    offer = Offer(schedule="noc", asker="alice", mine_at=START, mine_until=START + 3 * HOUR, other="carol")
    await asks(stage, offer)
    await until(stage, START + HOUR)
    await stage.presses(Verb.ACCEPT, 1, "discord", CAROL)
    assert holder(stage, START + HOUR - MINUTE) == ("alice",)
    assert holder(stage, START + HOUR) == holder(stage, START + 3 * HOUR - MINUTE) == ("carol",)
    assert holder(stage, START + 3 * HOUR) == ("alice",)


async def test_a_question_that_is_withdrawn_before_it_left_is_not_put(stage: Stage) -> None:
    stage.discord.answers.append(RetryLater("busy", after=10 * MINUTE))
    await asks(stage)
    stage.told()
    said = await changes(stage, lambda desk: swap.withdraw(desk, 1, "bob", WORDS))
    assert said.startswith("Swap 1: 田中 ボブ has withdrawn it")
    assert stage.told() == [("discord", CAROL)], "that it was withdrawn"
    assert await until(stage, START + 30 * MINUTE) == []


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        (replace(OFFER, asker="carol", other="bob"), "carol is not on call for noc then"),
        (replace(OFFER, other="bob"), "nobody swaps with themselves"),
        (replace(OFFER, other=""), "nobody is named; write with PERSON"),
        (replace(OFFER, other="carrol"), "there is no person carrol; did you mean carol?"),
        (replace(OFFER, schedule="nok"), "there is no schedule nok; did you mean noc?"),
        (replace(OFFER, mine_until=HANDOFF + 2 * DAY), "bob is not on call throughout it"),
        (replace(OFFER, mine_until=HANDOFF), "it would end before it begins"),
        (replace(OFFER, asker="alice", mine_at=START - DAY * 2), "this shift is over"),
        (replace(OFFER, theirs_at=HANDOFF + DAY), "carol is not on call for noc then"),
    ],
)
async def test_what_can_not_be_asked_says_why(stage: Stage, offer: Offer, said: str) -> None:
    with pytest.raises(BadArgumentError, match=said):
        await stage.app.engine.submit(lambda desk: swap.ask(desk, offer, WORDS))
    async with stage.app.store.reading() as tx:
        assert await tx.swaps() == []
