"""Proofs of many policies, in processes of their own."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import active_children
from multiprocessing.popen_spawn_posix import Popen

import pytest

from bot.proofs import MANY, proofs_of
from escalation.occasion import recipients_of
from escalation.policy import EscalationPolicy
from escalation.prove import almanac_of, prove
from tests.fakes.policies import AT, ladder, policy, roster, step

PEOPLE = roster()


class Deadly(EscalationPolicy):
    """Ends the process that is handed it."""

    def __reduce__(self) -> tuple[Callable[[int], object], tuple[int]]:
        return os._exit, (1,)


def policies() -> list[EscalationPolicy]:
    """One more step each, and one that can page nobody."""
    steps = [step("phone", "alice", after=number) for number in range(MANY)]
    found = [replace(policy(ladder(*steps[: number + 1])), name=f"p{number}") for number in range(MANY)]
    return [*found, replace(policy(ladder(step("pager", "alice")), last_resort=()), name="silent")]


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_they_are_those_that_are_proved_here_and_in_order() -> None:
    almanac = almanac_of(PEOPLE, AT)
    wanted = [prove(one, almanac, recipients_of(one, PEOPLE)) for one in policies()]
    heard: list[float] = []
    assert list(proofs_of(PEOPLE, policies(), AT, heard.append)) == wanted
    assert wanted[-1].silences
    assert heard == list(range(1, len(wanted) + 1))


def test_what_a_process_that_dies_leaves_is_proved_here() -> None:
    *others, last = policies()
    deadly = Deadly(**{name: getattr(last, name) for name in last.__dataclass_fields__})
    heard: list[float] = []
    found = [one.policy for one in proofs_of(PEOPLE, [*others, deadly], AT, heard.append)]
    assert found == [one.name for one in (*others, deadly)]
    assert (heard == sorted(heard), heard[-1]) == (True, len(found))


@pytest.mark.parametrize("can_begin", [0, 1])
def test_where_no_process_can_begin_all_are_proved_here(can_begin: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has room for none, or for one of the two; that one is not left waiting for work."""
    begins = Popen._launch  # type: ignore[attr-defined]

    def launch(self: Popen, process: object) -> None:
        nonlocal can_begin
        if can_begin == 0:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        can_begin -= 1
        begins(self, process)

    monkeypatch.setattr(Popen, "_launch", launch)
    found = [one.policy for one in proofs_of(PEOPLE, policies(), AT)]
    assert found == [one.name for one in policies()]
    assert active_children() == []
