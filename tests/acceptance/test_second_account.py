"""Stories of a second telephone account behind the first: exactly one call, whichever account makes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.store.record import NotificationState
from channels.base import FIRST_ACCOUNT, CantTell, NotFound, RetryLater, Sent
from channels.twilio.account import STAY, Accounts
from channels.twilio.channel import build
from channels.twilio.notifier import TwilioNotifier
from escalation.alert import AlertStatus
from tests.acceptance.phone_stage import ALICE, BOB, on_the_phone
from tests.acceptance.stage import mail
from tests.acceptance.two_accounts import BROKEN, NUMBER, SECOND_ACCOUNT, SUSPENDED, TwoAccounts, second_account
from tests.fakes.twilio import Refusal
from tests.fakes.twilio_phone import Phone

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


class Two(TwoAccounts):
    async def looks(self) -> None:
        """What runs every minute beside the calls."""
        [accounts] = self.told.channel().services
        await cast(Accounts, accounts).look()
        await self.told.stage.app.upkeep.health.look()
        await self.told.settles()

    def calls(self) -> tuple[list[str], list[str]]:
        """Whom each account has called."""
        return [one.order["To"] for one in self.first.phones], [one.order["To"] for one in self.second.phones]


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with with_two(tmp_path) as found:
        yield found


@asynccontextmanager
async def with_two(tmp_path: Path, **more: object) -> AsyncIterator[Two]:
    """An urgent mail, and the phone is to ring in a moment."""
    async with (
        second_account() as (second, fallback),
        on_the_phone(tmp_path, fallback={**fallback, **more}) as told,
    ):
        found = Two(told, second)
        await told.stage.arrives(mail("【緊急】 down", "a@x"))
        await told.stage.passes(14 * MINUTE)
        told.twilio.now = second.now = told.stage.clock.now()
        yield found


async def takes(call: Phone) -> None:
    """Its owner answers and presses the digit."""
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    call.press(call.ack_digit)
    await talk


async def test_the_first_is_suspended_and_the_second_rings_once(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    assert two.calls() == ([], [ALICE])
    call = two.second.phones[0]
    assert call.order["From"] == NUMBER
    await takes(call)
    assert (await two.told.stage.alert()).taken_by == ("alice",)
    await two.passes(3 * MINUTE)
    assert two.calls() == ([], [ALICE])
    async with two.told.stage.app.store.reading() as tx:
        [row] = [one for one in await tx.notifications_of(1) if one.channel == "phone" and one.ref]
    assert (row.ref["account"], row.state) == (SECOND_ACCOUNT, NotificationState.ENDED)


async def test_the_administrators_are_told_once_and_when_it_is_over(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    for _ in range(4):
        await two.looks()
        await two.passes(MINUTE)
    [told] = two.heard()
    assert "Calls go by the second telephone account; the first one can't be used" in told
    board = two.told.stage.app.board
    assert board.states["phone"].is_up and board.is_ready and not board.states[FIRST_ACCOUNT].is_up
    await two.passes(STAY)
    await two.looks()
    assert two.heard() == []
    two.first.always = None
    await two.passes(MINUTE)
    await two.looks()
    assert two.heard() == ["Calls go by the first telephone account again."]
    before = len(two.second.phones)
    await two.told.stage.arrives(mail("【緊急】 again", "b@x"))
    await two.passes(16 * MINUTE)
    assert ALICE in two.calls()[0] and len(two.second.phones) == before


async def test_it_is_not_gone_back_to_within_five_minutes(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    two.first.always = None
    await two.passes(2 * MINUTE)
    await two.looks()
    assert not two.told.stage.app.board.states[FIRST_ACCOUNT].is_up
    await two.passes(3 * MINUTE)
    await two.looks()
    assert two.told.stage.app.board.states[FIRST_ACCOUNT].is_up


async def test_errors_of_its_own_count_only_after_a_while(two: Two) -> None:
    two.first.always = BROKEN
    await two.passes(MINUTE + 10 * SECOND)
    assert two.calls() == ([], [])
    await two.passes(MINUTE)
    assert two.calls() == ([], [ALICE])


async def test_an_error_that_passes_changes_nothing(two: Two) -> None:
    two.first.refuse(503, 20503)
    await two.passes(MINUTE + 10 * SECOND)
    assert two.calls() == ([ALICE], [])
    two.first.refuse(503, 20503)
    await two.passes(3 * MINUTE)
    assert two.calls()[1] == []
    assert FIRST_ACCOUNT not in two.told.stage.app.board.states


async def test_a_number_that_can_t_be_called_is_no_reason(two: Two) -> None:
    two.first.refuse(400, 21211)
    await two.passes(MINUTE)
    assert two.calls()[1] == []


async def test_what_the_first_may_have_made_is_asked_for_there(two: Two) -> None:
    two.first.lose_answer()
    await two.passes(MINUTE + 5 * SECOND)
    assert two.calls() == ([ALICE], []), "it was made, and the answer was lost"
    assert (await two.told.stage.alert()).status is AlertStatus.TRIGGERED


async def test_what_the_first_made_before_it_went_down_is_not_made_again(two: Two) -> None:
    """The answer is lost, then the account answers with errors; then it is there again."""
    two.first.lose_answer()
    await two.passes(MINUTE)
    two.first.always = BROKEN
    await two.passes(10 * SECOND)
    assert two.calls() == ([ALICE], [])
    two.first.always = None
    await two.passes(40 * SECOND)
    assert two.calls() == ([ALICE], [])


async def test_after_the_change_what_the_first_may_have_made_is_still_asked_for_there(tmp_path: Path) -> None:
    async with with_two(tmp_path, after=5 * SECOND) as two:
        two.first.lose_answer()
        await two.passes(MINUTE)
        two.first.always = BROKEN
        await two.passes(9 * SECOND)
        assert not two.told.stage.app.board.states[FIRST_ACCOUNT].is_up
        two.first.always = None
        await two.passes(30 * SECOND)
        assert two.calls() == ([ALICE], [])


async def test_after_a_restart_calls_go_by_the_second_at_once_and_it_alone_is_asked(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    await two.told.restarts()
    asked = len(two.first.requests)
    await two.second.phones[0].ring()
    await two.second.phones[0].no_answer()
    two.second.refuse(503, 20503)
    await two.passes(3 * MINUTE + 10 * SECOND)
    assert two.calls() == ([], [ALICE, ALICE])
    assert len(two.first.requests) == asked


async def test_a_call_of_the_first_is_followed_there_while_the_second_is_used(two: Two) -> None:
    await two.passes(MINUTE)
    first = await two.told.rings(1)
    first.events = []
    two.first.always = SUSPENDED
    await two.passes(3 * MINUTE)
    two.first.always = None
    await first.busy()
    await two.passes(2 * MINUTE)
    async with two.told.stage.app.store.reading() as tx:
        rows = [one for one in await tx.notifications_of(1) if one.channel == "phone" and one.ref]
    assert rows[0].outcome == "busy" and rows[0].ref["account"] == two.first.account


async def test_a_callback_counts_only_with_the_token_of_its_own_account(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    call = two.second.phones[0]
    url = call.order["StatusCallback"]
    form = {**call.parameters(), "CallStatus": "busy"}
    signed_by_first = await two.first.post(url, form)
    assert signed_by_first.status == 403
    assert (await two.second.post(url, form)).status == 204
    await two.passes(10 * MINUTE)
    assert two.calls()[1][-1] == BOB


async def test_both_are_down(two: Two) -> None:
    two.first.always = two.second.always = SUSPENDED
    await two.passes(2 * MINUTE)
    assert two.calls() == ([], [])
    assert not two.told.stage.app.board.states["phone"].is_up


@pytest.mark.parametrize("after", [5 * SECOND, 25 * SECOND])
async def test_while_the_second_steps_in_the_phone_is_not_out_of_order(tmp_path: Path, after: timedelta) -> None:
    """The first may have made the call, and can't be asked: that is told of by its own alarm alone."""
    async with with_two(tmp_path, after=after) as two:
        two.first.always = BROKEN
        for _ in range(12):
            await two.passes(10 * SECOND)
            assert two.told.stage.app.failover.out() == set()
        assert two.calls() == ([], [ALICE])
        await two.looks()
        assert not any("Messages don't get through" in one for one in two.heard())


