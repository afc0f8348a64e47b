"""The simulated timeline, its reasons, and the bound that it can't exceed."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from escalation.bound import Bound, bound
from escalation.calendar import EVERY_DAY, Span, Window
from escalation.command import AlarmKind, RaiseAlarm
from escalation.event import (
    Acknowledged,
    Cancelled,
    DeliveryReported,
    EscalatedNow,
    Input,
    Outcome,
    PassedOn,
    ReceiptReported,
    Resolved,
    Snoozed,
)
from escalation.phrase import Phrase
from escalation.policy import EscalationPolicy, Ladder, StopOn
from escalation.reason import of_alarm
from escalation.receipt import ALL, ReceiptKind, Recipient
from escalation.roster import Roster
from escalation.schedule import taking_turns
from escalation.simulate import Entry, EntryKind, SimulationError, simulate
from tests.fakes.policies import AT, NOBODY, SPINE, action, after, ladder, minutes, policy, roster, step

OFFICE = Window("office", "Asia/Tokyo", (Span(EVERY_DAY, time(9), time(18)),))
ALICE = (Recipient("alice"),)


def seen(who: str, at: float) -> tuple[timedelta, Input]:
    return minutes(at), ReceiptReported(who, ReceiptKind.SEEN, after(at), "imap", who)


def run(rules: EscalationPolicy, *inputs: tuple[timedelta, Input], people: Roster | None = None) -> list[Entry]:
    return simulate(rules, people or roster(), AT, inputs, ALICE)


def short(entries: list[Entry]) -> list[tuple[float, str, str | None, str | None]]:
    return [(one.offset_s / 60, str(one.kind), one.channel, one.target) for one in entries]


def test_a_mail_that_nobody_reads() -> None:
    assert short(run(policy())) == [
        (0, "notify", "slack", "#ops"),
        (5, "notify", "discord", "#ops"),
        (10, "notify", "phone", "alice"),
        (15, "alarm", None, None),
        (15, "exhausted", "phone", "carol"),
    ]


def test_an_entry_tells_everything() -> None:
    assert run(policy())[2] == Entry(
        at=after(10),
        offset_s=600,
        kind=EntryKind.NOTIFY,
        reason=Phrase("step 3 is due and nobody has read"),
        step=3,
        loop=1,
        channel="phone",
        target="alice",
        person="alice",
    )


def test_a_read_stops_the_climb() -> None:
    entries = run(policy(), seen("alice", 7))
    assert short(entries)[-1] == (7, "stopped", None, None)
    assert (entries[-1].person, entries[-1].reason) == ("alice", "alice read it (seen)")


def test_a_read_at_the_instant_of_a_step_comes_first() -> None:
    assert short(run(policy(), seen("alice", 5)))[-1] == (5, "stopped", None, None)


def test_an_acknowledgement_after_the_end_stops_too() -> None:
    entries = run(policy(), (minutes(60), Acknowledged("bob")))
    assert short(entries)[-1] == (60, "stopped", None, None)


def test_an_acknowledged_alert_starts_again_until_it_is_exhausted() -> None:
    entries = run(policy(ack_timeout=minutes(30)), (minutes(1), Acknowledged("bob")))
    assert short(entries)[1:3] == [(1, "stopped", None, None), (31, "notify", "slack", "#ops")]
    assert short(entries)[-1] == (46, "exhausted", "phone", "carol")


def test_a_snooze_is_waited_for() -> None:
    entries = run(policy(), (minutes(1), Acknowledged("bob")), (minutes(2), Snoozed("bob", after(60))))
    assert short(entries)[3] == (60, "notify", "slack", "#ops")


def test_seconds_are_whole_where_they_can_be() -> None:
    offsets = [one.offset_s for one in run(policy(ladder(step("slack", "#ops", after=0.0125))))]
    assert offsets == [0.75, 300.75, 300.75]
    assert all(isinstance(one.offset_s, int) for one in run(policy()))


def test_time_runs_on_the_line_not_on_the_wall() -> None:
    before_change = AT.replace(month=3, day=29, hour=0, minute=30).astimezone(ZoneInfo("Europe/Berlin"))
    long = policy(ladder(step("slack", "#ops"), step("slack", "#ops", after=60)))
    entries = simulate(long, roster(), before_change, (), ALICE)
    assert (entries[1].at - entries[0].at, entries[1].offset_s) == (minutes(60), 3600)


def test_a_story_without_end_is_cut_short() -> None:
    with pytest.raises(SimulationError, match="policy main: no end after 3 decisions, at 2026-05-01T03:15"):
        simulate(policy(), roster(), AT, (), ALICE, most=3)


def test_nobody_to_tell_is_said() -> None:
    entries = run(policy(ladder(step("slack", "#ops"))), people=NOBODY)
    assert short(entries)[-1] == (0, "exhausted", None, None)
    assert entries[-1].reason == "the ladder has ended and nobody has read"


# Reasons -------------------------------------------------------------------------------------------------------------


def reasons(entries: list[Entry], kind: EntryKind = EntryKind.NOTIFY) -> list[str]:
    return [one.reason for one in entries if one.kind is kind]


def test_a_retry_says_so() -> None:
    assert (
        reasons(run(policy(ladder(step("phone", "alice", retry=1)))))[1]
        == "step 1 (retry 1) is due and nobody has read"
    )


def test_a_retry_that_was_let_be_is_told_with_what_comes_next() -> None:
    call = replace(step("phone", "alice", retry=1), retry_on=frozenset({Outcome.BUSY}))
    rules = policy(ladder(call, step("slack", "#ops", after=5)))
    assert reasons(run(rules, (minutes(1), DeliveryReported("1.0", Outcome.NO_ANSWER))))[1] == (
        "step 2 is due and nobody has read; "
        "step 1 (retry 1) was let be: the call before ended otherwise than it asks for"
    )


def test_how_many_have_read_is_said() -> None:
    both = (Recipient("alice"), Recipient("bob"))
    entries = simulate(policy(read_by=ALL), roster(), AT, [seen("alice", 1)], both)
    assert reasons(entries)[1] == "step 2 is due and 1 of 2 have read"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (EscalatedNow("bob"), "step 2 comes forward: a person asked for it"),
        (PassedOn("bob"), "step 2 comes forward: the call was passed on"),
        (DeliveryReported("1.0", Outcome.REJECTED), "step 2 comes forward: what came before reached nobody"),
    ],
)
def test_a_step_that_comes_forward_says_why(event: Input, reason: str) -> None:
    assert reasons(run(policy(), (minutes(1), event)))[1] == reason


def test_an_else_says_so() -> None:
    rules = policy(ladder(step("phone", "dave", otherwise=action("slack", "#ops"))))
    assert reasons(run(rules)) == ["the else of step 1: its own targets can't be reached"]


def test_who_is_on_call_is_said() -> None:
    turns = taking_turns("noc", ("alice",), "UTC", AT.date(), days=1)
    people = Roster(roster().people, {}, {"noc": turns}, {})
    at = after(12 * 60)
    entries = simulate(policy(ladder(step("phone", "oncall:noc"))), people, at, (), ALICE)
    assert reasons(entries) == ["step 1 is due and nobody has read; alice is on call"]
    assert (entries[0].target, entries[0].person) == ("oncall:noc", "alice")


@pytest.mark.parametrize(
    ("event", "person", "reason"),
    [
        (Acknowledged("bob"), "bob", "bob acknowledged it"),
        (Snoozed("bob", after(60)), "bob", "bob snoozed it until 2026-05-01T04:00:00+00:00"),
        (Resolved("bob"), "bob", "bob closed it: resolved"),
        (Cancelled(None), None, "the timer closed it: cancelled"),
    ],
)
def test_a_stop_says_who(event: Input, person: str | None, reason: str) -> None:
    (stop,) = [one for one in run(policy(), (minutes(1), event)) if one.kind is EntryKind.STOPPED]
    assert (stop.person, stop.reason) == (person, reason)


def test_several_readers_are_named() -> None:
    both = (Recipient("alice"), Recipient("bob"))
    entries = simulate(policy(read_by=ALL), roster(), AT, [seen("alice", 1), seen("bob", 2)], both)
    assert (entries[-1].person, entries[-1].reason) == (None, "alice, bob read it (seen)")


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_has_words(kind: AlarmKind) -> None:
    assert of_alarm(RaiseAlarm(kind, "x")).startswith("the administrators are told")


def test_no_ladder_is_said() -> None:
    entries = run(policy(Ladder(SPINE.steps, Window("never"))))
    assert reasons(entries, EntryKind.ALARM)[0].endswith("policy main has no ladder for this time")


# The bound -----------------------------------------------------------------------------------------------------------


def test_the_bound_of_the_spine() -> None:
    found = bound(policy(ladder(*SPINE.steps, repeat=2)))
    assert found == Bound(minutes(45), minutes(40), {"slack": 3, "discord": 3, "phone": 4})
    assert found.most_notifications == 10


def test_the_bound_counts_heads_and_elses() -> None:
    people = roster(noc=("alice", "bob"))
    to_all = step("phone", "team:noc", "oncall:noc", otherwise=action("slack", "unread"))
    recipients = Recipient("noc", is_team=True), Recipient("carol")
    found = bound(policy(ladder(to_all), last_resort=()), people, recipients)
    assert found.notifications == {"phone": 3, "slack": 3}


def test_the_bound_is_over_all_ladders() -> None:
    long = ladder(step("slack", "#ops", after=60), wait=30)
    busy = ladder(step("phone", "alice", retry=9, every=1))
    found = bound(policy(replace(long, window=OFFICE), busy))
    assert found == Bound(minutes(3 * 90), minutes(3 * 90 - 5), {"slack": 1, "phone": 11})


def test_a_policy_without_steps_ends_at_once() -> None:
    assert bound(policy(ladder(repeat=9), last_resort=())) == Bound(minutes(0), minutes(0), {})
    assert bound(EscalationPolicy(name="p", ladders=(), last_resort=())) == Bound(minutes(0), minutes(0), {})


def test_a_policy_that_wants_an_acknowledgement_is_not_stopped_by_reading() -> None:
    entries = run(policy(stop_on=StopOn.ACKNOWLEDGED), seen("alice", 1))
    assert short(entries)[-1][:2] == (15, "exhausted")
