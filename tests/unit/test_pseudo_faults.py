"""No word of what befalls Kidoku itself is left in English: alarms, ``/readyz``, the database's faults and bounces are
said in a language that can't be English. What befalls a mailbox: tests/contract/test_imap_words.py."""

import json
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import ManualClock
from bot.health import Board
from bot.language import Words
from bot.metrics import Metrics
from bot.outgoing.bounce import Failure, bounce
from bot.store import dialect
from bot.store.alone import alone
from bot.store.fault import _SQLITE
from bot.store.record import StoreError
from bot.store.store import Store
from bot.web import server
from bot.wording.alarm import _ALARMS, word_alarm
from channels.system_fault import _WHY
from escalation.command import AlarmKind
from escalation.phrase import Phrase, parts_of
from tests.fakes.policies import AT
from tests.fakes.pseudo import english, pseudo_language
from tests.fakes.told import SHANGHAI, TOKYO, Row

__all__ = ["pseudo_language"]

PLACE = "pip install to file sqlite aiosqlite postgresql asyncpg nosuch path kidoku user host database"
FIGURES = {AlarmKind.CLOCK_JUMPED: "-90 s", AlarmKind.HOLIDAYS_END: "2027-12-31"}
REASONS = [
    "nobody listens there",
    "given up: the mail server can't be reached: nobody listens there",
    Phrase("the connection to the mail server was lost: %(why)s", why=Phrase("no answer in time")),
]


def alarm_of(kind: AlarmKind, detail: str) -> str:
    """As it is stored in the outbox."""
    return json.dumps({"kind": kind, "detail": detail, "said": parts_of(detail), "alert_id": 4, "subject": "42"})


def message_of(kind: AlarmKind, detail: str, words: Words) -> str:
    message = word_alarm(Row("phone", text=alarm_of(kind, detail)), words)
    speech = {name: one for name, one in asdict(message.speech).items() if name != "language"} if message.speech else {}
    return " ".join([message.title, message.footer, *speech.values()])


@pytest.mark.usefixtures("pseudo_language")
@pytest.mark.parametrize("kind", [one for one in AlarmKind if one in _ALARMS])
@pytest.mark.parametrize("why", REASONS)
def test_no_word_of_an_alarm_is_left_in_english(kind: AlarmKind, why: str) -> None:
    named = Phrase("%(name)s: %(why)s", name="7", why=why)
    detail = {AlarmKind.ACCOUNT_DOWN: why, **FIGURES}.get(kind, named)
    said = message_of(kind, detail, Words("ja", "UTC", lambda: AT))
    assert "ж" in said
    assert english(said, "Fri Dec") == set()


@pytest.mark.parametrize(
    ("detail", "japanese", "chinese"),
    [
        ("+3600 s", "時計が急に1時間進みました。", "时钟突然快了1小时。"),
        ("-45 s", "時計が急に45秒戻りました。", "时钟突然慢了45秒。"),
        ("+90061 s", "時計が急に1日1時間進みました。", "时钟突然快了1天1小时。"),
    ],
)
def test_a_jump_of_the_clock_is_a_duration(detail: str, japanese: str, chinese: str) -> None:
    assert japanese in message_of(AlarmKind.CLOCK_JUMPED, detail, TOKYO)
    assert chinese in message_of(AlarmKind.CLOCK_JUMPED, detail, SHANGHAI)
    assert "jumped ahead by 1 h." in message_of(AlarmKind.CLOCK_JUMPED, "+3600 s", Words("en", "UTC"))


def test_the_last_day_of_the_holidays_is_a_day() -> None:
    assert "2027年12月31日(金)" in message_of(AlarmKind.HOLIDAYS_END, "2027-12-31", TOKYO)
    assert "Fri, 31 Dec 2027" in message_of(AlarmKind.HOLIDAYS_END, "2027-12-31", Words("en", "UTC"))


# The database --------------------------------------------------------------------------------------------------------


async def _no_database(folder: Path) -> None:
    (folder / "a.sqlite3").write_bytes(b"no database" * 500)
    await Store.open(f"sqlite+aiosqlite:///{folder}/a.sqlite3", AT)


async def _foreign(folder: Path) -> None:
    engines = dialect.engines(dialect.parse(f"sqlite+aiosqlite:///{folder}/a.sqlite3"))
    async with engines.writer.begin() as connection:
        await connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    await engines.dispose()
    await Store.open(f"sqlite+aiosqlite:///{folder}/a.sqlite3", AT)


async def _newer(folder: Path) -> None:
    url = f"sqlite+aiosqlite:///{folder}/a.sqlite3"
    await (await Store.open(url, AT)).close()
    engines = dialect.engines(dialect.parse(url))
    async with engines.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engines.dispose()
    await Store.open(url, AT)


async def _second(folder: Path) -> None:
    url = f"sqlite+aiosqlite:///{folder}/a.sqlite3"
    with alone(url), alone(url):
        raise AssertionError("two bots")


async def _folder_is_a_file(folder: Path) -> None:
    (folder / "var").write_text("")
    await Store.open(f"sqlite+aiosqlite:///{folder}/var/a.sqlite3", AT)


