"""What befalls a mailbox, caused over the wire, in the words of whoever reads the alarm of it."""

import json
import re
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from bot.wording.alarm import word_alarm
from channels.host import Security
from escalation.command import AlarmKind
from escalation.phrase import Phrase, parts_of
from tests.fakes.imap_scripted import ScriptedServer
from tests.fakes.imap_watch import Watch, account_at
from tests.fakes.told import LONDON, SHANGHAI, TOKYO, Row

KNOWN = {
    *("Kidoku", "imap", "alice", "TLS", "BYE", "IDLE", "DONE", "STARTTLS", "UIDVALIDITY", "ASCII"),
    *("security", "host", "port", "ca_file", "tls", "starttls", "username", "password", "nowhere", "invalid"),
}
"""What stays in Latin letters in every language: names of the protocol, and of settings."""
SHORT = timedelta(seconds=0.3)


def alarm(detail: str) -> str:
    """The alarm, from the row of the outbox in which it is stored."""
    told = Phrase("%(name)s: %(why)s", name="imap:alice", why=detail)
    return json.dumps({"kind": AlarmKind.MAILBOX_DOWN, "detail": told, "said": parts_of(told)})


def latin(text: str) -> set[str]:
    """Words in Latin letters that are neither known nor quoted from the server."""
    own = re.sub("“[^”]*”|「[^」]*」", "", text)
    return set(re.findall(r"[A-Za-z_]{2,}", own)) - KNOWN


async def told_by(server: ScriptedServer, pool: ThreadPoolExecutor, **account: object) -> str:
    """The first fault of a mailbox on this server."""
    async with Watch(account_at(server.port, "alice", **account), pool).on() as watch:
        return await watch.until_health(False)


def in_each(detail: str) -> tuple[str, str]:
    """In Japanese and in Chinese, with no English in either; in English it is what the log says."""
    assert detail in word_alarm(Row(text=alarm(detail)), LONDON).title
    said = [word_alarm(Row(text=alarm(detail)), words).title for words in (TOKYO, SHANGHAI)]
    assert [latin(one) for one in said] == [set(), set()]
    return said[0], said[1]


@pytest.mark.parametrize(
    ("server", "account", "japanese", "chinese"),
    [
        (
            {"answers": {"LOGIN": "TAG NO [AUTHENTICATIONFAILED] Authentication failed\r\n"}},
            {},
            "サーバーがログインを拒否しました。username と password を確認してください",
            "服务器拒绝登录；请检查 username 和 password",
        ),
        (
            {"answers": {"EXAMINE": "TAG NO [NONEXISTENT] Mailbox doesn't exist\r\n"}},
            {},
            "メールサーバーに拒否されました：「select failed: [NONEXISTENT] Mailbox doesn't exist」",
            "邮件服务器拒绝：“select failed: [NONEXISTENT] Mailbox doesn't exist”",
        ),
        (
            {"answers": {"EXAMINE": "* 0 EXISTS\r\nTAG OK done\r\n"}},
            {},
            "メールサーバーがフォルダーの UIDVALIDITY を返しません",
            "邮件服务器没有给出文件夹的 UIDVALIDITY",
        ),
        ({"answers": {"IDLE": "TAG NO not now\r\n"}}, {}, "メールサーバーが IDLE を拒否しています", "拒绝 IDLE"),
        (
            {"answers": {"STARTTLS": "TAG NO not now\r\n"}, "capabilities": "IMAP4rev1 STARTTLS"},
            {"security": Security.STARTTLS},
            "メールサーバーが STARTTLS を拒否しています",
            "邮件服务器拒绝 STARTTLS",
        ),
        ({"on_idle": [b"* BYE going down\r\n"]}, {}, "メールサーバーが BYE を送ってきました", "邮件服务器发来 BYE"),
        ({"on_idle": [None]}, {}, "メールサーバーが接続を閉じました", "邮件服务器关闭了连接"),
        ({"on_idle": [b"* " + b"x" * 2_000_000]}, {}, "終わりのない行を送ってきました", "没有结尾的一行"),
        (
            {"silent": {"EXAMINE"}},
            {"timeout": SHORT},
            "接続が切れました：時間内に応答がありません",
            "未在规定时间内应答",
        ),
        ({"endless": {"EXAMINE"}}, {"timeout": SHORT / 3}, "1 秒以内に応答を終えませんでした", "超过 1 秒"),
        (
            {"capabilities": "IMAP4rev1 IDLE LOGINDISABLED"},
            {},
            "この接続ではパスワードを受け付けません。security: tls か starttls にしてください",
            "请使用 security: tls 或 starttls",
        ),
        (
            {},
            {"security": Security.TLS},
            "TLS を信頼できません。アカウントの host、port、security、ca_file を確認してください：「",
            "TLS 不可信；请检查该账户的 host、port、security 和 ca_file：“",
        ),
    ],
    ids=lambda one: next(iter(one), "") if isinstance(one, dict) else "",
)
async def test_what_a_server_does_is_said_in_each_language(
    pool: ThreadPoolExecutor,
    server: Mapping[str, object],
    account: Mapping[str, object],
    japanese: str,
    chinese: str,
) -> None:
    async with ScriptedServer() as scripted:
        for name, value in server.items():
            setattr(scripted, name, value)
        said = in_each(await told_by(scripted, pool, **account))
    assert (japanese in said[0], chinese in said[1]) == (True, True), said


async def test_a_server_that_is_not_there_is_said_in_each_language(pool: ThreadPoolExecutor) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        async with Watch(account_at(taken.getsockname()[1]), pool).on() as watch:
            said = in_each(await watch.until_health(False))
    assert f"imap:alice：{place} に接続できません：接続先で待ち受けているサーバーがありません" in said[0]
    assert f"imap:alice：无法连接 {place}：该地址没有服务在监听" in said[1]


async def test_a_name_that_leads_nowhere_is_said_in_each_language(pool: ThreadPoolExecutor) -> None:
    """RFC 6761 section 6.4: no name below .invalid is ever found."""
    async with AsyncExitStack() as stack:
        watch = await stack.enter_async_context(
            Watch(account_at(993, host="nowhere.invalid", allow_plain=True), pool).on()
        )
        said = in_each(await watch.until_health(False))
    assert "nowhere.invalid:993 に接続できません：ホスト名が見つかりません" in said[0]
    assert "无法连接 nowhere.invalid:993：找不到主机名" in said[1]
