"""What the warnings rest on: which rule covers which, and exactly when no ladder holds."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from bot.settings.coverage import coverage
from bot.settings.load import load_bytes
from bot.settings.warn_rule import covers
from escalation.calendar import ALWAYS, Span, Window
from escalation.policy import Action, EscalationPolicy, Ladder, Step, Target
from escalation.routing import Rule

TOKYO = ZoneInfo("Asia/Tokyo")
STEP = Step(Action("console", (Target.parse("alice"),)))
WEEKDAYS = frozenset(range(5))


def policy(*windows: Window) -> EscalationPolicy:
    ladders = tuple(Ladder((STEP,), window) for window in windows)
    return EscalationPolicy(name="p", ladders=ladders, last_resort=(STEP.action,))


def gaps(*windows: Window, today: date = date(2026, 6, 1)) -> list[tuple[str, str]]:
    found = coverage(policy(*windows), today).gaps
    return [(f"{begin:%a %d %H:%M}", f"{end:%a %d %H:%M}") for begin, end in found]


def test_a_holiday_begins_and_ends_at_midnight() -> None:
    day = date(2026, 6, 3)
    open_window = Window("w", "Asia/Tokyo", (Span(start=time(9), end=time(9)),), False, frozenset({day}))
    assert gaps(open_window) == [("Wed 03 00:00", "Thu 04 00:00")]


def test_a_gap_of_every_week_is_told_once() -> None:
    office = Window("office", "Asia/Tokyo", (Span(WEEKDAYS, time(9), time(18)),))
    night = Window("night", "Asia/Tokyo", (Span(WEEKDAYS, time(18), time(9)),))
    assert gaps(office, night) == [("Sat 06 09:00", "Mon 08 09:00")]


def test_windows_that_never_hold_are_one_gap() -> None:
    never = Window("never", "Asia/Tokyo", (), True, frozenset({date(2020, 1, 1)}))
    ((begin, end),) = coverage(policy(never), date(2026, 6, 1)).gaps
    assert (end - begin).days > 365


def test_windows_of_two_zones_are_one_line_of_time() -> None:
    tokyo = Window("tokyo", "Asia/Tokyo", (Span(start=time(9), end=time(21)),))
    utc = Window("utc", "UTC", (Span(start=time(12), end=time(0)),))
    assert gaps(tokyo, utc) == []
    late = Window("utc", "UTC", (Span(start=time(12, 1), end=time(0)),))
    assert gaps(tokyo, late)[0] == ("Sun 31 21:00", "Sun 31 21:01")
    assert len(gaps(tokyo, late)) == 7


def test_a_gap_that_only_the_change_of_clocks_makes_is_seen() -> None:
    """Two windows that meet in winter and leave an hour in summer, when New York is an hour nearer."""
    new_york = Window("night", "America/New_York", (Span(start=time(19), end=time(7)),))
    tokyo = Window("night", "Asia/Tokyo", (Span(start=time(21), end=time(9)),))
    found = coverage(policy(new_york, tokyo), date(2026, 1, 5)).gaps
    assert {f"{begin:%H:%M}-{end:%H:%M}" for begin, end in found} == {"07:00-08:00"}
    assert min(begin for begin, _ in found).date() == date(2026, 3, 8)


def test_a_ladder_that_is_never_first() -> None:
    office = Window("office", "Asia/Tokyo", (Span(WEEKDAYS, time(9), time(18)),))
    assert coverage(policy(ALWAYS, office), date(2026, 6, 1)).unused == (1,)
    assert coverage(policy(office, ALWAYS), date(2026, 6, 1)).unused == ()
    assert coverage(policy(office, ALWAYS), date(2026, 6, 1)).gaps == ()


@pytest.mark.parametrize(
    ("earlier", "later", "is_covered"),
    [
        ({}, {}, True),
        ({}, {"subjects": ("a",)}, True),
        ({"subjects": ("a",)}, {}, False),
        ({"subjects": ("a", "b")}, {"subjects": ("a",)}, True),
        ({"subjects": ("a",)}, {"subjects": ("a", "b")}, False),
        ({"is_important": True}, {}, False),
        ({"is_important": True}, {"is_important": True}, True),
        ({}, {"is_important": True}, True),
        ({"is_flagged": True}, {}, False),
        ({"is_flagged": True}, {"is_flagged": False}, False),
        ({}, {"is_flagged": False}, True),
        ({"headers": (("a", "1"),)}, {"headers": (("a", "1"), ("b", "2"))}, True),
        ({"headers": (("a", "1"), ("b", "2"))}, {"headers": (("a", "1"),)}, False),
        ({"prefixes": frozenset({"a", "b"})}, {"prefixes": frozenset({"a"})}, True),
        ({"prefixes": frozenset({"a"})}, {}, False),
        ({}, {"include_bulk": True}, False),
        ({}, {"list_ids": ("a",)}, False),
        ({"include_bulk": True}, {"list_ids": ("a",)}, True),
        ({}, {"is_ignore": True}, False),
        ({"is_ignore": True}, {"include_bulk": True}, True),
        ({"texts": ("a",)}, {"texts": ("b",)}, False),
    ],
)
def test_which_rule_covers_which(earlier: dict[str, object], later: dict[str, object], is_covered: bool) -> None:
    one = Rule(name="one", **earlier)  # type: ignore[arg-type]
    two = Rule(name="two", **later)  # type: ignore[arg-type]
    assert covers(one, two) is is_covered


def test_a_room_that_is_written_wrong_is_told_once() -> None:
    text = SENT.replace("STEPS", "{via: console, to: '#ops'}") + "rooms: {ops: {}}"
    problems = load_bytes(
        text.encode(), "kidoku.yaml", {"KIDOKU_IMAP__ALICE__PASSWORD": "x"}, date(2026, 6, 1)
    ).problems
    assert {one.path for one in problems if not one.is_warning} == {"rooms.ops"}


SENT = """
people: {alice: {name: Alice, email: alice@team.example, console: alice}}
alarms: [{via: console, to: alice}]
policies:
  notice:
    steps: [STEPS]
    last_resort: [{via: console, to: alice}]
rules: [{name: none, ignore: true}]
imap: {alice: {host: localhost, security: plain, username: alice, owner: alice}}
"""
SMTP = "smtp: {host: localhost, security: plain, sender: noc@team.example}"


@pytest.mark.parametrize(
    ("steps", "section", "said"),
    [
        ("{after: 1h, via: console, to: unread}", SMTP, []),
        ("{after: 1h, via: console, to: unread}", "", ["no rule names this policy"]),
        ("{after: 1h, via: console, to: alice}", SMTP, ["no rule names this policy"]),
        (
            "{after: 2h, via: console, to: unread}, {before: 1h, via: console, to: unread}, "
            "{before: 2m, via: console, to: unread}",
            SMTP,
            [],
        ),
        (
            "{after: 2h, via: console, to: unread}, {before: 2m, via: console, to: unread}, "
            "{before: 2m, via: console, to: unread}",
            SMTP,
            ["step 2 tells unread over console at the same moment"],
        ),
    ],
)
def test_a_policy_of_what_the_team_sends_is_not_taken_for_forgotten(steps: str, section: str, said: list[str]) -> None:
    text = SENT.replace("STEPS", steps) + section
    secret = {"KIDOKU_IMAP__ALICE__PASSWORD": "x"}
    problems = load_bytes(text.encode(), "kidoku.yaml", secret, date(2026, 6, 1)).problems
    assert [str(one.message) for one in problems if one.path.startswith("policies")] == said
