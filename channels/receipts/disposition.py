"""Message disposition notifications (RFC 8098), as mail programs really write them."""

import re

from channels.imap.text import one_line
from channels.receipts.address import typed
from channels.receipts.fields import Group, groups
from channels.receipts.understood import Reported

MOST_WORD = 60

_MODES = {
    "manual-action": "manual-action",
    "automatic-action": "automatic-action",
    "mdn-sent-manually": "MDN-sent-manually",
    "mdn-sent-automatically": "MDN-sent-automatically",
}
_TYPES = frozenset({"displayed", "deleted", "dispatched", "processed", "denied", "failed"})
_SYNONYMS = {"read": "displayed", "display": "displayed", "delete": "deleted"}
_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")


def reported(text: str) -> list[Reported]:
    """What a ``message/disposition-notification`` says; one entry, or none if it names no disposition."""
    merged: Group = {}
    for group in groups(text):
        for name, value in group.items():
            merged.setdefault(name, value)
    if "disposition" not in merged:
        return []
    mode, disposition = dispositions(merged["disposition"])
    final = typed(merged.get("final-recipient", ""))
    original = typed(merged.get("original-recipient", ""), is_xtext=True)
    return [
        Reported(
            address=final or original,
            original_address=original if final and original.lower() != final.lower() else "",
            disposition=disposition,
            mode=mode,
            diagnostic=one_line(merged.get("error", "") or merged.get("failure", "") or merged.get("warning", ""))[
                :500
            ],
        )
    ]


def dispositions(value: str) -> tuple[str, str]:
    """Disposition mode and type of ``manual-action/MDN-sent-manually; displayed``.

    The two are told apart by their words, since programs swap them, leave the semicolon out, add modifiers
    (``displayed/error``) or write the mode alone. A type that the RFC does not know is given as it stands.
    """
    words = [match[0].lower() for match in _WORD.finditer(value[:500])]
    mode = "/".join(dict.fromkeys(_MODES[word] for word in words if word in _MODES))
    rest = [_SYNONYMS.get(word, word) for word in words if word not in _MODES]
    known = next((word for word in rest if word in _TYPES), "")
    return mode, known or (rest[0][:MOST_WORD] if rest else "")
