"""``kidoku silence``, ``silences``, ``unsilence``, and what ``route`` and ``why`` say of them, as they are typed."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from structlog.testing import capture_logs

from bot import silence
from bot.change import change
from bot.duty_view import words_of
from bot.office import Office, open_office
from bot.route import route_command
from bot.silence_view import list_silences, open_alerts, show
from bot.store.record import Swallowed
from bot.view import NotOneError, one_alert, why
from escalation.mail import MailBrief
from escalation.silence import Scope, Silence
from tests.acceptance.stage import START
from tests.fakes.command_line import MINIMAL, ran_once, say, stored, with_people
from tests.fakes.stored import copy

PEOPLE = """people:
  alice: {name: Alice, email: alice@company.example}
  bob: {name: Bob, zone: Asia/Tokyo}
"""
MORE = """maintenance:
  - {name: moving house, from: 2099-06-01T22:00, until: 2099-06-02T02:00, when: {rule: urgent prefix}, why: we move}
"""
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
FROM = Scope(senders=("x.example",))
Work = Callable[[Office], Awaitable[int]]


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    tests = "rules: [{name: tests, when: {subject: test}, ignore: true}, "
    settings = with_people(PEOPLE).replace("rules: [", tests) + MORE
    return await ran_once(tmp_path, settings)


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


class Terminal:
    """The commands without the reading of their arguments."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = config
        self.capsys = capsys

    async def run(self, work: Work, code: int = 0) -> str:
        with capture_logs():
            async with open_office(self.config, {}) as office:
                assert await work(office) == code
        return self.capsys.readouterr().out

    async def make(
        self,
        scope: Scope = FROM,
        start: datetime = NOW,
        end: datetime = NOW + 2 * HOUR,
        why: str = "the link moves",
        by: str = "alice",
    ) -> str:
        wanted = Silence(scope=scope, start=start, end=end, why=why, by=by)

        def work(office: Office) -> Awaitable[int]:
            words, rules = words_of(office, by), office.settings.routing_rules()
            asked = (by, "silence", "")
            return change(office, lambda desk: silence.silence(desk, wanted, rules, words), words, asked, as_json=False)

        return await self.run(work)

    async def lift(self, which: str) -> str:
        def work(office: Office) -> Awaitable[int]:
            words, windows = words_of(office, "bob"), office.settings.maintenance()
            asked = ("bob", "unsilence", which)
            return change(
                office, lambda desk: silence.lift(desk, which, "bob", windows, words), words, asked, as_json=False
            )

        return await self.run(work)

    async def list(self, *, everything: bool = False) -> str:
        return await self.run(lambda office: list_silences(office, office.words, everything=everything, as_json=False))

    async def listed(self) -> Any:
        said = await self.run(lambda office: list_silences(office, office.words, everything=False, as_json=True))
        return json.loads(said)

    async def show(self, *, as_json: bool = False) -> str:
        return await self.run(lambda office: show(office, 1, office.words, as_json=as_json))

    async def open(self, *, as_json: bool = False, code: int = 0) -> str:
        return await self.run(lambda office: open_alerts(office, 1, "bob", office.words, as_json=as_json), code)


@pytest.fixture
def terminal(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "200")
    return Terminal(config, capsys)


async def swallow(config: Path, *subjects: str, id: int = 1) -> None:
    """The bot does so."""
    store = await stored(config)
    async with store.transaction() as tx:
        for number, subject in enumerate(subjects):
            brief = MailBrief(
                message_id=f"{number}@x", subject=subject, sender="noc@x.example", sender_name="NOC", received_at=START
            )
            at = START + timedelta(minutes=number)
            one = Swallowed(silence_id=id, mail=brief, rule="urgent prefix", policy="urgent", severity="error", at=at)
            assert await tx.swallow(one)
            await tx.put_copies([copy(uid=number, message_id=f"{number}@x", alert_id=0, silence_id=id)])
    await store.close()


async def test_a_silence_is_made_listed_and_lifted(terminal: Terminal) -> None:
    assert re.fullmatch(r"Silence 1 holds until .* UTC: from x\.example\.\n", await terminal.make())
    listed = await terminal.list()
    for part in ("Silence 1: from x.example", "holds, ", "Alice: the link moves", "swallowed nothing"):
        assert part in listed
    assert "Maintenance “moving house”: rule urgent prefix; we move · next from " in listed
    assert await terminal.lift("1") == "Silence 1 is over. It swallowed nothing.\n"
    (found,) = (await terminal.listed())["silences"]
    assert (found["state"], found["lifted_by"], found["by"], found["from"]) == ("ended", "bob", "alice", ["x.example"])
    with pytest.raises(NotOneError, match="Silence 1 is over already"):
        await terminal.lift("1")


