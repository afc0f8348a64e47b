"""Reminders and handoffs are those that a walk from minute to minute finds, where the clocks of all zones change."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from escalation.handoff import (
    Handoff,
    Held,
    Reminder,
    handoffs,
    held_at,
    is_expected,
    next_handoff_at,
    next_reminder_at,
    reminders,
)
from escalation.rotation import Role
from escalation.schedule import Schedule, on_call
from escalation.swap import Stretch, Swap, overrides_of, stretch_of, why_not
from tests.property.test_schedule_property import MINUTE, NAMES, changing, moments, schedules, stories

HOUR = timedelta(hours=1)
leads = st.lists(st.integers(1, 500).map(lambda n: n * MINUTE), min_size=1, max_size=3).map(tuple)
ROLES = (Role.PRIMARY, Role.BACKUP)


def walked(schedule: Schedule, role: Role, start: datetime, minutes: int) -> list[tuple[datetime, tuple[str, ...]]]:
    return [(at, on_call(schedule, at, role)) for at in (start + n * MINUTE for n in range(minutes))]


def beginnings(schedule: Schedule, start: datetime, minutes: int) -> list[tuple[Role, str, datetime]]:
    """Who is on call in a minute, and was not in the one before."""
    found = []
    for role in ROLES if role_of(schedule, Role.BACKUP) else (Role.PRIMARY,):
        before = set(on_call(schedule, start - MINUTE, role))
        for at, people in walked(schedule, role, start, minutes):
            found += [(role, person, at) for person in people if person not in before]
            before = set(people)
    return found


def role_of(schedule: Schedule, role: Role) -> bool:
    return any(layer.role is role for layer in schedule.layers)


def expected(schedule: Schedule, begun: list[tuple[Role, str, datetime]], at: datetime) -> set[Reminder]:
    found = set()
    for role, person, start in begun:
        due = [lead for lead in schedule.remind if start - lead <= at < start]
        if due:
            found.add(Reminder("noc", role, person, start, min(due)))
    return found


def check_reminders(schedule: Schedule, around: datetime) -> None:
    begun = beginnings(schedule, around - HOUR, 720)
    before = set(reminders(schedule, around - HOUR))
    soonest = next_reminder_at(schedule, around - HOUR)
    for n in range(-59, 120, 7):
        at = around + n * MINUTE
        found = reminders(schedule, at)
        assert len(found) == len(set(found))
        assert set(found) == expected(schedule, begun, at), at
        assert all(is_expected(schedule, one, at) for one in found)
        if soonest is not None and at < soonest:
            assert set(found) <= before, "something was due before the wake-up"
        if soonest is None:
            assert set(found) <= before


@given(changing(), leads)
@settings(max_examples=60, deadline=None)
def test_reminders_where_the_clock_changes(story: tuple[object, datetime], lead: tuple[timedelta, ...]) -> None:
    check_reminders(Schedule("noc", story[:1], remind=lead), story[1])  # type: ignore[arg-type]


@given(stories, leads)
@settings(max_examples=40, deadline=None)
def test_reminders_with_overrides_and_leave(story: tuple[Schedule, datetime], lead: tuple[timedelta, ...]) -> None:
    check_reminders(replace(story[0], remind=lead), story[1])


@given(stories, leads)
@settings(max_examples=40, deadline=None)
def test_the_wake_up_is_when_one_more_is_due(story: tuple[Schedule, datetime], lead: tuple[timedelta, ...]) -> None:
    schedule, at = replace(story[0], remind=lead), story[1]
    soonest = next_reminder_at(schedule, at)
    if soonest is not None:
        assert soonest > at
        assert set(reminders(schedule, soonest)) - set(reminders(schedule, soonest - timedelta.resolution))


@given(stories, st.lists(st.integers(1, 300), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_handoffs_are_those_of_a_walk_however_often_it_is_looked(
    story: tuple[Schedule, datetime], steps: list[int]
) -> None:
    schedule, at = story
    held = held_at(schedule, at)
    assert held.people == on_call(schedule, at)
    found: list[Handoff] = []
    for step in steps:
        more, held = handoffs(schedule, held, held.seen_at + step * MINUTE)
        found += more
    before = on_call(schedule, at)
    wanted = []
    for now, people in walked(schedule, Role.PRIMARY, at, sum(steps) + 1):
        if set(people) != set(before):
            wanted += [(now, before, people)] if before else []
            before = people
    assert [(one.at, set(one.people), set(one.to)) for one in found] == [
        (now, set(people), set(to)) for now, people, to in wanted
    ]
    assert all(one.since < one.at for one in found)
    assert (held.people, held.seen_at) == (on_call(schedule, held.seen_at), at + sum(steps) * MINUTE)


@given(stories)
@settings(max_examples=40, deadline=None)
def test_the_next_handoff_is_the_first_minute_with_other_people(story: tuple[Schedule, datetime]) -> None:
    schedule, at = story
    now = set(on_call(schedule, at))
    others = (one for one, people in walked(schedule, Role.PRIMARY, at, 1441) if set(people) != now)
    assert next_handoff_at(schedule, at) == next(others, None)


@given(stories, st.sampled_from(NAMES))
@settings(max_examples=40, deadline=None)
def test_what_changed_without_a_plan_is_a_handoff_when_it_is_seen(
    story: tuple[Schedule, datetime], person: str
) -> None:
    schedule, at = story
    (*_, last), held = handoffs(schedule, Held(("somebody",), at - HOUR, at), at)
    assert (last.people, last.to, last.at, last.since) == (("somebody",), on_call(schedule, at), at, at - HOUR)
    assert held == Held(on_call(schedule, at), at, at)


@given(moments(), st.data())
@settings(max_examples=150, deadline=None)
def test_an_accepted_swap_exchanges_exactly_what_was_given(moment: tuple[datetime, str], data: st.DataObject) -> None:
    """Every other minute stays as it was, and where it can't take effect, something stands against it."""
    at = moment[0]
    schedule = data.draw(schedules(*moment))
    asker = (on_call(schedule, at) or NAMES)[0]
    other = data.draw(st.sampled_from([one for one in NAMES if one != asker]))
    mine = stretch_of(schedule, asker, at) or Stretch(at, at + HOUR)
    others = {stretch_of(schedule, other, at + n * HOUR) for n in range(-20, 21, 4)} - {None}
    theirs = data.draw(st.sampled_from([None, *sorted(one for one in others if one is not None)]))
    now = at - 8 * HOUR
    swap = Swap(schedule="noc", asker=asker, other=other, mine=mine, theirs=theirs, at=now, ends_at=mine.start)
    reason = why_not(schedule, swap, now)
    event(f"takes effect: {reason is None}, in return: {theirs is not None}")
    made = overrides_of(swap, now, schedule.overrides)
    after = schedule.changed((*schedule.overrides, *made), schedule.leaves)
    for n in range(-1200, 1200, 37):
        minute = at + n * MINUTE
        gifts = {giver: taker for giver, taker, gift in swap.gifts(now) if gift.start <= minute < gift.end}
        wanted = {gifts.get(one, one) for one in on_call(schedule, minute)}
        if reason is None:
            assert set(on_call(after, minute)) == wanted, minute
