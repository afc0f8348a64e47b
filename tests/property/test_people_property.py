"""People's own ways and quiet hours: every way is used once, and no page is lost because somebody sleeps."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation import machine
from escalation.alert import AlertStatus
from escalation.bound import bound
from escalation.contact import CONTACTS, SEVERITIES, Order, Way, part_of
from escalation.decided import Event, Exhausted, LoopEnded, RungFired, SkipReason
from escalation.event import TimerFired
from escalation.policy import EscalationPolicy, Step
from escalation.receipt import Recipient
from escalation.roster import Person, Roster
from tests.fakes import strategies as some
from tests.fakes.policies import AT, Story, action, ladder, minutes, notifies, opened, policy, roster

CROWD = (Recipient("alice"), Recipient("noc", is_team=True))
severities = st.sampled_from(SEVERITIES)


def is_quiet(event: Event) -> bool:
    """Whether this rung told nobody, and somebody's quiet hours are among the reasons."""
    return (
        isinstance(event, RungFired)
        and not event.notified
        and any(one.reason is SkipReason.QUIET_HOURS for one in event.skipped)
    )


@given(some.policies(), some.rosters, severities)
def test_no_page_is_lost_by_quiet_hours(rules: EscalationPolicy, people: Roster, severity: str) -> None:
    """Where they leave nobody to tell, the ladder comes forward in the same decision; it ends in time, and the last
    resort knows no quiet hours."""
    mail = replace(opened(rules, *CROWD), severity=severity)
    decision, now = machine.open(1, mail, AT, people), AT
    while True:
        quiet = [number for number, event in enumerate(decision.events) if is_quiet(event)]
        if quiet and not notifies(decision):
            after = decision.events[quiet[-1] + 1 :]
            assert any(isinstance(event, RungFired | LoopEnded | Exhausted) for event in after)
        if decision.alert.status is not AlertStatus.TRIGGERED:
            break
        assert decision.alert.due_at is not None
        now = max(now, decision.alert.due_at)
        decision = machine.decide(decision.alert, TimerFired(), now, people)
    (end,) = [event for event in decision.events if isinstance(event, Exhausted)]
    assert now - AT <= bound(rules).ends_after
    assert all(one.reason is not SkipReason.QUIET_HOURS for one in end.skipped)


@given(some.policies(), some.rosters)
def test_nobody_sleeps_through_what_is_critical(rules: EscalationPolicy, people: Roster) -> None:
    story = Story(rules, *CROWD, people=people)
    story.run_until(100_000)
    skipped = [
        one
        for made in story.decisions
        for event in made.events
        if isinstance(event, RungFired)
        for one in event.skipped
    ]
    assert all(one.reason is not SkipReason.QUIET_HOURS for one in skipped)


@given(some.offsets, some.ordered)
def test_whoever_does_not_answer_is_told_over_each_of_their_ways_once(
    offsets: tuple[timedelta, ...], ways: tuple[Way, ...]
) -> None:
    """Whatever rungs the policy has: it may have been written before the ways were."""
    once = tuple({(way.channel, way.address): way for way in ways}.values())
    alice = Person("alice", "Alice", (), {}, orders=(Order(once),))
    story = Story(policy(ladder(Step(action(CONTACTS, "alice"), ways=offsets))), people=roster(alice))
    story.run_until(1000)
    told = sorted((channel, address) for _, channel, address in story.notified)
    assert told == sorted((way.channel, way.address) for way in once)


@given(some.offsets, some.ways)
def test_every_way_is_of_exactly_one_part(offsets: tuple[timedelta, ...], way: Way) -> None:
    parts = [part_of(offsets, number, AT) for number in range(len(offsets))]
    assert sum(part.holds(way) for part in parts) == 1
    on_time = [number for number, offset in enumerate(offsets) if offset >= way.after]
    assert parts[on_time[0] if on_time else -1].holds(way)
    assert minutes(0) in offsets
