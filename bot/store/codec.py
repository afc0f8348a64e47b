"""Values ↔ bytes, by msgspec: events, alerts, policies. Instants ↔ microseconds.

A policy is stored once for each content, under its digest; an alert's state and its ``Opened`` leave it out.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import get_args

import msgspec

from escalation import event as events
from escalation.alert import Alert
from escalation.event import Event, Opened
from escalation.policy import EscalationPolicy

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime | None) -> int | None:
    """Microseconds since the epoch; exact, unlike a float timestamp."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def instant(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def instant_of(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


KINDS: Mapping[str, type] = {_snake(one.__name__): one for one in get_args(events.Event)}
_KIND_OF: Mapping[type, str] = {one: kind for kind, one in KINDS.items()}

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode_policy = msgspec.json.Decoder(EscalationPolicy).decode


def encode_policy(policy: EscalationPolicy) -> tuple[str, bytes]:
    """The digest and the bytes of a policy."""
    data = _encode(policy)
    return hashlib.sha256(data).hexdigest(), data


@lru_cache(maxsize=256)
def decode_policy(data: bytes) -> EscalationPolicy:
    return _decode_policy(data)


def _stub(digest: str) -> EscalationPolicy:
    """What stands in a row for the policy with this digest."""
    return EscalationPolicy(name=digest, ladders=(), last_resort=(), counts=frozenset())


_decode_alert = msgspec.json.Decoder(Alert).decode
_decoders: Mapping[str, Callable[[bytes], Event]] = {
    kind: msgspec.json.Decoder(one).decode for kind, one in KINDS.items()
}


def encode_alert(alert: Alert, digest: str) -> bytes:
    return _encode(replace(alert, policy=_stub(digest)))


def decode_alert(data: bytes, policy: EscalationPolicy) -> Alert:
    """The alert of a row. Fields that an older release did not write get their defaults."""
    return replace(_decode_alert(data), policy=policy)


def encode_event(event: Event, digest: str) -> tuple[str, bytes]:
    """The kind and the bytes of an event; ``digest`` stands for the policy of an ``Opened``."""
    if isinstance(event, Opened):
        event = replace(event, policy=_stub(digest))
    return _KIND_OF[type(event)], _encode(event)


def decode_event(kind: str, data: bytes, policies: Callable[[str], EscalationPolicy]) -> Event:
    """The event of a row. Raises KeyError for a kind that this release does not know."""
    event = _decoders[kind](data)
    return replace(event, policy=policies(event.policy.name)) if isinstance(event, Opened) else event
