"""``kidoku send`` and ``kidoku recall``, as they are typed."""

import json
import re
import sqlite3
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.store.store import Store
from tests.acceptance.stage import START
from tests.fakes.command_line import COMMAND, MINIMAL, kidoku

SMTP = """
smtp: {host: 127.0.0.1, security: plain, sender: "NOC <noc@company.example>"}
"""


HTML = "<style>p {}</style><p>Dear ${name},</p><p>see the attached plan &amp; answer</p>"
FAR = "That is more than a year ahead; write an earlier time."


def soon(**span: int) -> str:
    """An instant so long after now, as it is typed."""
    return (SystemClock().now() + timedelta(**span)).isoformat(timespec="seconds")


@pytest.fixture
async def config(tmp_path: Path) -> str:
    path = tmp_path / "kidoku.yaml"
    path.write_text(f'database: "{tmp_path}/kidoku.sqlite3"\n{MINIMAL}{SMTP}', "utf-8")
    await (await Store.open(f"sqlite+aiosqlite:///{tmp_path}/kidoku.sqlite3", START)).close()
    (tmp_path / "text").write_text("Line A-1 will be down.\n", "utf-8")
    return str(path)


def outbox(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "kidoku.sqlite3") as connection:
        return connection.execute("SELECT address, state FROM notification WHERE purpose = 'mail'").fetchall()


def test_what_is_sent_is_shown_first_and_then_in_the_outbox(config: str, tmp_path: Path) -> None:
    to = ["--to", "alice", "--to", "Guest <guest@partner.example>"]
    said = kidoku(
        "send", *to, "--subject", "Works", "--body", str(tmp_path / "text"), "--yes", "--by", "alice", "-c", config
    )
    assert said.returncode == 0, said.stderr
    assert "From: NOC <noc@company.example>" in said.stderr
    assert "To: Alice, Guest" in said.stderr
    assert "Line A-1 will be down." in said.stderr
    assert "1 recipient is outside:\n  guest@partner.example" in said.stderr
    assert said.stdout == "#1 goes to 2 recipients. Who has read it: kidoku status 1\n"
    assert outbox(tmp_path) == [("alice@company.example", "pending"), ("guest@partner.example", "pending")]
    (kept,) = json.loads(kidoku("audit", "--json", "-c", config).stdout)
    assert (kept["who"], kept["via"], kept["verb"], kept["alert_id"]) == ("alice", "cli", "send", 1)


def test_the_preview_is_filled_in_and_names_who_is_outside(config: str, tmp_path: Path) -> None:
    (tmp_path / "merge").write_text("Dear ${name}, ${nobody}\n", "utf-8")
    guests = [f"g{number}@partner.example" for number in range(30)]
    to = ["--to", "alice", "--to", ", ".join(guests)]
    merge = ["--subject", "For ${name}", "--body", str(tmp_path / "merge")]
    said = kidoku("send", *to, *merge, "--yes", "--by", "alice", "-c", config)
    assert said.returncode == 0, said.stderr
    assert "Recipients: 31\nSubject: For Alice\n" in said.stderr
    assert "  Dear Alice, ${nobody}\n" in said.stderr
    outside = said.stderr.partition("30 recipients are outside:\n")[2].splitlines()
    assert outside[:21] == [*(f"  {guest}" for guest in guests[:20]), "  … 10 more"]


