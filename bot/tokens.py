"""What only Kidoku can make: stamps, by which a receipt is known to be for one of its mails, and web tokens."""

import hmac
import re
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from pydantic import SecretStr

MARK_BYTES = 12
CODE_DIGITS = 6
_SIGNER = {"digest_method": sha256}
_STAMP = re.compile(r"([0-9a-z.-]{1,25})-([a-z2-7]{20})", re.ASCII)


class Purpose(StrEnum):
    """What a web token is for. One made for one purpose is worth nothing for another."""

    CONFIRM = "confirm"
    PIXEL = "pixel"
    DECLINE = "decline"
    VIEW = "view"
    SESSION = "session"
    TAKE = "take"


class Tokens:
    """``secret`` makes and reads; ``older`` ones only read, so that the secret can be changed."""

    def __init__(self, secret: SecretStr, older: Sequence[SecretStr] = ()) -> None:
        self._secrets = [one.get_secret_value().encode() for one in (secret, *older)]
        self._serializers = {purpose: _serializer(purpose, self._secrets) for purpose in Purpose}
        self._feeds = URLSafeSerializer(self._secrets[::-1], salt="kidoku.feed", signer_kwargs=_SIGNER)

    def stamp(self, key: str) -> str:
        """ "42.m3-<mark>": a notification's key (at most 25 of [0-9a-z.-]) with a mark of 96 bits. It may stand in a
        local part, and survives one that is written in capitals."""
        return f"{key}-{_mark(self._secrets[0], key)}"

    def seal(self, key: str) -> str:
        """20 of [a-z2-7] that no other database gives to a notification with this key. It may be seen: it is no stamp,
        and proves nothing."""
        return _mark(self._secrets[0], f"seal:{key}")

    def key_of(self, stamp: str) -> str | None:
        """The key of a genuine stamp, whatever its case; None for anything else."""
        match = _STAMP.fullmatch(stamp.lower())
        if match is None:
            return None
        key, mark = match.groups()
        is_genuine = [hmac.compare_digest(_mark(secret, key), mark) for secret in self._secrets]
        return key if any(is_genuine) else None

    def confirm_token(self, key: str) -> str:
        """For the address of the confirm page."""
        return self._signed(Purpose.CONFIRM, key)

    def pixel_token(self, key: str) -> str:
        """For the address of the picture that tells of an opening."""
        return self._signed(Purpose.PIXEL, key)

    def decline_token(self, address: str) -> str:
        """For the page on which this address declines: it must work for longer than any mail is kept."""
        return self._signed(Purpose.DECLINE, address)

    def view_token(self, key: str) -> str:
        """For the address of the page that shows a confidential mail."""
        return self._signed(Purpose.VIEW, key)

    def take_token(self, key: str) -> str:
        """For the address of the page on which an alert is acknowledged."""
        return self._signed(Purpose.TAKE, key)

    def session_token(self, key: str) -> str:
        """For whoever has just typed the right code."""
        return self._signed(Purpose.SESSION, key)

    def feed_token(self, key: str) -> str:
        """For the address of a calendar feed: the same each time, and good until its key is taken back."""
        return str(self._feeds.dumps(key))

    def feed_key(self, token: str) -> str | None:
        """The key of a genuine feed's token; None for anything else."""
        try:
            key = self._feeds.loads(token) if token.isascii() else None
        except BadData:
            return None
        return key if isinstance(key, str) else None

    def code(self, key: str, nonce: str) -> str:
        """The six digits that belong to a random ``nonce`` of this key. Only the nonce needs to be kept: no code is
        ever stored. Made and checked with the newest secret: a code lives for minutes."""
        digest = hmac.new(self._secrets[0], f"kidoku.code:{key}:{nonce}".encode(), sha256).digest()
        return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def _signed(self, purpose: Purpose, key: str) -> str:
        return str(self._serializers[purpose].dumps(key))

    def read(self, token: str, purpose: Purpose, longest: timedelta) -> str | None:
        """The key of a genuine token that is not older than this; None for anything else."""
        found = self.read_dated(token, purpose, longest)
        return found[0] if found else None

    def read_dated(self, token: str, purpose: Purpose, longest: timedelta) -> tuple[str, datetime] | None:
        """The same, with the instant at which the token was made: that of its mail's sending, to the second."""
        if not token.isascii():
            return None
        try:
            key, made_at = self._serializers[purpose].loads(
                token, max_age=int(longest.total_seconds()), return_timestamp=True
            )
        except BadData:
            return None
        return (key, made_at) if isinstance(key, str) else None


def _serializer(purpose: Purpose, secrets: Sequence[bytes]) -> URLSafeTimedSerializer:
    """It signs with the last of its secrets and reads with each (itsdangerous, key rotation)."""
    return URLSafeTimedSerializer(secrets[::-1], salt=f"kidoku.{purpose}", signer_kwargs=_SIGNER)


def _mark(secret: bytes, key: str) -> str:
    digest = hmac.new(secret, b"kidoku.stamp:" + key.encode(), sha256).digest()[:MARK_BYTES]
    return b32encode(digest).decode().rstrip("=").lower()
