"""``kidoku swap`` and ``kidoku swaps``, as they are typed."""

from pathlib import Path

from rich.cells import cell_len

from tests.fakes.command_line import kidoku, load, say
from tests.unit.test_duty_command import config

__all__ = ["config"]

ASK = ("swap", "noc", "--mine", "2099-05-27", "--by")
FIRST, SECOND = "2099-05-27", "2099-06-03"


def holders(config: Path) -> tuple[str, str, str]:
    """Who has the weeks of these two days, and who has neither."""
    first, second = (load(config, "oncall", "noc", "--at", day)[0]["people"][0] for day in (FIRST, SECOND))
    (third,) = {"alice", "bob", "carol"} - {first, second}
    return first, second, third


def test_a_swap_is_asked_listed_and_accepted(config: Path) -> None:
    first, second, _ = holders(config)
    said = say(config, *ASK, first, "--theirs", SECOND)
    assert said.startswith(f"Swap 1: {second.title()} is asked to take the shift of {first.title()} in noc, ")
    (asked,) = load(config, "swaps")
    assert (asked["asker"], asked["other"], asked["state"]) == (first, second, "asked")
    assert (asked["mine"]["from"][:10], asked["theirs"]["from"][:10]) == ("2099-05-25", "2099-06-01")
    assert say(config, "swap", "--accept", "1", "--by", second).startswith("Swap 1 is done: ")
    assert (say(config, "swaps"), load(config, "swaps", "--all")[0]["state"]) == ("No swaps.\n", "accepted")
    assert holders(config)[:2] == (second, first)
    assert len(load(config, "overrides")) == 2
    again = say(config, "swap", "--accept", "1", "--by", second, code=2)
    assert again == "Swap 1 was decided already (accepted); nothing was changed\n"


def test_a_part_is_given_and_declined_or_withdrawn(config: Path) -> None:
    first, _, third = holders(config)
    part = ("swap", "noc", "--from", "2099-05-27T10:00", "--until", "2099-05-27T12:00", "--with", third, "--by", first)
    assert "Wed, 27 May 2099 10:00 UTC – Wed, 27 May 2099 12:00 UTC" in say(config, *part)
    assert say(config, "swap", "--decline", "1", "--by", third).startswith(f"Swap 1: {third.title()} declined.")
    say(config, *part)
    assert "was asked by" in say(config, "swap", "--withdraw", "2", "--by", third, code=2)
    assert "has withdrawn it" in say(config, "swap", "--withdraw", "2", "--by", first)
    assert [one["state"] for one in load(config, "swaps", "--all")] == ["withdrawn", "declined"]
    assert load(config, "overrides") == []


def test_a_slip_says_what_to_write(config: Path) -> None:
    first, second, _ = holders(config)
    assert "Write which shift of yours" in say(config, "swap", "noc", "--with", second, "--by", first, code=2)
    assert "Write which shift of yours" in say(config, *ASK, first, "--from", FIRST, code=2)
    assert "Write one of the two" in say(config, *ASK, first, "--accept", "1", code=2)
    assert "Write one of the two" in say(config, "swap", "--decline", "1", "--accept", "1", "--by", first, code=2)
    assert "Nobody is named" in say(config, *ASK, first, code=2)
    away = say(config, *ASK, "zoe", "--with", first, code=2)
    assert "is not on call for noc then; “kidoku oncall noc --until …” lists the shifts" in " ".join(away.split())
    assert "There is no swap 7" in say(config, "swap", "--accept", "7", "--by", first, code=2)
    assert load(config, "swaps", "--all") == []


def test_a_narrow_terminal_shows_all_of_it(config: Path) -> None:
    first, _, third = holders(config)
    say(config, *ASK, first, "--with", third)
    run = kidoku("swaps", "-c", str(config), COLUMNS="40")
    assert max(cell_len(line) for line in run.stdout.splitlines()) <= 40