async def test_with_both_broken_the_phone_is_out_of_order(two: Two) -> None:
    two.first.always = two.second.always = BROKEN
    await two.passes(4 * MINUTE)
    assert two.told.stage.app.failover.out() == {"phone"}
    assert len([one for one in two.heard() if "Messages don't get through: phone" in one]) == 1


async def test_a_first_account_that_is_given_an_hour_is_an_outage_before(tmp_path: Path) -> None:
    async with with_two(tmp_path, after=60 * MINUTE) as two:
        two.first.always = BROKEN
        await two.passes(5 * MINUTE)
        assert two.told.stage.app.failover.out() == {"phone"}


@pytest.mark.parametrize("trouble", [SUSPENDED, BROKEN])
async def test_a_call_that_the_first_can_t_be_asked_about_holds_up_none_of_the_second(
    two: Two, trouble: Refusal
) -> None:
    """The end of the first call was never told, and the step rings again after three minutes."""
    await two.passes(MINUTE)
    first = await two.told.rings(1)
    first.events = []
    two.first.always = trouble
    await two.passes(5 * MINUTE)
    assert two.calls()[1][:1] == [ALICE]
    assert two.told.stage.app.failover.out() == set()


async def test_that_the_first_can_t_be_asked_is_no_trouble_of_the_phone_once_the_second_is_used(two: Two) -> None:
    two.first.always = BROKEN
    before = two.told.stage.clock.now()
    await two.passes(2 * MINUTE)
    assert two.calls() == ([], [ALICE])
    message = await two.told.stage.app.inbox.message("1.2")
    notifier = two.told.channel().notifier
    assert message is not None and notifier is not None
    answer = await notifier.reconcile(replace(message, address=BOB), before)
    assert isinstance(answer, CantTell) and answer.has_other_way
    two.second.always = BROKEN
    answer = await notifier.reconcile(replace(message, address=BOB), before)
    assert isinstance(answer, CantTell) and not answer.has_other_way


