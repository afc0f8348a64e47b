"""``kidoku doctor`` as it is typed."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot import doctor_view
from bot.clock import SystemClock
from bot.language import Words
from bot.office import open_office
from bot.store.record import NotificationState
from bot.store.store import Store
from tests.fakes.command_line import MINIMAL, kidoku
from tests.fakes.stored import row

PEOPLE = """people:
  alice: {name: Alice, slack: U0ALICE000, phone: "+81312345678"}
  bob: {name: Bob, phone: "+81387654321"}
"""
POLICY = """policies:
  urgent:
    steps: [{after: 5m, via: slack, to: [alice, bob]}]
    last_resort: [{via: console, to: alice}]
"""


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    path = tmp_path / "kidoku.yaml"
    minimal = re.sub(r"^people:.*\n", PEOPLE, MINIMAL, flags=re.MULTILINE)
    minimal = re.sub(r"^policies:.*\n(?:[ ].*\n)*", POLICY, minimal, flags=re.MULTILINE)
    path.write_text(f'database: "{tmp_path}/kidoku.sqlite3"\nzone: UTC\n{minimal}', "utf-8")
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/kidoku.sqlite3", SystemClock().now())
    at = SystemClock().now() - timedelta(days=2)
    values = {"address": "U0ALICE000", "person": "alice", "send_at": None, "due_at": at, "created_at": at}
    refused = row("a", state=NotificationState.REJECTED, detail="user_not_found", **values)
    async with store.transaction() as tx:
        await tx.add_notifications([refused])
    await store.close()
    return path


def test_it_says_who_what_and_what_to_do(config: Path) -> None:
    run = kidoku("doctor", "-c", str(config))
    said = " ".join(run.stdout.split())
    assert run.returncode == 1, run.stderr
    assert said.startswith("Looked at 2 people whom the settings tell somewhere. 1 can't be reached at all.")
    assert "Alice can be reached, but: Slack U0ALICE000: what was sent last, " in said
    assert (
        "did not get through: user_not_found → correct slack of people.alice, and try it: kidoku confirm alice slack"
        in said
    )
    assert "Slack U0ALICE000: never confirmed → let alice confirm it: kidoku confirm alice slack" in said
    assert "Bob CAN'T BE REACHED AT ALL: Slack: no contact, and told over it at policies.urgent.steps.0" in said
    assert "→ add slack to people.bob" in said


async def test_who_wrote_stop_is_told_of_with_what_takes_it_back(config: Path) -> None:
    """The settings of this test have no phone; a stopped contact is the same on every channel."""
    store = await Store.open(f"sqlite+aiosqlite:///{config.parent}/kidoku.sqlite3", SystemClock().now())
    async with store.transaction() as tx:
        await tx.stop_contact("slack", "U0ALICE000", SystemClock().now(), is_asked=True)
    await store.close()
    said = " ".join(kidoku("doctor", "-c", str(config)).stdout.split())
    assert "Alice can be reached, but: Slack U0ALICE000: they asked for no more messages there (STOP)" in said
    assert "→ ask alice to send START from that phone to Kidoku's number" in said
    assert "correct slack of people.alice" not in said


def test_programs_get_the_same(config: Path) -> None:
    run = kidoku("doctor", "--json", "-c", str(config))
    assert run.returncode == 1
    alice, bob = json.loads(run.stdout)["people"]
    assert (alice["is_reachable"], bob["is_reachable"]) == (True, False)
    assert [one["trouble"] for one in (*alice["findings"], *bob["findings"])] == [
        "failed",
        "unconfirmed",
        "no_contact",
    ]
    assert bob["findings"][0]["places"] == ["policies.urgent.steps.0"]


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
async def test_it_fits_a_narrow_terminal(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    async with open_office(config, {}) as office:
        assert await doctor_view.doctor(office, Words(language, "Asia/Tokyo"), as_json=False) == 1
    assert all(cell_len(line) <= 40 for line in capsys.readouterr().out.splitlines())
