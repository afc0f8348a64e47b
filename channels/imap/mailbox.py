"""What a watched mailbox tells, and the ledger that remembers how far it was read.

Every happening is saved together with the cursor, in one transaction: nothing is missed or counted twice.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from escalation.mail import Mail


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder was read (RFC 3501 UIDVALIDITY and UIDNEXT, RFC 7162 HIGHESTMODSEQ or None)."""

    uidvalidity: int
    uidnext: int
    modseq: int | None
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Watched:
    """One mail of an open alert, as it last stood in this folder."""

    uid: int
    message_id: str
    is_seen: bool = False
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """A new mail (or, after a change of UIDVALIDITY, one that may be known already by its Message-ID).

    ``raw`` is its beginning as it came, from a mailbox for receipts; nothing from any other."""

    uid: int
    mail: Mail
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class FlagsChanged:
    """\\Seen or \\Answered of a watched mail is now so."""

    uid: int
    message_id: str
    is_seen: bool
    is_answered: bool


@dataclass(frozen=True, slots=True)
class FiledAsJunk:
    """A watched mail was moved to the Junk folder, or (``is_junk`` False) back."""

    message_id: str
    is_junk: bool = True


@dataclass(frozen=True, slots=True)
class Removed:
    """A watched mail left this folder: expunged or moved. ``is_seen``: it had been read, here or where it went.

    ``moved_to`` names the folder it was found in, or is empty; ``moved_uid`` is its UID there. A ledger that keeps it
    as a watched mail of that folder is told on when it is read there. ``is_lost``: it was not found, but not everywhere
    looked for, so that nobody can say that it is gone."""

    uid: int
    message_id: str
    is_seen: bool
    moved_to: str = ""
    moved_uid: int = 0
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Renumbered:
    """After a change of UIDVALIDITY a watched mail was found again under another UID."""

    message_id: str
    old_uid: int
    uid: int


Happening = Arrived | FlagsChanged | FiledAsJunk | Removed | Renumbered


@dataclass(frozen=True, slots=True)
class MailboxBatch:
    """What happened in a folder up to ``cursor``. May be empty of happenings: then only the cursor moved."""

    account: str
    folder: str
    happenings: tuple[Happening, ...]
    cursor: Cursor


Followed = Callable[[str], Awaitable[Collection[str]]]
"""The folders of an account in which there may be watched mails, also such as nobody asked to watch."""


async def nowhere(account: str) -> Collection[str]:
    """Of an account in which no mail is watched."""
    return ()


class UnsavedError(Exception):
    """Nothing can be read or saved for now; that is no fault of the mailbox."""


class Ledger(Protocol):
    """Where batches go. ``bot/intake.py`` is the one implementation."""

    async def load(self, account: str, folder: str) -> tuple[Cursor | None, Mapping[int, Watched]]:
        """The cursor (None: never read before) and the watched mails by UID."""
        ...

    async def commit(self, batch: MailboxBatch) -> None:
        """Save it all in one transaction; returns after the commit. Raises if it could not: read again later."""
        ...
