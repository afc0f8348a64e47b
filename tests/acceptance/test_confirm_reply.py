"""Stories of mail addresses that are confirmed by an answer to the mail, or on the page of its link."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import confirm
from bot.language import LANGUAGES, Words
from bot.receipts import ReceiptIntake
from bot.store.checks import CheckKind, How
from bot.tokens import Purpose
from bot.web.take_desk import TakeDesk
from bot.wording.check import title_of_check
from channels.gateway.submission import Refusal
from channels.message import Fact, Letter, Message, Verb
from escalation.away import is_away
from tests.acceptance.stage import SECRETS, Stage, on_stage
from tests.acceptance.test_confirm import asks, code_in, proofs, types
from tests.acceptance.test_sent_receipts import DSN, MDN, REPLY, comes, dsn
from tests.contract.test_store_checks import TEST
from tests.fakes.policies import AT

ALICE = "alice@team.example"
WORDS = Words("en", "UTC")
PROVED = [("mail", ALICE, How.REPLY)]


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setitem(SECRETS, "KIDOKU_IMAP__RECEIPTS__PASSWORD", "test")
    async with on_stage(tmp_path, "answered.yaml") as one:
        yield one


async def asked(stage: Stage, person: str = "alice") -> tuple[Message, Letter]:
    await asks(stage, "mail", person)
    message = stage.mail.sent[-1]
    assert message.letter is not None
    return message, message.letter


async def answers(stage: Stage, letter: Letter, sender: str = ALICE, more: str = "", **values: str) -> None:
    known = {"message_id": letter.message_id, "subject": f"Re: {letter.subject}"} | values
    await comes(stage, REPLY, recipient=sender, more=more, **known)


def how_in(message: Message) -> list[str]:
    return [one.value for one in message.facts if one.label == "How"]


async def test_an_answer_proves_the_address_and_the_mail_says_so(stage: Stage) -> None:
    message, letter = await asked(stage)
    assert how_in(message) == ["Answer this mail (it may be empty), or enter the code"]
    assert re.fullmatch(r"bounce\+v1-[a-z2-7]{20}@team\.example", letter.reply_to)
    assert stage.app.post is not None and stage.app.post.is_awaited(letter.reply_to)
    await answers(stage, letter)
    assert await proofs(stage) == PROVED
    assert [(one.who, one.via, one.verb, one.outcome) for one in await stage.audits()] == [
        ("alice", "mail", "confirm", "done")
    ]
    assert (await types(stage, code_in(message)))[0] is False, "once"


async def test_an_answer_whose_thread_was_lost_is_known_by_where_it_went(stage: Stage) -> None:
    """As where the smart host writes a Message-ID of its own."""
    _, letter = await asked(stage)
    text = REPLY.replace("To: noc@team.example", f"To: {letter.reply_to.upper()}")
    await comes(
        stage, text, recipient=ALICE, message_id="<0100-rewritten@ses.example>", subject="Re: Please confirm", more=""
    )
    assert await proofs(stage) == PROVED


async def test_it_comes_by_the_gateway_too(stage: Stage) -> None:
    _, letter = await asked(stage)
    intake = ReceiptIntake(stage.app.engine, stage.app.post, stage.app.metrics)
    values = {"recipient": ALICE, "message_id": "<x@y.example>", "subject": "Re:", "more": ""}
    said = await intake.accept((letter.reply_to,), REPLY.format(**values).encode())
    assert not isinstance(said, Refusal)
    assert await proofs(stage) == PROVED


@pytest.mark.parametrize(
    ("subject", "more"),
    [
        ("Automatic reply: Please confirm", ""),
        ("【自動返信】不在のお知らせ", ""),
        ("Re: Please confirm that Kidoku reaches you here.", "Auto-Submitted: auto-replied\n"),
        ("Re: Please confirm that Kidoku reaches you here.", "X-Autoreply: yes\n"),
        ("Re: Please confirm that Kidoku reaches you here.", "Precedence: bulk\n"),
        ("Re: Please confirm that Kidoku reaches you here.", "X-Auto-Response-Suppress: All\n"),
        ("Re: Please confirm that Kidoku reaches you here.", "Return-Path: <>\n"),
    ],
)
async def test_a_machine_s_answer_proves_nothing(stage: Stage, subject: str, more: str) -> None:
    _, letter = await asked(stage)
    await answers(stage, letter, subject=subject, more=more)
    assert await proofs(stage) == []
    await answers(stage, letter)
    assert await proofs(stage) == PROVED, "the person comes back from leave, and answers"


async def test_a_bounce_a_delivery_report_and_a_read_receipt_prove_nothing(stage: Stage) -> None:
    _, letter = await asked(stage)
    for action in ("failed", "delivered"):
        await comes(stage, DSN, **dsn(letter, ALICE, action))
    named, mode = f"Final-Recipient: rfc822;{ALICE}", "manual-action/MDN-sent-manually"
    await comes(stage, MDN, sender=ALICE, named=named, message_id=letter.message_id, mode=mode)
    assert await proofs(stage) == []


async def test_a_stranger_a_colleague_and_a_forger_confirm_nothing(stage: Stage) -> None:
    _, letter = await asked(stage)
    await answers(stage, letter, "mallory@evil.example")
    await answers(stage, letter, "bob@team.example")
    forged = re.sub(r"-[a-z2-7]{20}@", "-" + "a" * 20 + "@", letter.message_id)
    await answers(stage, letter, message_id=forged)
    assert forged != letter.message_id
    await answers(stage, letter, message_id=letter.message_id.replace("<v1-", "<v2-"))
    assert await proofs(stage) == []


async def test_a_person_answers_from_any_of_their_addresses(stage: Stage) -> None:
    _, letter = await asked(stage, "bob")
    await answers(stage, letter, "Bob@Home.example")
    assert [(channel, how) for channel, _, how in await proofs(stage, "bob")] == [("mail", How.REPLY)]


async def test_the_same_answer_twice_is_once_and_too_late_is_too_late(stage: Stage) -> None:
    _, letter = await asked(stage)
    for _ in range(2):
        await answers(stage, letter)
    assert len(await stage.audits()) == 1
    _, late = await asked(stage)
    await stage.passes(confirm.VALID_FOR)
    at = await confirmed_at(stage)
    await answers(stage, late)
    assert await confirmed_at(stage) == at


async def confirmed_at(stage: Stage) -> list[object]:
    async with stage.app.store.reading() as tx:
        return [one.confirmed_at for one in await tx.proofs(["alice"])]


async def test_what_kidoku_itself_wrote_is_no_answer(stage: Stage) -> None:
    _, letter = await asked(stage)
    text = REPLY.replace("<r1@partner.example>", letter.message_id)
    await comes(stage, text, recipient=ALICE, message_id=letter.message_id, subject="Re: x", more="")
    assert await proofs(stage) == []


async def test_where_nobody_reads_answers_the_mail_says_so(tmp_path: Path) -> None:
    """The link is there: this team has a web page."""
    async with on_stage(tmp_path, "sent.yaml") as stage:
        message, letter = await asked(stage)
        assert how_in(message) == ["Open the link, or enter the code; nobody reads an answer to this mail"]
        assert letter.reply_to == ""


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_subject_of_ours_reads_as_a_machine_s(language: str) -> None:
    """It comes back behind Re:, and must not make a person's answer an automatic one."""
    words = Words(language, "UTC")
    for kind in CheckKind:
        assert not is_away(f"Re: {title_of_check(replace(TEST, kind=kind), words, AT)}")


