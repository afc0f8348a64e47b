"""Receipts that come back to the mail that the team sent: genuine ones count once, forged ones never."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from bot.finding import Finding, Signal
from bot.language import Words
from bot.outgoing.probe import result_of
from bot.receipts import ReceiptIntake
from bot.wording import matrix_of, why_lines
from channels.base import Rejected, RetryLater
from channels.imap.mailbox import Arrived, Cursor, MailboxBatch
from channels.message import Letter
from escalation.alert import AlertStatus
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, mail, on_stage
from tests.acceptance.test_probe import probes
from tests.acceptance.test_sent import GUEST, kinds, letters, sends
from tests.fakes.mdns import MDNS, Written

DSN = """\
From: MAILER-DAEMON@mx.partner.example
To: {bounce}
Subject: Delivery Status Notification
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

See below.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.partner.example
Original-Envelope-Id: {envid}

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Works tonight

--b--
"""
MDN = """\
From: {sender}
To: receipts@team.example
Subject: Read: Works tonight
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

Your message was displayed.
--b
Content-Type: message/disposition-notification

Reporting-UA: mua.partner.example; Mailer 1.0
{named}
Original-Message-ID: {message_id}
Disposition: {mode}; displayed

--b--
"""
AGAIN = "Re: Works tonight"
REPLY = """\
From: {recipient}
To: noc@team.example
Subject: {subject}
Message-ID: <r1@partner.example>
In-Reply-To: {message_id}
{more}
Understood.
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


async def comes(stage: Stage, text: str, **values: str) -> None:
    """A mail comes into the receipts mailbox."""
    intake = ReceiptIntake(stage.app.engine, stage.app.post, stage.app.metrics)
    stage.uid += 1
    raw = text.format(**values).replace("\n", "\r\n").encode()
    arrived = Arrived(stage.uid, mail("x", f"{stage.uid}@mx.example"), raw)
    await intake.commit(
        MailboxBatch("receipts", "INBOX", (arrived,), Cursor(1, stage.uid + 1, None, stage.clock.now()))
    )
    await stage.work()


def dsn(letter: Letter, recipient: str, action: str = "failed", **more: str) -> dict[str, str]:
    status = {"failed": "5.1.1", "delivered": "2.0.0", "delayed": "4.4.1", "relayed": "2.0.0"}[action]
    known = {"bounce": letter.envelope_sender, "envid": letter.envelope_id, "message_id": letter.message_id}
    return known | {"recipient": recipient, "action": action, "status": status} | more


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("delivered", ReceiptKind.DELIVERED),
        ("failed", ReceiptKind.FAILED),
        ("delayed", ReceiptKind.DELAYED),
        ("relayed", ReceiptKind.ACCEPTED),
    ],
)
async def test_a_dsn_is_its_recipients_receipt(stage: Stage, action: str, kind: ReceiptKind) -> None:
    await sends(stage, "alice", GUEST)
    letter = letters(stage)[1]
    for _ in range(2):
        await comes(stage, DSN, **dsn(letter, GUEST, action))
    assert kind in await kinds(stage, GUEST)
    assert kind not in await kinds(stage, "alice") - {ReceiptKind.ACCEPTED}


async def test_a_bounce_that_names_only_the_verp_address_is_known_by_it(stage: Stage) -> None:
    await sends(stage, GUEST)
    await comes(stage, DSN, **dsn(letters(stage)[0], GUEST, envid="", message_id="<lost@elsewhere.example>"))
    assert ReceiptKind.FAILED in await kinds(stage, GUEST)


@pytest.mark.parametrize(
    ("mode", "counts"),
    [
        ("manual-action/MDN-sent-manually", True),
        ("manual-action/MDN-sent-automatically", True),
        ("automatic-action/MDN-sent-automatically", False),
    ],
)
async def test_an_mdn_counts_unless_no_person_acted(stage: Stage, mode: str, counts: bool) -> None:
    await sends(stage, GUEST)
    named = f"Final-Recipient: rfc822;{GUEST}"
    await comes(stage, MDN, sender=GUEST, named=named, message_id=letters(stage)[0].message_id, mode=mode)
    assert (ReceiptKind.DISPLAYED in await kinds(stage, GUEST)) is counts
    assert ((await stage.alert()).status is AlertStatus.ACKNOWLEDGED) is counts


