"""The rules at the top of crossing.py and condition.py: a window that ends while an alert climbs, steps that have a
time of their own."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from escalation.alert import AlertStatus
from escalation.bound import bound
from escalation.calendar import ALWAYS, EVERY_DAY, Span, Window
from escalation.condition import MOST_WAIT, Condition
from escalation.decided import LadderChanged, StepWaits
from escalation.event import Acknowledged, DeliveryReported, EscalatedNow, Outcome, ReceiptReported, Resolved, Snoozed
from escalation.policy import EscalationPolicy, Ladder, Step
from escalation.receipt import ReceiptKind, Recipient
from escalation.schedule import FixedShift, Schedule
from escalation.simulate import EntryKind, simulate
from tests.fakes.policies import AT, Story, action, after, alarms, ladder, minutes, notifies, policy, roster, step, told

TOKYO = ZoneInfo("Asia/Tokyo")


def window(start: str, end: str, name: str = "office") -> Window:
    """Every day, on the clocks of Tokyo; ``AT`` is 12:00 there."""
    return Window(name, "Asia/Tokyo", (Span(EVERY_DAY, time.fromisoformat(start), time.fromisoformat(end)),))


UNTIL_12_10 = window("09:00", "12:10")
OFFICE = replace(ladder(step("slack", "#ops"), step("slack", "alice", after=30)), window=UNTIL_12_10)
NIGHT = ladder(step("slack", "#ops"), step("phone", "alice", after=5), step("phone", "bob", after=15))


def rules(*ladders: Ladder) -> EscalationPolicy:
    return policy(*ladders)


def crossings(story: Story) -> list[LadderChanged]:
    return [event for made in story.decisions for event in made.events if isinstance(event, LadderChanged)]


# Crossing ------------------------------------------------------------------------------------------------------------


def test_the_next_ladder_takes_over_at_the_very_instant_without_starting_over() -> None:
    """Slack at 0 of the office ladder; at 12:10 the night's: #ops is not told again, the phone, due at 5, rings at
    once, and alice has her 15 minutes to answer before bob's rings."""
    story = Story(rules(OFFICE, NIGHT))
    story.run_until(29)
    assert story.notified == [(0, "slack", "C-OPS"), (10, "phone", "phone-alice"), (25, "phone", "phone-bob")]
    assert [one.ladder for one in crossings(story)] == [1]


def test_the_loop_ends_as_that_of_the_new_ladder() -> None:
    story = Story(rules(OFFICE, NIGHT))
    story.run_until(1000)
    assert (story.alert.status, story.instants[-1]) == (AlertStatus.EXHAUSTED, after(30))


def test_what_was_told_on_the_old_ladder_is_not_told_by_the_crossing() -> None:
    calls = replace(ladder(step("phone", "alice"), step("slack", "alice", after=30)), window=UNTIL_12_10)
    story = Story(rules(calls, ladder(step("phone", "alice", "bob"))))
    story.run_until(11)
    assert story.notified == [(0, "phone", "phone-alice"), (10, "phone", "phone-bob")]


def test_a_retry_of_the_new_ladder_that_is_past_is_passed_over() -> None:
    again = ladder(step("slack", "#ops", retry=3, every=4))
    story = Story(rules(OFFICE, again))
    story.run_until(12)
    assert story.notified == [(0, "slack", "C-OPS"), (12, "slack", "C-OPS")]


def test_where_nothing_is_left_whoever_was_told_last_keeps_their_time() -> None:
    """Told at 8, with 5 minutes to answer: the new ladder, all of it past, does not end before 13."""
    first = replace(ladder(step("slack", "#ops"), step("phone", "alice", after=8)), window=UNTIL_12_10)
    story = Story(rules(first, ladder(step("slack", "#ops"), wait=1)))
    story.run_until(12.5)
    assert story.alert.status is AlertStatus.EXHAUSTED
    assert story.instants[-1] == after(11)


def test_a_ladder_that_comes_again_goes_on_where_it_was_left() -> None:
    lunch = window("12:10", "12:20", "lunch")
    steps = ladder(step("slack", "#ops"), step("slack", "bob", after=5), step("slack", "carol", after=25))
    story = Story(rules(replace(ladder(step("discord", "#ops"), wait=60), window=lunch), steps))
    story.run_until(31)
    assert story.notified == [
        (0, "slack", "C-OPS"),
        (5, "slack", "slack-bob"),
        (10, "discord", "D-OPS"),
        (30, "slack", "slack-carol"),
    ]