async def test_one_to_come_says_from_when_in_the_zone_of_whoever_makes_it(terminal: Terminal) -> None:
    start = datetime(2099, 6, 1, tzinfo=UTC)
    scope = Scope(rules=("ＵＲＧＥＮＴ prefix",), subjects=("障害",))
    said = await terminal.make(scope, start, start + 24 * HOUR, by="bob")
    assert said == (
        "Silence 1 holds from Mon, 1 Jun 2099 09:00 JST until Tue, 2 Jun 2099 09:00 JST: "
        "rule urgent prefix, subject /障害/.\n"
    )
    found = await terminal.listed()
    assert [(one["state"], one["rules"]) for one in found["silences"]] == [("coming", ["urgent prefix"])]
    assert found["maintenance"][0]["next"] == "2099-06-01T22:00:00+00:00"


async def test_what_was_swallowed_is_shown_and_opened(terminal: Terminal) -> None:
    await terminal.make()
    await swallow(terminal.config, "[URGENT] one", "[URGENT] \x1b[31mtwo\nlines", *("[URGENT] more",) * 5)
    listed = await terminal.list()
    assert "swallowed 7 mails, unread: 7" in listed
    assert "all of them: kidoku silences 1" in listed
    assert "[URGENT] one" not in listed
    shown = await terminal.show()
    assert "unread  NOC: [URGENT] one (urgent prefix)" in shown
    assert "\x1b[31m" not in shown
    assert await terminal.lift("1") == "Silence 1 is over. It swallowed 7 mails: kidoku silences 1\n"
    assert "kidoku silences 1 --open" in await terminal.list()
    assert json.loads(await terminal.open(as_json=True))["alerts"] == [1, 2, 3, 4, 5, 6, 7]
    assert await terminal.open() == "Nothing of it is unread and without an alert.\n"
    found = json.loads(await terminal.show(as_json=True))
    assert ([one["alert_id"] for one in found["mails"]], found["unread"]) == ([1, 2, 3, 4, 5, 6, 7], 0)
    said = await terminal.run(lambda office: why(office, 1, False))
    assert "Silence 1 had swallowed it; Bob opened its alert now." in said


async def test_a_policy_that_is_gone_is_told(terminal: Terminal) -> None:
    await terminal.make()
    await swallow(terminal.config, "[URGENT] one")
    text = MINIMAL.replace("  urgent:\n", "  other:\n").replace("policy: urgent", "policy: other")
    text = f'database: "{terminal.config.parent}/kidoku.sqlite3"\n{text}'
    write(terminal.config, text.replace("urgent prefix", "another"))
    said = json.loads(await terminal.open(as_json=True, code=1))
    assert (said["alerts"], said["lacking"]) == ([], ["urgent"])
    assert "Not opened, because the settings no longer have the policy: urgent." in said["text"]
    # The rule under its old name, with another policy, is the next best.
    write(terminal.config, text)
    assert await terminal.open() == "Opened: #1.\n"


async def test_why_of_a_mail_that_was_swallowed_says_so(terminal: Terminal) -> None:
    await terminal.make()
    await swallow(terminal.config, "[URGENT] disk full")
    with pytest.raises(NotOneError, match="No alert matches “disk”, but silence 1 swallowed such a mail"):
        await terminal.run(lambda office: one_alert(office, "disk"))