@pytest.mark.parametrize("mdn", MDNS, ids=lambda one: one.program)
async def test_an_mdn_as_mail_programs_write_it_is_its_recipients(stage: Stage, mdn: Written) -> None:
    await sends(stage, "alice", GUEST)
    await comes(stage, mdn.text, recipient=GUEST, message_id=letters(stage)[1].message_id)
    assert (ReceiptKind.DISPLAYED in await kinds(stage, GUEST)) is mdn.counts
    assert ReceiptKind.DISPLAYED not in await kinds(stage, "alice")


@pytest.mark.parametrize("mdn", MDNS, ids=lambda one: one.program)
async def test_a_probe_tells_which_mdn_came_even_one_that_proves_nothing(stage: Stage, mdn: Written) -> None:
    found = await probes(stage)
    await comes(stage, mdn.text, recipient=GUEST, message_id=letters(stage)[0].message_id)
    async with stage.app.store.reading() as tx:
        probe = await tx.probe_of(GUEST)
        assert probe is not None and probe.alert_id == found.alert_id
        result = await result_of(tx, probe, has_page=True)
    assert result is not None
    assert result.findings[1] == Finding(Signal.MDN, True, mdn.given)
    stage.told()
    await stage.passes(timedelta(days=2))
    assert stage.told() == []


async def test_an_answer_is_a_receipt_and_an_automatic_one_is_not(stage: Stage) -> None:
    await sends(stage, "alice", GUEST)
    first, second = letters(stage)
    vacation = "Auto-Submitted: auto-replied\n"
    await comes(stage, REPLY, subject=AGAIN, recipient="alice@team.example", message_id=first.message_id, more=vacation)
    assert ReceiptKind.REPLIED not in await kinds(stage, "alice")
    await comes(stage, REPLY, subject=AGAIN, recipient=f"Guest <{GUEST}>", message_id=second.message_id, more="")
    assert ReceiptKind.REPLIED in await kinds(stage, GUEST)


async def test_what_is_forged_changes_nothing_and_is_counted(stage: Stage) -> None:
    await sends(stage, "alice", GUEST)
    mine, theirs = letters(stage)
    before = await stage.alert()
    forged = theirs.message_id.replace("1.m1", "1.m0")
    await comes(stage, DSN, **dsn(mine, GUEST, bounce="x@team.example"))
    await comes(stage, DSN, **dsn(theirs, GUEST, envid="", message_id=forged, bounce="x@team.example"))
    await comes(
        stage, REPLY, subject=AGAIN, recipient="stranger@elsewhere.example", message_id=mine.message_id, more=""
    )
    await comes(stage, REPLY, subject=AGAIN, recipient="alice@team.example", message_id="<1.m0@team.example>", more="")
    await comes(stage, "no mail at all \x00 {{")
    assert (await stage.alert()).recipients == before.recipients
    counted = generate_latest(stage.app.metrics.registry).decode()
    assert 'kidoku_receipts_total{kind="dsn",verdict="wrong_recipient"} 1.0' in counted
    assert 'kidoku_receipts_total{kind="dsn",verdict="no_stamp"} 1.0' in counted
    assert 'kidoku_receipts_total{kind="reply",verdict="wrong_recipient"} 1.0' in counted
    assert 'kidoku_receipts_total{kind="reply",verdict="no_stamp"} 1.0' in counted


async def test_a_failure_takes_its_recipient_forward_and_tells_the_sender_why(stage: Stage) -> None:
    await sends(stage, "alice", GUEST, by="bob")
    letter = letters(stage)[0]
    stage.told()
    await comes(stage, DSN, **dsn(letter, "alice@team.example"))
    told = {(one.name, message.address) for one in stage.channels for message in one.sent}
    assert told == {("slack", "U0ALICE000"), ("mail", "bob@team.example")}


