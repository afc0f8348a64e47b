"""When a page that missed its time in an outage is one too many."""

from datetime import timedelta
from typing import Any

import pytest

from bot.outcome import is_overtaken
from bot.store.record import MISSED, NotificationRow, NotificationState
from escalation.command import Purpose
from escalation.event import Outcome
from tests.fakes.policies import AT
from tests.fakes.stored import row

SENT, ENDED, PENDING = NotificationState.SENT, NotificationState.ENDED, NotificationState.PENDING
PAGE = row("1.3", channel="slack", address="C0OPS", outcome=MISSED, step=1)


def other(key: str = "1.4", **values: Any) -> NotificationRow:
    usual: dict[str, Any] = {"channel": "phone", "address": "+81", "state": SENT, "outcome": "sent", "step": 2}
    return row(key, **(usual | values))


@pytest.mark.parametrize(
    ("one", "is_so"),
    [
        (other(), True),
        (other(sent_at=AT - timedelta(seconds=119)), False),
        (other(sent_at=AT - timedelta(minutes=2)), True),
        (other(channel="discord", sent_at=AT), True),
        (other(state=ENDED, outcome=Outcome.ENDED), True),
        (other(state=ENDED, outcome=Outcome.NO_ANSWER), False),
        (other(state=ENDED, outcome=Outcome.VOICEMAIL), False),
        (other(state=PENDING, outcome=""), False),
        (other(state=NotificationState.REJECTED, outcome=Outcome.REJECTED), False),
        (other("1.2"), False),
        (other(step=1), False),
        (other(step=1, purpose=Purpose.ELSE), True),
        (other(step=1, turn=1), True),
        (other(purpose=Purpose.SENDER), False),
        (other("1.m0", purpose=Purpose.MAIL), False),
        (other(channel="slack", address="C0OPS", state=PENDING, outcome=MISSED), True),
        (other(channel="slack", address="C0NOC", state=PENDING, outcome=MISSED), False),
    ],
)
def test_overtaken_is_what_somebody_was_told_later(one: NotificationRow, is_so: bool) -> None:
    assert is_overtaken(PAGE, [PAGE, one], AT) is is_so


def test_what_did_not_miss_its_time_is_never_overtaken() -> None:
    assert not is_overtaken(PAGE._replace(outcome=""), [PAGE, other()], AT)
