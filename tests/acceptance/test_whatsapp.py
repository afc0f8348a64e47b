"""Stories with messages by WhatsApp: within somebody's 24 hours, outside of them, and answers."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.language import Words
from bot.wording.standing import standing_of
from escalation.alert import AlertStatus
from tests.acceptance.phone_stage import PhoneStage, on_the_phone
from tests.acceptance.stage import mail
from tests.fakes.twilio import OWNED
from tests.fakes.twilio_sms import TEMPLATE

MINUTE = timedelta(minutes=1)
BOB = "+819087654321"
STRANGER = "+819011111111"
WHATSAPP: dict[str, Any] = {"messages_per_second": 100.0, "templates": {"en": TEMPLATE}}
ADMIN = ("console", "admin")


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    """Nothing has happened yet."""
    async with on_the_phone(tmp_path, "whatsapp.yaml", whatsapp=WHATSAPP) as one:
        yield one


async def tell(told: PhoneStage, subject: str = "TEXT disk full", id: str = "a@x") -> None:
    """An urgent mail, and Bob is told of it."""
    await told.stage.arrives(mail(subject, id))
    await told.stage.passes(5 * MINUTE)


async def test_outside_of_24_hours_a_template_goes_and_an_answer_takes_it(quiet: PhoneStage) -> None:
    await tell(quiet)
    [text] = quiet.twilio.texts
    assert (text.order["To"], text.order["From"]) == (f"whatsapp:{BOB}", f"whatsapp:{OWNED}")
    assert "Body" not in text.order and text.order["ContentSid"] == TEMPLATE
    assert json.loads(text.order["ContentVariables"]) == {
        "1": "Unread for 5 min: TEXT disk full (NOC)",
        "2": "Kidoku #1",
        "3": "Reply 1 a to take it, 1 e for the next step.",
    }
    assert await quiet.chats(BOB, "１　了解") == ["#1 is yours. Nobody else is called."]
    alert = await quiet.stage.alert()
    assert (alert.taken_by, alert.taken_via) == (("bob",), "whatsapp")
    await quiet.stage.passes(timedelta(hours=2))
    assert quiet.twilio.phones == [] and len(quiet.twilio.texts) == 1


async def test_within_24_hours_free_text_goes(quiet: PhoneStage) -> None:
    await quiet.chats(BOB, "hello")
    await quiet.stage.passes(timedelta(hours=23))
    await tell(quiet)
    [text] = quiet.twilio.texts
    assert text.body.splitlines() == [
        "Unread for 5 min: TEXT disk full (NOC)",
        "Kidoku #1",
        "Reply 1 a to take it, 1 e for the next step.",
    ]
    assert "ContentSid" not in text.order


async def test_after_24_hours_a_template_goes_again(quiet: PhoneStage) -> None:
    await quiet.chats(BOB, "hello")
    quiet.stage.clock.move_to(quiet.stage.clock.now() + timedelta(hours=24))
    quiet.twilio.now = quiet.stage.clock.now()
    await tell(quiet)
    assert [one.order.get("ContentSid") for one in quiet.twilio.texts] == [TEMPLATE]


async def test_where_whatsapp_says_that_it_was_longer_ago_the_template_goes_at_once(quiet: PhoneStage) -> None:
    await quiet.chats(BOB, "hello")
    quiet.twilio.sms.sessions.clear()
    await tell(quiet)
    assert [one.order.get("ContentSid") for one in quiet.twilio.texts] == [TEMPLATE]
    await tell(quiet, "TEXT again", "b@x")
    asked = [one for one in quiet.twilio.requests if one[0] == "POST" and "Body" in one[2]]
    assert len(asked) == 1, "free text was tried once"


async def test_what_did_not_arrive_for_it_is_told_elsewhere_and_the_next_is_a_template(quiet: PhoneStage) -> None:
    await quiet.chats(BOB, "hello")
    await tell(quiet)
    await quiet.twilio.texts[0].becomes("undelivered", 63016)
    await quiet.settles()
    assert len(quiet.twilio.phones) == 1
    await tell(quiet, "TEXT again", "b@x")
    assert [one.order.get("ContentSid") for one in quiet.twilio.texts] == [None, TEMPLATE]


async def test_without_a_template_in_their_language_the_next_step_comes_at_once(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "whatsapp.yaml", whatsapp={**WHATSAPP, "templates": {"ja": TEMPLATE}}) as told:
        await tell(told)
        assert told.twilio.texts == [] and len(told.twilio.phones) == 1


async def test_a_stranger_and_a_forged_request_change_nothing(quiet: PhoneStage) -> None:
    await tell(quiet)
    assert await quiet.chats(STRANGER, "1 a") == []
    form = {"MessageSid": "SM1", "From": f"whatsapp:{BOB}", "To": f"whatsapp:{OWNED}", "Body": "1 a"}
    assert (await quiet.twilio.post(f"{quiet.base}/twilio/whatsapp", form, "forged")).status == 403
    assert (await quiet.stage.alert()).status is AlertStatus.TRIGGERED


async def test_stop_is_respected_and_start_takes_it_back(quiet: PhoneStage) -> None:
    said = await quiet.chats(BOB, "STOP")
    assert said == ["You get no more messages from Kidoku here. START takes it back."]
    [alarm] = quiet.stage.console.sent
    assert alarm.title.startswith("Bob (WhatsApp) has asked for no more messages there")
    await tell(quiet)
    assert quiet.twilio.texts == [] and len(quiet.twilio.phones) == 1
    assert await quiet.chats(BOB, "START") == []
    await tell(quiet, "TEXT again", "b@x")
    assert len(quiet.twilio.texts) == 1


async def test_what_somebody_repeats_opens_no_24_hours_and_undoes_no_wish(quiet: PhoneStage) -> None:
    """A request of Twilio's, seen on the way and sent again, signed as it was."""
    await quiet.chats(BOB, "START")
    await quiet.chats(BOB, "hello")
    begun, greeted = quiet.twilio.callbacks[-2:]
    quiet.stage.clock.move_to(quiet.stage.clock.now() + timedelta(hours=24))
    quiet.twilio.now = quiet.stage.clock.now()
    await quiet.twilio.post(greeted.url, greeted.form, greeted.signature)
    await tell(quiet)
    assert [one.order.get("ContentSid") for one in quiet.twilio.texts] == [TEMPLATE]
    await quiet.chats(BOB, "STOP")
    await quiet.twilio.post(begun.url, begun.form, begun.signature)
    assert await quiet.stage.app.inbox.has_stopped("whatsapp", BOB)


