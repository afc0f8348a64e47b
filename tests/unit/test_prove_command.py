"""``kidoku prove``, in three languages; what ``kidoku check`` says of it; overrides that stand in the store."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.prove import Prices, prove_command
from bot.settings.load import load
from bot.simulate import simulate_command
from bot.store.store import Store
from bot.wrapping import columns
from escalation.schedule import Leave, Override
from tests.fakes.pseudo import english, pseudo_language

__all__ = ["pseudo_language"]

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
CONFIG = """\
database: {database}
people:
  alice: {{name: Alice, phone: "+819012345678", email: a@example.com, slack: U0123ABCD}}
  bob: {{name: Bob}}
schedules: {{noc: {{layers: [{{people: [alice, bob], start: 2026-05-01, window: office}}]}}}}
slack: {{}}
twilio: {{account_sid: AC0123456789abcdef0123456789abcdef, from_number: "+815012345678"}}
rooms: {{"#ops": {{slack: C0123ABCD}}}}
alarms: [{{via: console, to: alice}}]
windows: {{office: {{days: mon-fri, from: "09:00", to: "18:00"}}}}
policies:
  good:
    steps: [{{via: slack, to: "#ops"}}, {{via: phone, to: alice, after: 5m}}]
    last_resort: [{{via: phone, to: alice}}]
  alone: {{steps: [{{via: slack, to: "#ops"}}], last_resort: [{{via: slack, to: "#ops"}}]}}
  gap: {{steps: [{{via: console, to: "oncall:noc"}}], last_resort: [{{via: console, to: "oncall:noc"}}]}}
  office: {{ladders: [{{when: office, steps: [{{via: console, to: bob}}]}}], last_resort: [{{via: console, to: bob}}]}}
  morning:
    steps:
      - {{via: console, to: bob, hold: office}}
      - {{via: console, to: alice, only: office}}
      - {{via: console, to: "oncall:noc", after: 1d}}
    last_resort: [{{via: console, to: bob}}]
rules: [{{name: all, policy: good}}]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("KIDOKU_LANGUAGE", raising=False)
    path = tmp_path / "kidoku.yaml"
    path.write_text(CONFIG.format(database=tmp_path / "kidoku.sqlite3"), encoding="utf-8")
    return path


def in_language(config: Path, language: str) -> Path:
    config.write_text(f"language: {language}\n{config.read_text('utf-8')}", encoding="utf-8")
    return config


