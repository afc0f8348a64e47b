"""Time: every ladder ends within its bound, lateness never adds up, and an outage is no burst."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from escalation import machine
from escalation.alert import AlertStatus
from escalation.bound import bound
from escalation.calendar import next_morning
from escalation.decided import ClimbStarted, LadderChanged, LoopEnded, RungFired
from escalation.event import DeliveryReported, TimerFired
from escalation.machine import Decision
from escalation.policy import EscalationPolicy, Ladder
from escalation.receipt import Recipient
from escalation.roster import Roster
from escalation.schedule import on_call, taking_turns
from escalation.simulate import EntryKind, simulate
from tests.fakes import strategies as some
from tests.fakes.policies import AT, fired, minutes, notifies, opened, policy, roster, step

ZERO = timedelta(0)
CROWD = (Recipient("alice"), Recipient("noc", is_team=True))
ZONES = [
    "Asia/Tokyo",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
]


def fired_on(decisions: list[Decision]) -> list[tuple[int | None, RungFired]]:
    """Each rung that fired, with the ladder that was climbed."""
    found: list[tuple[int | None, RungFired]] = []
    ladder: int | None = None
    for event in (event for decision in decisions for event in decision.events):
        if isinstance(event, ClimbStarted | LadderChanged):
            ladder = event.ladder
        elif isinstance(event, RungFired):
            found.append((ladder, event))
    return found


latenesses = st.lists(st.integers(0, 600).map(minutes), max_size=60)
"""How late each tick comes: from not at all to outages of ten hours."""

reached = st.lists(
    st.builds(
        step,
        st.sampled_from(some.CHANNELS),
        st.sampled_from(some.PEOPLE),
        after=st.integers(0, 20),
        retry=st.integers(0, 2),
    ),
    min_size=1,
    max_size=4,
)
reachable_ladders = st.builds(Ladder, reached.map(tuple), repeat=st.integers(0, 2), wait=some.delays(least=1))
"""Ladders whose every step reaches somebody."""


def climb(rules: EscalationPolicy, people: Roster, late: list[timedelta]) -> tuple[list[datetime], list[Decision]]:
    """Let nothing but the timer happen, each tick so late, until the ladder has ended."""
    instants, decisions = [AT], [machine.open(1, opened(rules, *CROWD), AT, people)]
    lates = iter(late)
    while (alert := decisions[-1].alert).status is AlertStatus.TRIGGERED:
        assert alert.wake_at is not None
        instants.append(max(alert.wake_at + next(lates, ZERO), instants[-1]))
        decisions.append(machine.decide(alert, TimerFired(), instants[-1], people))
        assert decisions[-1].events
    return instants, decisions


@given(some.policies(), some.rosters, latenesses)
def test_every_ladder_ends_within_its_bound_and_the_outages(
    rules: EscalationPolicy, people: Roster, late: list[timedelta]
) -> None:
    instants, decisions = climb(rules, people, late)
    assert decisions[-1].alert.status is AlertStatus.EXHAUSTED
    assert instants[-1] - AT <= bound(rules).ends_after + sum(late, ZERO)


@given(some.policies(), some.rosters)
def test_a_punctual_climb_never_exceeds_its_bound(rules: EscalationPolicy, people: Roster) -> None:
    most = bound(rules, people, CROWD)
    entries = simulate(rules, people, AT, (), CROWD)
    ends = [one for one in entries if one.kind is EntryKind.EXHAUSTED]
    pages = [one for one in entries if one.kind is EntryKind.NOTIFY]
    assert all(one.at - AT <= most.ends_after for one in ends)
    assert all(one.at - AT <= most.latest_page for one in pages)
    told = Counter(one.channel for one in entries if one.channel)
    assert all(told[channel] <= most.notifications.get(str(channel), 0) for channel in told)
    assert sum(told.values()) <= most.most_notifications


@given(reachable_ladders)
def test_the_bound_is_met_when_everybody_is_reached_and_nobody_answers(one: Ladder) -> None:
    rules = policy(one)
    people = roster()
    found = bound(rules)
    instants, decisions = climb(rules, people, [])
    assert instants[-1] - AT == found.ends_after
    pages = [at - AT for at, made in zip(instants[:-1], decisions[:-1], strict=True) if notifies(made)]
    assert max(pages) <= found.latest_page
    assert max(event.due_at for event in fired(decisions)) - AT == found.latest_page


@given(some.policies(), some.rosters, st.data())
def test_nothing_that_brings_steps_forward_makes_a_climb_longer(
    rules: EscalationPolicy, people: Roster, data: st.DataObject
) -> None:
    """But whoever is told in place of somebody, as a failure at the top is reported late, has their time to answer."""
    ends_at = AT + bound(rules).ends_after
    alert, now = machine.open(1, opened(rules, *CROWD), AT, people).alert, AT
    while alert.status is AlertStatus.TRIGGERED:
        event = data.draw(some.requests | some.deliveries(alert) | st.just(TimerFired()))
        before = alert.wake_at
        assert before is not None
        assert before <= ends_at
        is_tick = isinstance(event, TimerFired)
        now = before if is_tick else now + data.draw(st.sampled_from([ZERO, (before - now) / 2]))
        decision = machine.decide(alert, event, now, people)
        alert = decision.alert
        is_instead = isinstance(event, DeliveryReported) and any(one.is_else for one in fired([decision]))
        if is_instead and alert.wake_at is not None:
            ends_at += max(ZERO, alert.wake_at - before)
    assert alert.status is AlertStatus.EXHAUSTED
    assert now <= ends_at


@given(reachable_ladders, st.data())
def test_lateness_never_adds_up(one: Ladder, data: st.DataObject) -> None:
    """As long as no tick is later than half of the wait at the top, every rung keeps its very due time."""
    slack = st.integers(0, int(one.wait.total_seconds() // 2)).map(lambda seconds: timedelta(seconds=seconds))
    late = data.draw(st.lists(slack, max_size=60))
    _, decisions = climb(policy(one), roster(), late)
    nominal = [AT + one.loop_length * loop + rung.offset for loop in range(one.repeat + 1) for rung in one.rungs]
    assert [event.due_at for event in fired(decisions)] == nominal


@given(reachable_ladders, st.integers(1, 100).map(lambda hours: timedelta(hours=hours)), st.integers(0, 20))
def test_an_outage_costs_at_most_itself_and_is_no_burst(one: Ladder, outage: timedelta, before: int) -> None:
    late = [ZERO] * before + [outage]
    instants, decisions = climb(policy(one), roster(), late)
    assert instants[-1] - AT <= bound(policy(one)).ends_after + outage
    for made in decisions:
        loops = [event for event in made.events if isinstance(event, LoopEnded)]
        assert len(loops) <= 1


@given(reachable_ladders, latenesses)
def test_whoever_is_told_last_has_half_of_the_wait_at_least(one: Ladder, late: list[timedelta]) -> None:
    instants, decisions = climb(policy(one), roster(), late)
    for now, made in zip(instants, decisions, strict=True):
        alert = made.alert
        is_top = alert.status is AlertStatus.TRIGGERED and alert.rung == len(one.rungs)
        if is_top and any(isinstance(event, RungFired) for event in made.events):
            assert alert.due_at is not None
            assert alert.due_at - now >= one.wait / 2


@given(some.policies(), some.rosters, latenesses)
def test_every_rung_is_climbed_or_passed_over_in_order(
    rules: EscalationPolicy, people: Roster, late: list[timedelta]
) -> None:
    _, decisions = climb(rules, people, late)
    places = [(event.loop, ladder, event.rung) for ladder, event in fired_on(decisions)]
    assert [loop for loop, _, _ in places] == sorted(loop for loop, _, _ in places)
    for ladder in range(len(rules.ladders)):
        own = [place for place in places if place[1] == ladder]
        assert own == sorted(set(own))


# The wall clock ------------------------------------------------------------------------------------------------------

instants = st.integers(0, 15 * 366 * 24 * 60).map(lambda count: AT + minutes(count))
zones = st.sampled_from(ZONES)


@given(instants, zones, st.times().map(lambda at: at.replace(second=0, microsecond=0)))
@settings(max_examples=300)
def test_morning_is_the_first_one_after_now(now: datetime, zone: str, morning: time) -> None:
    found = next_morning(now, zone, morning)
    assert now < found <= now + timedelta(hours=26)
    wall = found.astimezone(ZoneInfo(zone)).time()
    was_skipped = (datetime.combine(found.astimezone(ZoneInfo(zone)).date(), morning, ZoneInfo(zone))).astimezone(UTC)
    assert wall == morning or was_skipped == found


@given(instants, zones, st.times(), st.integers(1, 8))
def test_turns_go_round_without_going_back(start: datetime, zone: str, handoff: time, days: int) -> None:
    people = tuple("abcdefgh")
    turns = taking_turns("noc", people, zone, start.date() - timedelta(days=2), handoff, days)
    holders = [on_call(turns, start + timedelta(minutes=30 * n)) for n in range(48 * 5)]
    assume(() not in holders)
    places = [people.index(one) for (one,) in holders]
    turned = [(after - before) % len(people) for before, after in pairwise(places)]
    assert set(turned) <= {0, 1}
