"""What people type, in three languages, and what they are told when it is no command."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.chatops.command import Command, LackingError, NotUnderstoodError
from bot.chatops.contact import without_codes
from bot.chatops.parse import of_options, parse
from bot.chatops.role import NEEDED
from bot.chatops.vocabulary import ABOUT, LOOKS, USAGE, WORDS, Name
from bot.chatops.when import read_when
from channels.message import Verb

LINK = "https://x.slack.com/archives/C0OPS/p1700000000000100"


def c(name: Name, alert: str = "", argument: str = "", **more: str | bool) -> Command:
    return Command(name, alert, argument, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("", c(Name.HELP)),
        ("  ", c(Name.HELP)),
        ("status", c(Name.STATUS)),
        ("Status #42", c(Name.STATUS, "#42")),
        ("＃４２　状況", c(Name.STATUS, "#42")),
        ("状況42", c(Name.STATUS, "#42")),
        ("42了解", c(Name.ACK, "#42")),
        ("42 了解です。", c(Name.ACK, "#42")),
        ("#42を 確認しました", c(Name.ACK, "#42")),
        ("收到 42", c(Name.ACK, "#42")),
        ("ack 007", c(Name.ACK, "#7")),
        ("ack link down", c(Name.ACK, "link down")),
        (f"ack <{LINK}>", c(Name.ACK, LINK)),
        ('resolve 42 replaced the "old" cable', c(Name.RESOLVE, "#42", 'replaced the "old" cable')),
        ("resolve “link down” fixed", c(Name.RESOLVE, "link down", "fixed")),
        ("「回線断」 解決 交換済み", c(Name.RESOLVE, "回線断", "交換済み")),
        ("resolve fixed it", c(Name.RESOLVE, "", "fixed it")),
        ("note 42 回線 を　交換", c(Name.NOTE, "#42", "回線 を　交換")),
        ("note 42 please share", c(Name.NOTE, "#42", "please share")),
        ('note "on my way"', c(Name.NOTE, "", "on my way")),
        ("snooze 42 30m", c(Name.SNOOZE, "#42", "30m")),
        ("snooze 1h30m", c(Name.SNOOZE, "", "1h30m")),
        ("snooze link down until 9:00", c(Name.SNOOZE, "link down", "until 9:00")),
        ("42 30分 スヌーズ", c(Name.SNOOZE, "#42", "30分")),
        ("スヌーズ 42 朝まで", c(Name.SNOOZE, "#42", "朝まで")),
        ("escalate", c(Name.ESCALATE)),
        ("escalate step 2", c(Name.ESCALATE, "", "2")),
        ("escalate 2", c(Name.ESCALATE, "#2")),
        ("escalate 42 to bob", c(Name.ESCALATE, "#42", "bob")),
        ("escalate 42 to step 3", c(Name.ESCALATE, "#42", "3")),
        ("escalate link down to 2", c(Name.ESCALATE, "link down", "2")),
        ("エスカレ 42 鈴木さんへ", c(Name.ESCALATE, "#42", "鈴木")),
        ("list 未読 share", c(Name.LIST, "", "unread", is_shared=True)),
        ("--share status 42", c(Name.STATUS, "#42", is_shared=True)),
        ("ack 42 --share", c(Name.ACK, "#42", is_shared=True)),
        ("oncall noc", c(Name.WHO, "", "noc")),
        ("当番", c(Name.WHO)),
        ("override noc bob until 18:00", c(Name.OVERRIDE, schedule="noc", person="bob", end="18:00")),
        ("override me 2h", c(Name.OVERRIDE, person="me", end="2h")),
        ("override bob from 18:00 until 9:00", c(Name.OVERRIDE, person="bob", start="18:00", end="9:00")),
        (
            "代行 noc 鈴木 18:00から9:00まで",
            c(Name.OVERRIDE, schedule="noc", person="鈴木", start="18:00", end="9:00まで"),
        ),
        ("代班 noc 王 从18:00到9:00", c(Name.OVERRIDE, schedule="noc", person="王", start="18:00", end="9:00")),
        ("lang 日本語", c(Name.LANG, "", "ja")),
        ("help ack", c(Name.HELP, "", "ack")),
        ("confirm", c(Name.CONFIRM)),
        ("confirm phone", c(Name.CONFIRM, "", "phone")),
        ("verify E-Mail", c(Name.CONFIRM, "", "mail")),
        ("連絡先確認 電話", c(Name.CONFIRM, "", "phone")),
        ("验证 短信", c(Name.CONFIRM, "", "sms")),
        ("confirm all", c(Name.CONFIRM, "", "all")),
        ("confirm 471108", c(Name.CONFIRM, code="471108")),
        ("confirm code: 471 108.", c(Name.CONFIRM, code="471108")),
        ("確認コード　４７１１０８", c(Name.CONFIRM, code="471108")),
        ("验证码471108", c(Name.CONFIRM, code="471108")),
        ("471108確認コード", c(Name.CONFIRM, code="471108")),
        ("確認 471108", c(Name.ACK, "#471108")),
        ("/status 42", c(Name.STATUS, "#42")),
    ],
)
def test_what_is_typed_is_understood(typed: str, command: Command) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("stauts 42", "did you mean “status [42]”?"),
        ("resovle 42", "did you mean “resolve 42 [WHY]”?"),
        ("blah", "“help” lists them all"),
        ("42 do not close", "there is no command “42”"),
        ("please close", "there is no command “please”"),
        ("ack 42 43", "“43” is too much after the alert; write it like: ack 42"),
        ("snooze 42", "for how long?"),
        ("snooze 42 sometimes", "“sometimes” is no time; write it like: snooze 42 30m"),
        ("snooze 42 30", "“30” is no time"),
        ("list foo", "list [unread|mine|all|resolved]"),
        ("lang xx", "lang ja|en|zh"),
        ("note 42", "the note is empty"),
        ("override noc bob", "until when?"),
        ("override", "who takes the duty"),
        ("escalate 42 to", "to whom?"),
        ("confirm fax", "“fax” is neither a code nor a channel; write it like: confirm [phone|sms|mail|all] | 123456"),
        ("confirm phone 471108", "neither a code nor a channel"),
    ],
)
def test_what_is_not_understood_is_told_what_to_type(typed: str, told: str) -> None:
    with pytest.raises(NotUnderstoodError) as raised:
        parse(typed)
    assert told in str(raised.value.phrase)


def test_the_fields_of_a_form_are_checked_as_what_is_typed_is() -> None:
    given = {"alert": "＃４２", "argument": "until 9:00", "who": "knows"}
    assert of_options("snooze", given, is_shared=True) == c(Name.SNOOZE, "#42", "until 9:00", is_shared=True)
    assert of_options("escalate", {"alert": "link down", "argument": "step 2"}) == c(Name.ESCALATE, "link down", "2")
    assert of_options("escalate", {"alert": "#42", "argument": "to bob"}) == c(Name.ESCALATE, "#42", "bob")
    assert of_options("escalate", {"alert": "#42", "argument": "tomo"}) == c(Name.ESCALATE, "#42", "tomo")
    for name, fields in (("snooze", {"argument": "soon"}), ("note", {}), ("list", {"argument": "x"}), ("dance", {})):
        with pytest.raises(NotUnderstoodError):
            of_options(name, fields)


def test_every_command_has_its_words_usage_purpose_and_role() -> None:
    for name in Name:
        assert {type(table[name]) for table in (USAGE, ABOUT)} == {str}
        assert WORDS[name][0] == name
        assert name in NEEDED
        assert len(ABOUT[name]) <= 100
    words = [word for words in WORDS.values() for word in words]
    assert len(words) == len(set(words))
    assert set(Verb) <= set(NEEDED)
    assert set(Name) > LOOKS


NOW = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
"""02:00 on the next day in Tokyo."""


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("30m", 0.5),
        ("1h30m", 1.5),
        ("２時間", 2),
        ("90分", 1.5),
        ("1天", 24),
        ("for 2 hours", 2),
        ("until 9:00", 7),
        ("９時半まで", 7.5),
        ("9点", 7),
        ("1:59", 24 - 1 / 60),
        ("24:00", 22),
        ("tomorrow 9:00", 31),
        ("明日の9時", 31),
        ("morning", 6),
        ("朝まで", 6),
        ("2026-05-04T09:00", 7),
        ("2026-05-04T00:00Z", 7),
    ],
)
def test_times_are_read_on_the_wall_of_whoever_types(text: str, hours: float) -> None:
    when = read_when(text)
    assert when is not None
    assert when.at(NOW, "Asia/Tokyo") == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", ["", "30", "soon", "25:00", "9:61", "24:30", "until", "2026-13-01", "9999-12-31", "まで"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_when(text) is None


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("snooze", c(Name.SNOOZE)),
        ("スヌーズ 42", c(Name.SNOOZE, "#42")),
        ("escalate 42 to", c(Name.ESCALATE, "#42")),
        ("override", c(Name.OVERRIDE)),
        ("override until 9:00", c(Name.OVERRIDE, end="9:00")),
        ("override noc bob", c(Name.OVERRIDE, schedule="noc", person="bob")),
    ],
)
def test_what_a_command_lacks_can_be_asked_for(typed: str, command: Command) -> None:
    with pytest.raises(LackingError) as raised:
        parse(typed)
    assert raised.value.command == command


def test_a_form_may_lack_the_same() -> None:
    for name, given, command in (
        ("snooze", {"alert": "42"}, c(Name.SNOOZE, "42")),
        ("override", {"end": "2h"}, c(Name.OVERRIDE, end="2h")),
    ):
        with pytest.raises(LackingError) as raised:
            of_options(name, given)
        assert raised.value.command == command


def test_a_mail_is_sent_to_whoever_is_named() -> None:
    assert parse("send alice, guest@partner.example") == c(Name.SEND, "", "alice, guest@partner.example")
    assert parse("送信") == c(Name.SEND)


def test_a_code_is_in_no_repr_and_in_nothing_that_is_kept() -> None:
    command = parse("confirm 471108")
    assert "471108" not in repr(command) + command.said
    assert without_codes("confrim 471-108, not 4711080") == "confrim ······, not 4711080"
