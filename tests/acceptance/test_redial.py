"""Redialling as the policy says: what its owner does with the phone, and whether it rings there again."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.language import Words
from bot.wording.timeline import timeline_of
from bot.wording.why import why_lines
from escalation.alert import AlertStatus
from tests.acceptance.phone_stage import ALICE, BOB, PhoneStage, on_the_phone
from tests.acceptance.stage import mail
from tests.fakes.twilio_phone import HANG_UP, Phone

MINUTE = timedelta(minutes=1)


async def hangs_up(call: Phone) -> object:
    return await call.answer(HANG_UP)


async def is_a_machine(call: Phone) -> object:
    return await call.answer(answered_by="machine_start")


DOES: Mapping[str, Callable[[Phone], Awaitable[object]]] = {
    "busy": Phone.busy,
    "no_answer": Phone.no_answer,
    "voicemail": is_a_machine,
    "failed": Phone.fail,
    "not_acknowledged": hangs_up,
}
"""What becomes of a call, as the policy names it, and how."""


async def numbers(told: PhoneStage, policy: str, outcome: str) -> list[str]:
    """What has rung 9 minutes after a mail under this policy, if the first call ends so."""
    await told.stage.arrives(mail(f"【緊急】 POLICY {policy}", "a@x"))
    await DOES[outcome](await told.rings(1))
    await told.settles()
    await told.stage.passes(9 * MINUTE)
    return [one.order["To"] for one in told.twilio.phones]


@pytest.mark.parametrize("outcome", DOES)
async def test_it_rings_again_after_the_outcome_that_the_policy_names(tmp_path: Path, outcome: str) -> None:
    async with on_the_phone(tmp_path, "redial.yaml", machine_detection=True) as told:
        assert await numbers(told, outcome, outcome) == [ALICE, ALICE]


@pytest.mark.parametrize("outcome", DOES)
async def test_it_does_not_after_another_one_and_the_next_step_comes_at_its_time(tmp_path: Path, outcome: str) -> None:
    other = "obstinate" if outcome in ("busy", "voicemail") else "picky"
    async with on_the_phone(tmp_path, "redial.yaml", machine_detection=True) as told:
        assert await numbers(told, other, outcome) == [ALICE]
        assert (await told.stage.alert()).status is AlertStatus.TRIGGERED
        await told.stage.passes(MINUTE)
        assert [one.order["To"] for one in told.twilio.phones] == [ALICE, BOB]


async def test_what_became_of_it_is_known_after_a_restart(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "redial.yaml", machine_detection=True) as told:
        await told.stage.arrives(mail("【緊急】 POLICY busy", "a@x"))
        await (await told.rings(1)).no_answer()
        await told.settles()
        await told.restarts()
        await told.stage.passes(9 * MINUTE)
        assert [one.order["To"] for one in told.twilio.phones] == [ALICE]


async def test_a_call_of_which_nobody_hears_any_more_is_made_again(tmp_path: Path) -> None:
    """It rings when the retry comes: no outcome, no reason to let anybody be."""
    async with on_the_phone(tmp_path, "redial.yaml", machine_detection=True) as told:
        await told.stage.arrives(mail("【緊急】 POLICY busy", "a@x"))
        call = await told.rings(1)
        await told.stage.passes(3 * MINUTE)
        async with told.stage.app.store.reading() as tx:
            assert [one.address for one in await tx.notifications_of(1)] == [ALICE, ALICE]
        await call.no_answer()
        await told.settles()


async def test_the_story_says_that_it_was_not_tried_again(tmp_path: Path) -> None:
    words = Words("en", "Asia/Tokyo")
    async with on_the_phone(tmp_path, "redial.yaml", machine_detection=True) as told:
        await numbers(told, "picky", "no_answer")
        async with told.stage.app.store.reading() as tx:
            events = [(row.event, row.at) for row in await tx.events(1)]
        alert, roster = await told.stage.alert(), told.stage.app.scribe.roster()
        why = [text for _, text in why_lines(alert, events, roster, words)]
        at = why.index("Step 1 was to try again at 02:03, and did not.")
        reason = "Alice (the call before ended otherwise than the retry asks for)"
        assert why[at + 1] == f"Not told: {reason}."
        timeline = timeline_of(alert, events, roster, words)
        assert [line for line in timeline if reason in line] == [f"02:03 Step 1 did not try again: {reason}"]