def test_a_good_policy(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_command(config, "good", Prices(0.05), as_json=False, now=NOW) == 0
    assert (
        capsys.readouterr().out
        == """\
good (0 changes, 3 walks that differ)
  ends after 10 min at the latest
    (proved: 11 min)
  latest page of a step after 5 min
    (proved: 6 min)
  most calls to one person: 2 (Alice)
  most messages to one person: 0
  highest cost: 0.10 (2 calls)
  pages somebody at every instant,
    whichever channel is down

1 policy walked: each ends, and each
always pages somebody.
"""
    )


def test_a_policy_that_pages_nobody_is_exit_code_1_and_says_what_mends_it(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove_command(in_language(config, "ja"), "alone", Prices(0), as_json=False, now=NOW) == 1
    said = capsys.readouterr().out
    joined = "".join(line.strip() for line in said.splitlines())
    assert "UTC のメールは誰にも届きません（変わり目 1 箇所）" in joined
    assert "別のチャネルの段階か else を足してください" in joined
    assert all(columns(line) <= 40 for line in said.splitlines())


def test_only_the_last_resort_is_no_fault(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_command(in_language(config, "zh"), "office", Prices(0), as_json=False, now=NOW) == 0
    assert "的邮件只会通知最后联系人" in "".join(line.strip() for line in capsys.readouterr().out.splitlines())


def test_all_of_it_as_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_command(config, "", Prices(2), as_json=True, now=NOW) == 1
    found = {one["policy"]: one for one in json.loads(capsys.readouterr().out)}
    assert {name for name, one in found.items() if not one["is_good"]} == {"alone", "gap"}
    good = found["good"]
    assert (good["ends"], good["ends_after_s"], good["ends_after_proved_s"], good["latest_page_s"]) == (
        True,
        600,
        660,
        300,
    )
    assert (good["most_calls"], good["highest_cost"]) == ({"person": "alice", "count": 2}, 4)
    (gap,) = found["gap"]["pages_nobody"]
    assert (gap["at"], gap["down"], gap["only_last_resort"]) == ("2026-11-27T02:00:00+00:00", None, False)
    assert gap["changes"] == 565, "what opens and shuts on 282 days, and the beginning"
    assert "highest_cost" in good


@pytest.mark.usefixtures("pseudo_language")
def test_no_word_is_left_in_english(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prove_command(config, "", Prices(1), as_json=False, now=NOW)
    said = capsys.readouterr().out
    assert english(said, "good alone gap office morning Alice Bob slack phone noc UTC Fri Nov Mon Dec Thu") == set()


def test_a_slip_says_what_to_write(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_command(config, "god", Prices(0), as_json=False, now=NOW) == 2
    assert capsys.readouterr().err == "There is no policy god; did you mean good?\n"
    config.write_text("langage: en\n", encoding="utf-8")
    assert prove_command(config, "god", Prices(0), as_json=False, now=NOW) == 2


def test_check_tells_the_short_form(config: Path) -> None:
    secrets = {
        "KIDOKU_SLACK__BOT_TOKEN": "xoxb-1",
        "KIDOKU_SLACK__APP_TOKEN": "xapp-1",
        "KIDOKU_TWILIO__AUTH_TOKEN": "0" * 32,
    }
    found = [load(config, secrets, today=NOW.date(), is_thorough=thorough).problems for thorough in (False, True)]
    (told,) = set(found[1]) - set(found[0])
    assert str(told).endswith(
        "kidoku.yaml:16: warning: policies.gap: a mail at 2026-11-27 00:00 pages nobody: nobody is on call in noc; "
        "add a layer to noc below for this time, or an else to the step"
    )


# What simulate knows -------------------------------------------------------------------------------------------------


def reasons(config: Path, at: datetime, capsys: pytest.CaptureFixture[str]) -> list[tuple[str | None, str]]:
    assert simulate_command(config, "morning", at, [], [], True) == 0
    told = json.loads(capsys.readouterr().out)
    return [(one["person"], one["reason"]) for one in told if one["kind"] == "notify"]


def test_the_timeline_says_that_a_step_waited(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (first, *_) = reasons(config, datetime(2026, 11, 27, 3, tzinfo=UTC), capsys)
    assert first == ("bob", "step 1 is due and nobody has read; step 1 had to wait for its time")


def test_the_timeline_says_that_a_step_was_passed_over(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text("utf-8").replace("hold: office", "not: office"), encoding="utf-8")
    (only,) = reasons(config, datetime(2026, 11, 26, 12, tzinfo=UTC), capsys)[1:]
    assert only[1].startswith("step 3 is due and nobody has read; ")
    (first, *_) = reasons(config, datetime(2026, 11, 26, 20, tzinfo=UTC), capsys)
    assert first[0] == "bob"


def test_overrides_and_leaves_of_the_store_are_known(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def keep() -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/kidoku.sqlite3", NOW)
        async with store.transaction() as tx:
            span = (datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
            await tx.add_override(Override("noc", "bob", *span, at=NOW))
            await tx.add_leave(Leave("alice", *span, at=NOW))
        await store.close()

    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    before = reasons(config, at, capsys)
    asyncio.run(keep())
    capsys.readouterr()
    after = reasons(config, at, capsys)
    assert [who for who, _ in before] == ["bob", "alice"]
    assert [who for who, _ in after] == ["bob", "alice", "bob"]
    assert after[-1][1].endswith("bob is on call")
