"""What a Retry-After header says, and what it can't do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.retry_after import retry_after

NOW = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
MOST = timedelta(hours=1)
DATE = "Sun, 03 May 2026 17:00:07 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("64.57", 64.57),
        ("3601", 3600),
        ("9" * 50, 3600),
        ("9" * 5_000, 3600),
        (DATE, 7),
        ("Sun, 03 May 2026 17:00:07", 7),
        ("Sun, 03 May 2026 16:59:00 GMT", 0),
        ("Sun, 03 May 9999 17:00:00 GMT", 3600),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 3600),
    ],
)
def test_it_says_how_long(text: str, seconds: float) -> None:
    assert retry_after(text, MOST, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", "-5", "+5", "1e9", "nan", "inf", ".5", "5.", "5 s", "٣", "²", f"{DATE[:-3]}+{'9' * 30}"],
)
def test_it_says_nothing(text: str | None) -> None:
    assert retry_after(text, MOST, NOW) is None


def test_a_date_is_none_to_whoever_has_no_clock() -> None:
    assert retry_after(DATE, MOST) is None


_PIECES = st.sampled_from(["Sun,", "03", "May", "2026", "17:00:07", "GMT", "+9999", "-", ":", ",", " ", "9" * 20, "("])


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=9).map(" ".join)))
@example("Sun, 03 May 2026 17:00:00 +" + "9" * 400)
def test_whatever_stands_there_is_no_fault(text: str) -> None:
    span = retry_after(text, MOST, NOW)
    assert span is None or timedelta(0) <= span <= MOST
