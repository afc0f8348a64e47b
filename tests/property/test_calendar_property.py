"""A window changes exactly where a walk minute by minute sees it change, in every zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from escalation.calendar import Span, Window

ZONES = sorted(available_timezones())
MINUTE = timedelta(minutes=1)


def _transitions(zone: str, year: int) -> list[datetime]:
    """About when its clock is changed, by the hour."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(0, 8760, 6)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


@st.composite
def places(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and an instant in it, most often near a change of its clock."""
    zone = draw(st.sampled_from(ZONES))
    year = draw(st.integers(2010, 2027))
    changes = _transitions(zone, year)
    minutes = draw(st.integers(0, 525_000))
    if changes and minutes % 4:
        return zone, draw(st.sampled_from(changes)) - timedelta(minutes=minutes % 2000)
    return zone, datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)


clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
spans = st.builds(Span, st.sets(st.integers(0, 6), min_size=1).map(frozenset), clocks, clocks)


@st.composite
def windows(draw: st.DrawFn, zone: str, day: date, depth: int = 1) -> Window:
    near = st.integers(-2, 3).map(lambda n: day + timedelta(days=n))
    parts = [
        tuple(draw(st.lists(windows(draw(st.sampled_from([zone, "UTC"])), day, 0), max_size=2))) if depth else ()
        for _ in range(3)
    ]
    return Window(
        "any",
        zone,
        tuple(draw(st.lists(spans, max_size=2))),
        draw(st.sampled_from([None, True, False])),
        frozenset(draw(st.sets(near, max_size=2))),
        frozenset(draw(st.sets(near, max_size=1))),
        *parts,
    )


def _is_inside(window: Window, at: datetime) -> bool:
    """The definition, on the wall clock."""
    local = at.astimezone(ZoneInfo(window.zone))
    others = (*window.all_of, *window.any_of, *window.none_of)
    is_empty = not window.spans and not window.dates and window.on_holidays is None
    inside = bool(others) and is_empty
    for span in window.spans:
        now, yesterday = local.time(), (local.weekday() - 1) % 7
        if span.start < span.end:
            inside |= local.weekday() in span.days and span.start <= now < span.end
        else:
            inside |= (local.weekday() in span.days and now >= span.start) or (
                yesterday in span.days and now < span.end
            )
    if window.on_holidays is not None and local.date() in window.holidays:
        inside = window.on_holidays
    inside |= local.date() in window.dates
    return (
        inside
        and all(_is_inside(one, at) for one in window.all_of)
        and (not window.any_of or any(_is_inside(one, at) for one in window.any_of))
        and not any(_is_inside(one, at) for one in window.none_of)
    )


@given(st.data())
def test_it_changes_where_a_walk_minute_by_minute_sees_it_change(data: st.DataObject) -> None:
    zone, start = data.draw(places())
    window = data.draw(windows(zone, start.astimezone(ZoneInfo(zone)).date()))
    span = timedelta(hours=40)
    walk = [start + n * MINUTE for n in range(int(span / MINUTE) + 1)]
    inside = [_is_inside(window, at) for at in walk]
    assert [window.contains(at) for at in walk[::37]] == inside[::37]
    seen = [walk[n] for n in range(1, len(walk)) if inside[n] != inside[n - 1]]
    found = list(window.changes(start, start + span + MINUTE))
    # Zones of long ago changed within a minute: the walk sees that a minute late.
    assert [at.replace(second=0) + (MINUTE if at.second else timedelta(0)) for at in found] == seen
