"""``kidoku send --confidential --expires``, as it is typed; and the same over the HTTP API."""

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.stage import START
from tests.acceptance.test_api import NOTICE, Client, client
from tests.fakes.command_line import kidoku
from tests.unit.test_send_command import config, soon

__all__ = ["client", "config"]

SENT = ("send", "--to", "alice", "--subject", "Merger", "--yes", "--by", "alice")


@pytest.fixture
def paged(config: str) -> str:
    path = Path(config)
    path.write_text(path.read_text("utf-8") + '\nweb: {public_url: "https://kidoku.company.example"}\n', "utf-8")
    return config


def test_it_is_shown_and_kept_as_confidential(paged: str, tmp_path: Path) -> None:
    secret = ("--confidential", "--expires", soon(days=9), "--body", str(tmp_path / "text"))
    said = kidoku(*SENT, *secret, "-c", paged)
    assert said.returncode == 0, said.stderr
    assert re.search(r"Confidential: the mail is only a link; its content is deleted at \w", said.stderr)
    with sqlite3.connect(tmp_path / "kidoku.sqlite3") as connection:
        assert connection.execute("SELECT subject FROM alert").fetchall() == [("Confidential mail",)]
        assert connection.execute("SELECT expires_at FROM outgoing_mail").fetchone()[0] > 1_700_000_000_000_000
    listed = kidoku("list", "-c", paged).stdout
    assert "Confidential mail" in listed
    assert "Merger" not in listed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--expires", soon(days=1)], "Only a confidential mail can expire"),
        (["--confidential", "--expires", "2020-01-01T09:00"], "--expires: This time is past already"),
        (
            ["--confidential", "--expires", soon(days=1), "--at", soon(days=2)],
            "It would expire before it leaves",
        ),
    ],
)
def test_what_can_t_be_is_said(paged: str, tmp_path: Path, arguments: list[str], words: str) -> None:
    said = kidoku(*SENT, *arguments, "-c", paged)
    assert said.returncode == 2
    assert words in said.stderr


def test_without_a_page_nothing_confidential_leaves(config: str) -> None:
    said = kidoku(*SENT, "--confidential", "-c", config)
    assert said.returncode == 2
    assert "set web.public_url" in said.stderr


async def test_the_api_sends_it_too(client: Client) -> None:
    expires = (START + timedelta(days=1)).isoformat()
    status, _ = await client.sends(NOTICE | {"confidential": True, "expires": expires})
    assert status == 201
    await client.stage.work()
    letter = client.stage.mail.sent[0].letter
    assert letter is not None
    assert letter.subject == "Confidential mail"
    assert "Line A-1" not in letter.text
    assert "It can be read until" in letter.text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"expires": (START + timedelta(days=1)).isoformat()}, "Only a confidential mail can expire"),
        ({"confidential": True, "expires": START.isoformat()}, "expires: This time is past"),
        ({"confidential": True, "expires": "2026-05-10T18:00"}, "expires: it is no time with an offset"),
    ],
)
async def test_the_api_says_what_can_t_be(client: Client, more: dict[str, object], words: str) -> None:
    status, answer = await client.sends(NOTICE | more)
    assert status == 422
    assert words in answer["error"]