def test_without_a_window_the_ladder_goes_on() -> None:
    """A gap is no silence: what was climbed is climbed on."""
    story = Story(rules(OFFICE))
    story.run_until(31)
    assert [at for at, _, _ in story.notified] == [0, 30]
    assert [one.is_gap for one in crossings(story)] == [True]


def test_an_alert_that_was_snoozed_crosses_when_it_goes_on() -> None:
    story = Story(rules(OFFICE, NIGHT))
    story.tell(Snoozed("alice", after(40), "slack"), 3)
    assert story.alert.wake_at == after(40)
    decision = story.tick(40)
    assert [one.ladder for one in crossings(story)] == [1]
    assert told(decision) == ["phone-alice"]


@pytest.mark.parametrize("event", [Acknowledged("alice", "slack"), Resolved("alice", "slack")])
def test_a_window_that_ends_says_nothing_to_who_has_taken_it(event: Acknowledged | Resolved) -> None:
    story = Story(rules(OFFICE, NIGHT))
    story.tell(event, 3)
    assert story.alert.wake_at != after(10)
    assert not story.tick(10).events


def test_an_outage_over_the_crossing_tells_each_once() -> None:
    story = Story(rules(OFFICE, NIGHT))
    decision = story.tick(300)
    assert told(decision) == ["phone-alice", "phone-bob"]
    assert story.alert.status is AlertStatus.TRIGGERED


def test_whoever_is_told_late_over_a_crossing_has_their_time_from_then() -> None:
    """Due at 8, the window ends at 12:10, and the timer fires at 20 only."""
    first = replace(ladder(step("phone", "alice", after=8)), window=UNTIL_12_10)
    story = Story(rules(first, ladder(step("phone", "alice"), wait=5)))
    assert told(story.tick(20)) == ["phone-alice"]
    assert (story.alert.status, story.alert.due_at) == (AlertStatus.TRIGGERED, after(25))
    story.run_until(25)
    assert story.alert.status is AlertStatus.EXHAUSTED


def test_what_the_old_ladder_told_may_still_turn_out_unreached() -> None:
    """Then the next step of the new ladder comes forward; the old step's else is of another ladder."""
    first = replace(ladder(step("slack", "#ops", otherwise=action("discord", "#ops")), wait=60), window=UNTIL_12_10)
    story = Story(rules(first, ladder(step("slack", "#ops"), step("phone", "alice", after=30))))
    key = notifies(story.decisions[0])[0].key
    story.run_until(10)
    assert story.alert.due_at == after(30)
    assert told(story.tell(DeliveryReported(key, Outcome.REJECTED), 11)) == ["phone-alice"]


def test_whoever_asks_for_the_next_step_after_the_window_gets_that_of_the_new_ladder() -> None:
    story = Story(rules(OFFICE, NIGHT))
    assert told(story.tell(EscalatedNow("bob", "slack"), 12)) == ["phone-alice"]


CALLS = replace(ladder(step("slack", "#ops"), step("phone", "alice", after=5)), window=UNTIL_12_10)
CALLS_ALICE = ladder(step("phone", "alice"))
ALICE_LAST = {"last_resort": (action("phone", "alice"),)}


def taken(story: Story, at: float = 7) -> Story:
    """Alice, who was called at 5, has taken it."""
    story.run_until(at - 1)
    story.tell(Acknowledged("alice", "slack"), at)
    return story


def test_escalating_after_the_window_calls_whom_the_last_resort_names_again() -> None:
    """The night's ladder has nobody who was not called before noon: its end must not pass in silence."""
    story = taken(Story(policy(CALLS, CALLS_ALICE, **ALICE_LAST)))
    decision = story.tell(EscalatedNow("bob", "slack"), 60)
    assert (told(decision), story.alert.status) == (["phone-alice"], AlertStatus.EXHAUSTED)


def test_escalating_after_the_window_calls_whom_the_next_loop_names_again() -> None:
    story = taken(Story(rules(replace(CALLS, repeat=1), replace(CALLS_ALICE, repeat=1))))
    assert told(story.tell(EscalatedNow("bob", "slack"), 60)) == ["phone-alice"]
    assert story.alert.status is AlertStatus.TRIGGERED


def test_a_step_that_is_asked_for_after_the_window_calls_whom_it_names() -> None:
    story = taken(Story(rules(CALLS, replace(CALLS_ALICE, repeat=1))))
    assert told(story.tell(EscalatedNow("bob", "slack", step=0), 60)) == ["phone-alice"]


