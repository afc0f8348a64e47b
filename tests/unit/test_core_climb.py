"""The rules at the top of climb.py and target.py, one by one."""

import pytest

from escalation.alert import AlertStatus
from escalation.calendar import Window
from escalation.decided import Exhausted, FireReason, LoopEnded, RungFired, Skipped, SkipReason
from escalation.event import DeliveryReported, EscalatedNow, Outcome, PassedOn
from escalation.policy import Ladder, StopOn
from escalation.receipt import ReceiptKind, Recipient, with_receipt
from escalation.roster import Roster
from escalation.schedule import taking_turns
from escalation.target import resolve
from tests.fakes.policies import (
    AT,
    NOBODY,
    SPINE,
    Story,
    action,
    after,
    alarms,
    fired,
    ladder,
    notifies,
    person,
    policy,
    roster,
    step,
    told,
)

TWICE = ladder(*SPINE.steps, repeat=1)


# Rule 1: lateness never adds up --------------------------------------------------------------------------------------


def test_the_spine_climbs_at_its_times() -> None:
    story = Story(policy(TWICE))
    story.run_until(1000)
    assert [at for at, _, _ in story.notified] == [0, 5, 10, 15, 20, 25, 30]
    assert story.alert.status is AlertStatus.EXHAUSTED


def test_a_late_step_does_not_delay_the_next_one() -> None:
    story = Story(policy())
    assert story.tick(7).alert.due_at == after(10)
    assert story.tick(11).alert.due_at == after(15)
    assert [one.due_at for one in fired(story.decisions)] == [AT, after(5), after(10)]


def test_a_notification_says_when_it_was_due() -> None:
    story = Story(policy())
    assert [one.due_at for one in notifies(story.tick(7))] == [after(5)]
    story.tick(10)
    assert [one.due_at for one in notifies(story.tick(19))] == [after(15)]


def test_an_overdue_step_that_is_asked_for_keeps_its_due_time() -> None:
    story = Story(policy())
    decision = story.tell(EscalatedNow("bob"), 8)
    assert (told(decision), decision.alert.due_at) == (["D-OPS"], after(10))


def test_a_step_brought_forward_brings_the_rest_along() -> None:
    story = Story(policy())
    assert story.tell(EscalatedNow("bob"), 1).alert.due_at == after(6)


# Rule 2: all that is overdue fires -----------------------------------------------------------------------------------


def test_after_an_outage_everything_overdue_fires_in_order() -> None:
    assert told(Story(policy(TWICE)).tick(12)) == ["D-OPS", "phone-alice"]


def test_nobody_is_told_twice_over_one_channel_in_one_decision() -> None:
    story = Story(policy(ladder(step("phone", "alice", after=5, retry=2), step("phone", "team:noc", after=10))))
    story.people = roster(noc=("alice", "bob"))
    decision = story.tick(60)
    assert told(decision) == ["phone-alice", "phone-bob"]
    assert Skipped("team:noc", SkipReason.ALREADY_TOLD, "alice") in fired([decision])[-1].skipped


def test_one_number_of_two_people_rings_once() -> None:
    people = roster(person("alice", phone="+1"), person("bob", phone="+1"))
    story = Story(policy(ladder(step("phone", "alice"), step("phone", "bob"))), people=people)
    assert told(story.decisions[0]) == ["+1"]


def test_whoever_was_told_already_can_still_turn_out_unreached() -> None:
    story = Story(policy(ladder(step("phone", "alice", after=1, retry=1), wait=60)))
    (rung, again) = fired([story.tick(30)])
    assert again.notified == ()
    decision = story.tell(DeliveryReported(rung.notified[0].key, Outcome.REJECTED), 30)
    assert told(decision) == ["phone-carol"]


# Rule 3: time to answer ----------------------------------------------------------------------------------------------


def test_after_a_long_outage_one_loop_is_climbed() -> None:
    story = Story(policy(TWICE))
    decision = story.tick(600)
    assert not any(isinstance(event, LoopEnded) for event in decision.events)
    assert decision.alert.due_at == after(605)
    assert told(story.tick(605)) == ["C-OPS"]


@pytest.mark.parametrize(("late", "due"), [(12.4, 15), (12.6, 17.6), (15, 20)])
def test_whoever_is_called_last_has_time_to_answer(late: float, due: float) -> None:
    story = Story(policy())
    story.tick(5)
    assert story.tick(late).alert.due_at == after(due)


