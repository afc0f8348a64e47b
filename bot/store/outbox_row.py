"""A notification ↔ its row in the outbox."""

from operator import attrgetter
from typing import Any

import msgspec

from bot.store import codec
from bot.store.record import NotificationRow, NotificationState
from bot.store.statement import Row
from escalation.action import PHONE

NAMES = NotificationRow._fields
COLUMNS = (*NAMES, "wake_at")
"""The columns in the order of ``values_of``."""

_INSTANTS = frozenset({"due_at", "created_at", "send_at", "update_at", "follow_at", "claimed_at", "sent_at"})
_STRINGS = frozenset({"purpose", "outcome"})
_read_ref = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.Encoder().encode


def _ref(ref: Any) -> str:
    return _encode(dict(ref)).decode() if ref else "{}"


_WRITE: dict[str, Any] = (
    dict.fromkeys(_INSTANTS, codec.micros) | dict.fromkeys(_STRINGS, str) | {"state": attrgetter("value"), "ref": _ref}
)
_READ: dict[str, Any] = dict.fromkeys(_INSTANTS, codec.instant) | {"state": NotificationState, "ref": _read_ref}

_written = [(place, _WRITE[name]) for place, name in enumerate(NAMES) if name in _WRITE]
_read = [(name, _READ[name]) for name in NAMES if name in _READ]


def values_of(row: NotificationRow) -> Row:
    """The values of ``COLUMNS``, as drivers take them."""
    values = [*row, codec.micros(row.next_at)]
    for place, write in _written:
        if values[place] is not None:
            values[place] = write(values[place])
    return tuple(values)


def row_of(found: Any) -> NotificationRow:
    """The notification of a selected row."""
    values = {name: found[name] for name in NAMES}
    for name, read in _read:
        values[name] = read(values[name])
    return NotificationRow(**values)


def call_of(channel: str, ref: str) -> str:
    """The provider's name of the call by which this left; "" if it was none, or is not known."""
    return _read_ref(ref).get("sid", "") if channel == PHONE else ""
