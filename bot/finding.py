"""Which receipts the mail system of a recipient gave for one mail, of those that were asked for. Pure.

Only what kind of receipt came is said, in a closed vocabulary: never a server's words, which may name a person.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from escalation.receipt import Evidence, ReceiptKind, Recipient

HOP = "hop"
"""The source (``via``) of a DSN that a system before the recipient's own wrote, or may have written: in such a one our
smart host says that there is no such domain."""


class Signal(StrEnum):
    """The receipts that a mail system or its user may give."""

    DSN = "dsn"
    MDN = "mdn"
    PICTURE = "picture"
    CONFIRM = "confirm"
    REPLY = "reply"


class Finding(NamedTuple):
    """``given``: which form of it came ("delivered", "gmail_proxy"), "" for none. ``is_asked``: its absence tells."""

    signal: Signal
    is_asked: bool
    given: str = ""


_OF_DSN = {
    ReceiptKind.FAILED: "failed",
    ReceiptKind.DELIVERED: "delivered",
    ReceiptKind.DELAYED: "delayed",
    ReceiptKind.ACCEPTED: "relayed",
}
"""The most telling first. ``relayed``: what follows tells no more (RFC 3464, 2.3.3)."""
_OF_MDN = {ReceiptKind.DISPLAYED: "displayed", ReceiptKind.DELETED_UNREAD: "deleted"}
_MODES = (("mdn-sent-automatically", "automatic"), ("mdn-sent-manually", "manual"))


def findings(
    recipient: Recipient, ref: Mapping[str, str], *, has_page: bool, is_own: bool = False
) -> tuple[Finding, ...]:
    """What this recipient's mail gave. ``ref`` is the mail channel's: which receipts were asked for. ``is_own``: of the
    delivery reports only those that the recipient's own system wrote."""
    standing = {one.kind: one for one in recipient.evidence if one.stands}
    return (
        _finding(Signal.DSN, ref.get("dsn") == "yes", _by(standing, _OF_DSN, *(("dsn",) if is_own else ("dsn", HOP)))),
        _finding(Signal.MDN, ref.get("mdn") == "yes", _read(standing)),
        _finding(Signal.PICTURE, ref.get("picture") == "yes", _opener(standing)),
        _finding(Signal.CONFIRM, has_page, "confirmed" if ReceiptKind.CONFIRMED in standing else ""),
        _finding(Signal.REPLY, True, "replied" if ReceiptKind.REPLIED in standing else ""),
    )


def _finding(signal: Signal, is_asked: bool, given: str) -> Finding:
    return Finding(signal, is_asked or bool(given), given)


def _by(standing: Mapping[ReceiptKind, Evidence], forms: Mapping[ReceiptKind, str], *sources: str) -> str:
    found = (form for kind, form in forms.items() if kind in standing and standing[kind].via in sources)
    return next(found, "")


def _read(standing: Mapping[ReceiptKind, Evidence]) -> str:
    """ "displayed manual": with the mode that the program claims (RFC 8098, 3.2.6.1)."""
    form = _by(standing, _OF_MDN, "mdn")
    detail = next((one.detail.lower() for one in standing.values() if one.via == "mdn"), "")
    mode = next((name for mark, name in _MODES if mark in detail), "")
    return f"{form} {mode}".strip() if form else ""


def _opener(standing: Mapping[ReceiptKind, Evidence]) -> str:
    """Who loaded the picture: the first word of the receipt's detail (``bot.web.mail_desk``)."""
    for kind in (ReceiptKind.OPENED, ReceiptKind.OPENED_BY_MACHINE):
        if kind in standing and standing[kind].via == "web":
            return standing[kind].detail.partition(",")[0] or kind.value
    return ""
