"""``kidoku calendar``: the month in the terminal, as JSON and as a page, in three languages."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.month_view import calendar_command
from tests.fakes.pseudo import english, pseudo_language

__all__ = ["pseudo_language"]

NOW = datetime(2026, 11, 27, 20, tzinfo=UTC)
CONFIG = """\
database: {database}
zone: Asia/Tokyo
people:
  alice: {{name: "Alice <script>alert(1)</script>"}}
  bob: {{name: 鈴木 一郎, language: en, zone: America/New_York}}
schedules:
  noc: {{zone: Asia/Tokyo, layers: [{{people: [alice, bob], start: 2026-11-02, every: 1w}}]}}
  web:
    layers:
      - {{people: [bob], start: 2026-12-05, handoff: "00:00"}}
      - {{people: [alice], start: 2026-12-05, handoff: "00:00", role: backup}}
alarms: [{{via: console, to: alice}}]
windows:
  office: {{days: mon-fri, from: "09:00", to: "18:00", holidays: [JP, 2026-12-30], on_holidays: out}}
policies:
  urgent:
    ladders:
      - {{when: office, steps: [{{via: console, to: bob}}]}}
      - {{when: always, steps: [{{via: console, to: alice}}]}}
    last_resort: [{{via: console, to: bob}}]
  plain: {{steps: [{{via: console, to: bob}}], last_resort: [{{via: console, to: bob}}]}}
rules: [{{name: all, policy: urgent}}]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "40")
    path = tmp_path / "kidoku.yaml"
    path.write_text(CONFIG.format(database=tmp_path / "kidoku.sqlite3"), encoding="utf-8")
    return path


def show(config: Path, month: str = "2026-12", schedule: str = "", login: str = "", *, as_json: bool = False) -> int:
    return calendar_command(config, month, schedule, None, as_json=as_json, login=login, now=NOW)


def spoken(config: Path, language: str) -> Path:
    config.write_text(f"language: {language}\n{config.read_text('utf-8')}", encoding="utf-8")
    return config


def test_a_narrow_terminal_shows_every_day(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(spoken(config, "ja"), schedule="noc") == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].rstrip() == "2026年12月 (Asia/Tokyo)"
    assert all(f"12月{n}日" in said for n in range(1, 32))
    assert max(cell_len(line.rstrip()) for line in said.splitlines()) <= 40
    assert "独自の日（office）" in re.sub(r"\s", "", said)


@pytest.mark.parametrize(("language", "name"), [("ja", "元日"), ("en", "New Year's Day"), ("zh", "元日")])
def test_holidays_have_the_readers_names_where_there_are_some(
    config: Path, language: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(spoken(config, language), "2027-01", as_json=True) == 0
    days = json.loads(capsys.readouterr().out)["days"]
    assert days[0]["holidays"] == [name]


def test_the_days_as_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config, as_json=True) == 0
    month = json.loads(capsys.readouterr().out)
    assert (month["month"], month["zone"], len(month["days"])) == ("2026-12", "Asia/Tokyo", 31)
    monday = month["days"][6]
    assert [one["people"] for one in monday["on_call"] if one["schedule"] == "noc"] == [["alice"], ["bob"]]
    assert monday["on_call"][1]["from"] == "2026-12-07T09:00:00+09:00"
    assert [(one["window"], one["from"][11:16], one["until"][11:16]) for one in monday["ladders"]] == [
        ("always", "00:00", "09:00"),
        ("office", "09:00", "18:00"),
        ("always", "18:00", "00:00"),
    ]
    assert {tuple(one["policies"]) for one in monday["ladders"]} == {("urgent",)}
    (closed,) = month["days"][29]["ladders"]
    assert closed["window"] == "always"
    nobody, *_ = (one for one in month["days"][3]["on_call"] if one["schedule"] == "web")
    assert nobody["people"] == []


def test_every_day_is_whole_where_the_clock_changes(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config, "2026-11", login="bob", as_json=True) == 0
    month = json.loads(capsys.readouterr().out)
    assert month["zone"] == "America/New_York"
    shifts = [one for day in month["days"] for one in day["on_call"] if one["schedule"] == "noc"]
    assert all(one["until"] == other["from"] for one, other in pairwise(shifts))
    first = [one for one in month["days"][0]["on_call"] if one["schedule"] == "noc"]
    length = datetime.fromisoformat(first[-1]["until"]) - datetime.fromisoformat(first[0]["from"])
    assert length == timedelta(hours=25)


def test_the_month_of_the_reader_if_none_is_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calendar_command(config, "", "", None, as_json=True, now=datetime(2026, 11, 30, 20, tzinfo=UTC)) == 0
    assert json.loads(capsys.readouterr().out)["month"] == "2026-12"


def test_a_gap_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config, schedule="web") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "nobody is on call" in said
    assert "web (backup)" in said


def test_the_page_is_whole_and_escapes_every_name(config: Path, tmp_path: Path) -> None:
    page = tmp_path / "month.html"
    assert calendar_command(spoken(config, "zh"), "2026-12", "", page, as_json=False, now=NOW) == 0
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "鈴木 一郎" in html
    assert html.count('<li class="day') == 31
    assert not re.search(r"(src|href)=|url\(|@import", html), "it loads nothing"
    assert 'lang="zh-Hans"' in html
    assert "--first: 2" in html, "December 2026 begins on a Tuesday"
    assert date(2026, 12, 31).isoformat() in html


@pytest.mark.usefixtures("pseudo_language")
def test_no_word_is_left_in_english(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config) == 0
    known = "Alice script cript alert noc web office always urgent Asia Tokyo December Mon Tue Wed Thu Fri Sat Sun Dec"
    assert english(capsys.readouterr().out, known) == set()


@pytest.mark.parametrize(
    ("month", "schedule", "said"),
    [
        ("2026-13", "", "“2026-13” is no month; write it like 2026-12"),
        ("december", "", "“december” is no month"),
        ("2026-12", "nocc", "There is no schedule nocc; did you mean noc?"),
    ],
)
def test_a_slip_says_what_to_write(
    config: Path, month: str, schedule: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(config, month, schedule) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_can_not_be_written_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calendar_command(config, "2026-12", "", config / "month.html", as_json=False, now=NOW) == 2
    assert "can't be written" in capsys.readouterr().err
