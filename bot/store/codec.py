"""Values ↔ bytes, by msgspec: events, alerts, policies. Instants ↔ microseconds.

A policy is stored once for each content, under its digest; an alert's state and its ``Opened`` hold the digest only.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import msgspec

from escalation.alert import Alert
from escalation.decided import Event
from escalation.event import DeliveryReported, Opened, ReceiptReported
from escalation.policy import EscalationPolicy

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
LONGEST_KEY = 500
"""Bytes of a text that is (part of) a key. PostgreSQL's indexes take 2,704 in all; mail is hostile."""


def micros(at: datetime | None) -> int | None:
    """Microseconds since the epoch; exact, unlike a float timestamp. Raises TypeError for a naive instant."""
    if at is None:
        return None
    return (at - _EPOCH) // _MICROSECOND


def micros_of(span: timedelta) -> int:
    """Microseconds of a span."""
    return span // _MICROSECOND


def instant(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def instant_of(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def short(text: str) -> str:
    """The text as a key: itself, or its digest if it is too long for an index."""
    if len(text) * 4 <= LONGEST_KEY:
        return text
    data = text.encode("utf-8", "surrogatepass")
    return text if len(data) <= LONGEST_KEY else f"sha256:{hashlib.sha256(data).hexdigest()}"


# Policies ------------------------------------------------------------------------------------------------------------

_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="deterministic").encode
decode_policy: Callable[[bytes], EscalationPolicy] = msgspec.json.Decoder(EscalationPolicy).decode


def encode_policy(policy: EscalationPolicy) -> tuple[str, bytes]:
    """The digest and the bytes of a policy; equal policies have equal bytes."""
    data = _encode_sorted(policy)
    return hashlib.sha256(data).hexdigest(), data


# Alerts and events ---------------------------------------------------------------------------------------------------

T = TypeVar("T")


def _defaults(cls: Any) -> dict[str, Any]:
    """The fields of a named tuple or a dataclass, with what they are if nothing is said."""
    if issubclass(cls, tuple):
        return {name: cls._field_defaults.get(name, msgspec.NODEFAULT) for name in cls._fields}
    return {one.name: msgspec.NODEFAULT if one.default is MISSING else one.default for one in fields(cls)}


class _Stored(Generic[T]):
    """How a class with a policy is stored: the same fields, with the policy's digest in its place. A field that is as
    its default says is not written: most are. So a default is never changed; a new field is added instead.
    """

    def __init__(self, cls: type[T]) -> None:
        hints = get_type_hints(cls)
        defaults = _defaults(cls)
        types = hints | {"policy": str}
        fields_of = [(name, types[name], defaults[name]) for name in defaults]
        self._struct: Any = msgspec.defstruct(cls.__name__, fields_of, omit_defaults=True)
        self._cls = cls
        self._values: Any = list if issubclass(cls, tuple) else attrgetter(*defaults)
        self._policy = list(defaults).index("policy")
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(self._struct).decode

    def encode(self, value: T, digest: str) -> bytes:
        values = list(self._values(value))
        values[self._policy] = digest
        return _encode(self._struct(*values))

    def decode(self, data: bytes, policy_of: Callable[[str], EscalationPolicy]) -> T:
        values = list(msgspec.structs.astuple(self._decode(data)))
        values[self._policy] = policy_of(values[self._policy])
        return self._cls(*values)

    def digest(self, data: bytes) -> str:
        return str(self._decode(data).policy)


_alert = _Stored(Alert)
_opened = _Stored(Opened)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


KINDS: Mapping[str, type] = {_snake(one.__name__): one for one in get_args(Event)}
"""The column ``kind`` of every class of event."""

OPENED = _snake(Opened.__name__)
REPORTS = frozenset({_snake(DeliveryReported.__name__), _snake(ReceiptReported.__name__)})
"""What is told of a notification and of a mail: many for an alert that has many recipients."""
_KIND_OF: Mapping[type, str] = {one: kind for kind, one in KINDS.items()}
_decoders: Mapping[str, Callable[[bytes], Event]] = {
    kind: msgspec.json.Decoder(one).decode for kind, one in KINDS.items() if one is not Opened
}


class UnknownEventError(Exception):
    """An event of a kind that this release does not know: a later one wrote it."""


def encode_alert(alert: Alert, digest: str) -> bytes:
    """The state of an alert; ``digest`` stands for its policy."""
    return _alert.encode(alert, digest)


def decode_alert(data: bytes, policy: EscalationPolicy) -> Alert:
    """The alert of a row. Fields that an older release did not write get their defaults."""
    return _alert.decode(data, lambda _: policy)


def encode_event(event: Event, digest: str) -> tuple[str, bytes]:
    """The kind and the bytes of an event; ``digest`` stands for the policy of an ``Opened``."""
    if isinstance(event, Opened):
        return OPENED, _opened.encode(event, digest)
    return _KIND_OF[type(event)], _encode(event)


def digest_in(data: bytes) -> str:
    """The digest of the policy in the bytes of an ``Opened``."""
    return _opened.digest(data)


def decode_event(kind: str, data: bytes, policy_of: Callable[[str], EscalationPolicy]) -> Event:
    """The event of a row; ``policy_of`` finds an ``Opened``'s policy by its digest. Raises UnknownEventError."""
    if kind == OPENED:
        return _opened.decode(data, policy_of)
    if kind not in _decoders:
        raise UnknownEventError(kind)
    return _decoders[kind](data)
