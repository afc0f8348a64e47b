"""From a notification that goes by mail to the letter: its words, and the ids by which its receipts are known."""

import html
from dataclasses import replace
from datetime import datetime
from string import Template

from bot.consent import Tracking
from bot.language import Words
from bot.post import Post
from bot.store.record import NotificationRow, OutgoingMail
from bot.wording.confidential import Cover, word_code_mail, word_cover
from bot.wording.letter import Links, Writing, due_line, word_as_mail, word_mail, word_reminder
from channels.message import Attachment, Letter, Message
from escalation.alert import Alert
from escalation.command import Purpose
from escalation.receipt import Recipient


def of_outgoing(
    mail: OutgoingMail,
    alert: Alert,
    row: NotificationRow,
    words: Words,
    post: Post,
    now: datetime,
    tracking: Tracking,
) -> Letter:
    """The mail itself for one recipient, or a reminder of it in the same thread. ``tracking`` is what the recipient
    has agreed to, as of now."""
    if mail.is_confidential:
        return _of_confidential(mail, alert, row, words, post, now)
    mail = filled_in(mail, row.address)
    number, recipient = _recipient(alert, row.address)
    first = f"{alert.id}.m{number}"
    links = _links(first, row.address, post, tracking)
    due = due_line(alert.deadline, words, now)
    if row.purpose == Purpose.MAIL:
        writing = word_mail(mail, words, links, due)
        thread: tuple[str, ...] = ()
    else:
        writing = word_reminder(mail, words, links, words.duration(now - alert.out_at), due)
        thread = (post.message_id(first),)
    files = mail.enclosures if row.purpose == Purpose.MAIL else ()
    return _letter(
        writing,
        row,
        post,
        sender=mail.sender,
        to_name=recipient.name if recipient else "",
        thread=thread,
        reply_to=mail.reply_to,
        receipt_to=post.receipts_to if links.has_receipt else "",
        attachments=tuple(Attachment(one.name, one.type, one.data) for one in files),
        is_urgent=not mail.is_probe,
        has_picture=bool(links.picture and writing.html),
    )


def _links(key: str, address: str, post: Post, tracking: Tracking) -> Links:
    return Links(
        confirm=post.confirm_url(key),
        decline=post.decline_url(address),
        picture=post.picture_url(key) if tracking.may_show_picture else "",
        has_receipt=bool(post.receipts_to) and tracking.may_ask_receipt,
    )


def _of_confidential(
    mail: OutgoingMail, alert: Alert, row: NotificationRow, words: Words, post: Post, now: datetime
) -> Letter:
    """The recipient's own link, and nothing of what is said: not in the subject, nor in a reminder. No MDN is asked
    for: it would tell of the link alone."""
    number, recipient = _recipient(alert, row.address)
    first = f"{alert.id}.m{number}"
    age = "" if row.purpose == Purpose.MAIL else words.duration(now - alert.out_at)
    due = due_line(alert.deadline, words, now)
    writing = word_cover(Cover(mail.sender, post.view_url(first), mail.expires_at, due), words, now, age)
    return _letter(
        Writing(*writing),
        row,
        post,
        sender=mail.sender,
        to_name=recipient.name if recipient else "",
        thread=(post.message_id(first),) if age else (),
        reply_to=mail.reply_to,
    )


def of_code(row: NotificationRow, words: Words, post: Post) -> Letter:
    """The letter that brings a one-time code."""
    return _letter(
        Writing(*word_code_mail(code_of(row, post), words)), row, post, sender=post.sender, bounces=post.bounces
    )


def code_of(row: NotificationRow, post: Post) -> str:
    """The code that this notification brings. Its key is that of the mail and a number, its text the code's nonce."""
    return post.tokens.code(row.key.rpartition(".c")[0], row.text)


def as_mail(message: Message, row: NotificationRow, post: Post) -> Letter:
    """Any other notification, from Kidoku itself."""
    return _letter(word_as_mail(message), row, post, sender=post.sender, bounces=post.bounces)


def _letter(
    writing: Writing,
    row: NotificationRow,
    post: Post,
    *,
    sender: str,
    bounces: str = "",
    to_name: str = "",
    thread: tuple[str, ...] = (),
    reply_to: str = "",
    receipt_to: str = "",
    attachments: tuple[Attachment, ...] = (),
    is_urgent: bool = True,
    has_picture: bool = False,
) -> Letter:
    return Letter(
        sender=sender,
        envelope_sender=bounces or post.envelope_sender(row.key),
        subject=writing.subject,
        text=writing.text,
        html=writing.html,
        message_id=post.message_id(row.key),
        envelope_id=post.tokens.stamp(row.key),
        to_name=to_name,
        in_reply_to=thread[0] if thread else "",
        references=thread,
        reply_to=reply_to,
        receipt_to=receipt_to,
        attachments=attachments,
        is_urgent=is_urgent,
        has_picture=has_picture,
    )


def filled_in(mail: OutgoingMail, address: str) -> OutgoingMail:
    """With this recipient's fields in it; a name that nobody filled in stays as it is written."""
    fields = mail.fields.get(address)
    if not fields:
        return mail
    escaped = {name: html.escape(value) for name, value in fields.items()}
    return replace(
        mail,
        subject=" ".join(_Filling(mail.subject).safe_substitute(fields).split()),
        text=_Filling(mail.text).safe_substitute(fields),
        html=_Filling(mail.html).safe_substitute(escaped),
    )


class _Filling(Template):
    """``${name}``, ``${名前}``; a dollar sign alone is a dollar sign."""

    pattern = r"\$(?:(?P<escaped>(?!))|(?P<named>(?!))|\{(?P<braced>[^{}\n]{1,60})\}|(?P<invalid>(?!)))"  # type: ignore[assignment]


def _recipient(alert: Alert, address: str) -> tuple[int, Recipient | None]:
    found = ((number, one) for number, one in enumerate(alert.recipients) if one.address == address)
    return next(found, (0, None))
