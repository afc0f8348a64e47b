"""``kidoku consent``, ``consents``, ``probe`` and ``clients``, as they are typed."""

import json
import sqlite3
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.fakes.command_line import MINIMAL, load, ran_once, say

MORE = """
smtp: {host: 127.0.0.1, security: plain, sender: "NOC <noc@company.example>"}
web: {public_url: "https://kidoku.company.example"}
sending: {pictures: true}
"""


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    return await ran_once(tmp_path, MINIMAL + MORE)


BY = ("--by", "alice")


def test_a_consent_is_recorded_shown_withdrawn_and_forgotten(config: Path) -> None:
    assert "Nobody has agreed to pictures" in say(config, "consents")
    said = say(config, "consent", "alice", "@partner.example", "--give", "--why", "signed  on paper", *BY)
    assert "alice@company.example\n  pictures: yes\n  agreed" in said
    assert "recorded by Alice: signed on paper" in said
    (guest,) = load(config, "consent", "Guest@partner.example")
    assert (guest["subject"], guest["pictures"], guest["given_at"]) == ("guest@partner.example", True, None)
    (gone,) = load(config, "consent", "guest@partner.example", "--withdraw", "--receipts", *BY)
    assert (gone["pictures"], gone["receipts"], gone["declined_by"]) == (False, False, "alice")
    refused = say(config, "consent", "guest@partner.example", "--give", "--why", "x", *BY, code=2)
    assert "guest@partner.example declined; nothing was recorded" in refused
    (again,) = load(config, "consent", "guest@partner.example", "--give", "--anew", "--why", "by mail", *BY)
    assert (again["pictures"], again["receipts"]) == (True, False)
    listed = {one["subject"] for one in load(config, "consents")}
    assert listed == {"@partner.example", "alice@company.example", "guest@partner.example"}
    (forgotten,) = load(config, "consent", "alice", "--forget")
    assert (forgotten["pictures"], forgotten["given_at"]) == (False, None)
    assert all(cell_len(line) <= 80 for line in say(config, "consents").splitlines())
    kept = [(one["who"], one["verb"], one["argument"]) for one in reversed(load(config, "audit"))]
    assert kept[:-1] == [
        ("alice", "consent", "give alice@company.example @partner.example"),
        ("alice", "consent", "withdraw guest@partner.example"),
        ("alice", "consent", "give guest@partner.example"),
    ]
    assert kept[-1][1:] == ("consent", "forget 1"), "what was forgotten is not kept there"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["alice", "--give", *BY], "Say on what ground"),
        (["nobody", "--give", "--why", "x", *BY], "“nobody” is nobody"),
        (["@", "--give", "--why", "x", *BY], "is nobody"),
        (["alice", "--give", "--withdraw", *BY], "Write one of"),
        (["alice", "--give", "--why", "x", "--by", "mallory"], "There is no person “mallory”"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_recorded(config: Path, arguments: list[str], words: str) -> None:
    assert words in say(config, "consent", *arguments, code=2)
    assert load(config, "consents") == []


def test_a_probe_is_sent_once_and_says_how_to_look(config: Path, tmp_path: Path) -> None:
    assert load(config, "probe", "guest@partner.example", "--result", code=1) is None
    said = say(config, "probe", "guest@partner.example", "--within", "12h", *BY)
    assert said.startswith("#1 tests guest@partner.example until ")
    assert "kidoku probe guest@partner.example --result" in said
    assert "kidoku consent guest@partner.example --give" in said
    assert load(config, "probe", "guest@partner.example", *BY)["id"] == 1
    with sqlite3.connect(tmp_path / "kidoku.sqlite3") as connection:
        rows = connection.execute("SELECT address, purpose FROM notification").fetchall()
    assert rows == [("guest@partner.example", "mail")]
    assert "the test mail has not left yet" in say(config, "probe", "guest@partner.example", "--result")
    result = load(config, "probe", "guest@partner.example", "--result")
    assert (result["id"], result["is_over"], result["way"]) == (1, False, "waiting")
    assert "Nothing is known yet" in say(config, "clients")
    assert load(config, "clients") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["alice", "--within", "1s", *BY], "from 5 minutes to 30 days"),
        (["alice", "--within", "soon", *BY], "is no span of time"),
        (["alice,bob@x.example", *BY], "is not one recipient"),
        (["nobody", *BY], "is not one recipient"),
    ],
)
def test_a_probe_that_can_not_be(config: Path, arguments: list[str], words: str) -> None:
    assert words in " ".join(say(config, "probe", *arguments, code=2).split())


def test_the_table_fits_a_terminal(config: Path, tmp_path: Path) -> None:
    found = [
        {"signal": "dsn", "is_asked": True, "given": "delivered"},
        {"signal": "mdn", "is_asked": True, "given": "displayed manual"},
        {"signal": "picture", "is_asked": True, "given": "gmail_proxy"},
        {"signal": "confirm", "is_asked": True, "given": ""},
        {"signal": "reply", "is_asked": False, "given": ""},
    ]
    data = json.dumps({"way": "left", "findings": found})
    with sqlite3.connect(tmp_path / "kidoku.sqlite3") as connection:
        connection.execute("INSERT INTO domain_record VALUES ('partner.example', 1777000000000000, ?)", (data,))
    table = say(config, "clients")
    assert all(cell_len(line) <= 80 for line in table.splitlines())
    for word in ("partner", "delivered", "Gmail", "none"):
        assert word in table
    shown = say(config, "probe", "somebody@partner.example", "--result")
    assert "partner.example: test ended" in shown
    assert "loaded by Gmail's proxy" in shown
    assert load(config, "clients")[0]["probe"]["way"] == "left"
