"""Stories of contacts that their people have confirmed from chat, and by answering a text message."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import confirm
from bot.chatops.role import Role, Roles
from bot.language import Words
from bot.post import open_tokens
from bot.store.checks import How
from channels.discord.channel import build as discord_channel
from channels.discord.config import DiscordSettings
from channels.inbox import Actor, Typed
from tests.acceptance.phone_stage import PhoneStage, on_the_phone
from tests.acceptance.slack_line import typed_in_slack
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_confirm import code_in, proofs
from tests.fakes.discord import TOKEN, FakeDiscord
from tests.fakes.services import running
from tests.fakes.slack_blocks import shown
from tests.fakes.twilio_sms import TEMPLATE

ALICE, BOB, PHONE = "U0ALICE000", "U0BOB00000", "+81312345678"
WORDS = Words("en", "UTC")
BOBS, ALICES, STRANGER = "+819087654321", "+819012345678", "+819011111111"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def trail(stage: Stage) -> list[tuple[str, str, str, str]]:
    return [(one.who, one.verb, one.argument, one.outcome) for one in await stage.audits()]


async def test_alone_it_lists_how_each_contact_stands(stage: Stage) -> None:
    listed = await stage.types("confirm")
    assert listed.text.splitlines() == [
        "How Kidoku reaches you, in this order",
        "1. Slack: ⚠ never confirmed: please test it",
        "2. Discord: ⚠ never confirmed: please test it",
        f"3. phone {PHONE}: ⚠ never confirmed: please test it",
        "“confirm phone” sends a code there; “confirm 123456” enters the one that came.",
    ]
    assert stage.told() == []


async def test_a_number_is_proved_without_a_terminal_and_no_code_is_kept(stage: Stage) -> None:
    asked = await stage.types("連絡先 電話")
    assert asked.text == f"Sent to phone {PHONE}. Type the code that comes there: kidoku confirm 123456"
    code = code_in(stage.phone.sent[0])
    assert stage.told() == [("phone", PHONE)]
    taken = await stage.types(f"confirm {code[:3]} {code[3:]}")
    assert (taken.text, taken.is_done) == (f"Thank you. Phone {PHONE} reaches you.", True)
    assert await proofs(stage) == [("phone", PHONE, How.CODE)]
    assert f"3. phone {PHONE}: ✓ confirmed until" in (await stage.types("确认联系方式")).text
    assert await trail(stage) == [
        ("alice", "confirm", "phone", "done"),
        ("alice", "confirm", "", "done"),
        ("alice", "confirm", "", "done"),
    ]


async def test_a_wrong_code_is_refused_and_stays_counted(stage: Stage) -> None:
    await stage.types("confirm phone")
    code = code_in(stage.phone.sent[0])
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(confirm.MOST_TRIES):
        said = await stage.types(f"confirm {wrong}")
        assert (said.text, said.is_done) == ("That is not the code, or it is no longer valid.", False)
    assert (await stage.types(f"confirm {code}")).is_done is False
    assert await proofs(stage) == []
    assert (await trail(stage))[-1] == ("alice", "confirm", "", "mistaken")


async def test_one_code_that_comes_twice_costs_one_try(stage: Stage) -> None:
    await stage.types("confirm phone")
    code = code_in(stage.phone.sent[0])
    for _ in range(confirm.MOST_TRIES + 1):
        await stage.types("confirm 000000" if code != "000000" else "confirm 111111", dedup="t1")
    assert (await stage.types(f"confirm {code}", dedup="t2")).is_done is True


async def test_nobody_else_sees_it_nor_confirms_by_it(stage: Stage) -> None:
    assert (await stage.types("confirm --share")).is_shared is False
    await stage.types("confirm slack")
    code = code_in(stage.slack.sent[0])
    assert (await stage.types(f"confirm {code}", BOB)).text == "No code is awaited. Ask for one: kidoku confirm"
    stranger = await stage.types(f"confirm {code}", "U0STRANGER")
    assert stranger.is_known is False
    assert (await stage.types(f"confirn {code}")).is_done is False
    assert await proofs(stage) == []
    kept = [argument for _, _, argument, _ in await trail(stage)]
    assert not any(code in one for one in kept) and "confirn ······" in kept


async def test_a_viewer_may_for_it_is_about_themselves(stage: Stage) -> None:
    stage.app.inbox.reception.roles = Roles(Role.VIEWER)
    assert (await stage.types("confirm all")).is_done is True
    assert {channel for channel, _ in stage.told()} == {"slack", "discord", "phone"}


async def test_what_is_no_channel_and_what_one_does_not_have_is_said(stage: Stage) -> None:
    fax = await stage.types("confirm fax")
    assert fax.text == "“fax” is neither a code nor a channel; write it like: confirm [phone|sms|mail|all] | 123456"
    mail = await stage.types("confirm mail")
    assert (mail.text, mail.is_done) == ("Alice has no contact over mail; write one of: discord, phone, slack", False)


async def test_who_asks_too_often_waits(stage: Stage) -> None:
    for _ in range(confirm.MOST_ASKED):
        assert (await stage.types("confirm phone")).is_done is True
    said = await stage.types("confirm phone")
    assert (said.text, said.is_done) == ("Too many codes were asked for; wait an hour", False)


async def test_a_program_confirms_for_its_person(stage: Stage) -> None:
    requests = stage.app.inbox.requests
    await requests.typed_by("alice", Typed(Actor("api", "alice"), verb="confirm", fields={"argument": "phone"}))
    await stage.work()
    code = code_in(stage.phone.sent[0])
    wrong = await requests.typed_by("alice", Typed(Actor("api", "alice"), verb="confirm", fields={"code": "12"}))
    right = await requests.typed_by("alice", Typed(Actor("api", "alice"), verb="confirm", fields={"code": code}))
    assert (wrong.is_done, right.is_done) == (False, True)


async def test_over_slack_it_is_answered_in_private(stage: Stage) -> None:
    await stage.types("confirm phone")
    code = code_in(stage.phone.sent[0])
    answers = await typed_in_slack(stage, ALICE, "confirm", f"confirm {code}")
    listed, thanks = (shown(one) for one in answers)
    assert "How Kidoku reaches you" in listed
    assert f"Phone {PHONE} reaches you" in thanks


async def test_over_discord_it_is_a_command_beside_the_others(tmp_path: Path) -> None:
    """The 26th has no room below /kidoku."""
    async with on_stage(tmp_path) as stage, FakeDiscord() as discord:
        settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=discord.url)
        channel = discord_channel(settings, stage.app.inbox, stage.clock.now, lambda *state: None)
        assert channel.notifier is not None
        alice = stage.app.engine.rules.roster.people["alice"]

        async def asks(**fields: Any) -> dict[str, Any]:
            before = len(discord.answers)
            await discord.command("confirm", int(alice.contacts["discord"]), **fields)
            await discord.until(lambda: len(discord.answers) > before)
            await stage.work()
            found: dict[str, Any] = discord.answers[before]["callback"]["data"]
            return found

        async with running(channel.services):
            await discord.until(lambda: discord.identified > 0 and bool(discord.registered))
            asked = await asks(argument="phone")
            taken = await asks(code=code_in(stage.phone.sent[0]))
        await channel.notifier.close()
    assert asked["content"].startswith("Sent to phone")
    assert taken["content"].startswith("Thank you. Phone")
    assert {asked["flags"] & 64, taken["flags"] & 64} == {64}
    [(_, commands)] = discord.registered
    beside = next(one for one in commands if one["name"] == "kidoku-confirm")
    assert [one["name"] for one in beside["options"]] == ["argument", "code"]


# Text messages -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def texting(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    async with on_the_phone(tmp_path, "phone.yaml", sms={"messages_per_second": 100.0}) as one:
        yield one


async def asks(told: PhoneStage, channel: str, person: str = "bob") -> str:
    """The code that came."""
    before = len(told.twilio.texts)
    await told.stage.app.engine.submit(lambda desk: confirm.ask(desk, person, channel, WORDS))
    await told.stage.work()
    return code_of(told.twilio.texts[before].body)


def code_of(body: str) -> str:
    return next(word for word in body.replace(".", " ").split() if word.isdigit() and len(word) == 6)


async def proved(told: PhoneStage, people: Sequence[str] = ("alice", "bob")) -> list[tuple[str, str, How]]:
    return [one for person in people for one in await proofs(told.stage, person)]


async def test_the_answer_to_a_text_message_confirms_its_number(texting: PhoneStage) -> None:
    code = await asks(texting, "sms")
    assert texting.twilio.texts[0].body.splitlines() == [
        f"Your code is: {code}. Please confirm that Kidoku reaches you here. Enter it so: kidoku confirm {code}",
        "A check of contacts by Kidoku",
        "Or answer here with the code.",
    ]
    assert await texting.writes(BOBS, f"確認 {code}") == [f"Thank you. SMS {BOBS} reaches you."]
    assert await proved(texting) == [("sms", BOBS, How.CODE)]
    assert await trail(texting.stage) == [("bob", "code", "", "done")]


async def test_the_same_text_message_twice_is_one_try(texting: PhoneStage) -> None:
    code = await asks(texting, "sms")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert await texting.writes(BOBS, wrong) == ["That is not the code, or it is no longer valid."]
    for _ in range(confirm.MOST_TRIES):
        assert await texting.writes(BOBS, wrong) == ["That was done already."]
    assert await texting.writes(BOBS, code, "SM" + "d" * 32) == [f"Thank you. SMS {BOBS} reaches you."]


async def test_a_code_counts_from_no_other_number(texting: PhoneStage) -> None:
    """Whoever read it over Bob's shoulder has not shown that they are reached there."""
    code = await asks(texting, "sms")
    assert await texting.writes(ALICES, code, "SM" + "1" * 32) == ["No code is awaited. Ask for one: kidoku confirm"]
    assert await texting.writes(STRANGER, code, "SM" + "2" * 32) == []
    assert await proved(texting) == []
    assert not any(code in argument for _, _, argument, _ in await trail(texting.stage))


