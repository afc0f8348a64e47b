"""Why something could not be sent is stored in English and said in the reader's language; a stranger's words stay."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
import channels
from bot.language import LANGUAGES, Words
from bot.tame import plain
from bot.wording.reason import LONGEST, failure_words, reason
from channels.apprise import answer as apprise
from channels.base import Rejected, RetryLater
from channels.discord import answer as discord_answer
from channels.slack.answer import APP_TOKEN, BOT_TOKEN
from channels.slack.meaning import MEANINGS
from channels.slack.socket import _WHY
from channels.smtp import answer as smtp
from channels.smtp import envelope, fault, pool
from channels.smtp.address import mailbox, spec
from channels.smtp.answer import Meaning, SmtpError, Stage
from channels.twilio import message_fault
from channels.twilio.call import detail_of
from channels.twilio.fault import CODES, STATUSES, RefusedError, result_of
from channels.twilio.message_fault import words_of
from tests.fakes.policies import AT
from tests.fakes.told import LONDON, TOKYO

OTHERS = [Words(one, "Asia/Tokyo", lambda: AT) for one in LANGUAGES if one != "en"]
TYPED = {"apprise", "clamd", "permissions", "username", "password", "xoxb", "xapp", "invite", "imap"}
"""What stays as it is: names of programs, and what is to be typed."""
MAIL_SERVER = "the mail server refuses the recipient: 550 "


def english_in(text: str) -> set[str]:
    """The ordinary words that are left; names of settings, paths and products are none."""
    return set(re.findall(r"(?<![\w./:-])[a-z]{2,}(?![\w./:-])", text)) - TYPED


def meanings(*modules: ModuleType) -> Iterator[str]:
    """Every ``Meaning`` that stands in these, alone or in a table."""
    for found in (found for module in modules for found in vars(module).values()):
        for one in found.values() if isinstance(found, dict) else [found]:
            if isinstance(one, Meaning):
                yield one.words


def tables() -> Iterator[str]:
    """Every text of every table of the channels, as it is stored."""
    yield from (one.words for table in (CODES, STATUSES, message_fault.CODES) for one in table.values())
    yield from message_fault.LOST.values()
    yield from (one.words % {"token": token} for one in MEANINGS.values() for token in (BOT_TOKEN, APP_TOKEN))
    yield from (f"Socket Mode: {one}" for one in _WHY.values())
    yield from (*discord_answer._NEVER.values(), *discord_answer._LATER.values())
    yield from meanings(smtp, fault, envelope, pool)
    yield from (message_fault.NO_TEMPLATE % {"setting": "twilio.whatsapp.templates"},)


@pytest.mark.parametrize("words", OTHERS, ids=lambda one: one.language)
def test_every_text_of_every_table_has_words(words: Words) -> None:
    texts = set(tables())
    assert len(texts) > 200
    said = {text: reason(text, words) for text in texts}
    assert {text: one for text, one in said.items() if one == text or english_in(one)} == {}
    # Each in the frames of its kind, too.
    for text, one in said.items():
        assert reason(f"given up: {text}", words).endswith(one)
        assert reason(f"asking whether it was sent: {text} (Discord 50007)", words).endswith(f"{one}（Discord 50007）")


REPORTING = {"RetryLater", "Rejected", "UnreachedError", "CantScan", "Ended", "down", "on_health", "_on_health"}


def literals(path: Path) -> Iterator[str]:
    """What a source file gives as a reason, with "7" for what is filled in."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in REPORTING:
            for one in call.args:
                is_marked = isinstance(one, ast.Call) and getattr(one.func, "id", "") == "N_"
                bare = one.args[0] if isinstance(one, ast.Call) and is_marked else one
                parts = bare.values if isinstance(bare, ast.JoinedStr) else [bare]
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
                if " " in text.replace("7", "") and len(english_in(text)) > 1:
                    yield text


