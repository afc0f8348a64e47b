"""``kidoku oncall``, ``override``, ``overrides``, ``leave`` and ``leaves``, as they are typed."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.fakes.command_line import kidoku, load, ran_once, say, with_people, without_year

PEOPLE = """people:
  alice: {name: Alice, email: alice@company.example}
  bob: {name: Bob}
  carol: {name: Carol}
  zoe: {name: Zoe}
schedules:
  noc:
    zone: UTC
    layers:
      - {people: [alice, bob, carol], start: 2026-05-04}
      - {people: [bob], start: 2026-05-04, role: backup}
      - {people: [zoe], start: 2026-05-04, role: shadow}
    shifts: [{person: carol, from: 2099-06-05, until: 2099-06-06}]
  web: {people: [carol], start: 2098-01-06, zone: UTC}
"""


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    return await ran_once(tmp_path, with_people(PEOPLE))


SPAN = ("--from", "2099-06-01T09:00", "--until", "2099-06-03T09:00")


def test_who_is_on_call_until_when_and_who_is_next(config: Path) -> None:
    assert without_year(say(config, "oncall", "noc", "--at", "2026-05-05T12:00")).splitlines() == [
        "noc: Alice, until Mon 11 May 09:00 UTC",
        "  then Bob",
        "noc (backup): Bob",
        "noc (shadow): Zoe",
    ]


def test_nobody_on_call_is_exit_code_1(config: Path) -> None:
    said = without_year(say(config, "oncall", "noc", "--at", "2026-05-01T12:00", code=1))
    assert said.splitlines()[:2] == ["noc: nobody is on call, until Mon 4 May 09:00 UTC", "  then Alice"]
    assert "web: nobody is on call\n" in say(config, "oncall", code=1)


def test_who_is_on_call_as_json(config: Path) -> None:
    primary, backup, _ = load(config, "oncall", "noc", "--at", "2026-05-05T12:00")
    assert primary["people"] == ["alice"]
    assert primary["until"] == "2026-05-11T09:00:00+00:00"
    assert (primary["next"]["people"], primary["next"]["source"]) == (["bob"], "noc 1")
    assert (backup["role"], backup["people"], backup["until"], backup["next"]) == ("backup", ["bob"], None, None)


def test_the_shifts_to_come_with_gaps(config: Path) -> None:
    said = say(config, "oncall", "noc", "--at", "2026-05-03T12:00", "--until", "2026-05-12T00:00")
    lines = said.split("noc (backup)")[0].splitlines()
    assert [line.strip().split("  ")[-1].strip() for line in lines[2:]] == ["nobody is on call", "Alice", "Bob"]
    found = load(config, "oncall", "noc", "--at", "2026-05-03T12:00", "--until", "2026-05-12T00:00")
    assert [(one["people"], one["from"][:10]) for one in found if one["role"] == "primary"] == [
        ([], "2026-05-03"),
        (["alice"], "2026-05-04"),
        (["bob"], "2026-05-11"),
    ]


def test_a_narrow_terminal_shows_all_of_it(config: Path) -> None:
    run = kidoku("oncall", "--at", "2099-06-01", "--until", "2099-07-01", "-c", str(config), COLUMNS="40")
    assert max(cell_len(line) for line in run.stdout.splitlines()) <= 40
    assert "fixed" in run.stdout


def test_an_override_is_shown_listed_and_removed(config: Path) -> None:
    said = say(config, "override", "noc", "carol", *SPAN, "--by", "alice")
    assert said == "Override 1: Carol is on call for noc, Mon, 1 Jun 2099 09:00 UTC – Wed, 3 Jun 2099 09:00 UTC.\n"
    assert "1  Carol is on call for noc" in " ".join(say(config, "overrides").split("\n")).replace("   ", "  ")
    (listed,) = load(config, "overrides")
    assert (listed["schedule"], listed["person"], listed["by"], listed["replaces"]) == ("noc", "carol", "alice", "")
    assert load(config, "oncall", "noc", "--at", "2099-06-02")[0]["people"] == ["carol"]
    assert say(config, "overrides", "--remove", "1", "--by", "bob") == "Override 1 is removed.\n"
    assert say(config, "overrides") == "No overrides.\n"
    (kept,) = load(config, "overrides", "--removed")
    assert (kept["id"], kept["by"], kept["removed_by"]) == (1, "alice", "bob")
    assert "Taken back by Bob, " in " ".join(say(config, "overrides", "--removed").split())
    assert say(config, "leaves", "--removed") == "No leaves.\n"
    assert "There is no override 1; “kidoku overrides” lists them" in say(
        config, "overrides", "--remove", "1", "--by", "bob", code=2
    )


def test_a_replacement_stands_only_for_one(config: Path) -> None:
    on_call = load(config, "oncall", "noc", "--at", "2099-06-02")[0]["people"][0]
    assert on_call != "zoe"
    say(config, "override", "noc", "zoe", *SPAN, "--replaces", "zoe", "--by", "alice", code=2)
    say(config, "override", "noc", "zoe", *SPAN, "--replaces", on_call, "--by", "alice")
    assert load(config, "oncall", "noc", "--at", "2099-06-02")[0]["people"] == ["zoe"]


def test_leave_is_shown_listed_and_removed(config: Path) -> None:
    on_call = load(config, "oncall", "noc", "--at", "2099-06-02")[0]["people"][0]
    say(config, "leave", on_call, *SPAN, "--by", "alice")
    assert load(config, "oncall", "noc", "--at", "2099-06-02")[0]["people"] != [on_call]
    said = say(config, "override", "noc", on_call, *SPAN, "--by", "alice", code=2)
    assert "is on leave then" in said
    (listed,) = load(config, "leaves")
    assert (listed["id"], listed["person"], listed["from"]) == (1, on_call, "2099-06-01T09:00:00+00:00")
    assert "is on leave" in say(config, "leaves")
    assert say(config, "leaves", "--remove", "1", "--by", "bob") == "Leave 1 is removed.\n"
    assert say(config, "leaves") == "Nobody is on leave.\n"
    assert "There is no leave 1" in say(config, "leaves", "--remove", "1", "--by", "bob", code=2)


def test_leave_says_which_overrides_do_not_count_meanwhile(config: Path) -> None:
    say(config, "override", "noc", "carol", *SPAN, "--by", "alice")
    say(config, "override", "noc", "carol", "--from", "2099-07-01", "--until", "2099-07-02", "--by", "alice")
    said = say(config, "leave", "carol", "--from", "2099-06-02", "--until", "2099-06-30", "--by", "carol")
    assert said.splitlines()[1:] == [
        "Override 1 does not count meanwhile: "
        "Carol is on call for noc, Mon, 1 Jun 2099 09:00 UTC – Wed, 3 Jun 2099 09:00 UTC."
    ]


def test_a_leave_names_who_is_told_in_their_place(config: Path) -> None:
    said = say(config, "leave", "alice", *SPAN, "--delegate", "bob", "--by", "alice")
    assert "told in their place: Bob." in said
    assert load(config, "leaves")[0]["delegate"] == "bob"
    said = say(config, "leave", "carol", *SPAN, "--delegate", "carol", "--by", "alice", code=2)
    assert "Nobody stands in for themselves" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("oncall", "nocc"), "There is no schedule nocc; did you mean noc?"),
        (("override", "nocc", "bob", *SPAN, "--by", "bob"), "There is no schedule nocc; did you mean noc?"),
        (("override", "noc", "bobb", *SPAN, "--by", "bob"), "There is no person bobb; did you mean bob?"),
        (
            ("override", "noc", "bob", *SPAN, "--replaces", "alise", "--by", "bob"),
            "There is no person alise; did you mean alice?",
        ),
        (("override", "noc", "bob", *SPAN, "--by", "nobody"), "Say who does it"),
        (
            ("override", "noc", "bob", "--from", "2099-06-03", "--until", "2099-06-01", "--by", "bob"),
            "It would end before it begins; write an end after its start",
        ),
        (
            ("leave", "bob", "--from", "2020-06-03", "--until", "2020-06-05", "--by", "bob"),
            "It would be over already",
        ),
        (("leave", "bobb", *SPAN, "--by", "bob"), "There is no person bobb; did you mean bob?"),
        (("oncall", "noc", "--at", "2026-05-05", "--until", "2026-05-04"), "write --until after --at"),
    ],
)
def test_a_slip_says_what_to_write(config: Path, arguments: tuple[str, ...], said: str) -> None:
    assert said in say(config, *arguments, code=2)
    assert load(config, "overrides") == load(config, "leaves") == []


def test_times_are_those_of_the_reader(config: Path) -> None:
    path = Path(config)
    path.write_text(path.read_text("utf-8").replace("bob: {name: Bob}", "bob: {name: Bob, zone: Asia/Tokyo}"), "utf-8")
    assert "Mon, 1 Jun 2099 09:00 JST" in say(config, "override", "noc", "carol", *SPAN, "--by", "bob")
    assert load(config, "overrides")[0]["from"] == "2099-06-01T00:00:00+00:00"


def test_the_load_of_everybody(config: Path) -> None:
    found = load(config, "load", "--since", "2026-05-04T09:00", "--until", "2026-05-05T09:00")
    assert (found["since"], found["until"]) == ("2026-05-04T09:00:00+00:00", "2026-05-05T09:00:00+00:00")
    assert found["people"][0] == {"person": "alice", "name": "Alice", "pages": 0, "calls": 0, "nights": 0}
    said = say(config, "load").splitlines()
    assert said[1].split() == ["Person", "Pages", "Calls", "Nights", "woken"]
    assert said[2].split() == ["Alice", "0", "0", "0"]
    assert "It would end before it begins" in say(config, "load", "--since", "2999-01-01", code=2)
