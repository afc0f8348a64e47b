"""Slips in schedules, and what is odd in the next 60 days."""

from pathlib import Path

import pytest

from tests.unit.test_settings_load import MINIMAL, load_text
from tests.unit.test_settings_slips import GOOD, told


def of(schedules: str) -> list[str]:
    """What is said of these schedules, without the number of the line."""
    bob = "\n  bob: {name: Bob, slack: U0BOB00000}"
    people = GOOD.replace("slack: U0ALICE000}", "slack: U0ALICE000}" + bob)
    return [one.partition(": ")[2] for one in told(GOOD, f"{people}schedules: {{{schedules}}}\n")]


def layer(more: str) -> str:
    return f"noc: {{layers: [{{people: [alice], start: 2026-01-05}}, {{people: [alice], start: 2026-01-05, {more}}}]}}"


def of_noc(more: str) -> str:
    return f"noc: {{people: [alice], start: 2026-01-05, {more}}}"


@pytest.mark.parametrize(
    "written",
    [
        "noc: {people: [alice], start: 2026-01-05}",
        layer("every: 2w"),
        layer("cycle: [5, 2], name: odd, handoff: '10:00', zone: Europe/Berlin"),
        layer("role: backup, window: always"),
        "noc: {people: [alice], start: 2026-01-05, shifts: [{person: bob, from: 2026-12-28T09:00, until: 2027-01-04}]}",
        "noc: {people: [alice], start: 2026-01-05, "
        "shifts: [{person: bob, from: '2026-12-28T09:00+09:00', until: '2026-12-28T08:00+00:00'}]}",
        "noc: {people: [alice], start: 2026-01-05, remind: [1d, 15m], handoff_to: {via: slack, to: oncall:noc}}",
        "noc: {people: [alice], start: 2026-01-05, remind: 1h, handoff_to: [{via: console, to: bob}]}",
    ],
)
def test_nothing_is_said_of_what_is_right(written: str) -> None:
    assert of(written) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            layer("every: 7"),
            "schedules.noc.layers[1].every: 7 is no length of a turn; write it like 1w, 2d, 12h or 1mo",
        ),
        (
            layer("every: 1w, cycle: [5, 2]"),
            "schedules.noc.layers[1]: cycle stands beside every; write either of the two",
        ),
        (layer("cycle: [0]"), "schedules.noc.layers[1].cycle[0]: 0 is too small; write at least 1"),
        (layer("role: main"), "schedules.noc.layers[1].role: 'main' is not allowed here; write one of: "),
        (layer("window: nights"), "schedules.noc.layers[1].window: there is no window nights; "),
        ("noc: {layers: [{start: 2026-01-05}]}", "schedules.noc.layers[0].people: people is missing; add "),
        (
            "noc: {layers: [{people: [[alice, bobb]], start: 2026-01-05}]}",
            "schedules.noc.layers[0].people[0]: there is no person bobb; did you mean bob?",
        ),
        (
            "noc: {days: 7, layers: [{people: [alice], start: 2026-01-05}]}",
            "schedules.noc: days stands beside layers; write it in each layer",
        ),
        ("noc: {start: 2026-01-05}", "schedules.noc.people: people is missing; add people: [alice, bob]"),
        ("noc: {people: [alice]}", "schedules.noc.start: start is missing; add start: 2026-05-04"),
        (
            "noc: {people: [alice], start: 2026-01-05, shifts: [{person: bobb, from: 2026-12-28, until: 2027-01-04}]}",
            "schedules.noc.shifts[0].person: there is no person bobb; did you mean bob?",
        ),
        (
            "noc: {people: [alice], start: 2026-01-05, shifts: [{person: bob, from: soon, until: 2027-01-04}]}",
            "schedules.noc.shifts[0].from: 'soon' is no time; write it like 2026-12-28T09:00",
        ),
        (
            "noc: {people: [alice], start: 2026-01-05, shifts: [{person: bob, from: 2027-01-04, until: 2027-01-04}]}",
            "schedules.noc.shifts[0]: the shift ends before it begins; write an until that is after from",
        ),
        (
            "noc: {people: [alice], start: 2026-01-05, "
            "shifts: [{person: bob, from: '2026-12-28T09:00+09:00', until: '2026-12-28T10:00'}]}",
            "schedules.noc.shifts[0]: only one of from and until has an offset; write both with one, or without",
        ),
        (
            "noc: {people: [alice], start: 2026-01-05, "
            "shifts: [{person: bob, from: '2026-12-28T09:00+00:00', until: '2026-12-28T10:00+09:00'}]}",
            "schedules.noc.shifts[0]: the shift ends before it begins; write an until that is after from",
        ),
        (of_noc("remind: [15]"), "schedules.noc.remind[0]: 15 has no unit; write 15m for minutes, 15s for seconds"),
        (of_noc("remind: [1d, 0]"), "schedules.noc.remind[1]: 0 is no time before a shift; write 1m to 31d"),
        (of_noc("remind: 40d"), "schedules.noc.remind[0]: '40d' is no time before a shift; write 1m to 31d"),
        (
            of_noc("handoff_to: {via: phone, to: bob}"),
            "schedules.noc: a call can't tell a handoff; write via: with a chat, or mail",
        ),
        (
            of_noc("handoff_to: [{via: slack, to: bobb}]"),
            "schedules.noc.handoff_to[0].to[0]: there is no person bobb; did you mean bob?",
        ),
        (
            of_noc("handoff_to: {via: slack, to: unread}"),
            "schedules.noc.handoff_to[0].to[0]: a handoff has no readers and no sender: unread names nobody here",
        ),
        (of_noc("handoff_to: {via: discord, to: bob}"), "schedules.noc.handoff_to"),
    ],
)
def test_a_slip_is_told_once_where_it_is(written: str, said: str) -> None:
    (found,) = of(written)
    assert found.startswith(said)


def test_a_backup_is_known_only_where_a_layer_has_one() -> None:
    with_backup = GOOD.replace("to: alice}", "to: oncall:noc/backup}") + f"schedules: {{{layer('role: backup')}}}\n"
    assert told(GOOD, with_backup) == []
    (found,) = told(GOOD, with_backup.replace("role: backup", "role: primary"))
    assert found.endswith("there is no schedule noc/backup; write one of: noc")


def test_a_gap_is_told_with_its_first_time() -> None:
    window = "windows: {day: {from: '09:00', to: '18:00', zone: Asia/Tokyo}"
    (found,) = of(f"noc: {{layers: [{{people: [alice], start: 2026-01-05, window: day}}]}}}}\n{window}")
    assert found.startswith("warning: schedules.noc: nobody is on call from 2026-11-24 18:00 until 2026-11-25 09:00;")
    assert "times in 60 days: 60" in found


def test_a_double_booking_is_told_with_its_first_time() -> None:
    (found,) = of(
        "noc: {people: [alice, bob], start: 2026-11-23}, web: {people: [bob, alice, alice], start: 2026-11-23}"
    )
    assert found.startswith("warning: schedules.web: alice is on call in noc and web at once from 2026-12-07 09:00;")


def test_a_start_that_is_written_and_empty_is_missing(tmp_path: Path) -> None:
    text = f"{MINIMAL}\nschedules: {{noc: {{people: [alice], start: }}}}\n"
    loaded = load_text(tmp_path, text)
    assert loaded.settings is None
    assert any("schedules.noc.start" in str(one) for one in loaded.problems)
