"""``Idempotency-Key``: the same request twice is one mail. The IETF's draft-ietf-httpapi-idempotency-key-header: a key
that comes back with another request is refused with 422, as whoever sends it believes that both have left.

What is kept of a key is ``ID FINGERPRINT``; a bot before this one kept the id alone, and any request with such a key is
the same.
"""

import hashlib
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request

from bot.store.store import Tx
from bot.web.refusal import ApiError, of_field
from escalation.phrase import Phrase

KEY = "Idempotency-Key"
MOST_KEY = 200


@dataclass(frozen=True, slots=True)
class Once:
    """A key ("" for none: then every request is another one), and what was asked with it."""

    key: str
    fingerprint: str

    async def known(self, tx: Tx) -> int | None:
        """The alert of the same request before; None if there was none. Raises ApiError if it was another request."""
        found = await tx.get(f"api:{self.key}") if self.key else None
        if found is None:
            return None
        id, _, fingerprint = found.partition(" ")
        if fingerprint and fingerprint != self.fingerprint:
            why = Phrase("it was used for another request already, which is alert %(id)s", id=id)
            fix = Phrase("send another key with another request, or the first request unchanged")
            raise ApiError(422, of_field(KEY, why), fix)
        return int(id)

    async def keep(self, tx: Tx, id: int) -> None:
        if self.key:
            await tx.put(f"api:{self.key}", f"{id} {self.fingerprint}")


def once_of(request: Request, asked: BaseModel) -> Once:
    """What tells this request from others. ``confirm`` is no part of it: it says how to ask, not what to send. Neither
    is what has its default: a field that a later version adds makes no other request. Raises ApiError."""
    text = asked.model_dump_json(exclude={"confirm"}, exclude_defaults=True)
    return Once(key_of(request), hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def key_of(request: Request) -> str:
    """The request's key; "" if it has none. Raises ApiError."""
    key: str = request.headers.get("idempotency-key", "")
    if len(key) > MOST_KEY:
        fix = Phrase("send at most %(n)s characters", n=MOST_KEY)
        raise ApiError(422, of_field(KEY, Phrase("it is too long")), fix)
    return key