def test_a_step_that_is_asked_for_ends_a_snooze_over_the_window() -> None:
    story = Story(rules(CALLS, replace(CALLS_ALICE, repeat=1)))
    story.run_until(6)
    story.tell(Snoozed("alice", after(90), "slack"), 7)
    assert told(story.tell(EscalatedNow("bob", "slack", step=0), 60)) == ["phone-alice"]


@pytest.mark.parametrize("at", [30, 45], ids=["in the same instant", "after an outage"])
def test_the_last_resort_at_a_crossing_tells_whom_the_old_ladder_had_told(at: float) -> None:
    old = replace(ladder(step("phone", "carol"), wait=30), window=window("09:00", "12:30"))
    story = Story(rules(old, ladder(step("phone", "carol"))))
    decision = story.tick(at)
    assert (told(decision), story.alert.status) == (["phone-carol"], AlertStatus.EXHAUSTED)


def test_a_window_that_ends_after_a_snooze_is_not_missed() -> None:
    """Snoozed until 8, the window ends at 10, the next step of its ladder is due at 120: the night's comes at 10."""
    old = replace(ladder(step("slack", "#ops"), step("discord", "#ops", after=120)), window=UNTIL_12_10)
    story = Story(rules(old, ladder(step("phone", "alice"))))
    story.tell(Snoozed("alice", after(8), "slack"), 3)
    story.run_until(119)
    assert story.notified[1] == (10, "phone", "phone-alice")


def test_whoever_is_asked_for_by_name_has_their_time_before_the_new_ladder_takes_over() -> None:
    story = Story(rules(CALLS, CALLS_ALICE))
    story.tell(Acknowledged("alice", "slack"), 2)
    assert told(story.tell(EscalatedNow("bob", "slack", to="carol"), 60)) == ["phone-carol", "slack-carol"]
    story.run_until(65)
    assert story.notified[-1] == (65, "phone", "phone-alice")


def test_the_ladder_that_begins_in_a_skipped_hour_begins_at_the_first_instant_after_it() -> None:
    """Berlin, 29 March 2026: 02:00 to 03:00 does not exist. The night ladder of 02:30 begins at 03:00."""
    berlin = ZoneInfo("Europe/Berlin")
    night = Window("night", "Europe/Berlin", (Span(EVERY_DAY, time(2, 30), time(6)),))
    rule = rules(replace(ladder(step("phone", "bob"), wait=90), window=night), ladder(step("slack", "#ops"), wait=90))
    at = datetime(2026, 3, 29, 1, 50, tzinfo=berlin)
    entries = simulate(rule, roster(), at, (), (Recipient("alice"),))
    assert [(one.channel, one.offset_s) for one in entries if one.kind is EntryKind.NOTIFY] == [
        ("slack", 0),
        ("phone", 600),
    ]


def test_a_holiday_that_begins_at_midnight_changes_the_ladder() -> None:
    """29 April 2026 is a holiday in Japan: a mail of the evening before climbs the holiday's ladder from midnight."""
    holiday = Window("holiday", "Asia/Tokyo", on_holidays=True, holidays=frozenset({date(2026, 4, 29)}))
    rule = rules(replace(ladder(step("phone", "bob")), window=holiday), ladder(step("slack", "#ops"), wait=60))
    at = datetime(2026, 4, 28, 23, 55, tzinfo=TOKYO)
    entries = simulate(rule, roster(), at, (), (Recipient("alice"),))
    assert [(one.channel, one.offset_s) for one in entries if one.kind is EntryKind.NOTIFY] == [
        ("slack", 0),
        ("phone", 300),
    ]


def test_the_bound_counts_a_climb_of_each_ladder() -> None:
    found = bound(rules(OFFICE, NIGHT), roster())
    assert found.notifications == {"slack": 3, "phone": 3}


# Steps with a time of their own --------------------------------------------------------------------------------------


def timed(one: Step, condition: Condition) -> Step:
    return replace(one, condition=condition)


LATER = window("12:20", "13:00", "later")
PHONE = step("phone", "alice", after=5)
OPS, BOB = step("slack", "#ops"), step("slack", "bob", after=5)


@pytest.mark.parametrize("condition", [Condition(only=LATER), Condition(never=UNTIL_12_10)])
def test_a_step_outside_of_its_time_is_passed_over(condition: Condition) -> None:
    story = Story(policy(ladder(OPS, timed(PHONE, condition), BOB)))
    story.run_until(14)
    assert [(at, channel) for at, channel, _ in story.notified] == [(0, "slack"), (10, "slack")]
    assert not any(alarms(made) for made in story.decisions)