async def test_a_narrow_terminal_shows_all_of_it(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    await terminal.make()
    await swallow(terminal.config, "【緊急】" + "回線障害" * 20)
    monkeypatch.setenv("COLUMNS", "40")
    lines = (await terminal.list()).splitlines()
    assert max(cell_len(line) for line in lines) <= 40
    assert "".join(line.strip() for line in lines).count("回線障害") >= 20


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scope": Scope(rules=("urgent",))}, "There is no rule urgent; did you mean urgent prefix?"),
        ({"scope": Scope(rules=("tests",))}, "The rule tests opens no alert anyway"),
        ({"scope": Scope()}, "It would silence every mail; name what it is about"),
        ({"scope": Scope(subjects=(".*",))}, "'.*' matches every mail; write what only this mail has, or leave it out"),
        ({"scope": Scope(subjects=("disk|",))}, "'disk|' matches every mail"),
        ({"scope": Scope(senders=("*",))}, "'*' matches every mail"),
        ({"scope": Scope(rules=("urgent prefix",), senders=("/@/",))}, "'/@/' matches every mail"),
        ({"scope": Scope(subjects=("(a",))}, "The regex '(a' is not valid"),
        ({"scope": Scope(senders=("/(a/",))}, "The regex '(a' is not valid"),
        ({"scope": Scope(senders=("/(a+)+@/",))}, "A repetition inside a repetition in '(a+)+@'; repeat only once"),
        ({"scope": Scope(subjects=("(a+)+",))}, "A repetition inside a repetition in '(a+)+'; repeat only once"),
        ({"scope": Scope(senders=(" ",))}, "' ' is no address"),
        ({"why": " "}, "It has no reason; say it with --why"),
        ({"end": NOW + timedelta(days=31)}, "It would last longer than 30 days"),
        ({"start": NOW - 2 * HOUR, "end": NOW - HOUR}, "It would be over already"),
        ({"start": NOW + HOUR, "end": NOW + HOUR}, "It would end before it begins"),
    ],
)
async def test_a_slip_says_what_to_write(terminal: Terminal, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(NotOneError) as error:
        await terminal.make(**changed)
    assert said in str(error.value)
    assert (await terminal.listed())["silences"] == []


async def test_nothing_is_lifted_or_opened_by_a_slip(terminal: Terminal) -> None:
    for which, said in (
        ("9", "There is no silence 9; “kidoku silences” lists them"),
        ("x", "There is no silence x; “kidoku silences” lists them"),
        ("moving house", "The maintenance window moving house does not hold now"),
    ):
        with pytest.raises(NotOneError, match=said):
            await terminal.lift(which)
    with pytest.raises(NotOneError, match="There is no silence 1"):
        await terminal.open()
    with pytest.raises(NotOneError, match="There is no silence 1"):
        await terminal.show()


def test_the_commands_as_they_are_typed(config: Path) -> None:
    make = ("silence", "--from", "x.example", "--subject", "a", "--why", "w", "--by", "bob")
    said = say(config, *make, "--start", "2099-06-01T09:00", "--for", "1h30m")
    span = "Mon, 1 Jun 2099 09:00 JST until Mon, 1 Jun 2099 10:30 JST"
    assert said == f"Silence 1 holds from {span}: from x.example, subject /a/.\n"
    for more, fix in (
        (("--until", "2099-01-01", "--for", "2h"), "write either --until or --for"),
        (("--for", "2x"), "'2x' is no duration; write it like 5m"),
    ):
        assert fix in say(config, *make, *more, code=2)
    found = json.loads(say(config, "silences", "--json"))["silences"]
    assert [(one["id"], one["start"][:13]) for one in found] == [(1, "2099-06-01T00")]
    assert say(config, "unsilence", "1", "--by", "bob") == "Silence 1 is over. It swallowed nothing.\n"
    assert say(config, "silences", "1", "--open", "--by", "bob") == "Nothing of it is unread and without an alert.\n"


async def test_route_says_what_would_swallow_a_mail_now(terminal: Terminal, tmp_path: Path) -> None:
    mail = tmp_path / "urgent.eml"
    write(mail, "From: noc@x.example\nMessage-ID: <1@x>\nSubject: [URGENT] link\n\n")
    assert json.loads(await routed(terminal, mail, as_json=True))[0]["silence"] is None
    await terminal.make()
    assert re.search(
        r"silence {2}Silence 1 would swallow it now, until .* UTC: the link moves", await routed(terminal, mail)
    )
    assert json.loads(await routed(terminal, mail, as_json=True))[0]["silence"]["id"] == 1
    await terminal.lift("1")
    day = timedelta(days=1)
    text = terminal.config.read_text("utf-8")
    text = text.replace("2099-06-01T22:00", f"{NOW - day:%Y-%m-%dT%H:%M}")
    write(terminal.config, text.replace("2099-06-02T02:00", f"{NOW + day:%Y-%m-%dT%H:%M}"))
    assert "Maintenance “moving house” would swallow it now" in await routed(terminal, mail)
    (tmp_path / "kidoku.sqlite3").unlink()
    assert "Maintenance “moving house” would swallow it now" in await routed(terminal, mail)
    assert not (tmp_path / "kidoku.sqlite3").exists()


async def routed(terminal: Terminal, mail: Path, *, as_json: bool = False) -> str:
    """In a thread: the command has a loop of its own."""
    environ = {"KIDOKU_IMAP__ALICE__PASSWORD": "x"}
    assert await asyncio.to_thread(route_command, [mail], terminal.config, as_json, environ) == 0
    return terminal.capsys.readouterr().out