# The page of the link ------------------------------------------------------------------------------------------------


async def opened(stage: Stage) -> tuple[TakeDesk, str]:
    """The page, and the key in the link of Alice's mail."""
    message, letter = await asked(stage)
    assert message.link and message.link in letter.text
    assert stage.app.post is not None
    token = message.link.rpartition("/a/")[2]
    key = stage.app.post.tokens.read(token, Purpose.TAKE, timedelta(days=7))
    assert key == message.key
    roles = stage.app.inbox.reception.roles
    return TakeDesk(stage.app.engine, stage.app.outbox.lanes, "en", "Asia/Tokyo", roles), key


async def test_the_page_of_its_link_has_one_button_and_no_code(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        desk, key = await opened(stage)
        taking = await desk.taking(key)
        assert taking is not None
        assert (taking.title, taking.verb, taking.can_take) == (
            *("Please confirm that Kidoku reaches you here.", Verb.CONFIRM),
            True,
        )
        assert taking.facts[0] == Fact("mail", ALICE)
        assert code_in(stage.mail.sent[0]) not in repr(taking)
        assert await proofs(stage) == [], "opening it alone changes nothing"
        assert await desk.take(key) == f"Thank you. Mail {ALICE} reaches you."
        assert await proofs(stage) == [("mail", ALICE, How.PRESS)]
        after = await desk.taking(key)
        assert after is not None and (after.title, after.can_take) == ("Thank you. Kidoku reaches you here.", False)


async def test_the_page_is_good_for_as_long_as_the_code(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        desk, key = await opened(stage)
        await stage.passes(confirm.VALID_FOR)
        taking = await desk.taking(key)
        assert taking is not None and not taking.can_take
        assert await desk.take(key) == "It is too late for this one; ask again: kidoku confirm"
        assert await proofs(stage) == []
        assert [one.outcome for one in await stage.audits()] == ["mistaken"]
