"""Status codes: enhanced (RFC 3463) and SMTP replies (RFC 5321), and the action that follows from them."""

import re

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")
_AFTER_REPLY = re.compile(r"(?<![\d.])[245]\d\d[ -]+#?\(?#?([245]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")
_REPLY = re.compile(r"(?<![\d.:/\[-])([45])[0-5]\d(?=[ -]+[^\d\s]|[ -]+[45]\.\d|: |\]|$|,)(?!-\d)", re.MULTILINE)
_ACTIONS = {
    "failed": "failed",
    "failure": "failed",
    "fail": "failed",
    "bounced": "failed",
    "undeliverable": "failed",
    "expired": "failed",
    "rejected": "failed",
    "delayed": "delayed",
    "delay": "delayed",
    "deferred": "delayed",
    "delivered": "delivered",
    "deliverable": "delivered",
    "success": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}
"""RFC 3464's five actions, and what others write in their place."""
_BY_CLASS = {"2": "delivered", "4": "delayed", "5": "failed"}


def enhanced(text: str) -> str:
    """The enhanced code that a text gives, rather one that follows a reply code; else an empty string."""
    match = _AFTER_REPLY.search(text) or _ENHANCED.search(text)
    return match[1] if match else ""


def status_in(text: str) -> str:
    """The enhanced code of a text or, failing that, the class of an SMTP reply in it: "5.0.0", "4.0.0"."""
    if code := enhanced(text):
        return code
    match = _REPLY.search(text)
    return f"{match[1]}.0.0" if match else ""


def action(word: str, status: str) -> str:
    """RFC 3464's action for the word of a report; where it has none, what the status's class says."""
    bare = re.split(r"[\s(;,]", word.strip().lower(), maxsplit=1)[0]
    return _ACTIONS.get(bare) or _BY_CLASS.get(status[:1], "")