@pytest.mark.parametrize("words", OTHERS, ids=lambda one: one.language)
def test_every_reason_that_the_code_writes_down_has_words(words: Words) -> None:
    folders = [Path(str(one.__file__)).parent for one in (bot, channels)]
    texts = {text for folder in folders for path in folder.rglob("*.py") for text in literals(path)}
    assert len(texts) > 30
    assert {text for text in texts if reason(text, words) == text or english_in(reason(text, words))} == set()


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (
            result_of(RefusedError(400, 21211)).reason,
            "発信先の番号が正しくありません（HTTP 400、Twilio エラー 21211）",
        ),
        (result_of(RefusedError(418)).reason, "Twilio が要求を拒否しています（418）"),
        (words_of("undelivered", "30003"), "電話の電源が切れているか、圏外です（Twilio エラー 30003）"),
        (words_of("failed", "9"), "Twilio エラー 9"),
        (words_of("failed", ""), "送信できませんでした"),
        (
            detail_of("404", "13224"),
            "SIP 404、Twilio がこの番号に発信できないか、番号が存在しません（Twilio エラー 13224）",
        ),
        (detail_of("404", ""), "SIP 404"),
        (message_fault.CODES[21635].words, "この番号は SMS を受信できません：固定電話です"),
        ("Slack has trouble (503)", "Slack で障害が起きています（503）"),
        ("Slack refused it (what_now)", "Slack に拒否されました（what_now）"),
        ("an answer that can't be understood (KeyError)", "応答を理解できません（KeyError）"),
        ("Socket Mode: the connection was lost", "Socket Mode：接続が切れました"),
        ("Socket Mode: shutdown", "Socket Mode：shutdown"),
        ("Discord refused it (400, code 0)", "Discord に拒否されました（400、コード 0）"),
        (
            "the bot lacks a permission there (View Channel, Send Messages, Embed Links, Create Public Threads) "
            "(Discord 50013)",
            "ボットの権限が足りません（View Channel、Send Messages、Embed Links、Create Public Threads）"
            "（Discord 50013）",
        ),
        (
            SmtpError(fault.UNREACHED, words="nobody listens there").result(),
            "メールサーバーに接続できません：接続先で待ち受けているサーバーがありません",
        ),
        (
            SmtpError(fault.UNREACHED, words="No route to host").result(),
            "メールサーバーに接続できません：No route to host",
        ),
        (
            SmtpError(smtp.meaning_of(Stage.LOGIN, 454), 454).summary,
            "メールサーバーが今はログインを確認できません（454）",
        ),
        (
            SmtpError(envelope._LARGE, words="900 bytes, and it takes 10").result(),
            "メールがサーバーの上限を超えています：900 バイト、上限は 10 バイトです",
        ),
        (
            apprise.fault_of(["x, error=401."], "json://h"),
            "サービスの応答：401 Unauthorized（URL 内のログイン情報またはトークンが受け付けられません）",
        ),
        (apprise.fault_of(["x, error=500."], "json://h"), "サービスの応答：500 Internal Server Error"),
        (
            apprise.fault_of(["the channel is paused"], "json://h"),
            "apprise で配信できませんでした：the channel is paused",
        ),
        ("given up: the channel is paused", "送信を断念しました：チャネルが一時停止中です"),
        (
            "asking whether it was sent: no answer from Slack",
            "送信済みかどうかを確認中：Slack から応答がありません",
        ),
        ("a virus was found: busy", "ウイルスが見つかりました：busy"),
        ("a fault inside Kidoku; see its log", "Kidoku の内部エラーです。ログを確認してください"),
    ],
)
def test_what_frames_a_reason_is_said_too(stored: str | RetryLater | Rejected, said: str) -> None:
    text = stored if isinstance(stored, str) else stored.reason
    assert reason(text, TOKYO) == said
    assert reason(text, LONDON) == text


@pytest.mark.parametrize(
    "written", ["nobody", "a b@x.jp", "a@no domain", "a" * 70 + "@x.jp", "the channel is paused@", "a; b", ""]
)
def test_an_address_that_can_t_be_written_is_said_with_what_to_write(written: str) -> None:
    for make in (spec, mailbox):
        try:
            make(written)
        except ValueError as error:
            said = reason(str(error), TOKYO)
            shown = error.args[0]
            assert said == TOKYO.said(shown) != str(error)


@pytest.mark.parametrize(
    "unknown",
    [
        "550 5.1.1 no such user: busy",
        "no such thing; the channel is paused",
        "their server (Twilio error 21211)",
        "the gateway said: the channel is paused",
        "%(n)d min",
        "%(head)s: %(more)s",
        "100 %",
        "",
        "given up: " * LONGEST,
    ],
)
def test_what_is_not_kidokus_own_stays_as_it_is(unknown: str) -> None:
    for words in OTHERS:
        assert reason(unknown, words) == plain(unknown)


@pytest.mark.parametrize(
    "answer",
    [
        "5.1.1 the channel is paused",
        "the channel is paused",
        "no; the channel is paused",
        "no: the channel is paused",
        "nope (HTTP 400, Twilio error 21211)",
        "nope (Twilio error 30003)",
        "nope (Slack: is_archived)",
        "given up: the channel is paused",
        "the mail server refuses the mail: 550 x",
        "%(head)s %(text)s %s %",
        "“x” is no mail address; write it like noc@example.jp",
    ],
)
def test_a_mail_servers_words_are_never_taken_for_kidokus(answer: str) -> None:
    told = SmtpError(smtp.meaning_of(Stage.RECIPIENT, 550), 550, answer).result().reason
    assert told == MAIL_SERVER + answer
    assert reason(told, TOKYO) == f"メールサーバーが宛先を拒否しました：550 {answer}"
    assert reason(f"given up: {told}", TOKYO) == f"送信を断念しました：メールサーバーが宛先を拒否しました：550 {answer}"
    garbled = SmtpError(smtp._NONSENSE, 0, answer).result().reason
    assert reason(garbled, TOKYO) == f"メールサーバーの応答を理解できません：{answer}"


@given(st.text(max_size=80))
def test_nothing_of_a_strangers_text_is_lost_or_left_untamed(text: str) -> None:
    tame = plain(text)
    for words in (LONDON, *OTHERS):
        assert reason(MAIL_SERVER + text, words).endswith(f"550 {tame}".rstrip())
    assert reason(text, LONDON) == tame


def test_control_characters_are_tamed() -> None:
    assert reason("the channel\n is paused", TOKYO) == "チャネルが一時停止中です"
    assert reason(f"{MAIL_SERVER}a\r\nb\x1b[31m\u202ec", TOKYO) == "メールサーバーが宛先を拒否しました：550 a b [31mc"


def test_a_report_that_came_back_is_a_strangers_whole() -> None:
    assert failure_words("the channel is paused", "dsn", TOKYO) == "the channel is paused"
    assert failure_words("the channel is paused", "smtp", TOKYO) == "チャネルが一時停止中です"
