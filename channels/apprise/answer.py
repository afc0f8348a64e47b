"""What apprise's yes or no means, in words. It tells no more than that, and logs: most services' answers are logged as
"…, error=429." after a text of apprise's own.

Nothing that was logged is shown as it stands: it may hold topics, users and tokens of the URL.
"""

import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote

from channels.base import Rejected, RetryLater, SendResult
from escalation.phrase import N_

_STATUS = re.compile(r"error=(\d{3})\d{0,3}\b")
"""ntfy puts two digits of its own after the status (42901)."""
_NO_CONNECTION = re.compile(r"connection error|timed? ?out", re.IGNORECASE)
_WORTH_REPEATING = frozenset({408, 409, 421, 423, 425, 429})
_TOKEN = frozenset({401, 403})
_GONE = frozenset({404, 410})
_UNDELIVERED = N_("apprise could not deliver it")
_TOKEN_REFUSED = N_("it does not accept the login or token in the URL")
_NOWHERE = N_("the URL leads nowhere, or no longer")
SHORTEST_SECRET = 2
MOST_SAID = 200


def fault_of(lines: Sequence[str], url: str) -> SendResult:
    """Why a delivery failed. A service with several recipients may have reached some of them: those get it twice."""
    status = next((int(found.group(1)) for line in reversed(lines) if (found := _STATUS.search(line))), 0)
    if 400 <= status <= 599:
        return _of_status(status)
    if any(_NO_CONNECTION.search(line) for line in lines):
        return RetryLater(N_("the service can't be reached, or did not answer in time"), maybe_sent=True)
    said = scrubbed(lines[-1], url) if lines else ""
    return RetryLater(f"{_UNDELIVERED}: {said}" if said else _UNDELIVERED)


def _of_status(status: int) -> SendResult:
    words = f"the service answered {status}{_phrase(status)}"
    if status in _WORTH_REPEATING or status >= 500:
        return RetryLater(words, maybe_sent=status >= 500)
    if status in _TOKEN:
        return Rejected(f"{words}: {_TOKEN_REFUSED}")
    if status in _GONE:
        return Rejected(f"{words}: {_NOWHERE}")
    return Rejected(words)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def scrubbed(line: str, url: str) -> str:
    """What apprise logged, without anything that stands in the URL."""
    after = url.partition("://")[2]
    parts = {part for text in (after, unquote(after)) for part in re.split(r"[\W_]+|_", text)}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST_SECRET:
            line = re.sub(re.escape(part), "…", line, flags=re.IGNORECASE)
    return " ".join(line.split())[:MOST_SAID]