def test_what_nothing_fills_in_is_said(config: str, tmp_path: Path) -> None:
    (tmp_path / "merge").write_text("Dear ${name}, room ${room} at ${when}.\n", "utf-8")
    lines = ("email,room,when", "bob@company.example,A,9:00", "c@company.example,D", "d@company.example")
    rows = "\n".join([*lines, "c@company.example,E,8:00"])
    (tmp_path / "list.csv").write_text(rows, "utf-8")
    to = ["--to", "alice", "--to", "bob@company.example", "--csv", str(tmp_path / "list.csv")]
    arguments = [*to, "-s", "Works", "--body", str(tmp_path / "merge"), "--yes", "--by", "alice", "-c", config]
    said = kidoku("send", *arguments, "--json")
    assert json.loads(said.stdout)["concerns"] == [
        {
            "kind": "unfilled",
            "text": "Nothing is filled in for ${room} (list.csv:4):",
            "addresses": ["alice@company.example", "d@company.example"],
        },
        {
            "kind": "unfilled",
            "text": "Nothing is filled in for ${when} (list.csv:3, list.csv:4):",
            "addresses": ["alice@company.example", "c@company.example", "d@company.example"],
        },
        {
            "kind": "repeated",
            "text": "Somebody stands in a list twice; these lines are left out: list.csv:5",
            "addresses": ["c@company.example"],
        },
    ]
    assert (
        "Nothing is filled in for ${room} (list.csv:4):\n  alice@company.example\n" in kidoku("send", *arguments).stderr
    )
    (tmp_path / "list.csv").write_text("email,room\nbob@company.example,A,9:00\n", "utf-8")
    said = kidoku("send", *arguments)
    assert said.returncode == 2
    assert "list.csv:2: This line has more cells than the first has columns" in said.stderr


@pytest.mark.parametrize(("charset", "option"), [("iso2022_jp", ()), ("cp932", ("--charset", "shift_jis"))])
def test_what_comes_in_by_a_pipe_is_read_as_files_are_and_said(
    config: str, tmp_path: Path, charset: str, option: tuple[str, ...]
) -> None:
    send = ["send", "--to", "alice", "-s", "Works", "--body", "-", "--yes", "--by", "alice", *option, "-c", config]
    said = subprocess.run(
        [*COMMAND, *send], input="回線の工事です。\n".encode(charset), capture_output=True, check=True
    )
    assert b" as ISO-2022-JP;" in said.stderr or b" as Shift_JIS;" in said.stderr
    with sqlite3.connect(tmp_path / "kidoku.sqlite3") as connection:
        kept = connection.execute("SELECT * FROM outgoing_mail").fetchone()
    assert any("回線の工事です。".encode() in cell for cell in kept if isinstance(cell, bytes))


def test_times_of_another_year_are_shown_with_it(config: str) -> None:
    times = ["--at", soon(days=366, minutes=-5), "--deadline", soon(days=366, minutes=-2)]
    said = kidoku("send", "--to", "alice", "-s", "Works", *times, "--yes", "--by", "alice", "-c", config)
    for label in ("Leaves", "To be read by"):
        assert re.search(rf"^{label}: \w+, \d+ \w+ 20\d\d ", said.stderr, re.MULTILINE), said.stderr


@pytest.mark.parametrize("option", ["--body", "--html", "--csv"])
def test_a_file_in_another_encoding_is_named_and_never_garbled(config: str, tmp_path: Path, option: str) -> None:
    (tmp_path / "sjis").write_bytes("email,お知らせ\nalice@company.example,回線\n".encode("cp932"))
    send = [
        "send",
        "--to",
        "alice",
        "-s",
        "Works",
        "--yes",
        "--by",
        "alice",
        option,
        str(tmp_path / "sjis"),
        "-c",
        config,
    ]
    said = kidoku(*send)
    assert (said.returncode, outbox(tmp_path)) == (2, [])
    assert "sjis: The file is not in UTF-8" in said.stderr
    path = Path(config)
    path.write_text(f"{path.read_text('utf-8')}\nlanguage: ja\n", "utf-8")
    said = kidoku(*send)
    assert said.returncode == 0, said.stderr
    assert ("お知らせ" in said.stderr) == (option != "--csv")


@pytest.mark.parametrize("by", [(), ("--by", "mallory"), ("--by", "guest@partner.example")])
def test_nobody_sends_a_mail_whom_the_settings_do_not_know(config: str, tmp_path: Path, by: tuple[str, ...]) -> None:
    said = kidoku("send", "--to", "alice", "-s", "Works", "--yes", *by, "-c", config, LOGNAME="root")
    assert (said.returncode, outbox(tmp_path)) == (2, [])
    assert f"There is no person “{by[1] if by else 'root'}”. Say who does it: --by with one of alice" in said.stderr


