"""Steps before a deadline, and telling whoever sent the mail."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from pydantic import ValidationError

from bot.settings.policy_shape import PolicyShape
from escalation import machine
from escalation.calendar import EVERY_DAY, Span, Window
from escalation.command import Notify
from escalation.condition import Condition
from escalation.event import Opened, ReceiptReported, TimerFired
from escalation.policy import EscalationPolicy, Step
from escalation.receipt import ALL, ReceiptKind, Recipient
from tests.fakes.policies import AT, Story, action, after, ladder, mail, minutes, person, policy, roster, step

ALICE = Recipient("alice", address="alice@example.com")
PEOPLE = roster(person("alice"), person("bob"))


def before(count: float, channel: str) -> Step:
    return Step(action(channel, "unread"), before=minutes(count))


def placed(rules: EscalationPolicy, deadline: float | None) -> list[tuple[float, str]]:
    """(minutes, channel) of every step of a mail that is sent at ``AT``."""
    of_mail = rules.placed(AT, None if deadline is None else after(deadline))
    rungs = of_mail.ladders[0].rungs
    return [(one.offset / minutes(1), of_mail.ladders[0].steps[one.step].action.channel) for one in rungs]


MIXED = policy(ladder(step("mail", "unread", after=60), before(30, "slack"), before(10, "phone")))


@pytest.mark.parametrize(
    ("deadline", "steps"),
    [
        (120, [(60, "mail"), (90, "slack"), (110, "phone")]),
        (50, [(20, "slack"), (40, "phone"), (60, "mail")]),
        (20, [(0, "slack"), (10, "phone"), (60, "mail")]),
        (5, [(0, "slack"), (0, "phone"), (60, "mail")]),
        (None, [(60, "mail")]),
    ],
)
def test_steps_stand_where_the_deadline_puts_them(deadline: float | None, steps: list[tuple[float, str]]) -> None:
    assert placed(MIXED, deadline) == steps


def test_a_policy_that_was_not_placed_has_no_such_steps_and_another_stays_itself() -> None:
    assert [one.step for one in MIXED.ladders[0].rungs] == [0]
    plain = policy()
    assert plain.placed(AT, after(10)) is plain


def test_the_reminder_before_the_deadline_goes_to_the_unread() -> None:
    rules = policy(ladder(before(30, "slack")), read_by=ALL).placed(AT, after(120))
    alert = machine.open(1, Opened(mail(), rules, (ALICE,), sent_by="bob", deadline=after(120)), AT, PEOPLE).alert
    assert (alert.due_at, alert.deadline) == (after(90), after(120))
    told = [one for one in machine.decide(alert, TimerFired(), after(90), PEOPLE).commands if isinstance(one, Notify)]
    assert [one.address for one in told] == ["slack-alice"]


class Within(Story):
    """Of a mail that is to be answered within an hour."""

    def opened(self, rules: EscalationPolicy, *recipients: Recipient) -> Opened:
        return Opened(mail(), rules.placed(AT, after(60)), (ALICE,), sent_by="bob", deadline=after(60), starts_at=AT)


def test_nobody_waits_past_the_step_that_the_deadline_has_put_above() -> None:
    """The first step would wait for the office; ten minutes before the deadline the phone rings, office or not."""
    office = Window("office", spans=(Span(EVERY_DAY, time(9), time(18)),))
    held = replace(step("slack", "alice"), condition=Condition(only=office, is_waiting=True))
    story = Within(policy(ladder(held, replace(step("phone", "alice"), before=minutes(10)))), people=PEOPLE)
    story.run_until(54)
    assert story.notified[-1] == (50, "phone", "phone-alice")


def test_read_but_not_answered_in_two_days_tells_the_sender() -> None:
    rules = policy(
        ladder(Step(action("slack", "sender"), timedelta(days=2))),
        read_by=ALL,
        counts=frozenset({ReceiptKind.REPLIED}),
    )
    alert = machine.open(1, Opened(mail(), rules, (ALICE,), sent_by="bob"), AT, PEOPLE).alert
    seen = ReceiptReported("alice", ReceiptKind.SEEN, after(5))
    alert = machine.decide(alert, seen, after(5), PEOPLE).alert
    told = machine.decide(alert, TimerFired(), AT + timedelta(days=2), PEOPLE).commands
    assert [one.address for one in told if isinstance(one, Notify)] == ["slack-bob"]


@pytest.mark.parametrize(
    ("sent_by", "channel", "address"), [("desk@example.com", "mail", ["desk@example.com"]), ("", "mail", [])]
)
def test_a_sender_who_is_nobody_in_the_settings(sent_by: str, channel: str, address: list[str]) -> None:
    rules = policy(ladder(Step(action(channel, "sender"), minutes(5))), read_by=ALL)
    alert = machine.open(1, Opened(mail(), rules, (ALICE,), sent_by=sent_by), AT, PEOPLE).alert
    told = machine.decide(alert, TimerFired(), after(5), PEOPLE).commands
    assert [one.address for one in told if isinstance(one, Notify) and one.target == "sender"] == address


def test_a_ladder_of_nothing_but_deadlines_is_refused() -> None:
    steps = [{"via": "slack", "to": "unread", "before": "1h"}]
    with pytest.raises(ValidationError, match="every step waits for a deadline"):
        PolicyShape.model_validate({"steps": steps, "last_resort": [{"via": "slack", "to": "bob"}]})
    with pytest.raises(ValidationError, match="both after and before"):
        PolicyShape.model_validate(
            {"steps": [{"after": "1m", **steps[0]}], "last_resort": [{"via": "slack", "to": "bob"}]}
        )
