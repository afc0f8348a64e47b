"""Slips in the times of steps: only, not, outside, hold."""

import pytest

from bot.settings.load import load_bytes
from escalation.condition import Condition
from tests.unit.test_settings_slips import DAY, ENVIRON, GOOD

STEP = "steps: [{after: 5m, via: slack, to: alice}]"
WINDOWS = """
windows: {office: {days: mon-fri, from: "09:00", to: "18:00"}, weekend: {days: [sat, sun]}}
schedules: {noc: {people: [alice], start: 2026-01-05}}
"""


def text(more: str, ladder: str = STEP) -> bytes:
    return (GOOD.replace(STEP, ladder.replace("to: alice", f"to: alice, {more}")) + WINDOWS).encode()


def said(more: str, ladder: str = STEP) -> list[str]:
    return [str(one).partition("p.")[2] for one in load_bytes(text(more, ladder), "k", ENVIRON, DAY).problems]


@pytest.mark.parametrize(
    "more", ["only: office", "not: office, outside: wait", "hold: morning", "hold: office", "hold: oncall:noc"]
)
def test_nothing_is_said_of_what_is_right(more: str) -> None:
    assert said(more) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("only: offce", "steps[0].only: there is no window offce; did you mean office?"),
        ("not: weekends", "steps[0].not: there is no window weekends; did you mean weekend?"),
        ("hold: mornings", "steps[0].hold: there is no window mornings; did you mean morning?"),
        ("hold: oncall:nok", "steps[0].hold: there is no schedule nok; did you mean noc?"),
        ("hold: office, only: office", "steps[0]: hold stands beside only, not or outside; write hold, or the others"),
        ("outside: wait", "steps[0]: outside says nothing without a window; add only: or not: with a window"),
    ],
)
def test_a_slip(more: str, problem: str) -> None:
    assert said(more) == [problem]


def test_a_step_whose_time_never_comes_is_told() -> None:
    """The ladder of the office is not climbed on weekends."""
    ladders = f"ladders: [{{when: office, {STEP}}}, {{{STEP.replace('alice', 'bob')}}}]".replace("bob", "'#ops'")
    [problem] = said("only: weekend", ladders)
    assert problem.startswith("ladders[0].steps[0]: its time never comes while this ladder is climbed; ")
    assert said("only: weekend, outside: wait", ladders) == []


def test_what_is_made_of_it() -> None:
    settings = load_bytes(text("not: weekend, outside: wait"), "k", ENVIRON, DAY).settings
    assert settings is not None
    windows, [step] = settings.windows(), settings.escalation_policies()["p"].ladders[0].steps
    assert step.condition == Condition(never=windows["weekend"], is_waiting=True)