def test_an_overdue_top_begins_one_loop() -> None:
    story = Story(policy(TWICE))
    story.run_until(10)
    decision = story.tick(600)
    assert told(decision) == ["C-OPS", "D-OPS", "phone-alice"]
    assert decision.alert.due_at == after(605)


# Rule 4: reaching nobody ---------------------------------------------------------------------------------------------


def test_a_step_that_reaches_nobody_uses_its_else() -> None:
    story = Story(
        policy(ladder(step("phone", "dave", otherwise=action("slack", "#ops")), step("phone", "bob", after=5)))
    )
    (rung,) = fired(story.decisions)
    assert (told(story.decisions[0]), rung.is_else, story.alert.due_at) == (["C-OPS"], True, after(5))
    assert alarms(story.decisions[0]) == [("no_contact", "phone: dave")]


def test_a_step_and_an_else_that_reach_nobody_bring_the_next_step_forward() -> None:
    steps = step("phone", "dave", otherwise=action("phone", "erin")), step("phone", "bob", after=5)
    story = Story(policy(ladder(*steps)))
    assert (told(story.decisions[0]), story.alert.due_at) == (["phone-bob"], after(5))
    assert ("nobody_reached", "step 1") in alarms(story.decisions[0])
    assert [one.reason for one in fired(story.decisions)] == [FireReason.DUE, FireReason.UNREACHABLE]


def test_a_rejected_step_uses_its_else_once() -> None:
    story = Story(
        policy(ladder(step("phone", "alice", otherwise=action("slack", "#ops")), step("phone", "bob", after=5)))
    )
    decision = story.tell(DeliveryReported("1.0", Outcome.REJECTED, "21211"), 1)
    assert (told(decision), decision.alert.due_at) == (["C-OPS"], after(5))
    assert alarms(decision) == [("nobody_reached", "step 1: rejected 21211")]
    assert told(story.tell(DeliveryReported("1.1", Outcome.STALLED), 2)) == ["phone-bob"]


def test_a_rejected_step_whose_else_reaches_nobody_goes_on() -> None:
    story = Story(
        policy(ladder(step("phone", "alice", otherwise=action("phone", "dave")), step("phone", "bob", after=5)))
    )
    assert told(story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)) == ["phone-bob"]


def test_a_step_goes_on_when_the_last_of_its_targets_is_unreached() -> None:
    story = Story(policy(ladder(step("phone", "alice", "bob"), step("slack", "#ops", after=5))))
    assert told(story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)) == []
    assert told(story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)) == []
    assert told(story.tell(DeliveryReported("1.1", Outcome.STALLED), 1)) == ["C-OPS"]
    assert told(story.tell(DeliveryReported("1.1", Outcome.STALLED), 1)) == []


def test_an_old_rung_that_is_reported_unreached_after_a_newer_one_changes_no_time() -> None:
    story = Story(policy())
    story.tick(5)
    decision = story.tell(DeliveryReported("1.0", Outcome.STALLED), 6)
    assert (told(decision), decision.alert.due_at) == ([], after(10))


def test_busy_and_voicemail_are_not_unreached() -> None:
    story = Story(policy(ladder(step("phone", "alice"), step("slack", "#ops", after=5))))
    for outcome in (Outcome.BUSY, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.HUNG_UP, Outcome.ENDED):
        assert told(story.tell(DeliveryReported("1.0", outcome), 1)) == []


def test_some_of_a_team_without_contact_are_an_alarm_but_no_miss() -> None:
    people = roster(person("alice"), person("bob", slack="U-BOB"), noc=("alice", "bob"))
    story = Story(policy(ladder(step("phone", "team:noc"), step("slack", "#ops", after=5))), people=people)
    assert told(story.decisions[0]) == ["phone-alice"]
    assert alarms(story.decisions[0]) == [("no_contact", "phone: bob")]


# Rule 5: coming forward ----------------------------------------------------------------------------------------------


def test_coming_forward_passes_over_retries() -> None:
    story = Story(policy(ladder(step("phone", "alice", retry=3), step("phone", "bob", after=30))))
    assert told(story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)) == ["phone-bob"]
    assert story.alert.due_at == after(6)