@pytest.mark.parametrize("condition", [Condition(only=UNTIL_12_10), Condition(never=LATER)])
def test_a_step_at_its_time_is_climbed(condition: Condition) -> None:
    story = Story(policy(ladder(OPS, timed(PHONE, condition), BOB)))
    story.run_until(14)
    assert [at for at, _, _ in story.notified] == [0, 5, 10]


def test_a_step_that_waits_comes_at_its_time_and_the_next_one_after_it() -> None:
    story = Story(policy(ladder(OPS, timed(PHONE, Condition(only=LATER, is_waiting=True)), BOB)))
    story.run_until(30)
    assert [at for at, _, _ in story.notified] == [0, 20, 25, 30]


def test_a_step_that_waits_is_stopped_like_every_other() -> None:
    story = Story(policy(ladder(OPS, timed(PHONE, Condition(only=LATER, is_waiting=True)))))
    story.run_until(6)
    story.tell(Acknowledged("bob", "slack"), 10)
    story.run_until(60)
    assert [at for at, _, _ in story.notified] == [0]


def test_nobody_waits_longer_than_a_week() -> None:
    never = Condition(only=Window("never"), is_waiting=True)
    story = Story(policy(ladder(OPS, timed(PHONE, never))))
    story.run_until(20 * 24 * 60)
    assert (story.notified[1][0] - 5) * minutes(1) == MOST_WAIT


def test_a_step_comes_late_but_was_due_at_its_time() -> None:
    story = Story(policy(ladder(OPS, timed(PHONE, Condition(only=UNTIL_12_10)))))
    assert told(story.tick(15)) == ["phone-alice"]


def test_a_person_who_asks_gets_the_step_at_any_time() -> None:
    story = Story(policy(ladder(OPS, timed(PHONE, Condition(only=Window("never"))))))
    assert told(story.tell(EscalatedNow("bob", "slack"), 1)) == ["phone-alice"]


def test_what_comes_forward_looks_for_a_step_whose_time_it_is() -> None:
    story = Story(policy(ladder(step("pager", "alice"), timed(PHONE, Condition(only=Window("never"))), BOB)))
    assert told(story.decisions[0]) == ["slack-bob"]


def test_an_else_is_not_lost_to_a_step_that_was_passed_over_meanwhile() -> None:
    """Whoever the first step told turns out unreached only after the second was not for this time: the first step's
    ``else`` is still unused, and the third comes when it was due."""
    first = replace(OPS, otherwise=action("phone", "carol"))
    story = Story(policy(ladder(first, timed(PHONE, Condition(only=Window("never"))), BOB)))
    story.run_until(7)
    assert told(story.tell(DeliveryReported("1.0", Outcome.STALLED), 7)) == ["phone-carol"]
    story.run_until(14)
    assert story.notified[1:] == [(7, "phone", "phone-carol"), (10, "slack", "slack-bob")]


def test_an_else_at_the_top_has_its_time_to_answer_though_a_step_above_was_passed_over() -> None:
    first = replace(OPS, otherwise=action("phone", "carol"))
    story = Story(policy(ladder(first, timed(PHONE, Condition(only=Window("never"))), wait=5)))
    story.run_until(9)
    story.tell(DeliveryReported("1.0", Outcome.STALLED), 9)
    story.run_until(100)
    assert [(at, channel) for at, channel, _ in story.notified] == [(0, "slack"), (9, "phone"), (14, "phone")]
    assert story.instants[-1] == after(14)


def test_what_a_person_brings_forward_looks_for_a_step_that_reaches_somebody() -> None:
    """The ladder has ended; asked to go on, it begins with a step that is not for this time: the next one fires."""
    story = Story(policy(ladder(timed(OPS, Condition(only=UNTIL_12_10)), PHONE)))
    story.run_until(100)
    assert told(story.tell(EscalatedNow("bob", "slack"), 120)) == ["phone-alice"]


def test_a_mail_that_comes_back_brings_forward_a_step_whose_time_it_is() -> None:
    rules = policy(ladder(OPS, timed(PHONE, Condition(only=LATER)), step("phone", "bob", after=30)))
    story = Story(rules, Recipient("alice"))
    assert told(story.tell(ReceiptReported("alice", ReceiptKind.FAILED, after(1)), 1)) == ["phone-bob"]


