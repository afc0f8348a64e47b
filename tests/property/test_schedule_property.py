"""Every instant has exactly the people on call that a slow and obvious definition finds, in every zone."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.calendar import Span, Window
from escalation.rotation import Layer, Role, Unit
from escalation.schedule import FixedShift, Leave, Override, Schedule, double_bookings, gaps, on_call, shifts

ZONES = sorted(available_timezones())
CHANGING = [
    zone
    for zone in ZONES
    if len({datetime(2011, n, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for n in (1, 7)}) > 1
]
"""Where the clock changed in 2011."""
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NAMES = ("alice", "bob", "carol", "dave")


# The definition -------------------------------------------------------------------------------------------------------


def _has_come(day: date, handoff: time, zone: str, at: datetime) -> bool:
    """Whether the wall clock has shown this time, or a later one, in some minute until ``at``."""
    wall = datetime.combine(day, handoff)
    if wall < datetime.combine(at.astimezone(ZoneInfo(zone)).date(), time(0)) - 2 * DAY:
        return True
    minute = at.replace(second=0, microsecond=0)
    return any((minute - n * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= wall for n in range(240))


def _handoff_days(layer: Layer, until: date) -> Iterator[date]:
    day, number = layer.start, 0
    while day <= until:
        yield day
        number += 1
        if layer.cycle:
            day += layer.cycle[(number - 1) % len(layer.cycle)] * DAY
        elif layer.unit is Unit.MONTH:
            month = layer.start.month - 1 + number * layer.count
            year, month = layer.start.year + month // 12, month % 12 + 1
            day = date(year, month, min(layer.start.day, monthrange(year, month)[1]))
        else:
            day += layer.count * {Unit.DAY: 1, Unit.WEEK: 7}[layer.unit] * DAY


def _turns_begun(layer: Layer, at: datetime) -> int:
    today = at.astimezone(ZoneInfo(layer.zone)).date()
    if layer.unit is not Unit.HOUR or layer.cycle:
        return sum(_has_come(day, layer.handoff, layer.zone, at) for day in _handoff_days(layer, today + 2 * DAY))
    return _hours_since(layer, at) // layer.count + 1


def _hours_since(layer: Layer, at: datetime) -> int:
    """From the first minute in which the clock shows the handoff or more."""
    wall = datetime.combine(layer.start, layer.handoff)
    first = wall.replace(tzinfo=UTC) - 26 * timedelta(hours=1)
    while first.astimezone(ZoneInfo(layer.zone)).replace(tzinfo=None) < wall:
        first += MINUTE
    return (at - first) // timedelta(hours=1)


def _layer_has(layer: Layer, at: datetime, away: set[str]) -> list[str]:
    begun = _turns_begun(layer, at)
    if begun < 1 or not layer.turns or (layer.window and not layer.window.contains(at)):
        return []
    for number in range(begun - 1, begun - 1 + len(layer.turns)):
        present = [one for one in layer.turns[number % len(layer.turns)] if one not in away]
        if present:
            return present
    return []


def oracle(schedule: Schedule, at: datetime, role: Role) -> tuple[str, ...]:
    away = {one.person for one in schedule.leaves if one.start <= at and not one.end <= at}
    people: list[str] = []
    for layer in schedule.layers:
        if layer.role is role:
            people = _layer_has(layer, at, away) or people
    for fixed in schedule.fixed:
        if role is Role.PRIMARY and fixed.start <= at and not fixed.end <= at and fixed.person not in away:
            people = [fixed.person]
    for one in sorted(schedule.overrides, key=lambda one: one.at):
        if not one.start <= at or one.end <= at or one.person in away:
            continue
        if not one.replaces:
            people = [one.person] if role is Role.PRIMARY else people
        elif one.replaces in people:
            people[people.index(one.replaces)] = one.person
            people = list(dict.fromkeys(people))
    return tuple(people)


# Random schedules -----------------------------------------------------------------------------------------------------

zones = st.sampled_from(ZONES)
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
people = st.sampled_from(NAMES)
crews = st.lists(people, min_size=1, max_size=2, unique=True).map(tuple)
weekdays = st.sets(st.integers(0, 6), min_size=1).map(frozenset)


@cache
def _changes_of(name: str, year: int) -> list[datetime]:
    """When the clock of a zone changes in a year; its first day if never."""
    zone, first = ZoneInfo(name), datetime(year, 1, 1, tzinfo=UTC)
    walk = [first + n * DAY for n in range(366)]
    days = [b for a, b in pairwise(walk) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]
    return [_change_before(day, zone) for day in days] or walk[:1]


def _change_before(at: datetime, zone: ZoneInfo) -> datetime:
    while (at - MINUTE).astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
        at -= MINUTE
    return at


@st.composite
def moments(draw: st.DrawFn) -> tuple[datetime, str]:
    """Anywhere in ten years, mostly where the clock of the zone that comes with it changes."""
    zone = draw(st.sampled_from(CHANGING) | zones)
    if draw(st.integers(0, 4)):
        return draw(st.sampled_from(_changes_of(zone, draw(st.integers(2006, 2015))))), zone
    return datetime(2006, 1, 1, tzinfo=UTC) + draw(st.integers(0, 3650 * 1440)) * MINUTE, zone


@st.composite
def near(draw: st.DrawFn, at: datetime, zone: str) -> time:
    """A time of day; often one that the clock shows at about ``at``."""
    if not draw(st.integers(0, 3)):
        return draw(clocks)
    wall = (at + draw(st.integers(-12, 12)) * 15 * MINUTE).astimezone(ZoneInfo(zone))
    return time(wall.hour, wall.minute)


@st.composite
def windows(draw: st.DrawFn, at: datetime, zone: str) -> Window:
    count = draw(st.integers(0, 2))
    own = tuple(Span(draw(weekdays), draw(near(at, zone)), draw(near(at, zone))) for _ in range(count))
    holidays = frozenset({at.astimezone(ZoneInfo(zone)).date()})
    return Window("window", zone, own, draw(st.sampled_from([None, True, False])), holidays)


@st.composite
def layers(draw: st.DrawFn, name: str, at: datetime, home: str) -> Layer:
    zone = draw(st.just(home) | st.just(home) | zones)
    return Layer(
        name=name,
        turns=tuple(draw(st.lists(crews, max_size=4))),
        zone=zone,
        start=draw(st.dates(date(2005, 1, 1), date(2007, 1, 1)) | st.just(at.date() - DAY)),
        handoff=draw(near(at, zone)),
        unit=draw(st.sampled_from(Unit)),
        count=draw(st.integers(1, 3)),
        cycle=draw(st.just(()) | st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple)),
        window=draw(st.none() | windows(at, home)),
        role=draw(st.sampled_from([Role.PRIMARY, Role.PRIMARY, Role.BACKUP])),
    )


@st.composite
def spans(draw: st.DrawFn, around: datetime) -> tuple[datetime, datetime]:
    start = around + draw(st.integers(-5000, 5000)) * MINUTE
    return start, start + draw(st.integers(1, 5000)) * MINUTE


@st.composite
def schedules(draw: st.DrawFn, at: datetime, zone: str) -> Schedule:
    own = tuple(draw(layers(f"layer {n}", at, zone)) for n in range(draw(st.integers(1, 3))))
    fixed = [FixedShift(draw(people), *draw(spans(at))) for _ in range(draw(st.integers(0, 1)))]
    overrides = [
        Override("noc", draw(people), *draw(spans(at)), draw(st.just("") | people), at=at + n * MINUTE)
        for n in draw(st.permutations(range(draw(st.integers(0, 3)))))
    ]
    leaves = [Leave(draw(people), *draw(spans(at))) for _ in range(draw(st.integers(0, 2)))]
    return Schedule("noc", own, tuple(fixed)).changed(overrides, leaves)


stories = moments().flatmap(lambda moment: st.tuples(schedules(*moment), st.just(moment[0])))


@st.composite
def changing(draw: st.DrawFn) -> tuple[Layer, datetime]:
    """A layer whose handoff, or window, is where the clock changes."""
    at, zone = draw(moments())
    start = at.date() - draw(st.integers(1, 40)) * DAY
    layer = Layer("one", (("alice",), ("bob",)), zone, start, draw(near(at, zone)), Unit.DAY)
    return replace(layer, window=draw(st.none() | windows(at, zone))), at


@given(changing())
@settings(max_examples=250, deadline=None)
def test_where_the_clock_changes_every_minute_has_its_people(story: tuple[Layer, datetime]) -> None:
    schedule, at = Schedule("noc", story[:1]), story[1]
    found = shifts(schedule, at - DAY, at + DAY)
    for n in range(-150, 150, 10):
        now = at + n * MINUTE
        (within,) = (one for one in found if one.start <= now < one.end)
        assert on_call(schedule, now) == within.people == oracle(schedule, now, Role.PRIMARY), now


@given(stories, st.sampled_from([Role.PRIMARY, Role.BACKUP]))
@settings(max_examples=100, deadline=None)
def test_on_call_is_what_the_definition_says(story: tuple[Schedule, datetime], role: Role) -> None:
    schedule, at = story
    for n in range(-8, 9):
        now = at + n * timedelta(minutes=17, seconds=n)
        assert on_call(schedule, now, role) == oracle(schedule, now, role), now


@given(stories, st.sampled_from([Role.PRIMARY, Role.BACKUP]))
@settings(max_examples=100, deadline=None)
def test_shifts_partition_the_time_and_say_what_on_call_says(story: tuple[Schedule, datetime], role: Role) -> None:
    schedule, at = story
    start, end = at - 2 * DAY, at + 3 * DAY
    found = shifts(schedule, start, end, role)
    assert (found[0].start, found[-1].end) == (start, end)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one[0::3] != other[0::3] for one, other in pairwise(found))
    for one in found:
        assert one.start < one.end
        for now in (one.start, one.start + (one.end - one.start) / 2, one.end - timedelta.resolution):
            assert on_call(schedule, now, role) == one.people
    assert gaps(schedule, start, end, role) == tuple(one for one in found if not one.people)


@given(stories)
@settings(max_examples=25, deadline=None)
def test_no_change_falls_between_two_shifts(story: tuple[Schedule, datetime]) -> None:
    schedule, at = story
    found = shifts(schedule, at - DAY, at + DAY)
    for n in range(0, 2880, 3):
        now = at - DAY + n * MINUTE
        (within,) = (one for one in found if one.start <= now < one.end)
        assert on_call(schedule, now) == within.people


@given(moments(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_double_booking_is_when_two_schedules_have_the_same_person(
    moment: tuple[datetime, str], data: st.DataObject
) -> None:
    at = moment[0]
    first, second = data.draw(schedules(*moment)), Schedule("web", data.draw(schedules(*moment)).layers)
    found = double_bookings([first, second], at - DAY, at + DAY)
    for n in range(0, 2880, 11):
        now = at - DAY + n * MINUTE
        both = set(on_call(first, now)) & set(on_call(second, now))
        assert both == {one.person for one in found if one.start <= now < one.end}
