"""Stories of contacts that are proved before they are needed: by a code, by a press, and by the weekly test."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import confirm, duty
from bot.language import Words
from bot.post import open_tokens
from bot.refusal import BadArgumentError
from bot.store.checks import Check, CheckKind, How
from bot.wording.check import word_check
from channels.base import Rejected
from channels.message import Message, Verb
from escalation.schedule import Leave
from tests.acceptance.stage import START, Stage, on_stage
from tests.fakes.told import Row

MINUTE = timedelta(minutes=1)
WORDS = Words("en", "UTC")
ALICE, PHONE = "U0ALICE000", "+81312345678"
TESTED = "\ncontact_checks: {weekly_test: true, channels: [slack, phone], within: 4h}\n"
TUESDAY = datetime(2026, 5, 5, 1, tzinfo=UTC)
"""10:00 in Tokyo."""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def asks(stage: Stage, channel: str = "", person: str = "alice") -> str:
    said = await stage.app.engine.submit(lambda desk: confirm.ask(desk, person, channel, WORDS))
    await stage.work()
    return said


async def types(stage: Stage, code: str, person: str = "alice") -> tuple[bool, str]:
    tokens = await open_tokens(stage.app.store)
    found = await stage.app.engine.submit(lambda desk: confirm.enter(desk, person, code, tokens, WORDS))
    await stage.work()
    return found


def code_in(message: Message) -> str:
    return next(fact.value for fact in message.facts if re.fullmatch(r"\d{6}", fact.value))


async def proofs(stage: Stage, person: str = "alice") -> list[tuple[str, str, How]]:
    async with stage.app.store.reading() as tx:
        return [(one.channel, one.address, one.how) for one in await tx.proofs([person])]


async def test_a_call_says_a_code_and_typing_it_proves_the_number(stage: Stage) -> None:
    said = await asks(stage, "phone")
    assert said == f"Sent to phone {PHONE}. Type the code that comes there: kidoku confirm 123456"
    (call,) = stage.phone.sent
    assert call.speech is not None
    assert "This is no alert" in call.speech.announcement
    assert "enter it with kidoku confirm, in chat or at a terminal" in call.speech.announcement
    spoken = "".join(re.findall(r"\b\d\b", call.speech.announcement))
    assert spoken == code_in(call) and len(spoken) == 6
    assert await types(stage, f" {spoken[:3]} {spoken[3:]} ") == (True, f"Thank you. Phone {PHONE} reaches you.")
    assert await proofs(stage) == [("phone", PHONE, How.CODE)]
    assert (await types(stage, spoken))[0] is False, "once"
    assert stage.told() == [("phone", PHONE)]


async def test_a_press_in_chat_proves_it_and_the_message_thanks(stage: Stage) -> None:
    await asks(stage, "slack")
    (question,) = stage.slack.sent
    assert [one.verb for one in question.buttons] == [Verb.CONFIRM]
    assert question.number == question.check_id == 1
    reply = await stage.presses(Verb.CONFIRM, 1, "slack", ALICE)
    assert reply.text == f"Thank you. Slack {ALICE} reaches you."
    (thanks,) = stage.slack.updated
    assert (thanks.title, thanks.buttons, thanks.facts) == ("Thank you. Kidoku reaches you here.", (), ())
    again = await stage.presses(Verb.CONFIRM, 1, "slack", ALICE)
    assert again.text == "This contact is confirmed already."
    assert await proofs(stage) == [("slack", ALICE, How.PRESS)]


async def test_a_mail_brings_the_code_but_not_in_its_subject_and_is_not_urgent(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        person = next(id for id, one in stage.app.engine.rules.roster.people.items() if "mail" in one.contacts)
        await asks(stage, "mail", person)
        (sent,) = stage.mail.sent
        assert sent.letter is not None
        code = code_in(sent)
        assert code in sent.letter.text
        assert code not in sent.letter.subject
        assert sent.letter.is_urgent is False
        assert (await types(stage, code, person))[0] is True


async def test_nobody_confirms_for_another_nor_from_another_channel(stage: Stage) -> None:
    await asks(stage, "slack")
    for channel, address in (("slack", "U0BOB00000"), ("discord", "201000000000000000")):
        reply = await stage.presses(Verb.CONFIRM, 1, channel, address)
        assert (reply.text, reply.is_done) == ("This asks somebody else, or another contact", False)
    code = code_in(stage.slack.sent[0])
    assert (await types(stage, code, "bob"))[0] is False
    assert await proofs(stage) == []


async def test_a_code_bears_five_tries_whatever_was_typed_and_they_stay_counted(stage: Stage) -> None:
    await asks(stage, "slack")
    code = code_in(stage.slack.sent[0])
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(confirm.MOST_TRIES):
        assert (await types(stage, wrong))[0] is False
    assert (await types(stage, code))[0] is False
    assert await proofs(stage) == []


async def test_one_code_costs_the_others_no_try(stage: Stage) -> None:
    said = await asks(stage)
    assert said.count("Slack") == said.count("Discord") == said.count("phone +81") == 1
    sent = [*stage.slack.sent, *stage.discord.sent, *stage.phone.sent]
    for message in sent:
        assert (await types(stage, code_in(message)))[0] is True
    assert [one[0] for one in await proofs(stage)] == ["discord", "phone", "slack"]
    async with stage.app.store.reading() as tx:
        found = [await tx.check(one.check_id or 0) for one in sent]
    assert [one.tries for one in found if one] == [1, 1, 1]


async def test_a_code_dies_after_a_quarter_of_an_hour(stage: Stage) -> None:
    await asks(stage, "slack")
    code = code_in(stage.slack.sent[0])
    await stage.passes(confirm.VALID_FOR)
    assert (await types(stage, code))[0] is False
    reply = await stage.presses(Verb.CONFIRM, 1, "slack", ALICE)
    assert reply.text == "It is too late for this one; ask again: kidoku confirm"
    await stage.app.upkeep.weekly.look()
    await stage.work()
    assert [one.title for one in stage.slack.updated] == ["It was not answered in time."]
    assert stage.console.sent == [], "what somebody asked for is no test"


async def test_who_asks_too_often_waits_for_tries_give_guesses(stage: Stage) -> None:
    for _ in range(confirm.MOST_ASKED):
        await asks(stage, "slack")
    with pytest.raises(BadArgumentError, match="too many codes"):
        await asks(stage, "slack")
    await asks(stage, "phone")
    await stage.passes(confirm.ASKED_WITHIN)
    await asks(stage, "slack")


@pytest.mark.parametrize(("person", "channel"), [("alice", "fax"), ("admin", "phone")])
async def test_who_has_no_such_contact_is_told(stage: Stage, person: str, channel: str) -> None:
    with pytest.raises(BadArgumentError, match="has no contact"):
        await asks(stage, channel, person)


# The weekly test -----------------------------------------------------------------------------------------------------


async def began(folder: Path, at: datetime, *, looks: int = 1) -> Stage:
    stage = await Stage.open(folder, at, more=TESTED)
    for _ in range(looks):
        await stage.app.upkeep.weekly.look()
        await stage.work()
    return stage


async def test_everybody_is_asked_once_in_office_hours_and_who_answers_is_not_told_of(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY - MINUTE)
    assert stage.told() == []
    await stage.passes(MINUTE)
    await stage.app.upkeep.weekly.look()
    await stage.work()
    questions = [*stage.slack.sent, *stage.phone.sent]
    assert all(one.title.startswith("TEST – no alert.") for one in questions)
    assert {one.address for one in questions} == {ALICE, "U0BOB00000", PHONE, "+81387654321"}
    for one in stage.slack.sent:
        await stage.presses(Verb.CONFIRM, one.check_id or 0, "slack", one.address)
    await types(stage, code_in(next(one for one in stage.phone.sent if one.address == PHONE)))
    stage.told()
    await stage.passes(timedelta(hours=4))
    await stage.app.upkeep.weekly.look()
    await stage.work()
    (listed,) = stage.console.sent
    assert listed.title == "1 person did not answer the weekly test of contacts."
    assert (listed.facts[0].label, listed.facts[0].value) == ("Bob", "phone +81387654321")
    assert stage.told() == [("console", "admin")]
    await stage.close()


async def test_a_restart_asks_nobody_twice_and_still_tells_who_did_not_answer(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY)
    assert len(stage.told()) == 4
    await stage.close()
    again = await began(tmp_path, TUESDAY + timedelta(hours=3))
    assert again.told() == []
    await again.close()
    late = await began(tmp_path, TUESDAY + timedelta(hours=9), looks=2)
    assert late.told() == [("console", "admin")]
    await late.close()


async def test_the_next_week_asks_again_and_who_is_on_leave_catches_up(tmp_path: Path) -> None:
    stage = await began(tmp_path, START)
    away = Leave("alice", TUESDAY - MINUTE, TUESDAY + timedelta(days=1), "alice")

    await stage.app.engine.submit(lambda desk: duty.go_on_leave(desk, away, WORDS))
    for days, told in ((0, 2), (1, 2), (2, 0), (7, 4)):
        await stage.passes(TUESDAY + timedelta(days=days) - stage.clock.now())
        await stage.app.upkeep.weekly.look()
        await stage.work()
        stage.console.sent.clear()
        assert len(stage.told()) == told, days
    await stage.close()


async def test_a_test_reminds_of_a_confirmation_that_is_about_to_end_and_renews_it(tmp_path: Path) -> None:
    stage = await Stage.open(tmp_path, TUESDAY, more=TESTED.replace("within", "valid_for: 20d, within"))
    await asks(stage, "slack")
    await stage.presses(Verb.CONFIRM, 1, "slack", ALICE)
    stage.told()
    await stage.app.upkeep.weekly.look()
    await stage.work()
    mine = next(one for one in stage.slack.sent if one.address == ALICE)
    assert ("Confirmed until", "Mon 25 May 10:00 JST") in [(one.label, one.value) for one in mine.facts]
    await stage.passes(MINUTE)
    await stage.presses(Verb.CONFIRM, mine.check_id or 0, "slack", ALICE)
    async with stage.app.store.reading() as tx:
        assert [one.confirmed_at for one in await tx.proofs(["alice"])] == [TUESDAY + MINUTE]
    await stage.close()


async def test_a_test_that_is_refused_is_an_answer_that_never_came(tmp_path: Path) -> None:
    stage = await Stage.open(tmp_path, TUESDAY, more=TESTED.replace("slack, phone", "phone"))
    stage.phone.answers.append(Rejected("21211: invalid number"))
    await stage.app.upkeep.weekly.look()
    await stage.work()
    refused, other = stage.phone.sent
    people = {PHONE: "alice", "+81387654321": "bob"}
    names = {PHONE: "Alice", "+81387654321": "Bob"}
    assert (await types(stage, code_in(other), people[other.address]))[0] is True
    stage.told()
    await stage.passes(timedelta(hours=4))
    await stage.app.upkeep.weekly.look()
    await stage.work()
    assert [one.facts[0].label for one in stage.console.sent] == [names[refused.address]]
    await stage.close()


def test_a_text_message_says_where_its_code_is_entered() -> None:
    one = Check(
        person="bob",
        channel="sms",
        address=PHONE,
        kind=CheckKind.CONFIRM,
        nonce="n",
        asked_at=START,
        ends_at=START + timedelta(minutes=15),
    )
    message = word_check(one, Row("sms", "bob"), "471108", WORDS, START, None)
    assert message.summary == (
        "Your code is: 471108. Please confirm that Kidoku reaches you here. Enter it so: kidoku confirm 471108"
    )
