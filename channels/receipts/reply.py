"""A reply, or what a machine wrote in its place (RFC 3834, and what was done before and beside it)."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from channels.imap.parse import parse_mail
from channels.receipts.entity import Entity
from channels.receipts.understood import MailKind
from escalation.mail import Mail
from escalation.urgency import Unfit, unfit

_AWAY = re.compile(
    r"(?:\s*\[[^\]]{0,40}\])?\s*(?:(?:re|fwd?|aw|sv|tr)\s*:\s*)*"
    r"(?:automatic(?:ally)? (?:reply|response|generated)|auto(?:mated)?[ -]?(?:reply|response|respon[ds]er"
    r"|mat)|auto:|ooo\b"
    r"|out[ -]of[ -](?:the )?office|away from (?:my|the) (?:mail|office|desk)|(?:on |i am on )?(?:vacation"
    r"|holiday|annual leave)"
    r"|i(?:'m| am) (?:away|out|on)|absence|abwesen|automatische antwort|réponse automatique|absent"
    r"|respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|resposta automática"
    r"|автоответ|automatisch antwoord|自動応答|自動返信|自动答复|自动回复|自動回覆|自動答覆|自动应答|不在|休暇"
    r"|外出|休假|出差|年假|夏季休業"
    r"|年末年始)",
    re.IGNORECASE,
)
ID = re.compile(r"<([^<>\s]{1,500})>")
MOST_HEADERS = 5
MOST_REFERENCES = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_away(subject: str) -> bool:
    """Does the subject begin as vacation notices' do?"""
    return _AWAY.match(subject[:500]) is not None


def references(entity: Entity) -> tuple[str, ...]:
    """The thread's Message-IDs without brackets, the nearest first."""
    found: list[str] = []
    for name in ("in-reply-to", "references"):
        for value in entity.values(name)[:MOST_HEADERS]:
            found += reversed(ID.findall(value))
    return tuple(dict.fromkeys(found))[:MOST_REFERENCES]


def reply_kind(entity: Entity, thread: tuple[str, ...]) -> MailKind:
    """``reply``, ``auto_reply``, or ``none`` for a mail that answers nothing."""
    if is_automatic(entity, thread):
        return MailKind.AUTO_REPLY
    return MailKind.REPLY if thread else MailKind.NONE


def is_automatic(entity: Entity, thread: tuple[str, ...]) -> bool:
    """Any Auto-Submitted but "no" is a machine (RFC 3834, 5), and so is a reply without a sender to answer (4).

    What the rules for urgent mail know of auto-replies counts here, too: they are asked without the headers that
    would make the mail a bounce, which was looked at before, more closely.
    """
    if is_away(entity.value("subject")):
        return True
    found = unfit(_without_bounce(parse_mail(entity.head, "", account="", folder="", received_at=_EPOCH)))
    if found is not None and found.kind is Unfit.AUTO_REPLY:
        return True
    is_machine = entity.word("auto-submitted") not in ("", "no") or has_null_sender(entity) or _says_bulk(entity)
    return is_machine and bool(thread)


def _says_bulk(entity: Entity) -> bool:
    return entity.word("precedence") in ("bulk", "junk") and bool(entity.value("x-auto-response-suppress"))


def has_null_sender(entity: Entity) -> bool:
    """Return-Path: <> (RFC 5321, 4.5.5)."""
    return any(value.replace(" ", "") in ("<>", "") for value in entity.values("return-path"))


def _without_bounce(mail: Mail) -> Mail:
    kept = tuple(item for item in mail.headers if item[0] not in ("return-path", "content-type"))
    return replace(mail, headers=kept)
