"""Properties of silences: none swallows outside of its time or of what it is about; compared with slow definitions."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.calendar import Span, Window
from escalation.mail import Mail
from escalation.pattern import fold
from escalation.routing import Rule, Verdict, route
from escalation.silence import LONGEST, Maintenance, Scope, Silence, silenced_by

MINUTE = timedelta(minutes=1)
AT = datetime(2026, 5, 3, 2, 0, tzinfo=UTC)
ADDRESSES = ("noc@x.example", "noc@sub.x.example", "ops@y.example", "")
SUBJECTS = ("disk full", "ＤＩＳＫ full", "【緊急】障害", "［URGENT］ cpu", "")
RULES = ("disk", "Ｄisk", "cpu")


def instant(minutes: int) -> datetime:
    return AT + minutes * MINUTE


moments = st.integers(0, 12).map(instant)
rules = st.lists(st.sampled_from(RULES), max_size=2).map(tuple)
senders = st.lists(st.sampled_from(["x.example", "NOC@x.example", "*.example", "/^ops@/"]), max_size=2).map(tuple)
subjects = st.lists(st.sampled_from(["disk", "障害$", r"\[urgent\]", "［urgent］", "^$"]), max_size=2).map(tuple)
scopes = st.builds(Scope, rules=rules) | st.builds(Scope, rules=rules, senders=senders, subjects=subjects)
made = st.builds(
    Silence,
    id=st.integers(1, 4),
    scope=scopes,
    start=moments,
    end=moments,
    why=st.just("w"),
    lifted_at=st.none() | moments,
)
listed = st.lists(made, max_size=4, unique_by=lambda one: one.id)
mails = st.builds(
    Mail,
    message_id=st.just("m@x.example"),
    account=st.just("alice"),
    folder=st.just("INBOX"),
    received_at=moments,
    sender=st.sampled_from(ADDRESSES),
    subject=st.sampled_from(SUBJECTS),
)


def urgent(rule: str) -> Verdict:
    return Verdict(rule, "policy", "critical", False, ())


def is_about(scope: Scope, rule: str, mail: Mail) -> bool:
    """What a scope means, from the routing rules: the same conditions, written as a rule, match."""
    if scope == Scope():
        return False
    conditions = Rule(name="any", policy="p", senders=scope.senders, subjects=scope.subjects)
    return (not scope.rules or fold(rule) in {fold(one) for one in scope.rules}) and bool(
        route([conditions], mail).policy
    )


def is_in(one: Silence, at: datetime) -> bool:
    return one.start <= at and at < one.end and (one.lifted_at is None or at < one.lifted_at)


@settings(max_examples=400)
@given(listed, st.sampled_from(RULES), mails, moments)
def test_a_mail_is_swallowed_exactly_by_the_oldest_silence_that_is_about_it_and_holds(
    silences: list[Silence], rule: str, mail: Mail, now: datetime
) -> None:
    meant = [
        one
        for one in sorted(silences, key=lambda one: one.id)
        if is_in(one, now) and is_in(one, mail.received_at) and is_about(one.scope, rule, mail)
    ]
    found = silenced_by(urgent(rule), mail, now, silences, ())
    assert found == (meant[0] if meant else None)
    assert silenced_by(urgent(rule), mail, now, reversed(silences), ()) == found


@given(listed, mails, moments)
def test_what_opens_no_alert_is_swallowed_by_nothing(silences: list[Silence], mail: Mail, now: datetime) -> None:
    for verdict in (Verdict(None, None, "", False, ()), Verdict("disk", None, "", True, ())):
        assert silenced_by(verdict, mail, now, silences, ()) is None


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "Pacific/Apia", "Africa/Casablanca")
CHANGES = (
    date(2026, 3, 28),
    date(2026, 10, 24),
    date(2026, 4, 4),
    date(2026, 10, 3),
    date(2026, 3, 7),
    date(2026, 11, 1),
)
spans = st.builds(
    Span,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.sampled_from([time(0), time(1, 45), time(2, 15), time(3, 30), time(22)]),
    end=st.sampled_from([time(0), time(0, 30), time(2), time(2, 30), time(3), time(6)]),
)
windows = st.builds(
    Window, st.just("w"), zone=st.sampled_from(ZONES), spans=st.lists(spans, min_size=1, max_size=4).map(tuple)
)
ALL = Scope(rules=("disk",))


@settings(max_examples=80)
@given(windows, st.sampled_from(CHANGES), st.integers(0, 72 * 60), st.integers(-600, 600))
def test_a_maintenance_window_swallows_what_came_and_is_seen_in_one_time_of_it(
    window: Window, day: date, after: int, apart: int
) -> None:
    """Minute by minute from one instant to the other the window holds, and at each it has the same end."""
    now = datetime.combine(day, time(0), ZoneInfo(window.zone)).astimezone(UTC) + after * MINUTE
    came = now + apart * MINUTE
    one = Maintenance(name="m", scope=ALL, why="w", window=window)
    first, last = sorted((came, now))
    walked = [first + n * MINUTE for n in range(abs(apart) + 1)]
    mail = Mail(message_id="m", account="a", folder="f", received_at=came)
    found = silenced_by(urgent("disk"), mail, now, (), (one,))
    holds = all(window.contains(at) for at in walked)
    assert (found is not None) == holds
    if found is not None:
        ends = {again.end for at in (came, *walked[::60]) if (again := one.silence_at(at)) is not None}
        assert ends == {found.end}
        assert last < found.end <= now + LONGEST
        assert window.contains(found.end - MINUTE / 60)
        lifted = Silence(scope=ALL, start=now, end=found.end, why="w", maintenance="m", lifted_at=now, id=1)
        assert silenced_by(urgent("disk"), mail, now, (lifted,), (one,)) is None


@given(st.integers(0, 200 * 24 * 60), st.integers(0, 200 * 24 * 60))
def test_a_window_that_never_ends_is_told_of_at_the_same_instants(one: int, other: int) -> None:
    always = Maintenance(name="m", scope=ALL, why="w", window=Window("always", spans=(Span(),)))
    first, second = always.silence_at(instant(one)), always.silence_at(instant(other))
    assert first is not None
    assert second is not None
    assert instant(one) < first.end <= instant(one) + LONGEST
    if first.start <= instant(other) < first.end:
        assert second.end == first.end


@given(st.lists(st.sampled_from(["x.example", "/x/", "noc@x.example"]), max_size=3).map(tuple))
def test_a_scope_of_named_senders_is_never_called_too_wide(senders: tuple[str, ...]) -> None:
    assert not list(Scope(senders=senders).too_wide())
    assert list(Scope(subjects=(".*",), senders=("*",)).too_wide()) == ["*", ".*"]
