"""The links of published feeds. Each holds a word that is kept in the store: another word, and the link is dead."""

import hmac
import secrets
from typing import NamedTuple

from bot.store.store import Tx
from bot.tokens import Tokens
from escalation.roster import Roster

_NOBODY = "p::"
"""The key of no feed: looked up in the place of a forged token's, so that its answer takes as long."""


class Subject(NamedTuple):
    """Whose feed it is: a person's (``kind`` "p") or a schedule's ("s"), by its id."""

    kind: str
    id: str

    def is_known(self, roster: Roster) -> bool:
        return self.id in (roster.people if self.kind == "p" else roster.schedules)


async def token_of(tx: Tx, subject: Subject, tokens: Tokens) -> str:
    """The token of a feed; made if there is none, or it was taken back."""
    word = await tx.get(_key(subject))
    if not word:
        word = secrets.token_hex(8)
        await tx.put(_key(subject), word)
    return tokens.feed_token(f"{subject.kind}:{subject.id}:{word}")


async def revoke(tx: Tx, subject: Subject) -> bool:
    """Whether there was a link; it leads nowhere from now on."""
    if not await tx.get(_key(subject)):
        return False
    await tx.put(_key(subject), "")
    return True


async def subject_of(tx: Tx, token: str, tokens: Tokens) -> Subject | None:
    """Whose feed a token opens; None if it is forged, or was taken back."""
    genuine = tokens.feed_key(token)
    kind, _, rest = (genuine or _NOBODY).partition(":")
    id, _, word = rest.rpartition(":")
    subject = Subject(kind, id)
    current = await tx.get(_key(subject)) or ""
    is_current = hmac.compare_digest(current.encode(), word.encode())
    return subject if genuine and current and is_current else None


def _key(subject: Subject) -> str:
    return f"feed:{subject.kind}:{subject.id}"
