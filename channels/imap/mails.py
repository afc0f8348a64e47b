"""Reads new mails: headers, flags, and where the rules ask for it the beginning of the text. Never an attachment.

One mail that the server can't give, or gives in a shape that nobody understands, does not hold up the others, and is
not left out either: it becomes a ``Mail`` with what could be read and a defect that says so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from imapclient.exceptions import IMAPClientAbortError

from channels.imap.fetch import fetch
from channels.imap.head import MOST_HEAD, MOST_HEADER_BYTES
from channels.imap.parse import MOST_TEXT, NO_ID, parse_mail
from channels.imap.session import Session, date_of
from channels.imap.structure import TextPart, text_part
from channels.imap.text import decode
from escalation.mail import Mail
from escalation.phrase import Phrase

log = structlog.get_logger(__name__)

_ENVELOPE = ["FLAGS", "INTERNALDATE"]
# One more than is looked at: that is how it is known that there was more.
_HEADER = f"BODY.PEEK[HEADER]<0.{MOST_HEADER_BYTES + 1}>"
_WHOLE_HEADER = f"BODY.PEEK[HEADER]<0.{MOST_HEAD + 1}>"
MOST_RAW = 262_144
"""A receipt's own parts come first; behind them there is only the mail that was sent."""
RAW_AT_ONCE = 10
_RAW = f"BODY.PEEK[]<0.{MOST_RAW}>"
_LEAST = Phrase("the server could not give this mail; nothing of it was read but that it came")
_NO_TEXT = Phrase("the text could not be read")

Told = Mapping[bytes, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads mails of the open folder. ``uidvalidity`` names a mail of which not even the header can be read."""

    session: Session
    folder: str
    uidvalidity: int
    is_junk: bool
    wants_text: bool
    now: datetime

    def mails(self, uids: Sequence[int]) -> dict[int, Mail]:
        """The mails that are there. Raises OSError or IMAPClientAbortError when the connection is lost."""
        try:
            found = self._read(uids, with_text=self.wants_text)
        except (OSError, IMAPClientAbortError):
            raise
        except Exception as error:
            log.warning("Mails could not be read together", count=len(uids), fault=type(error).__name__)
            found = {}
        missing = [uid for uid in uids if uid not in found]
        # Most of these are gone, which is nothing to say; any that is still there is read alone.
        there = self.session.flags(missing) if missing else {}
        return found | {uid: self._alone(uid) for uid in there}

    def raw(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The mails as they came, cut off. Raises as ``mails`` does."""
        found: dict[int, bytes] = {}
        for start in range(0, len(uids), RAW_AT_ONCE):
            answers = fetch(self.session.client, uids[start : start + RAW_AT_ONCE], [_RAW])
            found |= {uid: _body(one) or b"" for uid, one in answers.items()}
        return found

    def _alone(self, uid: int) -> Mail:
        for with_text in (True, False) if self.wants_text else (False,):
            try:
                if mail := self._read([uid], with_text=with_text).get(uid):
                    return mail if with_text is self.wants_text else _with(mail, _NO_TEXT)
            except (OSError, IMAPClientAbortError):
                raise
            except Exception as error:
                log.warning("A mail could not be read as it is", uid=uid, fault=type(error).__name__)
        nothing = self._mail({b"INTERNALDATE": self.now}, b"", "")
        name = f"{self.uidvalidity}.{uid}.{self.session.account.name}{NO_ID}"
        return replace(nothing, message_id=name, defects=(_LEAST,))

    def _read(self, uids: Sequence[int], *, with_text: bool) -> dict[int, Mail]:
        items = [*_ENVELOPE, _HEADER, *(["BODYSTRUCTURE"] if with_text else [])]
        told = {uid: one for uid, one in fetch(self.session.client, uids, items).items() if _body(one) is not None}
        texts = self._texts(told) if with_text else {}
        return {uid: self._mail(one, self._header(uid, one), texts.get(uid, "")) for uid, one in told.items()}

    def _header(self, uid: int, told: Told) -> bytes:
        """The mail's head; if it is longer than real ones are, it is asked for again: one mail's at a time."""
        header = _body(told) or b""
        if len(header) <= MOST_HEADER_BYTES:
            return header
        try:
            whole = _body(fetch(self.session.client, [uid], [_WHOLE_HEADER]).get(uid, {})) or header
        except (OSError, IMAPClientAbortError):
            raise
        except Exception as error:
            log.warning("The whole head of a mail could not be read", uid=uid, fault=type(error).__name__)
            whole = header
        log.warning("A mail has very long headers", uid=uid, account=self.session.account.name, bytes=len(whole))
        return whole

    def _texts(self, told: Mapping[int, Told]) -> dict[int, str]:
        """The beginnings of the text parts, by one command for all mails of the same make."""
        parts = {uid: part for uid, one in told.items() if (part := text_part(one.get(b"BODYSTRUCTURE")))}
        texts: dict[int, str] = {}
        for number in {part.number for part in parts.values()}:
            alike = {uid: part for uid, part in parts.items() if part.number == number}
            answers = fetch(self.session.client, alike, [f"BODY.PEEK[{number}]<0.{MOST_TEXT}>"])
            texts |= {uid: _decoded(alike[uid], _body(one) or b"") for uid, one in answers.items()}
        return texts

    def _mail(self, told: Told, header: bytes, text: str) -> Mail:
        return parse_mail(
            header,
            text,
            account=self.session.account.name,
            folder=self.folder,
            received_at=date_of(told) or self.now,
            flags=_flags(told.get(b"FLAGS") or ()),
            is_junk=self.is_junk,
        )


def _body(told: Told) -> bytes | None:
    """What was fetched of the mail: None if nothing was."""
    value = next((value for key, value in told.items() if key.startswith(b"BODY[")), None)
    return value if isinstance(value, bytes) else None


def _decoded(part: TextPart, data: bytes) -> str:
    return decode(part.decoded(data), part.charset)


def _flags(flags: Collection[Any]) -> list[str]:
    """The flags as text, those of the system in one spelling: their case means nothing (RFC 3501 section 2.3.2)."""
    names = [flag.decode("ascii", "replace") if isinstance(flag, bytes) else str(flag) for flag in flags]
    return [name.title() if name.startswith("\\") else name for name in names]


def _with(mail: Mail, defect: str) -> Mail:
    return replace(mail, defects=(*mail.defects, defect))
