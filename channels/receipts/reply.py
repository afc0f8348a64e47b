"""A reply, or what a machine wrote in its place (RFC 3834, and what was done before and beside it)."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from channels.imap.parse import parse_mail
from channels.receipts.entity import Entity
from channels.receipts.understood import MailKind
from escalation.away import is_away
from escalation.mail import Mail
from escalation.urgency import Unfit, unfit

ID = re.compile(r"<([^<>\s]{1,500})>")
_TICKET_HEADERS = ("x-rt-loop-prevention", "rt-ticket")
"""Request Tracker writes them into all that it sends."""
MOST_HEADERS = 5
MOST_REFERENCES = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def references(entity: Entity) -> tuple[str, ...]:
    """The thread's Message-IDs without brackets, the nearest first."""
    found: list[str] = []
    for name in ("in-reply-to", "references"):
        for value in entity.values(name)[:MOST_HEADERS]:
            found += reversed(ID.findall(value))
    return tuple(dict.fromkeys(found))[:MOST_REFERENCES]


def reply_kind(entity: Entity, thread: tuple[str, ...]) -> tuple[MailKind, bool]:
    """``reply``, ``auto_reply``, or ``none`` for a mail that answers nothing; and whether its subject alone says so."""
    if _says_header(entity, thread):
        return MailKind.AUTO_REPLY, False
    return by_subject(entity.value("subject"), "", thread), True


def by_subject(subject: str, original: str, thread: tuple[str, ...]) -> MailKind:
    """What an answer is whose headers name no machine; ``original`` is the subject that was sent, "" if unknown."""
    if is_away(subject, original):
        return MailKind.AUTO_REPLY
    return MailKind.REPLY if thread else MailKind.NONE


def _says_header(entity: Entity, thread: tuple[str, ...]) -> bool:
    """Any Auto-Submitted but "no" is a machine (RFC 3834, 5), and so is a reply without a sender to answer (4).

    What the rules for urgent mail know of auto-replies counts here, too: they are asked without the headers that
    would make the mail a bounce, which was looked at before, more closely.
    """
    found = unfit(_without_bounce(parse_mail(entity.head, "", account="", folder="", received_at=_EPOCH)))
    if found is not None and found.kind is Unfit.AUTO_REPLY:
        return True
    is_machine = entity.word("auto-submitted") not in ("", "no") or has_null_sender(entity) or _is_from_program(entity)
    return is_machine and bool(thread)


def _is_from_program(entity: Entity) -> bool:
    """What no mail program writes for a person who answers: bulk, a ticket system's mark against loops.

    X-Auto-Response-Suppress ([MS-OXCMAIL], 2.1.3.2.20) asks the receiver for no automatic answers, and does not say who
    wrote the mail: servers put lists of kinds (OOF, DR …) on people's mail, too. ``All``, the wish of Exchange's own
    automatic replies, wants not even a bounce: nobody who waits for an answer does.
    """
    if any(entity.word(name) in ("bulk", "junk") for name in ("precedence", "x-precedence")):
        return True
    if any(name in entity.fields for name in _TICKET_HEADERS):
        return True
    return entity.word("x-auto-response-suppress") == "all" or "autoresponder" in (
        entity.value("x-post-messageclass").lower().rpartition(";")[2].strip(),
        entity.word("delivered-to"),
    )


def has_null_sender(entity: Entity) -> bool:
    """Return-Path: <> (RFC 5321, 4.5.5)."""
    return any(value.replace(" ", "") in ("<>", "") for value in entity.values("return-path"))


def _without_bounce(mail: Mail) -> Mail:
    kept = tuple(item for item in mail.headers if item[0] not in ("return-path", "content-type"))
    return replace(mail, headers=kept)
