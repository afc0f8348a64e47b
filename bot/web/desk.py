"""What the web receipts ask of the bot, and what they tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from escalation.receipt import ReceiptKind

VIA = "web"


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """What the confirm page shows of a mail to its recipient. ``language`` and ``zone`` (IANA) are the recipient's."""

    sender: str
    subject: str
    sent_at: datetime
    language: str
    zone: str
    recipient: str = ""
    is_confirmed_at: datetime | None = None
    deadline: datetime | None = None


class WebReport(NamedTuple):
    """One receipt by the web, or with ``is_withdrawn`` the end of one.

    ``opener``, ``confidence`` and ``detail`` are the verdict (see ``bot.web.openings``). ``program`` (a family, without
    version) and ``network`` (/24, /48) are for the one who must judge it anew; whoever keeps only the verdict drops
    them. A confirmation carries neither.
    """

    key: str
    kind: ReceiptKind
    at: datetime
    via: str = VIA
    detail: str = ""
    opener: str = ""
    confidence: float = 1.0
    program: str = ""
    network: str = ""
    is_withdrawn: bool = False


class Desk(Protocol):
    """The bot's side. ``key`` is a notification's, and was signed by Kidoku."""

    async def letter(self, key: str) -> ShownLetter | None:
        """The mail; None if there is none (any more), or its link was revoked."""
        ...

    async def report(self, reports: Sequence[WebReport]) -> None:
        """Commit them all in one transaction, and return when that is done. Keys that are unknown, were revoked, or
        whose recipient has declined are passed over. Raises if nothing was committed."""
        ...
