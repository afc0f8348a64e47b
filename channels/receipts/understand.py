"""Bytes of a mail → what it says of a mail that was sent before. Any bytes give an answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from channels.receipts import delivery, disposition, feedback, last_resort, prose, ses
from channels.receipts.address import all_of, distinct, host, xtext
from channels.receipts.automatic import says_automatic
from channels.receipts.entity import Entity, parse
from channels.receipts.fields import groups
from channels.receipts.notice import RETURNED, Notice, notice, returned, texts
from channels.receipts.reply import ID, by_subject, has_null_sender, references, reply_kind
from channels.receipts.status import status_in
from channels.receipts.understood import MailKind, Reported, Understood
from channels.receipts.words import (
    BOUNCE_SUBJECT,
    BOUNCE_TEXT,
    DAEMON,
    DELIVERED,
    LATE,
    OURSELVES,
    OVER,
    RELAYED,
    ROBOTS,
    SUCCESS_SUBJECT,
)
from escalation.away import MOST_SUBJECT, is_away
from escalation.phrase import Phrase

_HAS_RECIPIENT = re.compile(r"^[ \t>]{0,8}(?:final|original)-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HAS_FATE = re.compile(r"^[ \t>]{0,8}(?:action|status|diagnostic-code)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HAS_DISPOSITION = re.compile(
    r"^[ \t>]{0,8}disposition[ \t]*:[^\n]*(?:action|mdn-sent|;)", re.IGNORECASE | re.MULTILINE
)
_HAS_FEEDBACK = re.compile(r"^feedback-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
_CAME_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
_SNS = ("x-amz-sns-message-id", "x-amz-sns-subscription-arn")
_QUOTED_ID = re.compile(r"^[ \t>]{0,20}message-id[ \t]*:\s{0,20}<([^<>\s]{1,500})>", re.IGNORECASE | re.MULTILINE)
_COMPLAINT = re.compile(r"complaint about message from", re.IGNORECASE)


def understand(raw: bytes) -> Understood:
    """What a mail means: a report, a reply, or nothing of interest. Never raises; see ``Understood.error``."""
    if not raw.strip():
        return Understood(MailKind.NONE, error=Phrase("empty: there is no mail"))
    mail = _Mail(raw, parse(raw))
    if not mail.entity.fields:
        return Understood(MailKind.NONE, error=Phrase("no headers: this is no mail"))
    for reader in (_disposition, _feedback, _delivery, _notification, _bounce):
        if (found := reader(mail)) is not None:
            return found
    return _reply(mail)


def answering(understood: Understood, original: str) -> Understood:
    """The same, now that the subject of the mail that it answers is known: what was quoted of it proves nothing."""
    if not understood.subject:
        return understood
    return replace(understood, kind=by_subject(understood.subject, original, understood.references))


@dataclass
class _Mail:
    raw: bytes
    entity: Entity

    @cached_property
    def notice(self) -> Notice:
        return notice(self.entity)

    @cached_property
    def original(self) -> Entity | None:
        return self.notice.original

    @cached_property
    def came_to(self) -> tuple[str, ...]:
        return distinct(address for name in _CAME_TO for address in all_of(self.entity.values(name)))

    def report(self, subtype: str, looks_like: Callable[[str], bool]) -> str | None:
        """The text of the parts of this type, else of the first part that reads as if it were one."""
        found = [
            one.text for one in self.entity.walk() if one.type.startswith("message/") and one.type.endswith(subtype)
        ]
        if found:
            return "\n\n".join(found)
        texts = (one.text for one in self.entity.walk() if not one.parts and _may_be_report(one))
        return next((text for text in texts if looks_like(text)), None)


def _may_be_report(part: Entity) -> bool:
    """Also a multipart whose boundary is nowhere: its report stands in it as text."""
    return part.type not in RETURNED and part.type.startswith(("text/plain", "application/", "message/", "multipart/"))


def _disposition(mail: _Mail) -> Understood | None:
    part = mail.report("disposition-notification", lambda text: _HAS_DISPOSITION.search(text) is not None)
    if part is None:
        return None
    said = disposition.reported(part)
    fields = _merged(part)
    error = "" if said else Phrase("no disposition: the report does not say what was done with the mail")
    return _report(mail, MailKind.MDN, tuple(said), fields, error)


def _feedback(mail: _Mail) -> Understood | None:
    part = mail.report("feedback-report", lambda text: _HAS_FEEDBACK.search(text) is not None)
    is_old = part is None and _COMPLAINT.search(mail.entity.value("subject")) is not None
    if mail.entity.value("x-apple-unsubscribe"):
        sender = distinct(all_of(mail.entity.values("from")))
        said = tuple(Reported(address, diagnostic="feedback-type: opt-out") for address in sender[:1])
        return _report(mail, MailKind.FEEDBACK, said, {}, "")
    if part is None and not is_old:
        return None
    original = returned(mail.entity)
    recipients = tuple(feedback.reported(part, original))
    return _report(mail, MailKind.FEEDBACK, recipients, _merged(part or ""), "")


def _delivery(mail: _Mail) -> Understood | None:
    part = mail.report("delivery-status", _reads_as_status)
    if part is None:
        return None
    said = delivery.reported(part)
    if any("@" not in one.address for one in said) or not said:
        said = _mended(mail, said)
    elif any(not one.action for one in said):
        said = [one if one.action else replace(one, action=_fate(mail)) for one in said]
    error = "" if said else Phrase("no recipient: the report names nobody")
    return _report(mail, MailKind.DSN, tuple(_distinct(said)), _merged(part), error)


def _reads_as_status(text: str) -> bool:
    return _HAS_RECIPIENT.search(text) is not None and _HAS_FATE.search(text) is not None


def _mended(mail: _Mail, said: list[Reported]) -> list[Reported]:
    """Groups without an address get the one of the text, or of the returned mail; what they say stays."""
    whole = [one for one in said if "@" in one.address]
    broken = [one for one in said if "@" not in one.address]
    named = {one.address.lower() for one in whole}
    others = [one for one in _told(mail) if one.address.lower() not in named]
    if not broken:
        return whole + others
    first = broken[0]
    return whole + [
        replace(
            one,
            action=first.action or one.action,
            status=first.status or one.status,
            diagnostic=first.diagnostic or one.diagnostic,
        )
        for one in others
    ]


def _notification(mail: _Mail) -> Understood | None:
    if not any(name in mail.entity.fields for name in _SNS):
        return None
    found = ses.notification(mail.notice.text + mail.notice.rest)
    if found is None:
        return None
    kind = MailKind.FEEDBACK if ses.is_complaint(found) else MailKind.DSN
    fields = {"original-message-id": ses.message_id(found)}
    return _report(mail, kind, tuple(ses.reported(found)), fields, "")


def _bounce(mail: _Mail) -> Understood | None:
    if not _is_bounce(mail):
        return None
    said = _told(mail)
    if _is_lure(mail, said):
        return None
    error = "" if said else Phrase("no recipient: the notice names nobody")
    return _report(mail, MailKind.DSN, tuple(_distinct(said)), {}, error)


def _is_lure(mail: _Mail, said: list[Reported]) -> bool:
    """Whether it only calls itself a bounce: no mail system sent it, no mail came back with it, and it names nobody but
    to whom it came. Spam does so, to have its reader log in somewhere; of what we sent it knows nothing."""
    entity = mail.entity
    address = next(all_of(entity.values("from")), "")
    if has_null_sender(entity) or OURSELVES.match(address) or entity.fields.get("x-failed-recipients"):
        return False
    if mail.original is not None or references(entity) or _is_to_bounces(mail):
        return False
    ours = {one.lower() for one in mail.came_to}
    return all(one.address.lower() in ours for one in said)


def _is_to_bounces(mail: _Mail) -> bool:
    """Whether it came to an address of a mail's own (VERP), which only mail systems know."""
    return any("+" in one for one in mail.came_to)