async def test_a_call_of_the_first_that_may_ring_is_joined_by_none_of_the_second(two: Two) -> None:
    await two.passes(MINUTE)
    await two.told.rings(1)
    two.first.always = SUSPENDED
    message = await two.told.stage.app.inbox.message("1.2")
    notifier = two.told.channel().notifier
    assert message is not None and notifier is not None
    answer = await notifier.send(replace(message, key="9.0"))
    assert isinstance(answer, RetryLater) and not answer.is_channel_wide
    two.first.now += 45 * SECOND
    assert isinstance(await notifier.send(replace(message, key="9.0")), RetryLater), "it began to ring later"
    assert two.calls() == ([ALICE], [])
    two.first.now += 15 * SECOND
    assert isinstance(await notifier.send(replace(message, key="9.0")), Sent)
    assert two.calls() == ([ALICE], [ALICE])


async def test_an_answer_between_two_errors_ends_the_time_of_errors(two: Two) -> None:
    message = await two.told.stage.app.inbox.message("1.0")
    notifier = two.told.channel().notifier
    assert message is not None and notifier is not None
    call = replace(message, key="9.0", address=BOB)
    for _ in range(2):
        two.first.refuse(503, 20503)
        assert isinstance(await notifier.send(call), RetryLater)
        two.first.now += 15 * SECOND
        assert isinstance(await notifier.reconcile(call, two.told.stage.clock.now()), NotFound)
        two.first.now += 15 * SECOND
    assert FIRST_ACCOUNT not in two.told.stage.app.board.states


