"""Finds a mail by its Message-ID in the open folder.

The Message-ID is a stranger's text. SEARCH HEADER gets only a harmless piece of it, quoted (an id such as ``{9999}``
would be a literal that the server waits for), and finds substrings; so what is found is read and compared.
"""

import re
from collections.abc import Iterable

from channels.imap.fetch import fetch
from channels.imap.parse import NO_ID, message_id_of
from channels.imap.wire import Client

MOST_CANDIDATES = 100
"""Looked at, the newest ones. A mail without a Message-ID can only be found among the last mails of a folder."""
_HEADER = "BODY.PEEK[HEADER]<0.16384>"
_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]<0.4096>"
"""Of a mail that has one: whatever stands before it."""
_PLAIN = re.compile(r"[!#-\[\]-~]+")
_SHORTEST = 4


def uids_of(client: Client, message_id: str, exists: int) -> list[int]:
    """The UIDs of the mails with exactly this Message-ID, oldest first."""
    item = _HEADER if message_id.endswith(NO_ID) else _ID
    return [uid for uid, id in _ids(client, _candidates(client, message_id, exists), item) if id == message_id]


def _candidates(client: Client, message_id: str, exists: int) -> list[int]:
    piece = max(_PLAIN.findall(message_id), key=len, default="")
    if len(piece) < _SHORTEST or message_id.endswith(NO_ID):
        criteria = f"{max(1, exists - MOST_CANDIDATES + 1)}:*"
    else:
        criteria = f'HEADER Message-ID "{piece}"'
    return sorted(client.search(criteria))[-MOST_CANDIDATES:] if exists else []


def _ids(client: Client, uids: Iterable[int], item: str) -> list[tuple[int, str]]:
    answers = fetch(client, uids, ["INTERNALDATE", item])
    return sorted((uid, _id(told)) for uid, told in answers.items() if told.get(b"INTERNALDATE") is not None)


def _id(told: dict[bytes, object]) -> str:
    header = next((value for key, value in told.items() if key.startswith(b"BODY[HEADER")), b"")
    return message_id_of(header if isinstance(header, bytes) else b"", told[b"INTERNALDATE"])  # type: ignore[arg-type]