def test_retries_interleave_with_later_steps() -> None:
    story = Story(policy(ladder(step("phone", "alice", retry=2, every=4), step("phone", "bob", after=5))))
    story.run_until(9)
    assert story.notified == [(0, "phone", "phone-alice"), (4, "phone", "phone-alice"), (5, "phone", "phone-bob"),
                              (8, "phone", "phone-alice")]  # fmt: skip
    assert story.alert.due_at == after(13)


def test_a_retry_that_is_unreached_after_all_steps_have_fired_passes_the_top() -> None:
    story = Story(policy(ladder(step("phone", "alice", retry=2, every=4), step("phone", "bob", after=5), repeat=1)))
    story.run_until(8)
    decision = story.tell(DeliveryReported("1.3", Outcome.REJECTED), 9)
    assert told(decision) == ["phone-alice"]
    assert (decision.alert.loop, decision.alert.due_at) == (2, after(13))


def test_at_the_top_the_next_loop_comes_forward_with_its_own_delay() -> None:
    story = Story(policy(ladder(step("phone", "alice", after=3), repeat=1)))
    story.tick(3)
    decision = story.tell(DeliveryReported("1.0", Outcome.REJECTED), 4)
    assert (told(decision), decision.alert.loop, decision.alert.due_at) == ([], 2, after(7))


def test_at_the_top_of_the_last_loop_the_end_comes_forward() -> None:
    story = Story(policy(ladder(step("phone", "alice"))))
    assert told(story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)) == ["phone-carol"]


def test_a_miss_at_the_top_leaves_time_to_those_just_told() -> None:
    story = Story(policy(ladder(step("slack", "#ops"), step("phone", "dave", after=5), repeat=2)))
    decision = story.tick(600)
    assert (told(decision), decision.alert.loop, decision.alert.due_at) == (["C-OPS"], 2, after(605))


def test_a_miss_in_the_middle_of_an_outage_leaves_time_to_those_just_told() -> None:
    story = Story(policy(ladder(step("slack", "#ops", after=1), step("phone", "dave", after=5))))
    decision = story.tick(600)
    assert (told(decision), decision.alert.status, decision.alert.due_at) == (["C-OPS"], "triggered", after(605))


def test_zero_delays_fire_together() -> None:
    story = Story(policy(ladder(step("slack", "#ops"), step("discord", "#ops"), step("phone", "alice"))))
    assert told(story.decisions[0]) == ["C-OPS", "D-OPS", "phone-alice"]
    assert story.alert.due_at == after(5)


def test_no_wait_at_the_top_is_the_end_at_once() -> None:
    story = Story(policy(ladder(step("phone", "alice"), wait=0, repeat=3)))
    assert told(story.decisions[0]) == ["phone-alice", "phone-carol"]
    assert story.alert.status is AlertStatus.EXHAUSTED


# Rule 6: exhausted ---------------------------------------------------------------------------------------------------


def test_at_the_end_the_last_resort_is_told_and_the_administrators() -> None:
    story = Story(policy())
    story.run_until(14)
    decision = story.tick(15)
    assert (told(decision), alarms(decision)) == (["phone-carol"], [("exhausted", "main")])
    assert (decision.alert.status, decision.alert.due_at, decision.alert.ladder) == ("exhausted", None, None)


def test_every_action_of_the_last_resort_is_used() -> None:
    story = Story(policy(last_resort=(action("phone", "alice", "bob"), action("slack", "#ops"))))
    story.run_until(15)
    assert [one.key for one in story.alert.current] == ["1.3", "1.4", "1.5"]


def test_nobody_at_all_is_exhausted_at_once_and_loudly() -> None:
    story = Story(policy(TWICE), people=NOBODY)
    assert (story.alert.status, story.notified) == (AlertStatus.EXHAUSTED, [])
    assert {("nobody_reached", f"step {n}") for n in (1, 2, 3)} < set(alarms(story.decisions[0]))
    assert alarms(story.decisions[0])[-1] == ("nobody_reached", "last resort")


# Rule 7: no ladder ---------------------------------------------------------------------------------------------------


def test_no_ladder_for_this_instant_is_exhausted_with_an_alarm() -> None:
    never = Ladder(SPINE.steps, Window("never"))
    story = Story(policy(never))
    assert told(story.decisions[0]) == ["phone-carol"]
    assert alarms(story.decisions[0]) == [("no_ladder", "main"), ("exhausted", "main")]


