"""Stories with text messages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chatops.role import Role, Roles
from bot.store.record import AuditOutcome
from escalation.alert import AlertStatus
from tests.acceptance.phone_stage import PhoneStage, on_the_phone
from tests.acceptance.stage import mail

MINUTE = timedelta(minutes=1)
BOB = "+819087654321"
STRANGER = "+819011111111"
SMS = {"messages_per_second": 100.0}
ADMIN = ("console", "admin")


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    """Bob got a text message: one step went by."""
    async with on_the_phone(tmp_path, "phone.yaml", sms=SMS) as one:
        await one.stage.arrives(mail("TEXT disk full", "a@x"))
        await one.stage.passes(5 * MINUTE)
        yield one


async def test_an_answer_takes_it_and_nothing_rings(told: PhoneStage) -> None:
    [text] = told.twilio.texts
    assert text.order["To"] == BOB
    assert text.body.splitlines() == [
        "Unread for 5 min: TEXT disk full (NOC)",
        "Kidoku #1",
        "Reply 1 a to take it, 1 e for the next step.",
    ]
    assert await told.writes(BOB, "１　了解") == ["#1 is yours. Nobody else is called."]
    assert (await told.stage.alert()).taken_by == ("bob",)
    await told.stage.passes(timedelta(hours=2))
    assert told.twilio.phones == [] and len(told.twilio.texts) == 1


async def test_the_same_answer_twice_is_once_and_the_next_step_comes_at_once(told: PhoneStage) -> None:
    await told.writes(BOB, "1 e")
    assert await told.writes(BOB, "1 e") == ["That was done already."]
    assert len(told.twilio.phones) == 1


async def test_a_message_that_does_not_arrive_brings_the_next_step_forward(told: PhoneStage) -> None:
    await told.twilio.texts[0].becomes("undelivered", 30003)
    await told.settles()
    assert len(told.twilio.phones) == 1
    assert told.stage.told() == [ADMIN]


async def test_a_message_that_arrives_is_no_answer(told: PhoneStage) -> None:
    await told.twilio.texts[0].becomes("delivered")
    await told.stage.passes(5 * MINUTE)
    assert len(told.twilio.phones) == 1
    assert (await told.stage.alert()).status is AlertStatus.TRIGGERED


async def test_a_stranger_and_a_person_who_was_not_told_change_nothing(told: PhoneStage) -> None:
    assert await told.writes(STRANGER, "1 a") == []
    assert await told.writes("+819012345678", "1 a") == ["#1 was not sent to this number."]
    assert await told.writes(BOB, "7 a") == ["#7 was not sent to this number."]
    [how] = await told.writes(BOB, "what?")
    assert how.startswith("Write the number of the alert and a letter")
    assert (await told.stage.alert()).status is AlertStatus.TRIGGERED


async def test_what_is_texted_is_in_the_audit_trail(told: PhoneStage) -> None:
    for number, text in ((STRANGER, "1 a"), ("+819012345678", "1 a"), (BOB, "what?"), (BOB, "1 a")):
        await told.writes(number, text)
    kept = [(one.who, one.via, one.verb, one.alert_id, one.argument, one.outcome) for one in await told.stage.audits()]
    assert kept == [
        (f"sms:{STRANGER}", "sms", "", None, "1 a", AuditOutcome.STRANGER),
        ("alice", "sms", "ack", None, "1 a", AuditOutcome.MISTAKEN),
        ("bob", "sms", "", None, "what?", AuditOutcome.MISTAKEN),
        ("bob", "sms", "ack", 1, "", AuditOutcome.DONE),
    ]


async def test_a_text_asks_for_the_role_as_any_command_does(told: PhoneStage) -> None:
    told.stage.app.inbox.reception.roles = Roles(people={"bob": Role.VIEWER})
    assert await told.writes(BOB, "1 a") == ["Your role here is viewer; this needs responder."]
    assert (await told.stage.alert()).taken_by == ()
    assert [(one.who, one.outcome) for one in await told.stage.audits()] == [("bob", AuditOutcome.DENIED)]


async def test_a_snooze_by_text(told: PhoneStage) -> None:
    assert (await told.writes(BOB, "1 s 30m"))[0].startswith("#1 is silent until")
    await told.stage.passes(29 * MINUTE)
    assert told.twilio.phones == []


async def test_whoever_stops_is_passed_over_and_the_administrators_know(told: PhoneStage) -> None:
    assert await told.writes(BOB, "停止") == ["You get no more messages from Kidoku here. START takes it back."]
    assert told.stage.console.sent[-1].title.startswith("Bob (SMS) has asked for no more messages there")
    await told.writes(BOB, "停止", "SM" + "c" * 32)
    assert len(told.stage.console.sent) == 1
    await told.stage.arrives(mail("TEXT again", "b@x"))
    await told.stage.passes(5 * MINUTE)
    assert len(told.twilio.texts) == 1
    assert [one.order["To"] for one in told.twilio.phones] == ["+81312345678"]
    await told.writes(BOB, "START")
    await told.stage.arrives(mail("TEXT once more", "c@x"))
    await told.stage.passes(5 * MINUTE)
    assert len(told.twilio.texts) == 2


async def stopped(told: PhoneStage) -> bool:
    return await told.stage.app.inbox.has_stopped("sms", BOB)


async def test_a_wish_that_somebody_repeats_undoes_nothing_that_was_asked_for_later(told: PhoneStage) -> None:
    """A request of Twilio's, seen on the way and sent again, signed as it was: now, and after a restart."""
    for word in ("START", "停止"):
        await told.writes(BOB, word)
    begun, ended = told.twilio.callbacks[-2:]
    assert await stopped(told)
    assert (await told.twilio.post(begun.url, begun.form, begun.signature)).status == 200
    await told.restarts()
    await told.twilio.post(begun.url, begun.form, begun.signature)
    assert await stopped(told)
    await told.writes(BOB, "unstop")
    assert not await stopped(told)
    again = await told.twilio.post(ended.url, ended.form, ended.signature)
    assert (again.status, await stopped(told)) == (200, False)
    assert told.stage.console.sent == [], "the administrators were told before the restart"


async def test_a_message_whose_answer_was_lost_is_not_sent_twice(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "phone.yaml", sms=SMS) as told:
        await told.stage.arrives(mail("TEXT disk full", "a@x"))
        told.twilio.now = told.stage.clock.now() + 5 * MINUTE
        told.twilio.lose_answer()
        await told.stage.passes(7 * MINUTE)
        assert len(told.twilio.texts) == 1
        async with told.stage.app.store.reading() as tx:
            [row] = await tx.notifications_of(1)
        assert row.ref == {"sid": told.twilio.texts[0].sid}