def _is_bounce(mail: _Mail) -> bool:
    """A mailer-daemon always; else a null sender, a postmaster or the subject of a bounce, with words of a bounce.

    A vacation notice may have the one; it does not have both.
    """
    entity = mail.entity
    subject = entity.value("subject")
    if entity.fields.get("x-failed-recipients"):
        return True
    if is_away(subject):
        return False
    sender = entity.value("from")
    if DAEMON.search(sender) or sender.replace(" ", "") == "<>":
        return True
    is_system = "x-mlserver" in entity.fields or has_null_sender(entity) or ROBOTS.search(sender) is not None
    return (is_system or BOUNCE_SUBJECT.search(subject) is not None) and BOUNCE_TEXT.search(
        mail.notice.text
    ) is not None


def _told(mail: _Mail) -> list[Reported]:
    """The recipients by the notice's words, else by flufl.bounce, else those of the returned mail."""
    fate = _fate(mail)
    failed = distinct(all_of(mail.entity.values("x-failed-recipients")))
    text = mail.notice.text
    not_wanted = frozenset(one.lower() for one in (*mail.came_to, *all_of(mail.entity.values("from"))))
    chosen = prose.best(prose.candidates(text), not_wanted)
    if failed:
        said = {one.address.lower(): one for one in prose.reported(text, chosen, fate)}
        status = status_in(text)
        return [said.get(one.lower()) or Reported(one, action=fate, status=status) for one in failed]
    if chosen:
        return prose.reported(text, chosen, fate)
    return last_resort.reported(mail.raw) or _of_original(mail, fate)


