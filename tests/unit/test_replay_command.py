"""``kidoku replay``: what other settings would have done with the alerts of the store."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.office import SettingsError, open_office
from bot.replay import replay_command
from bot.store.store import Store
from bot.view import NotOneError
from escalation.event import Acknowledged
from tests.acceptance.stage import START
from tests.fakes.command_line import MINIMAL
from tests.fakes.policies import AT
from tests.fakes.stored import first, open_alerts, then

SINCE = datetime(2026, 4, 1, tzinfo=UTC)
OTHER = """\
{language}
people: {{alice: {{name: Alice, phone: "+819012345678"}}, bob: {{name: Bob}}}}
twilio: {{account_sid: AC0123456789abcdef0123456789abcdef, from_number: "+815012345678"}}
alarms: [{{via: console, to: alice}}]
policies:
  {name}: {{steps: [{{via: phone, to: alice, after: 3m}}], last_resort: [{{via: console, to: bob}}]}}
rules: [{{name: all, policy: {name}}}]
"""


@pytest.fixture
async def config(tmp_path: Path) -> str:
    path = tmp_path / "kidoku.yaml"
    path.write_text(f'database: "{tmp_path}/kidoku.sqlite3"\n{MINIMAL}', "utf-8")
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/kidoku.sqlite3", START)
    async with store.transaction() as tx:
        (alert,) = await open_alerts(tx, 1)
        await tx.save([then(alert, Acknowledged("alice"), 7)])
        (two,) = await tx.next_alert_ids(1)
        await tx.save([first(two, subject="<b>二</b>")])
    await store.close()
    return str(path)


def other(config: str, name: str = "main", language: str = "") -> str:
    path = Path(config).with_name("new.yaml")
    path.write_text(OTHER.format(name=name, language=language), "utf-8")
    return str(path)


def speak(config: str, language: str) -> None:
    path = Path(config)
    path.write_text(f"language: {language}\n{path.read_text('utf-8')}", "utf-8")


async def replay(config: str, new: str, since: datetime = SINCE, id: int = 0, *, as_json: bool = False) -> int:
    async with open_office(Path(config), {}) as office:
        return await replay_command(office, Path(new), since, id, as_json=as_json)


async def test_what_would_have_been_different_a_line_each_alert(
    config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert await replay(config, other(config)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("#1  Fri 1 May 03:00 UTC")
    assert "    calls: 0 → 1" in lines
    assert "    first told after: 0 s → 3 min" in lines
    assert lines[-1] == "2 alerts, 2 different"
    assert max(cell_len(line) for line in lines) <= 40


async def test_one_alert_in_detail(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    await replay(config, other(config), id=1)
    said = capsys.readouterr().out
    assert "  - 03:00  Slack #ops" in said
    assert "  + 03:03  phone Alice" in said


async def test_the_same_as_json(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    await replay(config, other(config), as_json=True)
    one, _ = json.loads(capsys.readouterr().out)
    assert (one["id"], one["opened_at"], one["policy"], one["new_policy"]) == (1, AT.isoformat(), "main", "main")
    assert one["before"] == {"told": 1, "calls": 0, "first_told_s": 0, "status": "acknowledged"}
    assert one["after"]["calls"] == 1
    assert [(told["change"], told["channel"]) for told in one["told"]] == [("gone", "slack"), ("new", "phone")]


async def test_settings_that_open_no_alert_say_so(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    await replay(config, other(config, "another"))
    assert capsys.readouterr().out.count("it would have opened no alert") == 2


async def test_only_what_opened_since_then(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    await replay(config, other(config), AT + timedelta(days=1))
    assert capsys.readouterr().out == "0 alerts, 0 different\n"
    with pytest.raises(NotOneError, match="There is no alert #1 since then"):
        await replay(config, other(config), AT + timedelta(days=1), 1)


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "アラート 2 件、うち 2 件に違いがあります"), ("zh", "2 条告警，其中 2 条有差异")]
)
async def test_in_the_language_of_the_settings(
    config: str, language: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(config, language)
    await replay(config, other(config))
    assert said in capsys.readouterr().out


async def test_other_settings_that_are_wrong_are_told(config: str) -> None:
    new = other(config, language="langage: en")
    with pytest.raises(SettingsError, match="langage"):
        await replay(config, new)
