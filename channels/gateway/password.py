"""Who may hand in mail: lines of ``user:scrypt$N$r$p$salt$hash`` (RFC 7914), salt and hash in base64."""

import binascii
import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from escalation.phrase import Phrase, advice

N, R, P = 2**14, 8, 5
"""OWASP's cheat sheet on password storage: 16 MiB and a fifth of a second for each try."""
_MOST_MEMORY = 128 * 2**20
_LONGEST = 1024
"""Octets of a password that is tried at all."""
NOBODY = f"-:scrypt${N}${R}${P}${'A' * 24}${'A' * 44}"
"""A line whose password nobody has: what an unknown user is tried against, so that it takes as long."""

_USER = re.compile(r"[!-9;-~\x80-\U0010ffff]{1,100}")


@dataclass(frozen=True, slots=True)
class Hash:
    """One password, hashed."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes = field(repr=False)

    def is_of(self, password: str) -> bool:
        tried = _scrypt(password, self.salt, self.n, self.r, self.p, len(self.digest))
        return hmac.compare_digest(tried, self.digest)


def line_for(user: str, password: str) -> str:
    """The line of a user. Raises ValueError for a name that can't be one."""
    if not _USER.fullmatch(user):
        raise ValueError(Phrase("a user's name has no spaces and no colon"))
    salt = secrets.token_bytes(16)
    shown = (b64encode(one).decode() for one in (salt, _scrypt(password, salt, N, R, P, 32)))
    return f"{user}:scrypt${N}${R}${P}${'$'.join(shown)}"


def read(text: str) -> Mapping[str, Hash]:
    """The hash of each user. Empty lines and those that begin with # are passed over. Raises ValueError, which names
    the line and never shows it, in ``advice``."""
    found: dict[str, Hash] = {}
    for number, user, hashed in _lines(text):
        if user in found:
            raise ValueError(advice(Phrase("line %(n)d names a user again", n=number), Phrase("write each once")))
        found[user] = hashed
    if not found:
        raise ValueError(advice(Phrase("there is no user"), Phrase("add a line as kidoku gateway-password prints it")))
    return found


def _lines(text: str) -> Iterator[tuple[int, str, Hash]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        user, _, written = line.strip().partition(":")
        try:
            if not _USER.fullmatch(user):
                raise ValueError
            yield number, user, _hash(written)
        except (ValueError, binascii.Error):
            wrong = Phrase("line %(n)d is not user:scrypt$…", n=number)
            raise ValueError(advice(wrong, Phrase("make it with kidoku gateway-password"))) from None


def _hash(written: str) -> Hash:
    scheme, n, r, p, salt, digest = written.split("$")
    found = Hash(int(n), int(r), int(p), b64decode(salt, validate=True), b64decode(digest, validate=True))
    is_power = found.n >= 2**10 and found.n & (found.n - 1) == 0
    is_bearable = 128 * found.n * found.r * 2 <= _MOST_MEMORY and 1 <= found.r <= 32 and 1 <= found.p <= 16
    if scheme != "scrypt" or not is_power or not is_bearable or len(found.salt) < 8 or len(found.digest) < 16:
        raise ValueError
    return found


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    data = password.encode("utf-8", "surrogateescape")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=_MOST_MEMORY * 2)


class Passwords:
    """Tells whether a password is right. What was right once is known again at once, without scrypt: a monitoring
    system logs in for each mail."""

    def __init__(self, text: str) -> None:
        self._hashes = read(text)
        self._nobody = next(iter(read(NOBODY).values()))
        self._key = secrets.token_bytes(32)
        self._known: dict[str, bytes] = {}

    @property
    def users(self) -> frozenset[str]:
        return frozenset(self._hashes)

    def is_right(self, user: str, password: str) -> bool:
        """Blocks for a fifth of a second where it has to be worked out; as long for a user that there is not."""
        if not 0 < len(password.encode("utf-8", "surrogateescape")) <= _LONGEST:
            return False
        mark = hmac.digest(self._key, password.encode("utf-8", "surrogateescape"), "sha256")
        if user in self._known and hmac.compare_digest(self._known[user], mark):
            return True
        is_right = self._hashes.get(user, self._nobody).is_of(password) and user in self._hashes
        if is_right:
            self._known[user] = mark
        return is_right
