"""Whatever becomes of the calls of a step: who is called again, and that nothing else changes."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.bound import bound
from escalation.decided import RungFired
from escalation.event import UNREACHED, DeliveryReported, Outcome
from escalation.policy import EscalationPolicy
from escalation.receipt import Recipient
from escalation.simulate import opened_at, story
from tests.fakes import strategies as some
from tests.fakes.policies import AT, Story, ladder, minutes, policy, roster, step

CALLED = ("alice", "bob", "carol")
PEOPLE = roster(noc=CALLED)
OVER = sorted(set(Outcome) - UNREACHED - {Outcome.SENT})
wanted = st.frozensets(st.sampled_from(OVER))
ends = st.lists(st.tuples(*(st.none() | st.sampled_from(OVER) for _ in CALLED)), min_size=4, max_size=4)
"""Of each try, and of each of the team: what became of the call, None if nobody heard."""


@given(wanted, ends)
def test_who_is_called_again_is_whose_last_call_asks_for_it(
    on: frozenset[Outcome], ends: list[tuple[Outcome | None, ...]]
) -> None:
    redialled = replace(step("phone", "team:noc", retry=3, every=3), retry_on=on)
    told = Story(policy(ladder(redialled, step("slack", "#ops", after=20))), people=PEOPLE)
    waiting = set(CALLED)
    for number, outcomes in enumerate(ends):
        rung = {one.person: one.key for one in told.alert.current if one.key in _newest(told)}
        assert set(rung) == waiting
        for name, outcome in zip(CALLED, outcomes, strict=True):
            if name in rung and outcome is not None:
                told.tell(DeliveryReported(rung[name], outcome), 3 * number + 1)
                waiting -= set() if outcome in on else {name}
        told.run_until(3 * number + 3)
    told.run_until(20)
    assert told.notified[-1] == (20, "slack", "C-OPS")


def _newest(told: Story) -> set[str]:
    fired = [event for event in told.decisions[-1].events if isinstance(event, RungFired)]
    return {one.key for event in fired for one in event.notified}


def _without(rules: EscalationPolicy) -> EscalationPolicy:
    """The same policy as it was before a retry could ask."""
    ladders = (replace(one, steps=tuple(replace(each, retry_on=None) for each in one.steps)) for one in rules.ladders)
    return replace(rules, ladders=tuple(ladders))


@given(some.policies(), st.lists(st.sampled_from(OVER), min_size=1, max_size=20))
def test_a_retry_that_is_let_be_moves_nothing(rules: EscalationPolicy, outcomes: list[Outcome]) -> None:
    """Every rung fires at the same instant as where retries don't ask, and the climb ends no later than is proved."""

    def fired(rules: EscalationPolicy) -> tuple[list[tuple[timedelta, int]], timedelta]:
        found: list[tuple[timedelta, int]] = []
        last = timedelta(0)
        ends = iter(outcomes * 400)
        mail = opened_at(rules, AT, (Recipient("alice"),), "critical")
        walked = story(
            mail,
            PEOPLE,
            AT,
            (),
            lambda told, offset: [(offset + minutes(0.5), DeliveryReported(told.key, next(ends, Outcome.BUSY)))],
        )
        for now, decision in walked:
            last = now - AT
            found += [(now - AT, one.rung) for one in decision.events if isinstance(one, RungFired)]
            if len(found) > 300:
                break
        return found, last

    mine, ended = fired(rules)
    before, _ = fired(_without(rules))
    assert mine == before
    assert ended <= bound(rules, PEOPLE).ends_after + minutes(0.5) or len(mine) > 300
