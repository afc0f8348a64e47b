"""What is shown of a mail before it leaves, the same at the command line and in chat."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.language import Words
from bot.letter import filled_in
from bot.outgoing.addressing import Addressed
from bot.outgoing.care import Concern, review
from bot.outgoing.filling import of_filling
from bot.outgoing.send import Draft
from bot.post import Post
from bot.store.record import OutgoingMail
from escalation.receipt import Recipient

SHOWN_LINES = 8
SHOWN_RECIPIENTS = 20


def preview(draft: Draft, post: Post, words: Words, now: datetime) -> list[tuple[str, str]]:
    """(label, value) of everything but the text; what there is nothing to say of is left out."""
    names = [one.recipient.name or one.recipient.address for one in draft.to[:SHOWN_RECIPIENTS]]
    more = len(draft.to) - len(names)
    lines = [
        (words.gettext("From"), post.sender),
        (words.pgettext("whom a mail is for", "To"), ", ".join(names) + (f" … +{more}" if more > 0 else "")),
        (words.gettext("Recipients"), str(len(draft.to))),
        (words.gettext("Subject"), of_the_first(draft).subject),
        (words.gettext("Policy"), draft.policy.name),
        (words.gettext("Files"), ", ".join(one.name for one in draft.mail.enclosures)),
        (words.gettext("To be read by"), words.instant(draft.deadline, now) if draft.deadline else ""),
        (words.gettext("Confidential"), _secrecy(draft, words, now)),
        (words.gettext("Leaves"), _leaves(draft, post, words, now)),
    ]
    return [(label, value) for label, value in lines if value]


def first_lines(draft: Draft) -> list[str]:
    """How the text begins, for its first recipient."""
    return of_the_first(draft).text.splitlines()[:SHOWN_LINES]


def of_the_first(draft: Draft) -> OutgoingMail:
    """The mail as its first recipient gets it: a field that nobody fills is seen before it leaves."""
    first = draft.to[0]
    return filled_in(replace(draft.mail, fields={first.recipient.address: first.fields}), first.recipient.address)


def concerns_of(draft: Draft, post: Post) -> tuple[Concern, ...]:
    """What is to be looked at again."""
    return _concerns(draft.mail, draft.to, post)


def concerns_again(mail: OutgoingMail, to: Iterable[Recipient], post: Post) -> tuple[Concern, ...]:
    """The same of a mail that was sent already."""
    return _concerns(mail, [Addressed(one, mail.fields.get(one.address, {})) for one in to], post)


def _concerns(mail: OutgoingMail, to: Sequence[Addressed], post: Post) -> tuple[Concern, ...]:
    found = review(mail, [one.recipient.address for one in to], post.care)
    return (*found, *of_filling(mail, to))


def _leaves(draft: Draft, post: Post, words: Words, now: datetime) -> str:
    if draft.starts_at is not None and draft.starts_at >= now + post.hold:
        return words.instant(draft.starts_at, now)
    if post.hold:
        return words.gettext("in %(span)s; until then kidoku recall takes it back") % {
            "span": words.duration(post.hold)
        }
    return words.gettext("now")


def _secrecy(draft: Draft, words: Words, now: datetime) -> str:
    if not draft.mail.is_confidential:
        return ""
    if draft.mail.expires_at is None:
        return words.gettext("the mail is only a link")
    return words.gettext("the mail is only a link; its content is deleted at %(at)s") % {
        "at": words.instant(draft.mail.expires_at, now)
    }
