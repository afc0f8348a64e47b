"""``fair_turns:``: which teams, and how far back."""

from datetime import date, timedelta

import pytest

from bot.settings.load import Loaded, load_bytes
from escalation.roster import Roster

SETTINGS = """\
alarms: [{via: console, to: alice}]
people: {alice: {name: Alice, console: alice}, bob: {name: Bob, console: bob}}
teams: {noc: [alice, bob], web: [bob]}
retention_days: 30
policies: {p: {steps: [{via: console, to: "roundrobin:noc"}], last_resort: [{via: console, to: alice}]}}
rules: [{name: all, policy: p}]
"""


def load(more: str = "") -> Loaded:
    return load_bytes((SETTINGS + more).encode(), "k", {}, date(2026, 5, 3))


def roster(more: str = "") -> Roster:
    settings = load(more).settings
    assert settings is not None
    return settings.roster()


def test_turns_go_in_order_if_nothing_is_said() -> None:
    assert roster().fair_teams == frozenset()


def test_the_teams_and_the_time() -> None:
    found = roster("fair_turns: {teams: noc, within: 7d}")
    assert (found.fair_teams, found.fair_within) == (frozenset({"noc"}), timedelta(days=7))
    assert roster("fair_turns: {teams: [noc]}").fair_within == timedelta(days=28)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("{teams: ncc}", "fair_turns.teams[0]: there is no team ncc; did you mean noc?"),
        ("{teams: []}", "fair_turns.teams"),
        ("{teams: noc, within: 31d}", "fair_turns.within: notifications are kept for 30 days only; write less, or"),
        ("{teams: noc, within: 0s}", "fair_turns.within"),
    ],
)
def test_slips(said: str, told: str) -> None:
    (one,) = load(f"fair_turns: {said}").problems
    assert told in str(one)
