"""However often calls are held back: no page is dropped, nobody waits for one, and every alert still ends."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation import machine
from escalation.alert import AlertStatus
from escalation.bound import bound
from escalation.command import Purpose
from escalation.event import DeliveryReported, Outcome, TimerFired
from escalation.policy import Ladder
from escalation.throttle import may_be_held_back
from tests.fakes import strategies as some
from tests.fakes.policies import AT, action, notifies, opened, policy, roster, step

PEOPLE = roster(noc=some.PEOPLE)
ways = st.builds(action, st.sampled_from(["slack", "phone"]), st.sampled_from([*some.PEOPLE, "team:noc"]))
steps = st.builds(
    step,
    st.sampled_from(["slack", "phone", "phone"]),
    st.sampled_from([*some.PEOPLE, "team:noc", "roundrobin:noc"]),
    after=st.integers(0, 10),
    retry=st.integers(0, 2),
    otherwise=st.none() | ways,
)
ladders = st.builds(
    Ladder,
    st.lists(steps, min_size=1, max_size=4).map(tuple),
    repeat=st.integers(0, 2),
    wait=some.delays(least=1),
)


@given(ladders, st.lists(st.booleans(), min_size=200, max_size=200))
def test_what_is_held_back_is_told_otherwise_in_the_same_decision(climbed: Ladder, is_over: list[bool]) -> None:
    rules = policy(climbed)
    spent, now = iter(is_over), AT
    decision = machine.open(1, opened(rules), now, PEOPLE)
    waiting = [*notifies(decision)]
    while decision.alert.status is AlertStatus.TRIGGERED or waiting:
        if waiting:
            page = waiting.pop(0)
            if page.channel != "phone" or not next(spent, False) or not may_be_held_back(decision.alert, page.key):
                continue
            assert page.purpose in (Purpose.STEP, Purpose.ELSE)
            decision = machine.decide(decision.alert, DeliveryReported(page.key, Outcome.HELD_BACK), now, PEOPLE)
            assert notifies(decision), "a page was dropped"
            assert decision.alert.status is AlertStatus.TRIGGERED
        else:
            assert decision.alert.wake_at is not None
            now = decision.alert.wake_at
            decision = machine.decide(decision.alert, TimerFired(), now, PEOPLE)
        waiting += notifies(decision)
    assert now - AT <= bound(rules, PEOPLE).ends_after + timedelta(0)
    assert decision.alert.current, "the last resort was told"