async def test_whose_mail_failed_gets_no_reminder_and_the_story_says_why(stage: Stage) -> None:
    await sends(stage, "alice", GUEST, by="bob")
    await comes(stage, DSN, **dsn(letters(stage)[0], "alice@team.example"))
    stage.told()
    await stage.passes(timedelta(minutes=31))
    assert stage.told() == [("mail", GUEST)]
    await stage.passes(timedelta(minutes=60))
    assert stage.told() == [("slack", "U0ALICE000"), ("phone", "+81312345678")]
    words, roster = Words("en", "UTC"), stage.app.settings.roster()
    async with stage.app.store.reading() as tx:
        events = [(one.event, one.at) for one in await tx.events(1)]
    said = [text for _, text in why_lines(await stage.alert(), events, roster, words)]
    assert "Not told: Alice (mail does not get there: no reminder by mail)." in said
    alice = matrix_of(await stage.alert(), words, roster, stage.clock.now()).lines[0]
    assert alice.delivered.endswith("no such user (no reminder goes there by mail)")


async def test_a_reminder_that_waits_does_not_leave_any_more_once_its_address_has_failed(stage: Stage) -> None:
    await sends(stage, "alice", by="bob")
    failed = dsn(letters(stage)[0], "alice@team.example")
    stage.mail.answers.append(RetryLater("451 try again later", timedelta(minutes=10)))
    await stage.passes(timedelta(minutes=31))
    assert ("mail", "alice@team.example") in stage.told()
    await comes(stage, DSN, **failed)
    await stage.passes(timedelta(minutes=20))
    assert ("mail", "alice@team.example") not in stage.told()


async def test_a_reminder_that_is_refused_is_the_last_one_there(stage: Stage) -> None:
    await sends(stage, "alice", GUEST, by="bob")
    stage.mail.answers.extend([Rejected("550 5.1.1 no such user"), Rejected("550 5.1.1 no such user")])
    await stage.passes(timedelta(minutes=31))
    assert ReceiptKind.FAILED in await kinds(stage, "alice")
    assert ("slack", "U0ALICE000") in stage.told()
    await stage.passes(timedelta(hours=6))
    assert ("mail", "alice@team.example") not in stage.told()


COPY = "From: noc@team.example\nTo: receipts@team.example\nSubject: x\nMessage-ID: {id}\nReferences: {thread}\n\nx\n"


async def test_what_is_about_kidokus_own_notices_is_not_counted_with_what_may_be_forged(stage: Stage) -> None:
    """Bob sent it, and is one of its recipients: a report on what he was told of Alice is none on the mail."""
    stage.mail.answers.append(Rejected("550 5.1.1 no such user"))
    await sends(stage, "alice", "bob", by="bob")
    notice, mine, theirs = letters(stage)
    assert "550 5.1.1 no such user" in notice.text
    before = await kinds(stage, "bob")
    await comes(stage, DSN, **dsn(notice, "bob@team.example", "delivered"))
    await comes(stage, COPY, id=notice.message_id, thread=mine.message_id)
    await comes(stage, COPY, id=theirs.message_id, thread="")
    await comes(stage, COPY, id="<1.m0-aaaaaaaaaaaaaaaaaaaa@team.example>", thread="")
    assert await kinds(stage, "bob") == before
    counted = generate_latest(stage.app.metrics.registry).decode()
    assert 'kidoku_receipts_total{kind="dsn",verdict="own_notice"} 1.0' in counted
    assert 'kidoku_receipts_total{kind="reply",verdict="own_notice"} 1.0' in counted
    assert 'kidoku_receipts_total{kind="none",verdict="own_notice"} 1.0' in counted
    assert 'kidoku_receipts_total{kind="none",verdict="no_stamp"} 1.0' in counted