async def test_guesses_by_text_message_are_counted(texting: PhoneStage) -> None:
    code = await asks(texting, "sms")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for number in range(confirm.MOST_TRIES):
        await texting.writes(BOBS, wrong, f"SM{number:032d}")
    assert await texting.writes(BOBS, code) == ["That is not the code, or it is no longer valid."]
    assert await proved(texting) == []


async def test_too_late_is_too_late(texting: PhoneStage) -> None:
    code = await asks(texting, "sms")
    await texting.stage.passes(confirm.VALID_FOR + timedelta(seconds=1))
    assert await texting.writes(BOBS, code) == ["No code is awaited. Ask for one: kidoku confirm"]


async def test_six_digits_and_a_letter_are_still_an_alert(texting: PhoneStage) -> None:
    await asks(texting, "sms")
    assert await texting.writes(BOBS, "471108 a") == ["#471108 was not sent to this number."]


async def test_a_code_that_a_call_said_is_answered_from_the_number_that_rang(texting: PhoneStage) -> None:
    """Of two numbers each is proved by itself."""
    await texting.stage.app.engine.submit(lambda desk: confirm.ask(desk, "bob", "phone", WORDS))
    async with texting.stage.app.store.reading() as tx:
        [one] = await tx.open_checks("bob", texting.stage.clock.now())
    code = confirm.code_of(one, await open_tokens(texting.stage.app.store))
    assert await texting.writes(ALICES, code, "SM" + "1" * 32) == ["No code is awaited. Ask for one: kidoku confirm"]
    assert await texting.writes(BOBS, code) == [f"Thank you. Phone {BOBS} reaches you."]


async def test_the_answer_by_whatsapp_confirms_its_number(tmp_path: Path) -> None:
    whatsapp = {"messages_per_second": 100.0, "templates": {"en": TEMPLATE}}
    async with on_the_phone(tmp_path, "whatsapp.yaml", whatsapp=whatsapp) as told:
        await told.chats(BOBS, "hello", "SM" + "1" * 32)
        code = await asks(told, "whatsapp")
        assert await told.chats(BOBS, code) == [f"Thank you. WhatsApp {BOBS} reaches you."]
        assert await proved(told, ["bob"]) == [("whatsapp", BOBS, How.CODE)]