def _of_original(mail: _Mail, fate: str) -> list[Reported]:
    if mail.original is None:
        return []
    for name in ("x-original-to", "x-envelope-to", "envelope-to", "to"):
        if found := distinct(all_of(mail.original.values(name))):
            status = status_in(mail.notice.text)
            return [Reported(one, action=fate, status=status) for one in found]
    return []


def _fate(mail: _Mail) -> str:
    """Is the system still trying? Its own words decide, then the subject's."""
    text, subject = mail.notice.text, mail.entity.value("subject")
    if OVER.are_in(text):
        return "failed"
    if LATE.are_in(text) or LATE.are_in(subject):
        return "delayed"
    if SUCCESS_SUBJECT.search(subject) is None:
        return "failed"
    return "relayed" if RELAYED.are_in(text) else "delivered" if DELIVERED.are_in(text) else "failed"


def _distinct(said: list[Reported]) -> Iterator[Reported]:
    seen: set[tuple[str, str]] = set()
    for one in said:
        key = (one.address.lower(), one.action)
        if key not in seen:
            seen.add(key)
            yield one


def _merged(text: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for group in groups(text):
        for name, value in group.items():
            merged.setdefault(name, value)
    return merged


def _report(
    mail: _Mail, kind: MailKind, recipients: tuple[Reported, ...], fields: dict[str, str], error: str
) -> Understood:
    thread = references(mail.entity)
    sender = next(all_of(mail.entity.values("from")), "").lower()
    return Understood(
        kind,
        original_message_id=_original_id(mail, fields, thread),
        envelope_id=xtext(fields.get("original-envelope-id", "")).strip()[:500],
        recipients=recipients,
        in_reply_to=_id(mail.entity.value("in-reply-to")),
        references=thread,
        delivered_to=mail.came_to,
        sender=sender,
        error=error,
        message_id=_id(mail.entity.value("message-id")),
        reported_by=host(fields.get("reporting-mta", "")) or sender.rpartition("@")[2],
    )


def _original_id(mail: _Mail, fields: dict[str, str], thread: tuple[str, ...]) -> str:
    for name in ("original-message-id", "x-original-message-id"):
        if found := _id(fields.get(name, "")):
            return found
    if mail.original is not None and (found := _id(mail.original.value("message-id"))):
        return found
    if match := _QUOTED_ID.search(mail.notice.text):
        return match[1]
    return thread[0] if thread else ""


def _id(text: str) -> str:
    match = ID.search(text)
    bare = match[1] if match else text.strip().strip("<>")
    return bare if " " not in bare else ""


def _reply(mail: _Mail) -> Understood:
    thread = references(mail.entity)
    kind, is_by_subject = reply_kind(mail.entity, thread)
    if kind is MailKind.REPLY and says_automatic("\n".join(texts(mail.entity))):
        kind, is_by_subject = MailKind.AUTO_REPLY, False
    return Understood(
        kind,
        original_message_id=thread[0] if thread and kind is not MailKind.NONE else "",
        in_reply_to=_id(mail.entity.value("in-reply-to")),
        references=thread,
        delivered_to=mail.came_to,
        sender=next(all_of(mail.entity.values("from")), "").lower(),
        subject=mail.entity.value("subject")[:MOST_SUBJECT] if is_by_subject else "",
        message_id=_id(mail.entity.value("message-id")),
    )
