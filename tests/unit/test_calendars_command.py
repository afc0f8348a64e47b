"""``kidoku feed`` and ``kidoku calendars``, and what other commands show of calendars, as they are typed."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.store.calendars import FeedRow
from escalation.feed import FeedEvent
from tests.acceptance.stage import START
from tests.fakes.command_line import kidoku, load, ran_once, say, stored, with_people, without_year

PEOPLE = """people:
  alice: {name: Alice, email: alice@company.example}
  bob: {name: Bob}
schedules:
  noc: {zone: UTC, people: [bob], start: 2026-05-04, ical: duty}
leave: [away]
web: {public_url: "https://kidoku.company.example/"}
calendars:
  duty: {}
  away: {url: "https://calendar.example/away.ics"}
"""


def event(words: str, first: int, last: int) -> FeedEvent:
    return FeedEvent(datetime(2099, 6, first, 9, tzinfo=UTC), datetime(2099, 6, last, 9, tzinfo=UTC), words)


DUTY = (event("Alice", 1, 8), event("Carol", 8, 15))


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    path = await ran_once(tmp_path, with_people(PEOPLE))
    store = await stored(path)
    fault = json.dumps({"form": "the server answers %(status)s", "values": {"status": "503"}})
    async with store.transaction() as tx:
        await tx.put_feed(FeedRow("duty", events=DUTY, version=1, read_at=START, failures=3, fault=fault))
        await tx.put_feed(FeedRow("away", events=(event("Bob", 20, 21),), version=1, read_at=START))
    await store.close()
    return path


def test_oncall_shows_the_shifts_of_a_calendar(config: Path) -> None:
    assert say(config, "oncall", "noc", "--at", "2099-06-02T12:00").splitlines() == [
        "noc: Alice, until Mon, 8 Jun 2099 09:00 UTC",
        "  then Bob",
    ]
    said = say(config, "oncall", "noc", "--at", "2099-06-02T12:00", "--until", "2099-06-21T12:00")
    assert [line.split("UTC")[-1].strip() for line in said.splitlines()[2:]] == [
        "Alice (calendar)",
        "Bob",
        "nobody is on call",
        "Bob",
    ]
    found = load(config, "oncall", "noc", "--at", "2099-06-02T12:00", "--until", "2099-06-09T12:00")
    assert [(one["people"], one["source"]) for one in found] == [(["alice"], "duty"), (["bob"], "noc")]


def test_leave_of_a_calendar_is_listed(config: Path) -> None:
    assert say(config, "leaves").startswith("calendar  Bob is on leave, Sat, 20 Jun 2099 09:00 UTC –")
    (listed,) = load(config, "leaves")
    assert (listed["id"], listed["person"], listed["by"]) == (0, "bob", "away")


def test_how_the_calendars_are(config: Path) -> None:
    assert without_year(say(config, "calendars", code=1)).splitlines() == [
        "duty: read Sun 3 May 17:00 UTC; 2 events to come",
        "  it can't be read any more: the server answers 503 (tries: 3)",
        "  nobody knows who is meant by “Carol”",
        "away: read Sun 3 May 17:00 UTC; 1 event to come",
    ]
    duty, away = load(config, "calendars", code=1)
    assert (duty["fault"], duty["failures"], duty["unclear"]) == ("the server answers 503", 3, ["Carol"])
    assert (away["fault"], away["events"], away["read_at"]) == (None, 1, "2026-05-03T17:00:00+00:00")
    run = kidoku("calendars", "-c", str(config), COLUMNS="40")
    assert max(cell_len(line) for line in run.stdout.splitlines()) <= 40


def test_a_link_is_the_same_until_it_is_taken_back(config: Path) -> None:
    url = say(config, "feed", "--schedule", "noc").strip()
    assert re.fullmatch(r"https://kidoku\.company\.example/f/[\w.-]+\.ics", url)
    assert load(config, "feed", "--schedule", "noc") == {"url": url}
    assert load(config, "feed", "--person", "alice@company.example")["url"] != url
    said = "The link of noc leads nowhere any more; “kidoku feed” makes another.\n"
    assert say(config, "feed", "--schedule", "noc", "--revoke") == said
    assert say(config, "feed", "--schedule", "noc", "--revoke") == "There is no link of noc.\n"
    assert load(config, "feed", "--schedule", "noc")["url"] != url
    kept = ["noc", "noc --revoke", "alice", "noc", "noc"]
    assert [one["argument"] for one in load(config, "audit") if one["verb"] == "feed"] == kept


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say whose calendar it is: --person or --schedule."),
        (("--person", "bob", "--schedule", "noc"), "Say whose calendar it is"),
        (("--person", "bobb"), "There is no person bobb; did you mean bob?"),
        (("--schedule", "nocc"), "There is no schedule nocc; did you mean noc?"),
    ],
)
def test_a_slip_says_what_to_write(config: Path, arguments: tuple[str, ...], said: str) -> None:
    assert said in say(config, "feed", *arguments, code=2)


def test_without_a_public_address_there_is_no_link(config: Path) -> None:
    path = Path(config)
    path.write_text(re.sub(r"web:.*\n", "", path.read_text("utf-8")), "utf-8")
    assert "set web.public_url" in say(config, "feed", "--schedule", "noc", code=2)