def test_a_step_that_is_passed_over_leaves_those_told_before_it_their_time() -> None:
    """Nobody is reached by the first step; the second was not for this time: the third comes forward all the same."""
    story = Story(policy(ladder(OPS, timed(PHONE, Condition(only=Window("never"))), step("slack", "bob", after=60))))
    key = notifies(story.decisions[0])[0].key
    story.run_until(6)
    assert told(story.tell(DeliveryReported(key, Outcome.REJECTED), 7)) == ["slack-bob"]


def on_call_from(count: float) -> Schedule:
    return Schedule("noc", (), (FixedShift("bob", after(count), after(count + 600)),))


def test_a_step_waits_until_somebody_is_on_call() -> None:
    people = replace(roster(), schedules={"noc": on_call_from(90)})
    held = timed(step("phone", "oncall:noc"), Condition(on_call="noc", is_waiting=True))
    story = Story(policy(ladder(held)), people=people)
    story.run_until(100)
    assert story.notified[0] == (90, "phone", "phone-bob")
    assert sum(isinstance(event, StepWaits) for made in story.decisions for event in made.events) == 2


def test_whoever_waits_for_somebody_on_call_hears_of_a_change_within_the_hour() -> None:
    held = timed(step("phone", "oncall:noc"), Condition(on_call="noc", is_waiting=True))
    story = Story(policy(ladder(held)), people=replace(roster(), schedules={"noc": on_call_from(9000)}))
    story.run_until(30)
    story.people = replace(roster(), schedules={"noc": on_call_from(20)})
    story.run_until(61)
    assert story.notified[0] == (60, "phone", "phone-bob")


def test_a_crossing_respects_a_step_that_would_still_be_waiting() -> None:
    """The night ladder holds until 12:20 before it calls anybody: crossing at 12:10 does not jump over that."""
    office = replace(ladder(step("phone", "alice"), wait=60), window=UNTIL_12_10)
    held = timed(step("phone", "alice"), Condition(only=LATER, is_waiting=True))
    story = Story(rules(office, ladder(held, step("phone", "bob", after=5))))
    story.run_until(26)
    assert story.notified == [(0, "phone", "phone-alice"), (20, "phone", "phone-alice"), (25, "phone", "phone-bob")]


def test_a_wait_over_windows_that_flicker_is_a_week_all_told() -> None:
    flicker = Window("flicker", "UTC", tuple(Span(EVERY_DAY, time(hour), time(hour, 30)) for hour in range(24)))
    held = timed(step("phone", "alice"), Condition(only=Window("never"), is_waiting=True))
    one = replace(ladder(held, wait=600), window=flicker)
    entries = simulate(rules(one, replace(ladder(wait=600), window=ALWAYS)), roster(), AT, (), (Recipient("alice"),))
    ends = [one for one in entries if one.kind is EntryKind.EXHAUSTED]
    assert timedelta(seconds=ends[0].offset_s) <= MOST_WAIT + timedelta(hours=11)


# The troubles of others ----------------------------------------------------------------------------------------------


def test_a_weekday_in_the_ladder_is_that_of_its_own_zone() -> None:
    """Saturday begins in Tokyo while it is Friday in UTC: the ladder of the weekend takes over at midnight there."""
    weekend = Window("weekend", "Asia/Tokyo", (Span(frozenset({5, 6}), time(0), time(0)),))
    rule = rules(replace(ladder(step("phone", "bob")), window=weekend), ladder(step("slack", "#ops"), wait=60))
    at = datetime(2026, 5, 1, 23, 50, tzinfo=TOKYO)
    entries = simulate(rule, roster(), at, (), (Recipient("alice"),))
    told_at = [(one.channel, one.offset_s) for one in entries if one.kind is EntryKind.NOTIFY]
    assert told_at == [("slack", 0), ("phone", 600)]


@pytest.mark.parametrize(
    ("at", "due"), [("2026-03-29T01:50+01:00", "03:20 CEST"), ("2026-10-25T02:50+02:00", "02:20 CET")]
)
def test_a_step_due_inside_of_a_change_of_the_clock_is_due_after_its_elapsed_time(at: str, due: str) -> None:
    """30 minutes are 30 minutes, whether an hour is skipped or comes twice."""
    rule = policy(ladder(step("slack", "#ops"), step("phone", "alice", after=30)))
    entries = simulate(rule, roster(), datetime.fromisoformat(at), (), (Recipient("alice"),))
    [call] = [one for one in entries if one.kind is EntryKind.NOTIFY and one.channel == "phone"]
    assert (call.offset_s, f"{call.at.astimezone(ZoneInfo('Europe/Berlin')):%H:%M %Z}") == (1800, due)