async def test_opened_on_the_phone_is_a_receipt_of_the_message_alone(quiet: PhoneStage) -> None:
    await tell(quiet)
    for _ in range(2):
        await quiet.twilio.texts[0].becomes("delivered")
        await quiet.twilio.texts[0].becomes("read")
    await quiet.settles()
    alert = await quiet.stage.alert()
    assert alert.status is AlertStatus.TRIGGERED and not alert.is_read
    async with quiet.stage.app.store.reading() as tx:
        [row] = [one for one in await tx.notifications_of(1) if one.channel == "whatsapp"]
    assert standing_of(row, Words("en", "UTC")) == "delivered, opened on the phone"
    await quiet.stage.passes(5 * MINUTE)
    assert len(quiet.twilio.phones) == 1


async def test_an_answer_that_was_lost_is_found_again(quiet: PhoneStage) -> None:
    await quiet.stage.arrives(mail("TEXT Kidoku #7 disk full", "a@x"))
    quiet.twilio.lose_answer()
    quiet.twilio.now = quiet.stage.clock.now() + 5 * MINUTE
    await quiet.stage.passes(5 * MINUTE)
    await quiet.stage.passes(timedelta(seconds=30))
    assert len(quiet.twilio.texts) == 1
    assert await quiet.chats(BOB, "1 a") == ["#1 is yours. Nobody else is called."]


async def test_a_text_message_is_none_by_whatsapp(quiet: PhoneStage) -> None:
    """A messaging service may send both to one address, and the number of a text message is more easily forged."""
    await tell(quiet)
    form = {"MessageSid": "SM" + "d" * 32, "From": BOB, "To": OWNED, "Body": "1 a", "NumMedia": "0"}
    await quiet.twilio.post(f"{quiet.base}/twilio/whatsapp", form)
    await quiet.settles()
    assert (await quiet.stage.alert()).status is AlertStatus.TRIGGERED


async def test_shortly_before_24_hours_are_over_a_template_goes(quiet: PhoneStage) -> None:
    """A message may be on its way for a while."""
    await quiet.chats(BOB, "hello")
    await quiet.stage.passes(timedelta(hours=23, minutes=52))
    quiet.twilio.now = quiet.stage.clock.now() + 5 * MINUTE
    await tell(quiet)
    [text] = quiet.twilio.texts
    assert text.order["ContentSid"] == TEMPLATE


async def test_what_did_not_arrive_for_another_reason_is_no_sign_that_24_hours_are_over(quiet: PhoneStage) -> None:
    await quiet.chats(BOB, "hello")
    await tell(quiet)
    await quiet.twilio.texts[0].becomes("undelivered", 63024)
    await quiet.settles()
    await tell(quiet, "TEXT again", "b@x")
    assert [one.order.get("ContentSid") for one in quiet.twilio.texts] == [None, None]
