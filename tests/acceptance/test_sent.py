"""Stories of mail that the team sends, over the whole bot: who got it, who has read it, who is reminded and told."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.chatops.look import status_lines
from bot.chatops.order import Order, carry_out
from bot.language import Words
from bot.outgoing.addressing import addressed, from_csv
from bot.outgoing.send import Draft, send
from bot.store.record import OutgoingMail
from bot.web.mail_desk import MailDesk
from bot.web.page import confirm_view, html_of, words_of
from channels.base import Rejected, RetryLater
from channels.imap.mailbox import FlagsChanged
from channels.message import Letter, Verb
from escalation.alert import AlertStatus
from escalation.event import ReceiptReported
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, mail, on_stage

GUEST = "guest@partner.example"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


async def sends(stage: Stage, *to: str, **how: Any) -> int:
    id = await hands_in(stage, *to, **how)
    await stage.work()
    return id


async def hands_in(
    stage: Stage,
    *to: str,
    subject: str = "Works tonight",
    by: str = "bob",
    hold: float = 0,
    deadline: datetime | None = None,
) -> int:
    """Decided and saved; what leaves is left to the lanes."""
    post, roster = stage.app.post, stage.app.settings.roster()
    assert post is not None
    draft = Draft(
        OutgoingMail(sender=post.sender, subject=subject, text="Line A-1 will be down.\n"),
        tuple(addressed(to, roster)),
        stage.app.settings.escalation_policies()["notice"],
        by,
        starts_at=stage.clock.now() + minutes(hold) if hold else None,
        deadline=deadline,
    )
    return await stage.app.engine.submit(lambda desk: send(desk, draft, post))


def letters(stage: Stage) -> list[Letter]:
    sent = sorted(stage.mail.sent, key=lambda message: message.key)
    return [message.letter for message in sent if message.letter is not None]


async def kinds(stage: Stage, recipient: str) -> set[ReceiptKind]:
    found = (await stage.alert()).recipient(recipient)
    assert found is not None
    return {one.kind for one in found.evidence if one.stands}


async def test_each_gets_a_mail_of_their_own_with_the_ids_of_its_receipts(stage: Stage) -> None:
    await sends(stage, "alice", "bob", GUEST)
    first, second, third = letters(stage)
    assert sorted(one.address for one in stage.mail.sent) == ["alice@team.example", "bob@team.example", GUEST]
    assert len({first.message_id, second.message_id, third.message_id}) == 3
    assert stage.app.post is not None
    for number, letter in enumerate((first, second, third)):
        key = f"1.m{number}"
        assert stage.app.post.key_in(letter.message_id) == stage.app.post.key_in(letter.envelope_sender) == key
        assert stage.app.post.key_in(letter.envelope_id) == key
        assert letter.receipt_to == "receipts@team.example"
    assert "https://kidoku.team.example/c/" in first.text
    assert "Kidoku notes whether this mail was delivered" in first.text
    assert "記録します" in second.text
    assert await kinds(stage, "alice") == {ReceiptKind.ACCEPTED}


async def test_the_deadline_is_said_wherever_the_mail_is_on_its_readers_wall(stage: Stage) -> None:
    at = stage.clock.now() + minutes(60)
    await sends(stage, "alice", "bob", deadline=at)
    english, japanese = (f"{Words(one, 'Asia/Tokyo', stage.clock.now).instant(at)}" for one in ("en", "ja"))
    alice, bob = letters(stage)
    assert f"\nPlease read it by {english}.\n" in alice.text
    assert f"\n{japanese} までにお読みください。\n" in bob.text
    desk = MailDesk(stage.app.engine, stage.app.settings.roster(), "en", "Asia/Tokyo")
    shown = await desk.letter("1.m1")
    assert shown is not None
    assert japanese in html_of(confirm_view(shown, words_of(shown, stage.clock.now)), Words("ja", "Asia/Tokyo"))
    english_words = Words("en", "Asia/Tokyo", stage.clock.now)
    lines = status_lines(await stage.alert(), stage.app.settings.roster(), english_words, stage.clock.now())
    assert f"To be read by: {english}" in lines
    await stage.passes(minutes(61))
    facts = {fact.label: fact.value for one in stage.slack.sent if one.address == "U0BOB00000" for fact in one.facts}
    assert facts["既読期限"] == Words("ja", "Asia/Tokyo", stage.clock.now).moment(at, stage.clock.now())
    [reminder] = [one.letter for one in stage.mail.sent if one.address == "alice@team.example" and ".m" not in one.key]
    assert reminder is not None
    assert f"\nPlease read it by {english}.\nPlease confirm" in reminder.text


async def test_read_in_a_watched_mailbox_is_read(stage: Stage) -> None:
    await sends(stage, "alice")
    message_id = letters(stage)[0].message_id.strip("<>")
    uid = await stage.arrives(mail("Works tonight", message_id, sender="noc@team.example"))
    assert (await stage.alert()).status is AlertStatus.TRIGGERED
    await stage.happens("alice", FlagsChanged(uid, message_id, is_seen=True, is_answered=False))
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED
    stage.told()
    await stage.passes(minutes(300))
    assert stage.told() == []


async def test_only_the_unread_are_reminded_then_told_in_chat_then_called(stage: Stage) -> None:
    await sends(stage, "alice", "bob", GUEST)
    first = {message.address: message.letter for message in stage.mail.sent}
    stage.told()
    await confirms(stage, "bob")
    await stage.passes(minutes(31))
    reminders = sorted(stage.mail.sent, key=lambda message: message.address)
    assert sorted(stage.told()) == [("mail", "alice@team.example"), ("mail", GUEST)]
    letter, original = reminders[0].letter, first["alice@team.example"]
    assert letter is not None
    assert original is not None
    assert letter.subject == "Re: Works tonight"
    assert letter.in_reply_to == original.message_id
    assert letter.message_id != original.message_id
    assert "> Line A-1 will be down." in letter.text
    await stage.passes(minutes(30))
    assert stage.told() == [("slack", "U0ALICE000")]
    await stage.passes(minutes(30))
    assert stage.told() == [("phone", "+81312345678")]


async def confirms(stage: Stage, recipient: str) -> None:
    now = stage.clock.now()
    receipt = ReceiptReported(recipient, ReceiptKind.CONFIRMED, now, "web")
    await stage.app.engine.submit(lambda desk: desk.feed(1, receipt))
    await stage.work()


async def test_a_refused_recipient_is_told_otherwise_at_once_and_the_sender_hears_why(stage: Stage) -> None:
    stage.mail.answers.append(Rejected("550 5.1.1 no such user"))
    await sends(stage, "alice", by="bob")
    assert ReceiptKind.FAILED in await kinds(stage, "alice")
    told = {(one.name, message.address) for one in stage.channels for message in one.sent}
    assert ("slack", "U0ALICE000") in told
    assert ("mail", "bob@team.example") in told
    words = next(one.letter for one in stage.mail.sent if one.address == "bob@team.example")
    assert words is not None
    assert "550 5.1.1 no such user" in words.text


async def test_a_mail_server_that_is_busy_is_tried_again_and_is_no_failure(stage: Stage) -> None:
    stage.mail.answers.append(RetryLater("450 4.2.0 greylisted", minutes(5)))
    await sends(stage, "alice")
    assert await kinds(stage, "alice") in (set(), {ReceiptKind.DELAYED})
    await stage.passes(minutes(6))
    assert ReceiptKind.ACCEPTED in await kinds(stage, "alice")
    assert ReceiptKind.FAILED not in await kinds(stage, "alice")


async def test_reading_by_some_does_not_keep_the_mail_from_others(stage: Stage) -> None:
    stage.mail.answers.append(RetryLater("421 later", minutes(5), is_channel_wide=True))
    await sends(stage, "alice", "bob")
    await carry(stage, Verb.ACK, "alice")
    await stage.passes(minutes(10))
    assert {"alice@team.example", "bob@team.example"} <= {one.address for one in stage.mail.sent}
    assert ReceiptKind.ACCEPTED in await kinds(stage, "bob")


async def carry(stage: Stage, verb: Verb, by: str) -> str:
    order = Order(verb, 1, by, "cli")
    said = await stage.app.engine.submit(lambda desk: carry_out(desk, order, "UTC", Words("en", "UTC")))
    await stage.work()
    return said


async def test_a_held_mail_leaves_at_its_instant(stage: Stage) -> None:
    await sends(stage, "alice", hold=60)
    assert stage.told() == []
    await stage.passes(minutes(59))
    assert stage.told() == []
    await stage.passes(minutes(2))
    assert stage.told() == [("mail", "alice@team.example")]


async def test_a_recall_takes_back_what_has_not_left(stage: Stage) -> None:
    await sends(stage, "alice", "bob", hold=60)
    assert await carry(stage, Verb.RECALL, "bob") == "#1 is recalled: nobody gets the mail."
    await stage.passes(minutes(300))
    assert stage.told() == []


async def test_a_recall_that_comes_too_late_says_so(stage: Stage) -> None:
    await sends(stage, "alice", "bob")
    said = await carry(stage, Verb.RECALL, "bob")
    assert said == "#1 is cancelled, but the mail had left to 2 of 2 already."


async def test_what_a_list_says_is_filled_in_for_each(stage: Stage) -> None:
    post, roster = stage.app.post, stage.app.settings.roster()
    assert post is not None
    data = "名前,email,回線\n鈴木,s@partner.example,A-1\n田中,t@partner.example,${x} <b>\n".encode()
    draft = Draft(
        OutgoingMail(
            sender=post.sender,
            subject="${回線} の工事",
            text="${名前} 様\n${nobody} $5\n",
            html="<p>${名前} ${回線}</p>",
        ),
        tuple(from_csv(data.decode(), "list.csv", roster)),
        stage.app.settings.escalation_policies()["notice"],
        "bob",
    )
    await stage.app.engine.submit(lambda desk: send(desk, draft, post))
    await stage.work()
    first, second = letters(stage)
    assert first.subject == "A-1 の工事"
    assert first.text.startswith("鈴木 様\n${nobody} $5\n")
    assert second.html.startswith("<p>田中 ${x} &lt;b&gt;</p>")


async def test_a_group_is_filled_in_by_name(stage: Stage) -> None:
    await sends(stage, "alice", "bob", GUEST, subject="${name} (${email})")
    assert [one.subject for one in letters(stage)] == [
        "Alice (alice@team.example)",
        "Bob (bob@team.example)",
        "guest@partner.example (guest@partner.example)",
    ]


async def test_after_a_restart_everything_goes_on(stage: Stage, tmp_path: Path) -> None:
    await sends(stage, "alice", hold=60)
    again = await Stage.open(tmp_path, stage.clock.now() + minutes(61), "sent.yaml")
    await again.work()
    assert again.told() == [("mail", "alice@team.example")]
    await again.close()