async def _no_server(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        await Store.open(f"postgresql+asyncpg://user@127.0.0.1:{taken.getsockname()[1]}/database", AT)


async def _no_url(folder: Path) -> None:
    dialect.parse("nosuch")


async def _no_kind(folder: Path) -> None:
    dialect.parse("mysql://nosuch")


async def _no_file(folder: Path) -> None:
    dialect.parse("sqlite+aiosqlite:///")


FAULTS = [_no_database, _foreign, _newer, _second, _folder_is_a_file, _no_server]
FAULTS += [_no_url, _no_kind, _no_file]
QUOTING = (_no_database, _foreign, _newer)


@pytest.mark.usefixtures("pseudo_language")
@pytest.mark.parametrize("cause", FAULTS, ids=lambda one: one.__name__)
async def test_no_word_of_a_fault_of_the_database_is_left_in_english(
    cause: Callable[[Path], Awaitable[None]], tmp_path: Path
) -> None:
    with pytest.raises(StoreError) as raised:
        await cause(tmp_path)
    for said in (
        Words("ja", "UTC").said(raised.value.why),
        word_alarm(Row(text=alarm_of(AlarmKind.STORE_FAILED, raised.value.why)), Words("ja", "UTC")).title,
    ):
        assert "ж" in said
        # What stands in brackets are SQLite's or Alembic's own words, or names of tables.
        own = re.sub(r"\(.*\)", "", said) if cause in QUOTING else said
        assert english(own, f"{tmp_path} {PLACE} mysql var lock localhost") == set(), said


def test_every_fault_that_is_known_has_words() -> None:
    for words in (TOKYO, SHANGHAI):
        for why in (*_SQLITE.values(), *_WHY.values()):
            assert words.said(why) != str(why)


# /readyz -------------------------------------------------------------------------------------------------------------


async def readyz(board: Board, default: str, accepted: str) -> dict[str, str]:
    """The details that it tells whoever sends this ``Accept-Language``."""

    async def nothing() -> None:
        return None

    app = server.build(board, Metrics(), nothing, (), Words(default, "UTC"))
    route = next(one for one in app.router.routes if isinstance(one, Route) and one.path == "/readyz")
    scope = {"type": "http", "method": "GET", "path": "/readyz", "headers": [(b"accept-language", accepted.encode())]}
    answer: Response = await route.endpoint(Request(scope))
    return {name: part["detail"] for name, part in json.loads(bytes(answer.body))["parts"].items()}


def down() -> Board:
    board = Board(ManualClock(AT), Metrics())
    board.expect("slack")
    board.heard("imap:alice/INBOX", False, REASONS[2])
    board.heard("mail", False, REASONS[1])
    return board


@pytest.mark.usefixtures("pseudo_language")
async def test_no_word_of_readyz_is_left_in_english() -> None:
    assert [english(one) for one in (await readyz(down(), "ja", "")).values()] == [set(), set(), set()]


async def test_readyz_speaks_the_language_that_is_asked_for_or_that_of_the_settings() -> None:
    japanese = {
        "imap:alice/INBOX": "メールサーバーとの接続が切れました：時間内に応答がありません",
        "mail": "送信を断念しました：メールサーバーに接続できません：接続先で待ち受けているサーバーがありません",
        "slack": "まだ接続していません",
    }
    assert await readyz(down(), "en", "ja") == japanese
    assert await readyz(down(), "ja", "") == japanese
    assert await readyz(down(), "ja", "de") == japanese
    assert (await readyz(down(), "ja", "en-GB, ja;q=0.5"))["slack"] == "not connected yet"


# Bounces -------------------------------------------------------------------------------------------------------------


def bounced(reason: str, words: Words) -> tuple[EmailMessage, str]:
    failure = Failure("c@d.example", reason, False, AT)
    names = {"to": "a@b.example", "by": "n@t.example", "message_id": "<r1@t.example>"}
    report = bounce(failure, b"Subject: 42\r\n\r\n", words, **names, now=AT)
    mail = message_from_bytes(report, policy=policy.default)
    first = next(mail.iter_parts())
    assert isinstance(first, EmailMessage)
    return mail, first.get_content()


@pytest.mark.usefixtures("pseudo_language")
def test_no_word_of_a_bounce_is_left_in_english() -> None:
    mail, said = bounced(REASONS[1], Words("ja", "UTC"))
    assert english(f"{mail['Subject']} {said}", "c@d.example") == set()


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("en", "Undelivered mail returned to sender", "the mail server refuses the recipient: 550 5.1.1 no such user"),
        ("ja", "メールを配信できませんでした", "メールサーバーが宛先を拒否しました：550 5.1.1 no such user"),
        ("zh", "邮件未能送达，已退回", "：550 5.1.1 no such user"),
    ],
)
def test_a_bounce_is_in_its_reader_s_language_and_its_fields_are_as_ever(
    language: str, subject: str, text: str
) -> None:
    mail, said = bounced("the mail server refuses the recipient: 550 5.1.1 no such user", Words(language, "UTC"))
    assert (mail["Subject"], text in said, "c@d.example" in said) == (subject, True, True)
    assert mail.as_bytes().isascii()
    status = list(mail.iter_parts())[1].as_string()
    assert "Diagnostic-Code: smtp; 550 5.1.1 no such user" in status
    assert "Status: 5.1.1" in status
