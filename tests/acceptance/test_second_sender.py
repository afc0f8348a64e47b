"""Stories of text messages and WhatsApp by the second telephone account: each message once, by one that works."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.store.record import NotificationRow, NotificationState
from channels.base import RetryLater, first_account
from escalation.alert import AlertStatus
from tests.acceptance.phone_stage import on_the_phone
from tests.acceptance.stage import mail
from tests.acceptance.two_accounts import BROKEN, NUMBER, SECOND_ACCOUNT, SUSPENDED, TwoAccounts, second_account
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_phone import Callback
from tests.fakes.twilio_sms import TEMPLATE, answered

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
BOB = "+819087654321"
FAST: dict[str, Any] = {"messages_per_second": 100.0}
TEMPLATES: dict[str, Any] = {**FAST, "templates": {"en": TEMPLATE}}
ADMIN = ("console", "admin")


class Two(TwoAccounts):
    async def tells(self, subject: str = "TEXT disk full", id: str = "a@x") -> None:
        """An urgent mail, and Bob is told of it."""
        await self.told.stage.arrives(mail(subject, id))
        await self.passes(5 * MINUTE)

    async def writes(self, text: str, prefix: str = "", by: FakeTwilio | None = None) -> Callback:
        """Bob writes to the second account's number. ``by``: whose token signs it."""
        form = {"MessageSid": "SM" + "b" * 32, "AccountSid": SECOND_ACCOUNT, "Body": text, "NumMedia": "0"}
        form |= {"From": prefix + BOB, "To": prefix + NUMBER}
        path = "/twilio/whatsapp" if prefix else "/twilio/sms"
        callback = await (by or self.second).post(self.told.base + path, form)
        await self.told.settles()
        return callback

    @property
    def sent(self) -> tuple[int, int]:
        """How many messages each account has sent."""
        return len(self.first.texts), len(self.second.texts)

    async def rows(self, channel: str) -> list[NotificationRow]:
        async with self.told.stage.app.store.reading() as tx:
            return [one for one in await tx.notifications_of(1) if one.channel == channel]

    async def alarms(self) -> list[str]:
        """What the administrators are told of by now."""
        await self.told.stage.app.upkeep.health.look()
        await self.told.settles()
        return self.heard()


@asynccontextmanager
async def with_two(
    folder: Path,
    channel: str = "sms",
    own: dict[str, Any] | None = None,
    file: str = "phone.yaml",
    firsts: dict[str, Any] | None = None,
) -> AsyncIterator[Two]:
    """``own`` is the sender of the second account; None: it has none. ``firsts``: that of the first."""
    async with second_account() as (second, fallback):
        fallback |= {channel: own}
        sender = firsts or (TEMPLATES if channel == "whatsapp" else FAST)
        async with on_the_phone(folder, file, fallback=fallback, **{channel: sender}) as told:
            yield Two(told, second, 5 * SECOND)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with with_two(tmp_path, own=FAST) as found:
        yield found


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Two]:
    async with with_two(tmp_path, "whatsapp", TEMPLATES, "whatsapp.yaml") as found:
        yield found