async def test_an_account_that_says_that_it_is_not_active_is_not_gone_back_to(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    two.first.always, two.first.standing = None, "suspended"
    await two.passes(6 * MINUTE)
    await two.looks()
    assert not two.told.stage.app.board.states[FIRST_ACCOUNT].is_up
    two.first.standing = "active"
    await two.passes(MINUTE)
    await two.looks()
    assert two.told.stage.app.board.states[FIRST_ACCOUNT].is_up


async def test_what_the_second_refuses_the_first_is_asked_to_make_before_five_minutes_are_over(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    assert two.calls() == ([], [ALICE])
    await two.second.phones[0].ring()
    await two.second.phones[0].no_answer()
    two.first.always, two.second.always = None, SUSPENDED
    await two.passes(3 * MINUTE)
    assert two.calls() == ([ALICE], [ALICE])
    await two.looks()
    assert two.told.stage.app.board.states[FIRST_ACCOUNT].is_up
    message, asked = await two.told.stage.app.inbox.message("1.0"), len(two.second.requests)
    notifier = two.told.channel().notifier
    assert message is not None and notifier is not None
    assert isinstance(await notifier.send(replace(message, key="9.0", address=BOB)), Sent)
    assert len(two.second.requests) == asked, "calls go by the first again"
    await two.first.phones[0].ring()
    await takes(two.first.phones[0])
    await two.passes(20 * MINUTE)
    assert two.calls() == ([ALICE, BOB], [ALICE])


async def test_a_country_that_the_first_may_not_call_the_second_calls(two: Two) -> None:
    two.first.refuse(400, 21215)
    await two.passes(MINUTE)
    assert two.calls() == ([], [ALICE])
    assert FIRST_ACCOUNT not in two.told.stage.app.board.states


@pytest.mark.parametrize("restarts", [False, True])
async def test_what_an_account_may_have_made_once_is_asked_for_there(two: Two, restarts: bool) -> None:
    """The second one is used and refuses; the first one makes the call, and its answer is lost."""
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    await two.second.phones[0].ring()
    await two.second.phones[0].no_answer()
    await two.passes(2 * MINUTE + 55 * SECOND)
    two.first.always, two.second.always = None, SUSPENDED
    two.first.lose_answer()
    while not two.first.phones:
        await two.passes(SECOND)
    if restarts:
        await two.told.restarts()
    await two.passes(10 * SECOND)
    assert two.calls() == ([ALICE], [ALICE])
    async with two.told.stage.app.store.reading() as tx:
        rows = [one for one in await tx.notifications_of(1) if one.channel == "phone" and one.ref]
    assert [one.ref["account"] for one in rows] == [SECOND_ACCOUNT, two.first.account]


async def test_what_both_refuse_brings_the_next_step_forward(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.passes(MINUTE)
    await two.second.phones[0].ring()
    await two.second.phones[0].no_answer()
    two.second.always = SUSPENDED
    await two.passes(2 * MINUTE + 55 * SECOND)
    two.second.always = Refusal(400, 21219)
    await two.passes(10 * SECOND)
    async with two.told.stage.app.store.reading() as tx:
        rows = [one for one in await tx.notifications_of(1) if one.channel == "phone"]
    assert {one.state for one in rows[1:]} == {NotificationState.REJECTED}


async def test_what_the_first_may_have_made_when_it_is_left_is_asked_for_there(tmp_path: Path) -> None:
    """This very call has the error by which calls go by the second one from then on."""
    async with with_two(tmp_path, after=timedelta(0)) as two:
        two.first.lose_answer()
        await two.passes(MINUTE)
        assert not two.told.stage.app.board.states[FIRST_ACCOUNT].is_up
        await two.passes(10 * SECOND)
        assert two.calls() == ([ALICE], [])


async def test_what_another_node_made_by_the_second_is_asked_for_there(two: Two) -> None:
    """This node has not noticed that the first can't be used."""
    notifier, stage = cast(TwilioNotifier, two.told.channel().notifier), two.told.stage
    message = await stage.app.inbox.message("1.0")
    assert message is not None
    call = replace(message, key="9.0", address=BOB)
    other = build(notifier._settings, stage.app.inbox, lambda: two.first.now, stage.app.board.heard).notifier
    assert other is not None
    began_at = stage.clock.now() + SECOND
    assert isinstance(await notifier.reconcile(call, began_at), NotFound)
    two.first.always = SUSPENDED
    assert isinstance(await other.send(call), Sent)
    await other.close()
    two.first.always = None
    found = await notifier.reconcile(call, began_at)
    assert isinstance(found, Sent) and found.ref["account"] == SECOND_ACCOUNT
