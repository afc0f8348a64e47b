"""Proofs of many policies, on every core. A process that proves imports little: this, and the core."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context

from escalation.occasion import Almanac, recipients_of
from escalation.policy import EscalationPolicy
from escalation.prove import Proof, almanac_of, prove
from escalation.roster import Roster

Tell = Callable[[float], None]
MANY = 8
"""So many policies are proved on every core: to begin there takes as long as to prove a few."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for garbage that goes round in circles: a proof keeps many thousand decisions and makes no such
    garbage, and the search for it would take a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def proofs_of(
    roster: Roster,
    policies: Sequence[EscalationPolicy],
    now: datetime,
    tell: Callable[[float], None] = lambda done: None,
) -> Iterator[Proof]:
    """The proof of each, in order; of many on every core. ``tell`` hears how many are done; of those that are proved
    in this process in parts, too."""
    cores = os.cpu_count() or 1
    done = 0
    if len(policies) >= MANY and cores > 1:
        try:
            # A fork would take along whatever threads were doing just then.
            with ProcessPoolExecutor(min(cores, len(policies)), get_context("spawn"), _prepare, (roster, now)) as pool:
                for proof in pool.map(_prove, policies):
                    done += 1
                    tell(done)
                    yield proof
            return
        except (BrokenProcessPool, OSError):
            # One was killed for want of memory, or there is no room for another: what is left is proved here.
            pass
    with uncollected():
        yield from _here(roster, policies[done:], now, lambda part: tell(done + part))


def _here(roster: Roster, policies: Sequence[EscalationPolicy], now: datetime, tell: Tell) -> Iterator[Proof]:
    almanac = almanac_of(roster, now)
    for number, policy in enumerate(policies):

        def on_place(done: int, all: int, number: int = number) -> None:
            if done % 100 == 0:
                tell(number + done / all)

        proof = prove(policy, almanac, recipients_of(policy, roster), on_place=on_place)
        tell(number + 1)
        yield proof


_almanac: Almanac | None = None


def _prepare(roster: Roster, now: datetime) -> None:
    """In a process that proves: what all its proofs look things up in."""
    global _almanac
    gc.disable()
    _almanac = almanac_of(roster, now)


def _prove(policy: EscalationPolicy) -> Proof:
    assert _almanac is not None
    return prove(policy, _almanac, recipients_of(policy, _almanac.roster))
