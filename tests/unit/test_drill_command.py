"""``kidoku drill`` as it is typed: the question before, the report after."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from structlog.testing import capture_logs

from bot import drill_view
from bot.drill import Wanted, _end_due
from bot.drill_report import told_in
from bot.language import Words
from bot.office import open_office
from bot.store.record import EventRow, NotificationRow, NotificationState
from escalation.decided import Event
from escalation.event import Acknowledged, DeliveryReported, Outcome, PassedOn
from tests.acceptance.stage import START
from tests.fakes.command_line import ran_once, say, with_people

PEOPLE = """people:
  alice: {name: Alice, email: alice@company.example, slack: U0ALICE000, phone: "+81312345678", console: alice}
"""
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    return await ran_once(tmp_path, with_people(PEOPLE))


def test_it_asks_before_it_rings_and_reports(config: Path) -> None:
    refused = say(config, "drill", "urgent", "--by", "alice", code=2)
    assert "write --yes to begin the drill" in refused
    assert "marked as an exercise" in refused and "Alice" in refused
    begun = say(config, "drill", "urgent", "--by", "alice", "--yes")
    assert begun == "Drill #1 of policy urgent has begun. How it goes: kidoku drill --report 1\n"
    assert "It goes on until " in say(config, "drill", "--report", "1")
    assert "EXERCISE – Drill of policy urgent" in say(config, "list")
    assert json.loads(say(config, "list", "--json"))[0]["is_exercise"] is True
    assert "began an exercise of policy urgent" in say(config, "why", "1")
    *looks, kept = json.loads(say(config, "audit", "--json"))
    assert {one["verb"] for one in looks} == {"list", "why"}
    assert (kept["who"], kept["via"], kept["verb"], kept["alert_id"]) == ("alice", "cli", "drill", 1)
    assert "#7 is no drill. The last one is #1." in say(config, "drill", "--report", "7", code=2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("drill", "--by", "alice"), "Which policy? Write one of urgent."),
        (("drill", "nothing", "--by", "alice", "--yes"), "the policies are: urgent"),
        (("drill", "urgent", "--by", "nobody", "--yes"), "There is no person"),
        (("drill", "urgent", "--by", "alice", "--at-most", "2 fortnights", "--yes"), "fortnights"),
        (("drill", "urgent", "--by", "alice", "--at-most", "3d", "--yes"), "a day at most"),
    ],
)
def test_slips_say_what_to_write(config: Path, arguments: Sequence[str], said: str) -> None:
    assert said in say(config, *arguments, code=2)


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
async def test_the_report_fits_a_narrow_terminal_and_an_unanswered_drill_is_a_fault(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    words = Words(language, "Asia/Tokyo")
    async with open_office(config, {}) as office:
        wanted = Wanted(policy="urgent", by="alice", at_most=timedelta(microseconds=1))
        with capture_logs():
            assert await drill_view.begin(office, wanted, words, is_sure=True, waits=False, as_json=False) == 0
            await office.engine.run_now(_end_due)
        capsys.readouterr()
        assert await drill_view.report(office, 1, words, as_json=False) == 1
        said = capsys.readouterr().out
        assert await drill_view.report(office, 1, words, as_json=True) == 1
        found: Any = json.loads(capsys.readouterr().out)
    assert all(cell_len(line) <= 60 for line in said.splitlines()), said
    assert (found["taken_by"], found["ended_at"] is None, found["status"]) == (None, False, "resolved")


# Whose answer it was -------------------------------------------------------------------------------------------------


def row(key: str, channel: str, person: str | None, minute: int, *, is_sent: bool = True) -> NotificationRow:
    at = START + minute * MINUTE
    one = NotificationRow(key, 1, channel, f"{channel}-{person}", at, at, person=person)
    return one._replace(state=NotificationState.SENT, sent_at=at) if is_sent else one


def events(*listed: tuple[int, Event]) -> list[EventRow]:
    return [EventRow(1, number, START + minute * MINUTE, event) for number, (minute, event) in enumerate(listed)]


def test_an_answer_belongs_to_the_last_that_its_person_got_there() -> None:
    rows = [
        row("1.0", "slack", None, 0),
        row("1.1", "phone", "alice", 1),
        row("1.2", "phone", "alice", 4),
        row("1.3", "phone", "alice", 9),
        row("1.4", "phone", "bob", 4),
        row("1.5", "phone", "bob", 6, is_sent=False),
    ]
    told = told_in(
        rows,
        events(
            (2, DeliveryReported("1.1", Outcome.SENT)),
            (3, DeliveryReported("1.1", Outcome.NO_ANSWER)),
            (5, PassedOn("alice", "phone")),
            (7, Acknowledged("bob", "slack")),
            (8, Acknowledged("carol", "cli")),
        ),
    )
    assert [one.answered_by for one in told] == ["bob", "", "alice", "", "", ""]
    assert [one.known_at for one in told] == [None, START + 3 * MINUTE, None, None, None, None]
    assert told[2].answered_after == MINUTE
    assert told[5].late is None
