"""Each person in their own order, and left in peace in their quiet hours: what a step makes of it."""

from dataclasses import replace
from datetime import time

from escalation.calendar import Span, Window
from escalation.contact import CONTACTS, Order, Quiet, Way, is_at_least, usual_ways
from escalation.decided import Skipped, SkipReason
from escalation.event import Acknowledged, DeliveryReported, EscalatedNow, Opened, Outcome, PassedOn
from escalation.policy import Action, EscalationPolicy, Step
from escalation.receipt import Recipient
from escalation.roster import Person, Roster
from tests.fakes.policies import AT, Story, action, alarms, fired, ladder, minutes, person, policy, roster, step

SLACK, PHONE, SECOND = Way("slack", "s"), Way("phone", "p", minutes(2)), Way("phone", "p2", minutes(5))
ALICE = Person("alice", "Alice", (), {"slack": "s", "phone": "p"}, orders=(Order((SLACK, PHONE, SECOND)),))
BOB = person("bob")
NIGHT = Window("night", "Asia/Tokyo", (Span(start=time(22), end=time(7)),))
NOON = Window("noon", "Asia/Tokyo", (Span(start=time(12), end=time(13)),))
QUIET = Person("alice", "Alice", (), {"slack": "s", "phone": "p", "mail": "m"}, quiet=Quiet(NOON))


def own(*targets: str, after: float = 0, ways: tuple[float, ...] = (0, 2, 5), otherwise: Action | None = None) -> Step:
    """A step that leaves it to its people, with rungs at these minutes."""
    return Step(action(CONTACTS, *targets), minutes(after), otherwise=otherwise, ways=tuple(map(minutes, ways)))


def story(*steps: Step, people: Roster, severity: str = "critical") -> Story:
    return _Story(policy(ladder(*steps)), people, severity)


class _Story(Story):
    """One whose mail has a severity."""

    def __init__(self, rules: EscalationPolicy, people: Roster, severity: str, sent_by: str = "") -> None:
        self.severity = severity
        self.sent_by = sent_by
        super().__init__(rules, people=people)

    def opened(self, rules: EscalationPolicy, *recipients: Recipient) -> Opened:
        return replace(super().opened(rules, *recipients), severity=self.severity, sent_by=self.sent_by)


# Ways in order -------------------------------------------------------------------------------------------------------


def test_the_ways_are_used_in_order_and_time() -> None:
    told = story(own("alice"), people=roster(ALICE, BOB))
    told.run_until(9)
    assert told.notified == [(0, "slack", "s"), (2, "phone", "p"), (5, "phone", "p2")]


def test_a_second_number_that_they_name_is_the_one_that_rings() -> None:
    """A retry turns to the next number only of a step that names none."""
    alice = replace(ALICE, more={"phone": ("p2",)})
    told = story(own("alice"), people=roster(alice, BOB))
    told.run_until(9)
    assert told.notified == [(0, "slack", "s"), (2, "phone", "p"), (5, "phone", "p2")]


def test_each_person_has_their_own() -> None:
    bob = Person("bob", "Bob", (), {"phone": "b"}, orders=(Order((Way("phone", "b"),)),))
    told = story(own("alice", "bob"), people=roster(ALICE, bob))
    told.run_until(9)
    assert told.notified == [(0, "slack", "s"), (0, "phone", "b"), (2, "phone", "p"), (5, "phone", "p2")]


def test_whoever_says_nothing_is_told_by_chat_and_then_by_phone() -> None:
    assert usual_ways({"mail": "m", "phone": "p", "slack": "s"}) == (Way("slack", "s"), Way("phone", "p", minutes(2)))
    assert usual_ways({"mail": "m", "console": "c"}) == (Way("mail", "m"),)


def test_a_way_that_the_policy_does_not_know_of_is_used_with_the_next_rung() -> None:
    told = story(own("alice", ways=(0, 3)), people=roster(ALICE))
    told.run_until(4)
    assert told.notified == [(0, "slack", "s"), (3, "phone", "p"), (3, "phone", "p2")]


def test_urgent_and_ordinary_matters_have_their_own_orders() -> None:
    orders = (Order((PHONE,), is_urgent=True), Order((SLACK,), is_urgent=False))
    people = roster(Person("alice", "Alice", (), {}, orders=orders))
    urgent, ordinary = (story(own("alice"), people=people, severity=one) for one in ("error", "warning"))
    for one in (urgent, ordinary):
        one.run_until(4)
    assert (urgent.notified, ordinary.notified) == ([(2, "phone", "p")], [(0, "slack", "s")])


def test_the_order_is_that_of_when_the_step_was_due() -> None:
    """Noon ends at an hour; the way that is due after it is still of the order that held before."""
    later = (Order((SLACK, PHONE), window=NOON), Order((SECOND,)))
    told = story(own("alice", after=59), people=roster(Person("alice", "Alice", (), {}, orders=later)))
    told.run_until(62)
    assert told.notified == [(59, "slack", "s"), (61, "phone", "p")]


def test_a_way_that_fails_brings_the_next_way_forward_and_not_the_next_step() -> None:
    told = story(own("alice"), step("phone", "bob", after=9), people=roster(ALICE, BOB))
    told.tell(DeliveryReported("1.0", Outcome.REJECTED, "gone"), 1)
    assert told.notified == [(0, "slack", "s"), (1, "phone", "p")]
    told.tell(DeliveryReported("1.1", Outcome.REJECTED, "gone"), 1)
    told.tell(DeliveryReported("1.2", Outcome.REJECTED, "gone"), 1)
    assert told.notified[2:] == [(1, "phone", "p2"), (1, "phone", "phone-bob")]


