"""Mail that goes on as it was handed in: kept with the outbox rows of its recipients, deleted when it has left to all.

What can't be delivered for ever is said to its sender in a report with a null reverse-path (RFC 5321, 4.5.5); a report
that can't be delivered itself is said to nobody.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.desk import Desk, due_at_once
from bot.language import Words
from bot.outgoing.bounce import Failure, bounce
from bot.post import Post
from bot.store.record import NotificationRow, NotificationState, RelayedMail
from bot.store.relays import ID_LENGTH
from bot.store.store import Store
from channels.base import MAIL
from channels.message import Letter, Message
from escalation.command import Purpose
from escalation.target import Reached

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = timedelta(days=5)
"""RFC 5321, 4.5.4.1: at least four to five days."""
GIVEN_UP = "given up: "
"""What the outbox says of a mail that it tried for so long."""
MOST_WAIT = timedelta(minutes=30)


def back_off(failures: int) -> timedelta:
    """1 min, 2 min, 4 min … up to half an hour (RFC 5321, 4.5.4.1)."""
    return min(MOST_WAIT, timedelta(minutes=2 ** min(max(0, failures - 1), 10)))


def new_id() -> str:
    return f"r{secrets.token_hex(ID_LENGTH // 2)}"


def _id_of_report(key: str) -> str:
    """The same for the same notification: nobody hears twice of one failure."""
    return f"r{hashlib.sha256(key.encode()).hexdigest()[: ID_LENGTH - 1]}"


async def put(desk: Desk, mail: RelayedMail, recipients: Sequence[str]) -> None:
    """Keep a mail and put one row a recipient into the outbox."""
    await desk.tx.put_relayed(mail)
    for number, address in enumerate(recipients):
        to = Reached(address, MAIL, address)
        desk.put(due_at_once(f"{mail.id}.{number}", to, Purpose.RELAY, desk.now))


async def message(store: Store, row: NotificationRow, language: str) -> Message:
    """What the mail channel sends; without a letter, which it rejects, if the mail is gone."""
    async with store.reading() as tx:
        mail = await tx.relayed(row.key[:ID_LENGTH])
    letter = None
    if mail is not None:
        letter = Letter(
            sender="",
            envelope_sender=mail.sender,
            subject="",
            text="",
            message_id="",
            envelope_id="",
            raw=mail.data,
            is_utf8=mail.is_utf8,
        )
    return Message(key=row.key, address=row.address, language=language, title="", summary="", letter=letter)


async def settled(desk: Desk, row: NotificationRow, post: Post | None) -> None:
    """A try had an outcome; a mail that was refused for ever goes back to its sender, in the same transaction."""
    if row.state is not NotificationState.REJECTED or post is None:
        return
    mail = await desk.tx.relayed(row.key[:ID_LENGTH])
    if mail is None or not mail.sender:
        log.error("A relayed mail can't be delivered, and nobody can be told", key=row.key, reason=row.detail)
        return
    failure = Failure(row.address, row.detail, row.detail.startswith(GIVEN_UP), mail.taken_at)
    id = _id_of_report(row.key)
    words = _words_for(mail, desk, post)
    named = {"to": mail.sender, "by": post.address, "message_id": post.message_id(id)}
    report = bounce(failure, mail.data, words, **named, now=desk.now)
    is_utf8 = not (mail.sender + row.address).isascii()
    await put(
        desk, RelayedMail(id=id, user="", sender="", taken_at=desk.now, data=report, is_utf8=is_utf8), [mail.sender]
    )
    log.warning("A relayed mail can't be delivered; its sender is told", key=row.key, reason=row.detail)


def _words_for(mail: RelayedMail, desk: Desk, post: Post) -> Words:
    """Of whoever gets the report: of the sender, else of the user who handed the mail in, else of the settings."""
    roster = desk.rules.roster
    person = roster.person_of(mail.sender) or roster.people.get(mail.user)
    return Words(person.language, person.zone) if person else Words(post.language, "UTC")


async def tidy(desk: Desk, key: str) -> None:
    """Forget the mail of this row if it has left to everybody."""
    await desk.tx.drop_relayed(desk.now, key[:ID_LENGTH])