def test_a_ladder_without_steps_is_exhausted_at_once() -> None:
    story = Story(policy(ladder(repeat=3)))
    assert story.alert.status is AlertStatus.EXHAUSTED


def test_escalating_without_a_ladder_tells_the_last_resort_again() -> None:
    story = Story(policy(Ladder(SPINE.steps, Window("never"))))
    assert told(story.tell(EscalatedNow("bob"), 1)) == ["phone-carol"]


# Targets -------------------------------------------------------------------------------------------------------------


def test_unread_tells_whoever_has_not_read() -> None:
    reader = with_receipt(Recipient("alice"), ReceiptKind.SEEN, AT)
    story = Story(policy(ladder(step("phone", "unread")), stop_on=StopOn.ACKNOWLEDGED), reader, Recipient("bob"))
    assert told(story.decisions[0]) == ["phone-bob"]
    assert fired(story.decisions)[0].skipped == (Skipped("unread", SkipReason.HAS_READ, "alice"),)


def test_a_step_with_no_reader_left_to_tell_is_no_miss() -> None:
    reader = with_receipt(Recipient("alice"), ReceiptKind.SEEN, AT)
    story = Story(policy(ladder(step("phone", "unread")), stop_on=StopOn.ACKNOWLEDGED), reader)
    assert (alarms(story.decisions[0]), story.alert.due_at) == ([], after(5))


def test_unread_of_a_team_tells_the_whole_team() -> None:
    people = roster(noc=("alice", "bob"))
    story = Story(policy(ladder(step("phone", "unread"))), Recipient("noc", is_team=True), people=people)
    assert told(story.decisions[0]) == ["phone-alice", "phone-bob"]


def test_unread_without_recipients_is_a_miss() -> None:
    story = Story(policy(ladder(step("phone", "unread"))))
    alert = story.alert.__class__(id=1, mail=story.alert.mail, policy=story.alert.policy, recipients=(), opened_at=AT)
    expected = (Skipped("unread", SkipReason.UNKNOWN_TARGET),)
    assert resolve(action("phone", "unread"), alert, roster(), AT) == expected
    assert resolve(action("phone", "unread"), None, roster(), AT) == expected


def test_on_call_is_whoever_holds_the_shift_when_the_step_fires() -> None:
    people = roster()
    week = taking_turns("noc", ("alice", "bob"), "Asia/Tokyo", AT.date(), days=1)
    people = Roster(people.people, {}, {"noc": week}, people.rooms)
    story = Story(
        policy(ladder(step("phone", "oncall:noc"), step("phone", "oncall:noc", after=24 * 60))), people=people
    )
    story.run_until(24 * 60)
    assert [address for _, _, address in story.notified] == ["phone-alice", "phone-bob"]


def test_nobody_on_call_is_an_alarm_and_a_miss() -> None:
    story = Story(policy(ladder(step("phone", "oncall:noc"), step("slack", "#ops", after=5))))
    assert told(story.decisions[0]) == ["C-OPS"]
    assert ("nobody_on_call", "phone: oncall:noc") in alarms(story.decisions[0])


@pytest.mark.parametrize("target", ["#nowhere", "team:nobody", "dave"])
def test_an_unknown_target_is_an_alarm(target: str) -> None:
    story = Story(policy(ladder(step("slack", target))))
    assert alarms(story.decisions[0])[0] == ("no_contact", f"slack: {target}")


def test_keys_are_given_out_once() -> None:
    story = Story(policy(TWICE, last_resort=(action("phone", "alice"), action("slack", "#ops"))))
    story.tell(PassedOn("alice"), 1)
    story.run_until(1000)
    events = [event for made in story.decisions for event in made.events]
    keys = [one.key for event in events if isinstance(event, RungFired | Exhausted) for one in event.notified]
    assert keys == [f"1.{n}" for n in range(story.alert.keys)]


def test_whoever_the_fallback_tells_after_the_top_was_due_has_time_to_answer() -> None:
    """Two steps at one moment; the notification is refused only when the loop should have ended already."""
    both = step("slack", "alice", otherwise=action("discord", "alice"))
    story = Story(policy(ladder(step("slack", "alice", after=1), both, repeat=1, wait=1)))
    story.tick(1)
    story.tell(DeliveryReported("1.0", Outcome.REJECTED), 3)
    assert story.notified[-1] == (3, "discord", "discord-alice")
    assert (story.alert.loop, story.alert.due_at) == (1, after(4))
