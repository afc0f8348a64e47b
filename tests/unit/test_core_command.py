"""``kidoku simulate`` as it is printed, and the freshness of the generated state diagram."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from bot import state_diagram
from bot.simulate import simulate_command

CONFIG = """
slack: {}
zone: Asia/Tokyo
people:
  alice: {name: Alice, email: alice@example.com, console: alice}
  bob: {name: Bob, email: bob@example.com, console: bob}
  carol: {name: Carol, email: carol@example.com, console: carol}
teams: {noc: [alice, bob]}
schedules: {duty: {people: [bob], start: 2026-01-01}}
rooms: {"#ops": {slack: "#ops"}}
policies:
  urgent:
    steps:
      - {via: slack, to: "#ops"}
      - {via: console, to: "team:noc", after: 10m, else: {via: console, to: "oncall:duty"}}
    repeat: 1
    last_resort: [{via: console, to: alice}]
  rooms:
    counts: [replied]
    steps: [{via: slack, to: "#ops"}]
    last_resort: [{via: slack, to: "#ops"}]
alarms: [{via: console, to: bob}]
rules: [{name: urgent, when: {prefix: true}, policy: urgent}]
"""
AT = datetime.fromisoformat("2026-05-03T02:00+09:00")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIDOKU_SLACK__BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("KIDOKU_SLACK__APP_TOKEN", "xapp-1")
    path = tmp_path / "kidoku.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_the_json_is_a_list_of_objects(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command(config, "urgent", AT, ["alice@+22m"], [], as_json=True) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[1] == {
        "at": "2026-05-03T02:10:00+09:00",
        "offset_s": 600,
        "step": 2,
        "loop": 1,
        "channel": "console",
        "target": "team:noc",
        "person": "alice",
        "kind": "notify",
        "reason": "step 2 is due and nobody has read",
    }
    assert [(one["offset_s"], one["kind"], one["loop"]) for one in listed] == [
        (0, "notify", 1),
        (600, "notify", 1),
        (600, "notify", 1),
        (900, "notify", 2),
        (1320, "stopped", None),
    ]


def test_the_table_fits_a_narrow_terminal(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    assert simulate_command(config, "urgent", AT, [], ["bob@16m"], as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "A mail under policy urgent arrives at Sun, 3",
        "May 2026 02:00 JST.",
        "Its recipients are taken to be: Alice, Bob.",
        "",
    ]
    assert "+0:10:00  02:10  step 2: console → Alice" in lines
    assert "+0:15:00  02:15  step 1, loop 2: Slack → #ops" in lines
    assert lines[-2:] == ["+0:16:00  02:16  stopped", "          Bob acknowledged it"]


def test_the_last_resort_is_shown_as_such(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command(config, "urgent", AT, [], [], as_json=False) == 0
    assert "+0:30:00  02:30  last resort: console → Alice" in capsys.readouterr().out


def test_everybody_is_a_recipient_where_the_policy_names_nobody(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate_command(config, "rooms", AT, [], [], as_json=False) == 0
    out = capsys.readouterr().out
    assert "Its recipients are taken to be: Alice, Bob, Carol." in out
    assert "This policy does not count \\Seen, which is what --read stands for." in out


def test_an_instant_without_an_offset_is_in_the_zone_of_the_settings(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate_command(config, "rooms", datetime(2026, 5, 3, 2), [], [], as_json=True) == 0  # noqa: DTZ001
    assert json.loads(capsys.readouterr().out)[0]["at"] == "2026-05-03T02:00:00+09:00"


def test_without_an_instant_it_is_now(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command(config, "rooms", None, [], [], as_json=True) == 0
    listed = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(listed[0]["at"]).tzinfo is not None
    assert [one["offset_s"] for one in listed] == [0, 300, 300]


@pytest.mark.parametrize(
    ("policy", "reads", "said"),
    [
        ("urgnet", [], "There is no policy “urgnet”; the policies are: rooms, urgent"),
        ("urgent", ["alic@+7m"], "--read alic@+7m: there is no person alic; did you mean alice?"),
        ("urgent", ["eve@+7m"], "--read eve@+7m: there is no person eve; write one of: alice, bob, carol"),
        ("urgent", ["alice"], "--read alice: it has no time; write it like alice@+7m"),
        ("urgent", ["alice@+soon"], "--read alice@+soon: 'soon' is no duration; write it like 5m, 1h30m, 90s or 2d"),
        ("urgent", ["alice@-5m"], "--read alice@-5m: '-5m' is no duration"),
    ],
)
def test_what_is_wrong_is_said(
    config: Path, capsys: pytest.CaptureFixture[str], policy: str, reads: list[str], said: str
) -> None:
    assert simulate_command(config, policy, AT, reads, [], as_json=True) == 2
    captured = capsys.readouterr()
    assert said in json.loads(captured.out)["error"]
    assert said in captured.err


def test_settings_that_are_wrong_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("zone: Mars/Olympus\n", encoding="utf-8")
    assert simulate_command(path, "urgent", AT, [], [], as_json=False) == 2
    assert f"{path}:1: zone: " in capsys.readouterr().err


def test_a_stale_diagram_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "state-machine.md"
    monkeypatch.setattr(state_diagram, "PAGE", page)
    assert state_diagram.main(["--check"]) == 1
    assert "is stale" in capsys.readouterr().err
    assert state_diagram.main([]) == 0
    assert state_diagram.main(["--check"]) == 0
    assert "exhausted --> triggered: MailJoined, EscalatedNow, TimerFired" in page.read_text(encoding="utf-8")


def test_the_diagram_in_the_documents_is_fresh() -> None:
    root = Path(__file__).parents[2]
    assert (root / "docs/state-machine.md").read_text(encoding="utf-8") == state_diagram.page()
