"""Maintenance windows in the settings: what is read, what is refused, what is odd."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.settings.load import load_bytes
from escalation.silence import Maintenance, Scope
from tests.unit.test_settings_slips import DAY, ENVIRON, GOOD

WINDOWS = """windows:
  night: {from: "22:00", to: "06:00"}
  summer: {dates: [2026-12-01..2027-01-10]}
"""
ONCE = "from: 2026-12-05T22:00, until: 2026-12-06T02:00"
RULES = "rules: [{name: all, when: {prefix: true}, policy: p}, {name: tests, when: {subject: test}, ignore: true}]"


def load(*written: str) -> tuple[tuple[Maintenance, ...], list[str]]:
    lines = "".join(f"  - {{{one}}}\n" for one in written)
    text = GOOD.replace("rules: [{name: all, when: {prefix: true}, policy: p}]", RULES)
    loaded = load_bytes(f"{text}{WINDOWS}maintenance:\n{lines}".encode(), "k", ENVIRON, DAY)
    said = [str(one).split(": ", 1)[1] for one in loaded.problems]
    return loaded.settings.maintenance() if loaded.settings else (), said


def test_a_window_and_a_time_of_its_own_are_read() -> None:
    (nightly, once), said = load(
        "name: backup, window: night, when: {rule: all, from: x.example, subject: [disk, 障害]}, why: w",
        f"name: moving, {ONCE}, when: {{from: [x.example]}}, why: we move",
    )
    assert said == []
    assert nightly.scope == Scope(rules=("all",), senders=("x.example",), subjects=("disk", "障害"))
    begin = datetime(2026, 12, 5, 13, 0, tzinfo=UTC)
    assert (once.start, once.end, once.why) == (begin, begin + timedelta(hours=4), "we move")
    # 22:00 on the wall of Tokyo.
    assert [nightly.holds(begin + timedelta(minutes=n)) for n in (-1, 0, 8 * 60 - 1, 8 * 60)] == [
        False,
        True,
        True,
        False,
    ]
    assert nightly.next_begin(begin) == begin + timedelta(days=1)


def test_a_window_that_is_known_without_being_written_may_be_named() -> None:
    (own,), said = load("name: m, window: morning, when: {from: x.example}, why: w")
    assert said == []
    assert own.holds(datetime(2026, 12, 5, 0, 0, tzinfo=UTC))


def test_a_zone_of_its_own_and_an_offset_count() -> None:
    (own, offset), said = load(
        f"name: a, {ONCE}, zone: UTC, when: {{from: x.example}}, why: w",
        "name: b, from: '2026-12-05T22:00+00:00', until: '2026-12-06T02:00+00:00', when: {from: x.example}, why: w",
    )
    assert said == []
    assert own.start == offset.start == datetime(2026, 12, 5, 22, 0, tzinfo=UTC)


ABOUT = "name: m, when: {from: x.example}, why: w"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("name: m, window: night, why: w, when: {}", "maintenance[0].when: it would silence every mail; write rule, "),
        ("name: m, window: night, why: w", "maintenance[0].when: when is missing; "),
        ("name: m, window: night, when: {from: x.example}", "maintenance[0].why: why is missing; "),
        (ABOUT, "maintenance[0]: it does not say from when until when; write from and until, or window: "),
        (f"{ABOUT}, from: 2026-12-05T22:00", "maintenance[0]: it does not say from when until when; "),
        (f"{ABOUT}, window: night, {ONCE}", "maintenance[0]: from or until stands beside window; write either"),
        (f"{ABOUT}, from: 2026-12-05, until: 2026-12-04", "maintenance[0]: it ends before it begins; "),
        (f"{ABOUT}, from: 2026-12-05, until: 2027-02-04", "maintenance[0]: it lasts longer than 30 days; "),
        (
            f"{ABOUT}, from: '2026-12-05T00:00+00:00', until: 2026-12-06",
            "maintenance[0]: only one of from and until has an offset; ",
        ),
        (f"{ABOUT}, window: nihgt", "maintenance[0].window: there is no window nihgt; did you mean night?"),
        (f"{ABOUT}, window: always", "maintenance[0].window: it would never end; name a window that ends"),
        (
            "name: m, window: night, why: w, when: {rule: al}",
            "maintenance[0].when.rule[0]: there is no rule al; did you",
        ),
        (
            "name: m, window: night, why: w, when: {rule: tests}",
            "maintenance[0].when.rule[0]: the rule tests opens no alert anyway; ",
        ),
        ("name: m, window: night, why: w, when: {subject: '.*'}", "maintenance[0].when: .* matches every mail; "),
        (
            "name: m, window: night, why: w, when: {subject: '(a'}",
            "maintenance[0].when.subject[0]: the regex '(a' is not",
        ),
        ("name: m, window: night, why: w, when: {form: x.example}", "maintenance[0].when.form: "),
        (
            "name: m, window: night, why: w, when: {subject: '(a+)+'}",
            "warning: maintenance[0].when.subject[0]: a repetition inside a repetition in '(a+)+': ",
        ),
        (
            "name: m, window: night, why: w, when: {from: '/(a+)+/'}",
            "warning: maintenance[0].when.from[0]: a repetition inside a repetition in '(a+)+': ",
        ),
        (f"{ABOUT}, window: summer", "warning: maintenance[0].window: it holds for more than 30 days without a break"),
        (f"{ABOUT}, from: 2026-11-20, until: 2026-11-21", "warning: maintenance[0]: it is over; take it away"),
    ],
)
def test_a_slip_says_what_to_write(written: str, said: str) -> None:
    _, found = load(written)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_two_of_one_name_could_not_be_told_apart() -> None:
    again = ABOUT.replace("name: m", "name: M")
    _, found = load(f"{ABOUT}, window: night", f"{again}, window: night")
    assert found == ["maintenance[1].name: another maintenance window is named M; give each its own name"]
