"""Outages of channels, over any calls and health: none flaps, each ends where it works, and rules are what they say."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from escalation.event import DeliveryReported, Outcome
from escalation.outage import Limits, Outage, Record, Sign, State, Try, is_mending, judged, next_look, tried
from tests.fakes.policies import SPINE, Story, fired, ladder, policy

START = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIMITS = Limits()


@dataclass(frozen=True)
class Happening:
    """After ``wait``: a call got through, failed, or was put off by ``put_off``; or the connection came or went, or a
    call began that has no answer yet."""

    wait: timedelta
    kind: str
    put_off: timedelta = timedelta(0)


waits = st.one_of(st.integers(0, 5), st.integers(0, 600)).map(lambda n: n * SECOND)
happenings = st.builds(
    Happening,
    wait=waits,
    kind=st.sampled_from(["good", "bad", "bad", "put_off", "down", "up", "asked", "answered"]),
    put_off=st.integers(60, 3600).map(lambda n: n * SECOND),
)
bursts = st.integers(1, 9).map(lambda count: [Happening(3 * SECOND, "bad")] * count)
"""Alone, calls hardly ever fail often enough in a row."""
stories = st.lists(happenings.map(lambda one: [one]) | bursts, max_size=40).map(lambda parts: [*chain(*parts)][:60])


def after(state: State, one: Happening, now: datetime) -> State:
    record = state.record
    match one.kind:
        case "good" | "bad":
            return tried(state, Try(now, one.kind == "good"), LIMITS)
        case "put_off":
            return tried(state, Try(now, is_good=False, until=now + one.put_off), LIMITS)
        case "down":
            return replace(state, record=replace(record, down_since=record.down_since or now, up_since=None))
        case "up":
            return replace(state, record=replace(record, down_since=None, up_since=now))
        case "asked":
            return replace(state, record=replace(record, asked_at=record.asked_at or now))
        case _:
            return replace(state, record=replace(record, asked_at=None))


def walk(story: list[Happening]) -> list[tuple[datetime, Happening | None, State]]:
    """Every judgement: after each happening, and at each instant at which time alone may change one."""
    state, now, seen = State(), START, list[tuple[datetime, Happening | None, State]]()
    for one in story:
        at = now + one.wait
        while (look := next_look(state, LIMITS, now)) is not None and look < at:
            now, state = look, judged(state, LIMITS, look)
            seen.append((now, None, state))
        now, state = at, judged(after(state, one, at), LIMITS, at)
        seen.append((now, one, state))
    return seen


@given(stories)
def test_an_outage_lasts_at_least_as_long_as_it_must_be_steady_and_nothing_failed_in_that_time(
    story: list[Happening],
) -> None:
    outage: Outage | None = None
    last_failure = START - timedelta(days=1)
    for now, one, state in walk(story):
        if one is not None and one.kind in ("bad", "put_off"):
            last_failure = now
        if outage is not None and state.outage is None:
            assert now - outage.since >= LIMITS.steady
            assert now - last_failure >= LIMITS.steady
            assert all(one.is_good for one in state.record.tries), "what failed before does not count for the next"
        outage = state.outage


@given(stories)
def test_what_failed_before_an_end_does_not_count_for_the_next_outage(story: list[Happening]) -> None:
    """After an end it takes as many failures, over as long, as it took the first time."""
    failed: list[datetime] = []
    outage: Outage | None = None
    for now, one, state in walk(story):
        if outage is not None and state.outage is None:
            failed = []
        if one is not None and one.kind in ("bad", "put_off"):
            failed.append(now)
        if outage is None and state.outage is not None and state.outage.sign is Sign.FAILING:
            assert len(failed) >= LIMITS.failures
            assert failed[-1] - failed[0] >= LIMITS.lasting
        outage = state.outage


@given(stories, st.integers(2, 30))
def test_it_is_always_over_when_everything_works_long_enough(story: list[Happening], calls: int) -> None:
    steps = walk(story)
    now, state = (steps[-1][0], steps[-1][2]) if steps else (START, State())
    now += timedelta(hours=2)
    for kind in ("answered", "up"):
        state = judged(after(state, Happening(timedelta(0), kind), now), LIMITS, now)
    for _ in range(calls):
        now += LIMITS.steady
        state = judged(after(state, Happening(timedelta(0), "good"), now), LIMITS, now)
    assert state.outage is None


@given(stories)
def test_between_two_looks_time_alone_changes_nothing(story: list[Happening]) -> None:
    for now, _, state in walk(story):
        look = next_look(state, LIMITS, now) or now + timedelta(days=30)
        for part in (0.001, 0.5, 0.999):
            assert judged(state, LIMITS, now + (look - now) * part).outage == state.outage


@given(stories)
def test_only_an_outage_mends_and_not_right_after_a_failure(story: list[Happening]) -> None:
    for now, one, state in walk(story):
        mending = is_mending(state, LIMITS, now)
        assert not mending or state.outage is not None
        if one is not None and one.kind in ("bad", "put_off"):
            assert not mending


@given(st.integers(1, 59), st.integers(1, 20))
def test_short_waits_that_a_provider_asks_for_are_no_outage(seconds: int, calls: int) -> None:
    """One 429 of up to a minute, with calls that get through around it."""
    now, state = START, State()
    for _ in range(calls):
        state = judged(tried(state, Try(now, True), LIMITS), LIMITS, now)
    state = judged(tried(state, Try(now, False, now + seconds * SECOND), LIMITS), LIMITS, now)
    assert state.outage is None


def test_a_record_of_nothing_is_judged_to_be_nothing() -> None:
    assert judged(State(Record()), LIMITS, START) == State()
    assert next_look(State(), LIMITS, START) is None


# What an outage does to an alert --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), max_size=12))
def test_a_page_that_is_reported_stuck_again_brings_no_step_forward_twice(reports: list[tuple[int, int]]) -> None:
    """In any order, of any page, each any number of times: as many steps as if each had been reported once."""
    again, once = Story(policy(ladder(*SPINE.steps))), Story(policy(ladder(*SPINE.steps)))
    known: set[int] = set()
    for number, times in reports:
        stuck = DeliveryReported(f"1.{number}", Outcome.STALLED)
        for _ in range(times):
            again.tell(stuck)
        if number not in known and number < once.alert.keys:
            once.tell(stuck)
            known.add(number)
    assert [(one.rung, one.reason) for one in fired(again.decisions)] == [
        (one.rung, one.reason) for one in fired(once.decisions)
    ]
    assert again.alert.current == once.alert.current