def test_html_alone_is_shown_looked_at_and_sent_as_text_too(config: str, tmp_path: Path) -> None:
    (tmp_path / "page").write_text(HTML, "utf-8")
    html = ["--html", str(tmp_path / "page"), "--by", "alice@company.example", "-c", config]
    said = kidoku("send", "--to", "alice", "-s", "Works", "--yes", *html)
    assert said.returncode == 0, said.stderr
    assert "  Dear Alice,\n  see the attached plan & answer\n" in said.stderr
    assert "The text names an attachment, and there is none.\n" in said.stderr


def test_what_is_too_long_is_refused_or_cut_where_it_is_only_shown(config: str, tmp_path: Path) -> None:
    for length, option in ((1_000_001, "--body"), (1_000_001, "--html"), (1_000_000, "--body")):
        (tmp_path / "long").write_text("x" * length, "utf-8")
        long = [option, str(tmp_path / "long"), "--by", "alice", "-c", config]
        said = kidoku("send", "--to", "alice", "-s", "Works", "--yes", *long)
        assert said.returncode == (2 if length > 1_000_000 else 0)
        assert "x" * 301 not in said.stderr
        assert ("long: the text is longer than 1,000,000 characters" in said.stderr) == (said.returncode == 2)
    assert len(outbox(tmp_path)) == 1


def test_nothing_leaves_where_nobody_can_be_asked(config: str, tmp_path: Path) -> None:
    said = kidoku("send", "--to", "alice", "--subject", "Works", "--by", "alice", "-c", config)
    assert (said.returncode, outbox(tmp_path)) == (2, [])
    assert "write --yes" in said.stderr


def test_as_json_and_recalled(config: str, tmp_path: Path) -> None:
    at = ["--at", soon(days=1)]
    said = kidoku("send", "--to", "alice", "--subject", "Works", *at, "--yes", "--json", "-c", config, LOGNAME="alice")
    assert json.loads(said.stdout) == {
        "id": 1,
        "recipients": [{"id": "alice", "address": "alice@company.example"}],
        "concerns": [],
        "held": False,
        "charsets": {},
    }
    assert kidoku("recall", "1", "--by", "alice", "-c", config).stdout == "#1 is recalled: nobody gets the mail.\n"
    assert outbox(tmp_path) == [("alice@company.example", "dropped")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "nobody", "--subject", "x"], "“nobody” is no recipient"),
        (["--subject", "x"], "Nobody would get it"),
        (["--to", "alice", "--subject", " "], "no subject"),
        (["--to", "alice", "--subject", "x", "--policy", "none"], "--policy with one of urgent"),
        (["--to", "alice", "--subject", "x", "--body", "/nowhere/text"], "/nowhere/text: can't read the file"),
        (["--to", "alice", "--subject", "x", "--csv", "/nowhere/list"], "/nowhere/list: can't read the file"),
        (["--to", "alice", "--subject", "x", "--at", "2020-01-01T09:00"], "--at: This time is past already."),
        (
            ["--to", "alice", "--subject", "x", "--at", "9999-12-31T23:59", "--deadline", "9999-12-31T23:59-12:00"],
            f"--at: {FAR}\n--deadline: {FAR}\n",
        ),
        (["--to", "alice", "--subject", "x", "--deadline", "0001-01-01T00:00+14:00"], "--deadline: This time is past"),
        (
            ["--to", "alice", "--subject", "x", "--at", soon(days=2), "--deadline", soon(days=1)],
            "--deadline: By then it has not even left; write a later time.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_leaves(
    config: str, tmp_path: Path, arguments: list[str], words: str
) -> None:
    said = kidoku("send", *arguments, "--yes", "-c", config, LOGNAME="alice")
    assert (said.returncode, outbox(tmp_path)) == (2, [])
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_without_a_mail_server_it_says_what_to_add(tmp_path: Path, config: str) -> None:
    path = Path(config)
    path.write_text(path.read_text("utf-8").replace(SMTP, ""), "utf-8")
    said = kidoku("send", "--to", "alice", "--subject", "x", "--yes", "-c", config)
    assert said.returncode == 2
    assert "add smtp:" in said.stderr
