"""How long a service wants to be left alone, as it says it: one reading for all."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
"""Discord tells fractions, too."""


def retry_after(text: str | None, most: timedelta, now: datetime | None = None) -> timedelta | None:
    """A Retry-After header (RFC 9110 section 10.2.3): seconds or, with ``now``, a date; 0 for one that has passed, at
    most ``most``. None if it says nothing. Does not raise, whatever stands there."""
    text = (text or "").strip()
    if _SECONDS.fullmatch(text):
        # As a float: a whole number of thousands of digits is refused, a span of years overflows.
        return timedelta(seconds=min(float(text), most.total_seconds()))
    at = _date(text)
    return None if at is None or now is None else min(max(at - now, timedelta(0)), most)


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
