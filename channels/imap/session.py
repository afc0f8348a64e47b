"""The commands on one logged-in IMAP connection; they block, and run in the pool.

They only read: EXAMINE and BODY.PEEK, never STORE.

RFC 3501; CONDSTORE and QRESYNC: RFC 7162; SPECIAL-USE: RFC 6154.
"""

import contextlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from channels.imap.config import ImapAccount
from channels.imap.fetch import fetch
from channels.imap.find import uids_of
from channels.imap.wire import Client
from escalation.phrase import Phrase

AT_ONCE = 100
"""Mails fetched by one command: what bounds memory after an outage."""
_MANY = 500
"""Flags or dates fetched by one command: some servers take 8 KiB of it (RFC 7162 section 4)."""

_PLACES = (b"\\Junk", b"\\Trash", b"\\Archive", b"\\All")
_NOT_TO_OPEN = {b"\\noselect", b"\\nonexistent"}
_JUNK_NAMES = {"junk", "spam", "junk e-mail", "junk email", "bulk mail", "迷惑メール", "垃圾邮件"}


@dataclass(frozen=True, slots=True)
class Selected:
    """What EXAMINE told of a folder. ``modseq`` is None without CONDSTORE."""

    uidvalidity: int
    uidnext: int
    modseq: int | None
    exists: int


@dataclass(frozen=True, slots=True)
class Flags:
    is_seen: bool
    is_answered: bool


class Session:
    """Every method blocks, at most ``account.timeout`` for each piece of an answer; any of them may raise OSError or
    IMAPClientError."""

    def __init__(self, account: ImapAccount, client: Client) -> None:
        self.account = account
        self.client = client
        self.capabilities = frozenset(client.capabilities())
        self._exists = 0
        self._enable()
        self.places = self._special_folders()

    @property
    def can_idle(self) -> bool:
        return b"IDLE" in self.capabilities

    @property
    def has_qresync(self) -> bool:
        return b"QRESYNC" in self.capabilities

    def _enable(self) -> None:
        """ENABLE works before SELECT only; QRESYNC brings CONDSTORE with it. A refusal costs comparing all flags."""
        if b"ENABLE" not in self.capabilities:
            return
        wanted = [name for name in (b"QRESYNC", b"CONDSTORE") if name in self.capabilities]
        if wanted:
            with _refusal_tolerated():
                self.client.enable(wanted[0].decode())

    def _special_folders(self) -> Mapping[bytes, str]:
        r"""Where junk, trash and the archive are: {rb"\Junk": "Spam"}; by name where the server does not say."""
        there = self._listed()
        found = {place: name for place in _PLACES for flags, name in there if place.lower() in flags}
        named = [name for _, name in there if re.split(r"[/.\\]", name)[-1].lower() in _JUNK_NAMES]
        return {b"\\Junk": named[0], **found} if named else found

    def _listed(self) -> list[tuple[set[bytes], str]]:
        """The folders that can be opened, with their flags in lower case."""
        folders = [({flag.lower() for flag in flags}, name) for flags, _, name in self.client.list_folders()]
        return [(flags, name) for flags, name in folders if not flags & _NOT_TO_OPEN]

    def folders(self) -> list[str]:
        """The folders that can be opened, as they are now."""
        return [name for _, name in self._listed()]

    @property
    def junk(self) -> str | None:
        return self.places.get(b"\\Junk")

    def examine(self, folder: str) -> Selected:
        """Open a folder for reading."""
        answer = self.client.select_folder(folder, readonly=True)
        if b"UIDVALIDITY" not in answer:
            raise IMAPClientError(Phrase("the mail server gives the folder no UIDVALIDITY"))
        self._exists = self.client.wire.exists = int(answer.get(b"EXISTS", 0))
        self.client.wire.has_news = False
        uidnext = answer.get(b"UIDNEXT") or self._uidnext()
        return Selected(int(answer[b"UIDVALIDITY"]), int(uidnext), _number(answer.get(b"HIGHESTMODSEQ")), self._exists)

    def has_opened(self, folder: str) -> bool:
        """Open a folder that may be forbidden or gone."""
        with _refusal_tolerated():
            self.examine(folder)
            return True
        return False

    def _uidnext(self) -> int:
        """UIDNEXT of a server that does not tell it: behind the last mail."""
        return max(self.client.search("*"), default=0) + 1 if self._exists else 1

    def uids_from(self, uid: int) -> list[int]:
        """The UIDs from ``uid`` on. ``n:*`` always gives the last mail too, even an older one: that is left out."""
        return sorted(one for one in self.client.search(["UID", f"{uid}:*"]) if one >= uid)

    def uids_since(self, at: datetime, *, is_unseen: bool) -> list[int]:
        """UIDs of the mails that arrived at this time or later, by the server's clock."""
        # SINCE knows days only, in the server's zone: a day earlier is early enough everywhere.
        criteria: list[str | date] = ["SINCE", (at - timedelta(days=1)).date()]
        uids = self.client.search([*criteria, "UNSEEN"] if is_unseen else criteria)
        dates = self._fetched(uids, ["INTERNALDATE"])
        return sorted(uid for uid, told in dates.items() if (date_of(told) or at) >= at)

    def uids_of(self, message_id: str) -> list[int]:
        """UIDs in the open folder of the mails with exactly this Message-ID."""
        return uids_of(self.client, message_id, self._exists)

    def flags(self, uids: Collection[int]) -> dict[int, Flags]:
        """The flags of those mails that are still there."""
        answers = self._fetched(uids, ["FLAGS"])
        return {uid: _flags(told[b"FLAGS"]) for uid, told in answers.items() if b"FLAGS" in told}

    def _fetched(self, uids: Collection[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        listed = sorted(uids)
        found: dict[int, dict[bytes, Any]] = {}
        for start in range(0, len(listed), _MANY):
            found |= fetch(self.client, listed[start : start + _MANY], items)
        return found


@contextlib.contextmanager
def _refusal_tolerated() -> Iterator[None]:
    """NO and BAD are answers; a connection that is lost is not."""
    try:
        yield
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        return


def date_of(told: Mapping[bytes, Any]) -> datetime | None:
    """INTERNALDATE: when the server took the mail, in UTC."""
    at = told.get(b"INTERNALDATE")
    return at.astimezone(UTC) if isinstance(at, datetime) else None


def _number(value: Any) -> int | None:
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return None if value is None else int(value)


def _flags(flags: Collection[Any]) -> Flags:
    lowered = {flag.lower() for flag in flags if isinstance(flag, bytes)}
    return Flags(b"\\seen" in lowered, b"\\answered" in lowered)
