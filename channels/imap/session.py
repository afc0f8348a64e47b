"""One logged-in IMAP connection: blocking commands, run in the pool. Reads only: EXAMINE and BODY.PEEK, never STORE.

RFC 3501; IDLE: RFC 2177; CONDSTORE and QRESYNC: RFC 7162; SPECIAL-USE: RFC 6154.
"""

import contextlib
import ssl
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, SocketTimeout

from channels.imap.config import ImapAccount, Security
from channels.imap.parse import MOST_HEADER_BYTES, MOST_TEXT, parse_mail
from channels.imap.structure import TextPart, text_part
from channels.imap.text import decode
from escalation.mail import Mail

AT_ONCE = 100
"""Mails fetched by one command: what bounds memory after an outage."""

_HEADER = f"BODY.PEEK[HEADER]<0.{MOST_HEADER_BYTES}>"
_PLACES = (b"\\Junk", b"\\Trash", b"\\Archive", b"\\All")


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


@lru_cache(maxsize=64)
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """One context for all connections with the same trust: a context each would cost more than the connection."""
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)


class Session:
    """Commands on one connection. Every method blocks, at most ``account.timeout`` for each answer; any of them may
    raise OSError or IMAPClientError, after which the session is only good for ``close``."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self.client = _connect(account)
        try:
            self.client.login(account.username, account.password.get_secret_value())
            self.capabilities = frozenset(self.client.capabilities())
            self._enable()
            self.places = self._special_folders()
        except BaseException:
            self.close()
            raise

    @property
    def can_idle(self) -> bool:
        return b"IDLE" in self.capabilities

    @property
    def has_qresync(self) -> bool:
        return b"QRESYNC" in self.capabilities

    def _enable(self) -> None:
        """ENABLE works before SELECT only; QRESYNC brings CONDSTORE with it."""
        if b"ENABLE" not in self.capabilities:
            return
        wanted = [name for name in (b"QRESYNC", b"CONDSTORE") if name in self.capabilities]
        if wanted:
            self.client.enable(wanted[0].decode())

    def _special_folders(self) -> Mapping[bytes, str]:
        """Where junk, trash and the archive are: {b"\\\\Junk": "Spam"}; by name where the server does not say."""
        found: dict[bytes, str] = {}
        folders = self.client.list_folders()
        for flags, _, name in folders:
            found.update({place: name for place in _PLACES if place in flags})
        if b"\\Junk" not in found:
            known = {"junk", "spam", "junk e-mail", "迷惑メール", "垃圾邮件"}
            named = [name for _, _, name in folders if name.rsplit("/", 1)[-1].lower() in known]
            found |= {b"\\Junk": named[0]} if named else {}
        return found

    @property
    def junk(self) -> str | None:
        return self.places.get(b"\\Junk")

    def examine(self, folder: str) -> Selected:
        """Open a folder for reading."""
        answer = self.client.select_folder(folder, readonly=True)
        exists = int(answer.get(b"EXISTS", 0))
        uidnext = answer.get(b"UIDNEXT") or self._uidnext(exists)
        modseq = answer.get(b"HIGHESTMODSEQ")
        return Selected(int(answer[b"UIDVALIDITY"]), int(uidnext), _number(modseq), exists)

    def _uidnext(self, exists: int) -> int:
        """UIDNEXT of a server that does not tell it: behind the last mail."""
        if not exists:
            return 1
        return max(self.client.search("ALL"), default=0) + 1

    def uids_from(self, uid: int) -> list[int]:
        """The UIDs from ``uid`` on. ``n:*`` always gives the last mail too, even an older one: that is left out."""
        return sorted(one for one in self.client.search(["UID", f"{uid}:*"]) if one >= uid)

    def uids_since(self, day: date, *, is_unseen: bool) -> list[int]:
        """UIDs of mails that arrived on this day or later, by the server's calendar."""
        criteria: list[Any] = ["SINCE", day]
        return sorted(self.client.search([*criteria, "UNSEEN"] if is_unseen else criteria))

    def uids_of(self, message_id: str) -> list[int]:
        """UIDs in the open folder of the mail with this Message-ID."""
        return sorted(self.client.search(["HEADER", "Message-ID", message_id]))

    def flags(self, uids: Collection[int]) -> dict[int, Flags]:
        """The flags of those mails that are still there."""
        found: dict[int, Flags] = {}
        for chunk in _chunks(sorted(uids), 1000):
            for uid, data in self.client.fetch(chunk, ["FLAGS"]).items():
                if b"FLAGS" in data:
                    found[uid] = _flags(data[b"FLAGS"])
        return {uid: one for uid, one in found.items() if uid in set(uids)}

    def mails(self, uids: Sequence[int], folder: str, *, is_junk: bool, wants_text: bool) -> dict[int, Mail]:
        """Headers, flags and, where the rules want it, the beginning of the text part. Never an attachment."""
        items = ["FLAGS", "INTERNALDATE", _HEADER] + (["BODYSTRUCTURE"] if wants_text else [])
        found = {uid: data for uid, data in self.client.fetch(list(uids), items).items() if uid in set(uids)}
        return {uid: self._mail(uid, data, folder, is_junk) for uid, data in found.items()}

    def _mail(self, uid: int, data: Mapping[bytes, Any], folder: str, is_junk: bool) -> Mail:
        structure = data.get(b"BODYSTRUCTURE")
        part = text_part(structure) if structure is not None else None
        header = next((value for key, value in data.items() if key.startswith(b"BODY[HEADER]")), b"")
        return parse_mail(
            header or b"",
            self._text(uid, part) if part is not None else "",
            account=self.account.name,
            folder=folder,
            received_at=data[b"INTERNALDATE"].astimezone(UTC),
            flags=[flag.decode("ascii", "replace") for flag in data.get(b"FLAGS", ())],
            is_junk=is_junk,
        )

    def _text(self, uid: int, part: TextPart) -> str:
        answer = self.client.fetch([uid], [f"BODY.PEEK[{part.number}]<0.{MOST_TEXT}>"]).get(uid, {})
        data = next((value for key, value in answer.items() if key.startswith(b"BODY[")), b"")
        return decode(part.decoded(data or b""), part.charset)

    def close(self) -> None:
        """Leave at once: LOGOUT would wait for a server that may be gone."""
        with contextlib.suppress(Exception):
            self.client.shutdown()


def _connect(account: ImapAccount) -> IMAPClient:
    host, port = account.address
    seconds = account.timeout.total_seconds()
    is_tls = account.security is Security.TLS
    client = IMAPClient(
        host,
        port,
        ssl=is_tls,
        ssl_context=_tls(account.ca_file) if is_tls else None,
        timeout=SocketTimeout(connect=min(10.0, seconds), read=seconds),
    )
    client.normalise_times = False
    if account.security is Security.STARTTLS:
        try:
            client.starttls(_tls(account.ca_file))
        except BaseException:
            with contextlib.suppress(Exception):
                client.shutdown()
            raise
    return client


def _number(value: Any) -> int | None:
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return None if value is None else int(value)


def _flags(flags: Collection[bytes]) -> Flags:
    return Flags(b"\\Seen" in flags, b"\\Answered" in flags)


def _chunks(uids: list[int], size: int) -> list[list[int]]:
    return [uids[start : start + size] for start in range(0, len(uids), size)]


def a_day_before(at: datetime) -> date:
    """SINCE knows days only, in the server's zone: a day earlier is early enough everywhere."""
    return (at - timedelta(days=1)).date()
