"""FETCH (RFC 3501 section 7.4.2), keyed by the UID that the server itself names.

``IMAPClient.fetch`` takes the sequence number for the UID where an answer has none; but a server may tell at any time,
without a UID, that another program changed a flag, and then the wrong mail would seem to be read. It also joins what is
told of one sequence number, although an EXPUNGE in between gives that number to another mail.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imapclient.datetime_util import parse_to_datetime
from imapclient.exceptions import IMAPClientError, ProtocolError
from imapclient.response_parser import gen_parsed_response
from imapclient.response_types import BodyData

from channels.imap.wire import Client
from escalation.phrase import Phrase

Answers = dict[int, dict[bytes, Any]]


def fetch(client: Client, uids: Iterable[int], items: Iterable[str]) -> Answers:
    """What the server tells of those mails that are there. Raises IMAPClientError if it refuses, or can't be read."""
    wanted = set(uids)
    if not wanted:
        return {}
    listed = list(items)
    found: Answers = {}
    for uid, told in _told(_asked(client, ",".join(map(str, sorted(wanted))), listed)):
        if uid in wanted:
            found.setdefault(uid, {}).update(told)
        if uid not in wanted or (b"FLAGS" in told and "FLAGS" not in listed):
            client.wire.has_news = True
    return found


def _asked(client: Client, uids: str, items: list[str]) -> list[Any]:
    client.wire.is_fetching = True
    try:
        status, lines = client.wire.uid("FETCH", uids, f"({' '.join(items)})")
    finally:
        client.wire.is_fetching = False
    if status != "OK":
        raise IMAPClientError(
            Phrase("the mail server answers %(status)s to %(command)s", status=status, command="FETCH")
        )
    return list(lines)


def _told(lines: list[Any]) -> Iterator[tuple[int, Mapping[bytes, Any]]]:
    """What was told, by UID; 0 where the server named none."""
    if lines == [None]:
        return
    response = gen_parsed_response(lines)
    for _sequence_number in response:
        values = next(response, None)
        if not isinstance(values, tuple) or len(values) % 2:
            raise ProtocolError(Phrase("the mail server's answer can't be understood"))
        pairs = {bytes(values[n]).upper(): values[n + 1] for n in range(0, len(values), 2)}
        uid = pairs.pop(b"UID", None)
        yield uid if isinstance(uid, int) else 0, {name: _value(name, value) for name, value in pairs.items()}


def _value(name: bytes, value: Any) -> Any:
    if value is None:
        return None
    if name == b"INTERNALDATE":
        return parse_to_datetime(value, normalise=False)
    return BodyData.create(value) if name == b"BODYSTRUCTURE" else value