async def test_the_first_is_suspended_and_the_second_sends_it_once(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.tells()
    assert two.sent == (0, 1)
    assert (two.second.texts[0].order["To"], two.second.texts[0].order["From"]) == (BOB, NUMBER)
    [row] = await two.rows("sms")
    assert row.ref["account"] == SECOND_ACCOUNT
    assert answered(await two.writes("1 a")) == ["#1 is yours. Nobody else is called."]
    assert (await two.told.stage.alert()).taken_by == ("bob",)
    await two.passes(10 * MINUTE)
    assert two.sent == (0, 1)


async def test_without_a_sender_of_its_own_nothing_goes_by_the_second(tmp_path: Path) -> None:
    async with with_two(tmp_path) as two:
        two.first.always = SUSPENDED
        await two.tells()
        assert two.sent == (0, 0)


async def test_what_the_second_hears_is_verified_with_its_own_token(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.tells()
    assert (await two.writes("1 a", by=two.first)).status == 403
    assert (await two.told.stage.alert()).status is AlertStatus.TRIGGERED
    await two.second.texts[0].becomes("undelivered", 30003)
    await two.told.settles()
    assert len(two.second.phones) == 1, "it did not arrive: the next step came forward"


async def test_it_is_followed_at_the_account_that_sent_it(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.tells()
    two.second.texts[0].status = "delivered"
    await two.passes(4 * MINUTE)
    [row] = await two.rows("sms")
    assert row.outcome == "ended"


async def test_errors_of_its_own_count_only_after_a_while_and_are_no_outage(two: Two) -> None:
    two.first.refuse(500, 20500)
    await two.tells()
    await two.passes(10 * SECOND)
    assert two.sent == (1, 0), "it was there again"
    two.first.always = BROKEN
    await two.told.stage.arrives(mail("TEXT again", "b@x"))
    await two.passes(5 * MINUTE + 10 * SECOND)
    assert two.sent == (1, 0)
    for _ in range(6):
        await two.passes(10 * SECOND)
        assert two.told.stage.app.failover.out() == set()
    assert two.sent == (1, 1)


async def test_the_first_is_used_again_and_the_administrators_are_told_once_each(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.tells()
    for _ in range(4):
        await two.passes(MINUTE)
        board = two.told.stage.app.board
        assert not board.states[first_account("sms")].is_up
        assert board.states["sms"].is_up
    [told] = await two.alarms()
    assert told == (
        "Messages go by the second telephone account; the first one can't send them: SMS (the account is not active)"
    )
    two.first.always = None
    before = two.sent
    await two.tells("TEXT again", "b@x")
    assert two.sent == (before[0] + 1, before[1])
    assert await two.alarms() == ["Messages go by the first telephone account again: SMS"]


async def test_while_the_first_is_left_it_is_asked_for_nothing(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.tells()
    asked = len(two.first.requests)
    message = await two.told.stage.app.inbox.message("1.0")
    notifier = two.told.stage.app.outbox.lanes["sms"].notifier
    assert message is not None
    await notifier.send(replace(message, key="9.0", address=BOB))
    assert len(two.first.requests) == asked
    two.first.now += MINUTE
    two.first.standing, two.first.always = "suspended", None
    for number in (1, 2):
        await notifier.send(replace(message, key=f"9.{number}", address=BOB))
    assert (len(two.first.requests), two.sent) == (asked + 1, (0, 4)), "it says itself that it is not active"


async def test_what_the_first_may_have_sent_is_asked_for_there(two: Two) -> None:
    two.first.lose_answer()
    await two.tells()
    await two.passes(10 * SECOND)
    assert two.sent == (1, 0)


async def test_what_the_second_may_have_sent_is_asked_for_there(two: Two) -> None:
    two.first.always = SUSPENDED
    two.second.lose_answer()
    await two.tells()
    await two.passes(10 * SECOND)
    assert two.sent == (0, 1)
    [row] = await two.rows("sms")
    assert row.ref["account"] == SECOND_ACCOUNT


async def test_a_number_that_can_t_be_written_to_is_no_reason(two: Two) -> None:
    two.first.refuse(400, 21614)
    await two.tells()
    assert two.sent == (0, 0)
    assert first_account("sms") not in two.told.stage.app.board.states


async def test_stop_at_one_sender_holds_for_the_other(two: Two) -> None:
    """Twilio keeps it for each sender apart; what was asked of us holds for both."""
    await two.told.writes(BOB, "STOP")
    two.first.always = SUSPENDED
    await two.tells()
    assert two.sent == (0, 0)


async def test_what_the_first_has_stopped_by_itself_the_second_does_not_send(two: Two) -> None:
    two.first.sms.stopped.add(BOB)
    await two.tells()
    assert two.sent == (0, 0)
    assert any("has asked for no more messages" in one for one in await two.alarms())


async def test_both_are_down(two: Two) -> None:
    two.first.always = two.second.always = SUSPENDED
    await two.tells()
    assert two.sent == (0, 0)
    assert not two.told.stage.app.board.states["sms"].is_up


async def test_with_both_broken_it_is_an_outage(two: Two) -> None:
    two.first.always = two.second.always = BROKEN
    await two.tells()
    await two.passes(4 * MINUTE)
    assert "sms" in two.told.stage.app.failover.out()


async def test_by_whatsapp_each_sender_has_24_hours_of_its_own(chat: Two) -> None:
    """Bob has written to the first one's number; to the second one that says nothing."""
    await chat.told.chats(BOB, "hello")
    chat.first.always = SUSPENDED
    await chat.tells()
    assert chat.sent == (0, 1)
    assert chat.second.texts[0].order["ContentSid"] == TEMPLATE
    assert answered(await chat.writes("1 a", "whatsapp:")) == ["#1 is yours. Nobody else is called."]
    chat.second.sms.sessions.add(BOB)
    await chat.tells("TEXT again", "b@x")
    assert "ContentSid" not in chat.second.texts[1].order
    await chat.second.texts[1].becomes("undelivered", 63016)
    await chat.tells("TEXT a third time", "c@x")
    assert chat.second.texts[2].order["ContentSid"] == TEMPLATE
    chat.first.always = None
    await chat.passes(MINUTE)
    await chat.tells("TEXT a fourth time", "d@x")
    assert "ContentSid" not in chat.first.texts[0].order, "with the first one they are not over"


async def test_what_the_first_may_have_taken_when_it_is_left_does_not_go_by_the_second(tmp_path: Path) -> None:
    async with with_two(tmp_path, own={**FAST}) as two:
        notifier = two.told.stage.app.outbox.lanes["sms"].notifier
        await two.tells()
        message = await two.told.stage.app.inbox.message("1.0")
        assert message is not None
        two.first.refuse(503, 20503)
        answer = await notifier.send(replace(message, key="9.0", address=BOB))
        assert isinstance(answer, RetryLater) and answer.maybe_sent and answer.has_other_way
        two.first.now += 30 * SECOND
        two.first.lose_answer()
        answer = await notifier.send(replace(message, key="9.1", address=BOB))
        assert isinstance(answer, RetryLater) and answer.maybe_sent and answer.has_other_way
        assert two.sent == (2, 0)


async def test_that_the_first_works_again_after_a_restart_ends_its_alarm(two: Two) -> None:
    two.first.always = SUSPENDED
    await two.tells()
    await two.passes(4 * MINUTE)
    assert len(await two.alarms()) == 1
    two.first.always = None
    await two.told.restarts()
    await two.tells("TEXT again", "b@x")
    assert two.sent == (1, 1)
    assert await two.alarms() == ["Messages go by the first telephone account again: SMS"]


async def test_a_template_that_only_the_first_has_waits_for_it(tmp_path: Path) -> None:
    async with with_two(tmp_path, "whatsapp", FAST, "whatsapp.yaml") as two:
        await two.first.goes_away()
        await two.tells()
        for _ in range(6):
            await two.passes(10 * SECOND)
        [row] = await two.rows("whatsapp")
        assert (two.sent, row.state) == ((0, 0), NotificationState.PENDING)
        await two.first.comes_back()
        await two.passes(2 * MINUTE)
        assert two.sent == (1, 0)
        two.first.always = SUSPENDED
        await two.tells("TEXT again", "b@x")
        async with two.told.stage.app.store.reading() as tx:
            [row] = [one for one in await tx.notifications_of(2) if one.channel == "whatsapp"]
        assert row.state is NotificationState.REJECTED and "twilio.fallback.whatsapp.templates" in row.detail


async def test_a_template_that_only_the_second_has_is_sent_by_it(tmp_path: Path) -> None:
    async with with_two(tmp_path, "whatsapp", TEMPLATES, "whatsapp.yaml", firsts=FAST) as two:
        await two.tells()
        assert two.sent == (0, 1)
        assert two.second.texts[0].order["ContentSid"] == TEMPLATE
        assert await two.alarms() == [], "the first works"
