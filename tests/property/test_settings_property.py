"""Properties of the settings: any file gets an answer with a place, and gaps are those of a minute-by-minute walk."""

import copy
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.settings.coverage import coverage
from bot.settings.load import Loaded, load_bytes
from escalation.calendar import Span, Window
from escalation.policy import Action, EscalationPolicy, Ladder, Step, Target
from tests.fakes.example import CONFIG, SECRETS

EXAMPLE: dict[str, Any] = json.loads(
    json.dumps(YAML(typ="safe", pure=True).load((CONFIG / "example.yaml").read_text(encoding="utf-8")), default=str)
)
TODAY = date(2026, 5, 1)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10), st.sampled_from(["5m", "sato"])
)
JUNK = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=5,
)


def answer(data: bytes) -> Loaded:
    return load_bytes(data, "f.yaml", SECRETS, TODAY)


def has_places(loaded: Loaded) -> bool:
    return all(one.line > 0 or one.file == "environment" for one in loaded.problems if one.path)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


PLACES = [place for place in places(EXAMPLE) if place]


def replaced(path: tuple[Any, ...], value: Any) -> Any:
    data = copy.deepcopy(EXAMPLE)
    inner: Any = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return data


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    loaded = answer(data)
    assert loaded.settings is None
    assert loaded.errors


@given(st.dictionaries(st.sampled_from([*EXAMPLE, "x"]), JUNK, max_size=5))
def test_any_mapping_is_answered_with_places(data: dict[str, Any]) -> None:
    loaded = answer(json.dumps(data).encode())
    assert loaded.settings is None
    assert has_places(loaded)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), JUNK)
def test_any_one_thing_may_be_wrong(path: tuple[Any, ...], value: Any) -> None:
    loaded = answer(json.dumps(replaced(path, value)).encode())
    assert (loaded.settings is None) is bool(loaded.errors)
    assert has_places(loaded)
    if loaded.settings is not None:
        assert loaded.settings.escalation_policies()
        assert loaded.settings.roster().people
        assert loaded.settings.routing_rules()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_a_second_fault_hides_no_first_one(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    """A fault in one section is told whatever is wrong in another."""
    if one[0] == other[0]:
        return
    wrong = {"wrong": [None]}
    alone = answer(json.dumps(replaced(one, wrong)).encode())
    both = replaced(one, wrong)
    inner: Any = both
    for part in other[:-1]:
        inner = inner[part]
    inner[other[-1]] = wrong
    together = {problem.path for problem in answer(json.dumps(both).encode()).errors}
    own = {problem.path for problem in alone.errors if problem.path.startswith(str(one[0]))}
    assert own <= together


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
SPANS = st.builds(Span, st.frozensets(st.integers(0, 6), min_size=1), TIMES, TIMES)
WINDOWS = st.builds(
    Window,
    st.just("w"),
    st.sampled_from(["Asia/Tokyo", "UTC", "Asia/Kolkata"]),
    st.lists(SPANS, min_size=1, max_size=2).map(tuple),
    st.sampled_from([None, True, False]),
    st.frozensets(st.sampled_from([TODAY + timedelta(days=n) for n in range(1, 8)]), max_size=2),
)
STEP = Step(Action("console", (Target.parse("alice"),)))


@settings(max_examples=25, deadline=None)
@given(st.lists(WINDOWS, min_size=1, max_size=3))
def test_gaps_are_those_of_a_walk_in_half_hours(windows: list[Window]) -> None:
    ladders = tuple(Ladder((STEP,), window) for window in windows)
    policy = EscalationPolicy(name="p", ladders=ladders, last_resort=(STEP.action,))
    found = coverage(policy, TODAY)
    start = datetime.combine(TODAY, time(0), ZoneInfo("Asia/Tokyo")).astimezone(UTC) + timedelta(days=1)
    walk = [start + timedelta(minutes=30 * n) for n in range(48 * 6)]
    silent = [at for at in walk if policy.ladder_at(at) is None]
    assert bool(found.gaps) or not silent
    for at in (begin for begin, _ in found.gaps):
        assert policy.ladder_at(at.astimezone(UTC)) is None
    for begin, end in found.gaps:
        assert begin < end
    assert not set(found.unused) & {policy.ladder_at(at) for at in walk}