def test_the_else_is_for_when_no_way_is_left() -> None:
    told = story(own("alice", otherwise=action("slack", "#ops")), people=roster(ALICE))
    told.tell(DeliveryReported("1.0", Outcome.REJECTED, "gone"), 1)
    told.run_until(5)
    assert told.notified == [(0, "slack", "s"), (1, "phone", "p"), (4, "phone", "p2")]
    told.tell(DeliveryReported("1.2", Outcome.REJECTED, "gone"), 5)
    assert told.notified[3:] == [(5, "slack", "C-OPS")]


def test_a_rung_of_somebody_elses_way_is_no_way_forward() -> None:
    """Bob has nothing at two minutes: when his only way fails, the next step comes and not that rung."""
    bob = Person("bob", "Bob", (), {}, orders=(Order((Way("slack", "b"),)),))
    told = story(own("bob"), step("phone", "carol", after=9), people=roster(bob, person("carol")))
    told.tell(DeliveryReported("1.0", Outcome.REJECTED, "gone"), 1)
    assert told.notified == [(0, "slack", "b"), (1, "phone", "phone-carol")]


def test_whoever_passes_it_on_is_not_told_over_their_next_way() -> None:
    told = story(own("alice"), step("phone", "bob", after=9), people=roster(ALICE, BOB))
    told.tell(PassedOn("alice"), 1)
    assert told.notified == [(0, "slack", "s"), (1, "phone", "phone-bob")]


def test_escalating_goes_to_the_next_step() -> None:
    told = story(own("alice"), step("phone", "bob", after=9), people=roster(ALICE, BOB))
    told.tell(EscalatedNow("carol"), 1)
    assert told.notified[1:] == [(1, "phone", "phone-bob")]


def test_an_idle_rung_leaves_those_told_before_it_to_answer_for_the_step() -> None:
    bob = Person("bob", "Bob", (), {}, orders=(Order((Way("slack", "b"),)),))
    told = story(own("bob"), step("phone", "carol", after=9), people=roster(bob, person("carol")))
    told.run_until(3)
    told.tell(DeliveryReported("1.0", Outcome.STALLED), 3)
    assert told.notified == [(0, "slack", "b"), (3, "phone", "phone-carol")]


def test_the_last_resort_uses_every_way_at_once() -> None:
    rules = policy(ladder(step("slack", "bob")), last_resort=(action(CONTACTS, "alice"),))
    told = Story(rules, people=roster(ALICE, BOB))
    told.run_until(5)
    assert told.notified[1:] == [(5, "slack", "s"), (5, "phone", "p"), (5, "phone", "p2")]


def test_nothing_more_leaves_once_it_is_taken() -> None:
    told = story(own("alice"), people=roster(ALICE))
    told.tell(Acknowledged("alice"), 1)
    told.run_until(9)
    assert told.notified == [(0, "slack", "s")]


def test_a_stranger_who_sent_the_mail_is_told_by_mail_once() -> None:
    told = _Story(policy(ladder(own("sender"))), roster(ALICE), "error", "eve@example.com")
    told.run_until(9)
    assert [one for one in told.notified if one[2] == "eve@example.com"] == [(0, "mail", "eve@example.com")]


# Quiet hours ---------------------------------------------------------------------------------------------------------


def test_what_can_wait_is_not_told_in_quiet_hours_and_the_next_step_comes_forward() -> None:
    told = story(step("phone", "alice"), step("phone", "bob", after=9), people=roster(QUIET, BOB), severity="error")
    assert told.notified == [(0, "phone", "phone-bob")]
    assert fired(told.decisions)[0].skipped == (Skipped("alice", SkipReason.QUIET_HOURS, "alice"),)
    assert alarms(told.decisions[0]) == []


def test_what_is_critical_breaks_them() -> None:
    assert story(step("phone", "alice"), people=roster(QUIET)).notified == [(0, "phone", "p")]


def test_how_severe_it_must_be_is_for_each_to_say() -> None:
    light = Person("alice", "Alice", (), {"phone": "p"}, quiet=Quiet(NOON, broken_by="warning"))
    assert story(step("phone", "alice"), people=roster(light), severity="warning").notified == [(0, "phone", "p")]
    assert is_at_least("unheard of", "critical")


def test_they_end() -> None:
    told = story(step("phone", "alice", after=60), people=roster(QUIET), severity="info")
    told.run_until(60)
    assert told.notified == [(60, "phone", "p")]


def test_a_channel_that_disturbs_nobody_is_used() -> None:
    assert story(step("mail", "alice"), people=roster(QUIET), severity="info").notified == [(0, "mail", "m")]


def test_of_ones_own_ways_the_quiet_ones_are_left() -> None:
    order = Order((SLACK, Way("mail", "m", minutes(1)), PHONE))
    told = story(
        own("alice"), people=roster(Person("alice", "A", (), {}, orders=(order,), quiet=Quiet(NOON))), severity="info"
    )
    assert told.notified == [(0, "mail", "m")]


def test_the_else_takes_the_place() -> None:
    told = story(step("phone", "alice", otherwise=action("slack", "#ops")), people=roster(QUIET), severity="info")
    assert told.notified == [(0, "slack", "C-OPS")]


def test_the_last_resort_wakes_them_all_the_same() -> None:
    rules = policy(ladder(step("phone", "alice")), last_resort=(action("phone", "alice"),))
    told = _Story(rules, roster(QUIET), "info")
    assert told.notified == [(0, "phone", "p")]


def test_a_team_is_told_without_them() -> None:
    people = roster(QUIET, BOB, noc=("alice", "bob"))
    assert story(step("phone", "team:noc"), people=people, severity="info").notified == [(0, "phone", "phone-bob")]
    assert AT.hour == 3
