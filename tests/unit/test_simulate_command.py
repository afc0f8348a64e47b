"""``kidoku simulate``: the timeline in the language of the settings."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.simulate import simulate_command
from bot.wrapping import columns
from tests.fakes.pseudo import english, pseudo_language

__all__ = ["pseudo_language"]

AT = datetime(2026, 5, 3, 2, tzinfo=UTC)
CONFIG = """\
people: {alice: {name: Alice, phone: "+819012345678"}, bob: {name: Bob}}
schedules: {noc: {people: [alice], start: 2026-05-01}}
alarms: [{via: console, to: alice}]
policies:
  urgent:
    read_by: all
    steps:
      - {via: console, to: bob, retry: {times: 1, every: 1m}}
      - {via: console, to: "oncall:noc", after: 5m}
    repeat: 1
    last_resort: [{via: console, to: alice}]
  deaf: {counts: [replied], steps: [{via: console, to: bob}], last_resort: [{via: console, to: alice}]}
  never: {ladders: [{when: gone, steps: [{via: console, to: bob}]}], last_resort: [{via: console, to: bob}]}
windows: {gone: {holidays: [2020-01-01], on_holidays: in}}
rules: [{name: all, policy: urgent}]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("KIDOKU_LANGUAGE", raising=False)
    path = tmp_path / "kidoku.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def in_language(config: Path, language: str) -> Path:
    config.write_text(f"language: {language}\n{CONFIG}", encoding="utf-8")
    return config


def test_the_timeline_in_english(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command(config, "urgent", AT, ["alice@+7m", "bob@+7m"], [], False) == 0
    assert (
        capsys.readouterr().out
        == """\
A mail under policy urgent arrives at
Sun, 3 May 2026 02:00 UTC.
Its recipients are taken to be: Alice,
Bob.

+0:00:00  02:00  step 1: console → Bob
          step 1 is due and nobody has
          read

+0:01:00  02:01  step 1: console → Bob
          step 1 (retry 1) is due and
          nobody has read

+0:05:00  02:05  step 2: console → Alice
          step 2 is due and nobody has
          read; Alice is on call

+0:07:00  02:07  stopped
          Alice, Bob read it (marked as
          read in the mailbox)
"""
    )


def test_the_timeline_in_japanese(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate_command(in_language(config, "ja"), "urgent", AT, ["alice@+6m"], ["bob@+7m"], False) == 0
    said = capsys.readouterr().out
    assert (
        said
        == """\
ポリシー urgent のメールが 2026年5月3日
(日) 02:00 UTC に届きます。
宛先は次の人とみなします: Aliceさん、Bob
さん。

+0:00:00  02:00  第 1 段階: コンソール → Bobさん
          第 1 段階の時刻になり、誰も読
          んでいません

+0:01:00  02:01  第 1 段階: コンソール → Bobさん
          第 1 段階（再試行1回目）の時刻
          になり、誰も読んでいません

+0:05:00  02:05  第 2 段階: コンソール → Aliceさん
          第 2 段階の時刻になり、誰も読
          んでいません。当番は Aliceさん

+0:07:00  02:07  停止
          Bobさん が引き受けました
"""
    )
    assert all(columns(line) <= 40 for line in said.splitlines() if not line.startswith("+"))


def test_the_reasons_in_json_are_in_the_language_and_the_rest_stays(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate_command(config, "urgent", AT, [], [], True) == 0
    plain = json.loads(capsys.readouterr().out)
    assert simulate_command(in_language(config, "zh"), "urgent", AT, [], [], True) == 0
    chinese = json.loads(capsys.readouterr().out)
    assert (plain[0]["reason"], chinese[0]["reason"]) == (
        "step 1 is due and nobody has read",
        "第 1 步的时间已到，无人读过",
    )
    assert [{**one, "reason": ""} for one in plain] == [{**one, "reason": ""} for one in chinese]


@pytest.mark.usefixtures("pseudo_language")
@pytest.mark.parametrize("policy", ["urgent", "deaf", "never"])
def test_no_word_of_the_timeline_is_left_in_english(
    policy: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for reads in ([], ["bob@+6m"]):
        assert simulate_command(config, policy, AT, reads, [], False) == 0
        said = capsys.readouterr().out
        assert "ж" in said
        assert english(said, f"{policy} Alice Bob Seen --read Sun May UTC") == set()


@pytest.mark.parametrize(
    ("language", "policy", "reads", "said"),
    [
        ("en", "urgnt", [], "There is no policy “urgnt”; the policies are: deaf, never, urgent"),
        ("en", "urgent", ["alice"], "--read alice: it has no time; write it like alice@+7m"),
        ("en", "urgent", ["alise@+7m"], "--read alise@+7m: there is no person alise; did you mean alice?"),
        ("en", "urgent", ["bob@+x"], "--read bob@+x: 'x' is no duration; write it like 5m, 1h30m, 90s or 2d"),
        ("ja", "urgnt", [], "ポリシー「urgnt」はありません。あるのは次のとおりです: deaf, never, urgent"),
        ("ja", "urgent", ["alice"], "--read alice: 時刻がありません。alice@+7m のように書いてください"),
        ("zh", "urgent", ["alise@+7m"], "--read alise@+7m：没有名为“alise”的人员；是否想写 alice？"),
    ],
)
def test_what_is_written_wrong_is_told(
    language: str, policy: str, reads: list[str], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate_command(in_language(config, language), policy, AT, reads, [], False) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"{said}\n")


def test_wrong_settings_are_told_in_their_own_language(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("language: ja\nlangage: en\n", encoding="utf-8")
    assert simulate_command(config, "urgent", AT, [], [], False) == 2
    assert f"{config}:2: langage: " in capsys.readouterr().err


def test_without_an_instant_the_times_are_those_of_the_settings_zone(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f"zone: Asia/Kathmandu\n{CONFIG}", encoding="utf-8")
    assert simulate_command(config, "urgent", None, [], [], True) == 0
    assert all(one["at"].endswith("+05:45") for one in json.loads(capsys.readouterr().out))
