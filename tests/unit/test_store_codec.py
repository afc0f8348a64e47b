"""Events, alerts and policies through the codec and back."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import codec
from bot.store.outbox_row import COLUMNS, row_of, values_of
from bot.store.policies import Policies
from bot.store.record import NotificationRow
from escalation.alert import Alert
from escalation.decided import Event
from escalation.event import Opened
from escalation.policy import EscalationPolicy, Ladder, Step
from tests.fakes.policies import AT, opened, policy
from tests.fakes.stored import first, row

# What PostgreSQL and UTF-8 take: any text without NUL and without half of a surrogate pair.
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
_instants = st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_spans = st.timedeltas(timedelta(0), timedelta(days=400))
_numbers = st.integers(0, 10_000)
_steps = st.builds(Step, retry_times=st.integers(0, 3))
_ladders = st.builds(Ladder, steps=st.lists(_steps, max_size=3).map(tuple))

for _type, _strategy in ((str, _texts), (datetime, _instants), (timedelta, _spans), (int, _numbers)):
    st.register_type_strategy(_type, _strategy)
st.register_type_strategy(Step, _steps)
st.register_type_strategy(Ladder, _ladders)

_policies = st.builds(EscalationPolicy, ladders=st.lists(_ladders, max_size=2).map(tuple))


def _all(cls: type) -> st.SearchStrategy[Any]:
    """Values of a dataclass with every field drawn, those with defaults too."""
    fields = {name: st.from_type(kind) for name, kind in get_type_hints(cls).items()}
    return st.builds(cls, **(fields | ({"policy": _policies} if "policy" in fields else {})))


@pytest.mark.parametrize("cls", get_args(Event), ids=lambda cls: cls.__name__)
def test_every_event_comes_back_as_it_was(cls: type) -> None:
    @given(_all(cls))
    def comes_back(event: Any) -> None:
        kind, data = codec.encode_event(event, "digest")
        policies = {"digest": getattr(event, "policy", None)}
        assert codec.KINDS[kind] is cls
        assert codec.decode_event(kind, data, policies.__getitem__) == event  # type: ignore[arg-type]

    comes_back()


@given(_all(Alert))
def test_every_alert_comes_back_as_it_was(alert: Alert) -> None:
    assert codec.decode_alert(codec.encode_alert(alert, "digest"), alert.policy) == alert


@given(_policies)
def test_every_policy_comes_back_as_it_was_with_its_rungs(made: EscalationPolicy) -> None:
    digest, data = codec.encode_policy(made)
    again = codec.decode_policy(data)
    assert again == made
    assert [one.rungs for one in again.ladders] == [one.rungs for one in made.ladders]
    assert codec.encode_policy(again) == (digest, data)


@given(st.builds(NotificationRow))
def test_every_notification_comes_back_as_it_was(made: NotificationRow) -> None:
    values = dict(zip(COLUMNS, values_of(made), strict=True))
    assert row_of(values) == made
    assert values["wake_at"] == codec.micros(made.next_at)
    assert {type(value) for value in values.values()} <= {int, str, bool, type(None)}


@given(_instants, st.integers(-12 * 60, 12 * 60))
def test_an_instant_is_exact_whatever_its_zone(at: datetime, offset: int) -> None:
    elsewhere = at.astimezone(timezone(timedelta(minutes=offset)))
    assert codec.instant(codec.micros(elsewhere)) == at
    assert codec.instant_of((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)) == at


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(TypeError):
        codec.micros(AT.replace(tzinfo=None))


def test_nothing_of_a_policy_is_kept_beside_its_digest() -> None:
    alert = first(1).alert
    digest, _ = codec.encode_policy(alert.policy)
    for data in (codec.encode_alert(alert, digest), codec.encode_event(opened(alert.policy), digest)[1]):
        assert msgspec.json.decode(data)["policy"] == digest
        assert b"ladders" not in data
        assert codec.digest_in(codec.encode_event(opened(alert.policy), digest)[1]) == digest


def test_equal_policies_have_one_digest_and_others_another() -> None:
    assert codec.encode_policy(policy()) == codec.encode_policy(policy())
    assert codec.encode_policy(policy())[0] != codec.encode_policy(policy(resolve_after=timedelta(hours=1)))[0]


def test_an_alert_of_an_older_release_gets_defaults_and_one_of_a_later_release_loses_what_is_unknown() -> None:
    alert = first(1).alert
    state = msgspec.json.decode(codec.encode_alert(alert._replace(is_junk=True), "digest"))
    del state["is_junk"]
    state["of_a_later_release"] = {"any": "thing"}
    assert codec.decode_alert(msgspec.json.encode(state), alert.policy) == alert._replace(is_junk=False)


def test_a_field_that_is_as_its_default_says_may_be_written_and_is_not() -> None:
    alert = first(1).alert
    state = msgspec.json.decode(codec.encode_alert(alert, "digest"))
    assert alert.is_junk is False and "is_junk" not in state
    written = msgspec.json.encode({**state, "is_junk": False, "snoozed_until": None, "taken_by": [], "loop": 1})
    assert codec.decode_alert(written, alert.policy) == alert


def test_an_event_of_a_later_release_is_named() -> None:
    with pytest.raises(codec.UnknownEventError, match="handed_over"):
        codec.decode_event("handed_over", b"{}", lambda digest: policy())


def test_kinds_never_change() -> None:
    """They are in databases: a class that is renamed keeps its kind."""
    assert sorted(codec.KINDS) == [
        "acknowledged",
        "approval_asked",
        "approved",
        "call_back_asked",
        "call_back_promised",
        "cancelled",
        "climb_started",
        "clock_set_back",
        "delivery_reported",
        "escalated_now",
        "exhausted",
        "ladder_changed",
        "loop_ended",
        "mail_joined",
        "not_approved",
        "noted",
        "opened",
        "passed_on",
        "read_reached",
        "receipt_reported",
        "receipt_withdrawn",
        "recipient_added",
        "reminded_now",
        "resolved",
        "rung_fired",
        "sender_called",
        "snoozed",
        "step_waits",
        "taken_forward",
        "timer_fired",
        "told_beside",
    ]
    assert codec.KINDS[codec.OPENED] is Opened


@given(_texts, _texts)
def test_short_keys_are_themselves_and_long_ones_differ_as_their_texts_do(one: str, other: str) -> None:
    assert codec.short(one) == one
    long = ["é" * codec.LONGEST_KEY + text for text in (one, other)]
    keys = [codec.short(text) for text in long]
    assert all(len(key.encode()) <= codec.LONGEST_KEY for key in keys)
    assert (keys[0] == keys[1]) is (one == other)
    assert [codec.short(key) for key in keys] == keys


def test_a_key_with_half_a_surrogate_pair_has_a_digest() -> None:
    assert codec.short("\ud800" * 1000).startswith("sha256:")


def test_what_has_not_left_is_next_at_its_own_instant() -> None:
    waiting = row(send_at=AT + timedelta(hours=1), update_at=AT, follow_at=AT)
    assert waiting.next_at == AT + timedelta(hours=1)
    assert waiting._replace(send_at=None, follow_at=AT - timedelta(hours=1)).next_at == AT - timedelta(hours=1)
    assert waiting._replace(send_at=None, update_at=None, follow_at=None).next_at is None


# The policies that are remembered ------------------------------------------------------------------------------------


def test_only_so_many_policies_are_remembered() -> None:
    policies = Policies(most=3)
    made = [policy(resolve_after=timedelta(minutes=number)) for number in range(1, 9)]
    for one in made:
        digest, data = codec.encode_policy(one)
        assert policies.digest_of(one) == digest
        assert policies.read(digest, data) == one
        policies.will_be_stored(digest)
        assert len(policies) <= 3
    newest, oldest = codec.encode_policy(made[-1])[0], codec.encode_policy(made[0])[0]
    assert policies.get(newest) == made[-1]
    assert policies.get(oldest) is None
    assert policies.digest_of(made[0]) == oldest


def test_the_policy_that_is_used_stays() -> None:
    policies = Policies(most=2)
    used, *others = (codec.encode_policy(policy(resolve_after=timedelta(minutes=n))) for n in range(1, 5))
    policies.read(*used)
    for one in others:
        policies.read(*one)
        assert policies.get(used[0]) is not None
