"""Swaps, silences, simulations, reports and following, as they are typed in three languages."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from bot.chatops.clause import number_of, timed
from bot.chatops.command import Command, NotUnderstoodError
from bot.chatops.day import in_past, in_shift
from bot.chatops.form import forms
from bot.chatops.parse import of_options, parse
from bot.chatops.vocabulary import Name

SWAP, SILENCE, SIMULATE, REPORT = Name.SWAP, Name.SILENCE, Name.SIMULATE, Name.REPORT


@pytest.mark.parametrize(
    ("typed", "name", "fields"),
    [
        ("swap", SWAP, {}),
        ("swaps", SWAP, {}),
        ("swap tomorrow with bob", SWAP, {"start": "tomorrow", "person": "bob"}),
        ("swap noc tomorrow 9:00 with @bob", SWAP, {"schedule": "noc", "start": "tomorrow 9:00", "person": "bob"}),
        ("swap noc 6/3 for 6/10", SWAP, {"schedule": "noc", "start": "6/3", "theirs": "6/10"}),
        ("swap 6/3 with bob for 6/10", SWAP, {"start": "6/3", "person": "bob", "theirs": "6/10"}),
        ("swap with bob tomorrow", SWAP, {"person": "bob", "start": "tomorrow"}),
        ("swap 6/3 with bob 6/10", SWAP, {"start": "6/3", "person": "bob", "theirs": "6/10"}),
        ("swap from 18:00 until 22:00 with bob", SWAP, {"start": "18:00", "end": "22:00", "person": "bob"}),
        (
            "交換 noc 6月3日 Bobさんと 6月10日",
            SWAP,
            {"schedule": "noc", "start": "6月3日", "person": "Bob", "theirs": "6月10日"},
        ),
        ("シフト交換 18:00から22:00まで 相手 鈴木さん", SWAP, {"start": "18:00", "end": "22:00まで", "person": "鈴木"}),
        (
            "换班 noc 6月3日 和王 6月10日",
            SWAP,
            {"schedule": "noc", "start": "6月3日", "person": "王", "theirs": "6月10日"},
        ),
        ("换班 从18:00到22:00 跟王", SWAP, {"start": "18:00", "end": "22:00", "person": "王"}),
        ("swap accept 3", SWAP, {"argument": "accept", "number": "3"}),
        ("シフト交換 承諾 ３", SWAP, {"argument": "accept", "number": "３"}),
        ("换班 拒绝 #3", SWAP, {"argument": "decline", "number": "#3"}),
        ("swap withdraw 3", SWAP, {"argument": "withdraw", "number": "3"}),
        ("silence rule backup for 2h why moved", SILENCE, {"rule": "backup", "end": "2h", "argument": "moved"}),
        ("silence rule backup 2h why moved", SILENCE, {"rule": "backup", "end": "2h", "argument": "moved"}),
        ("silence 2h rule backup why moved", SILENCE, {"rule": "backup", "end": "2h", "argument": "moved"}),
        (
            'silence from: carrier.example subject "for sale" until 22:00 because of  works for all',
            SILENCE,
            {"sender": "carrier.example", "subject": "for sale", "end": "22:00", "argument": "of  works for all"},
        ),
        ("silence rule a rule b 2h why x", SILENCE, {"rule": "a\nb", "end": "2h", "argument": "x"}),
        ("サイレンス 件名 回線断 2時間 理由 工事", SILENCE, {"subject": "回線断", "end": "2時間", "argument": "工事"}),
        (
            "抑止 差出人 a.example 22:00まで 理由 工事",
            SILENCE,
            {"sender": "a.example", "end": "22:00まで", "argument": "工事"},
        ),
        ("静默 规则 磁盘 2小时 原因 维护", SILENCE, {"rule": "磁盘", "end": "2小时", "argument": "维护"}),
        ("silences 3", Name.SILENCES, {"argument": "3"}),
        ("サイレンス一覧", Name.SILENCES, {}),
        ("unsilence #3", Name.UNSILENCE, {"argument": "#3"}),
        ("解除静默 3", Name.UNSILENCE, {"argument": "3"}),
        (
            "simulate urgent at tomorrow 2:00 read alice 7m ack bob 9m severity error",
            SIMULATE,
            {"policy": "urgent", "start": "tomorrow 2:00", "reads": "alice 7m", "acks": "bob 9m", "severity": "error"},
        ),
        ("模擬 urgent 既読 alice 7分", SIMULATE, {"policy": "urgent", "reads": "alice 7分"}),
        ("模拟 urgent 9点 收到 bob 9分钟", SIMULATE, {"policy": "urgent", "start": "9点", "acks": "bob 9分钟"}),
        ("simulate", SIMULATE, {}),
        ("report", REPORT, {}),
        ("report week share", REPORT, {"argument": "week", "is_shared": True}),
        ("レポート 今週", REPORT, {"argument": "week"}),
        ("报告 今天", REPORT, {"argument": "today"}),
        ("report 12h", REPORT, {"argument": "12h"}),
        ("report since yesterday", REPORT, {"start": "yesterday"}),
        ("report since 6/1 until 6/8", REPORT, {"start": "6/1", "end": "6/8"}),
        ("レポート 6月1日から6月8日まで", REPORT, {"start": "6月1日", "end": "6月8日まで"}),
        ("报告 从6/1到6/8", REPORT, {"start": "6/1", "end": "6/8"}),
        ("subscribe", Name.SUBSCRIBE, {}),
        ("subscribe #42", Name.SUBSCRIBE, {"alert": "#42"}),
        ("42 フォロー", Name.SUBSCRIBE, {"alert": "#42"}),
        ("关注42", Name.SUBSCRIBE, {"alert": "#42"}),
        ("42購読解除", Name.UNSUBSCRIBE, {"alert": "#42"}),
        ("取消关注 42", Name.UNSUBSCRIBE, {"alert": "#42"}),
        ("unsubscribe link down", Name.UNSUBSCRIBE, {"alert": "link down"}),
    ],
)
def test_what_is_typed_is_understood(typed: str, name: Name, fields: dict[str, Any]) -> None:
    assert parse(typed) == Command(name, **fields)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("swap noc", "which shift of yours?; write it like: swap [SCHEDULE]"),
        ("swap tomorrow", "with whom, or for which shift of theirs?"),
        ("swap accept", "which swap? “swap” lists them"),
        ("swap accept soon", "which swap?"),
        ("swap from soon until later with bob", "“soon” is no time"),
        ("silence", "which mail? Name a rule, a sender (from) or a subject; write it like: silence rule"),
        ("silence disk 2h why x", "“disk”: is that a rule, a sender (from) or a subject?"),
        ("silence rule a why x", "a silence needs an end"),
        ("silence rule a for ever why x", "“ever” is no time"),
        ("silence rule a 2h", "a silence needs a reason"),
        ("silence rule a 2h why", "a silence needs a reason"),
        ("unsilence", "which silence? “silences” lists them"),
        ("report foo", "“foo” is no span of time"),
        ("report since whenever", "“whenever” is no time"),
        ("subscribe 42 43", "“43” is too much after the alert"),
    ],
)
def test_what_is_not_understood_is_told_what_to_type(typed: str, told: str) -> None:
    with pytest.raises(NotUnderstoodError) as raised:
        parse(typed)
    assert told in str(raised.value.phrase)


def test_the_fields_of_a_form_are_checked_as_what_is_typed_is() -> None:
    given = {"end": "2h", "argument": "works", "rule": "backup"}
    assert of_options("silence", given) == Command(SILENCE, "", "works", end="2h", rule="backup")
    assert of_options("swap", {"argument": "accept", "number": "3"}) == Command(SWAP, "", "accept", number="3")
    for name, fields in (
        ("silence", {"end": "2h", "rule": "backup"}),
        ("silence", given | {"start": "soon"}),
        ("swap", {"argument": "eat", "number": "3"}),
        ("swap", {"argument": "accept"}),
        ("swap", {"person": "bob"}),
        ("report", {"start": "x"}),
        ("unsilence", {}),
    ):
        with pytest.raises(NotUnderstoodError):
            of_options(name, fields)


def test_all_that_was_typed_is_said() -> None:
    assert parse("silence rule backup for 2h why moved").said == "moved 2h backup"
    assert parse("ack 42").said == "#42"


def test_the_menu_is_within_what_discord_takes() -> None:
    """https://docs.discord.com/developers/interactions/application-commands: 25 subcommands, 25 options, 8,000
    characters of names, descriptions and values, of each the longest language. The first 25 are below one command."""
    listed = [one for one in forms() if not one.is_on_message]
    assert listed[24].verb == Name.SEND, "what stood below /kidoku stays there"
    size = 0
    for form in listed:
        assert len(form.fields) <= 25
        assert sorted(form.fields, key=lambda one: not one.is_required) == list(form.fields)
        for name, about in ((form.verb, form.about), *((one.name, one.about) for one in form.fields)):
            size += len(name) + max(map(len, about.values()))
            assert max(map(len, about.values())) <= 100
        size += sum(2 * len(choice) for one in form.fields for choice in one.choices)
        if form is listed[24]:
            assert size <= 8_000


NOW = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
"""02:00 on 4 May in Tokyo."""


@pytest.mark.parametrize(
    ("text", "coming"),
    [
        ("today", "2026-05-04T12:00"),
        ("tomorrow", "2026-05-05T12:00"),
        ("tomorrow 9:00", "2026-05-05T09:00"),
        ("明日9時", "2026-05-05T09:00"),
        ("6/3", "2026-06-03T12:00"),
        ("6月3日 9時半", "2026-06-03T09:30"),
        ("６月３日", "2026-06-03T12:00"),
        ("1/3", "2027-01-03T12:00"),
        ("2/29", "2028-02-29T12:00"),
        ("2026-06-03", "2026-06-03T12:00"),
        ("2026-06-03T09:00", "2026-06-03T09:00"),
        ("9:00", "2026-05-04T09:00"),
        ("2h", "2026-05-04T04:00"),
    ],
)
def test_a_day_alone_is_its_noon_and_one_without_a_year_comes_next(text: str, coming: str) -> None:
    found = in_shift(text, NOW, "Asia/Tokyo", time(8))
    assert found == datetime.fromisoformat(f"{coming}+09:00")


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("today", "2026-05-04T00:00"),
        ("yesterday 18:00", "2026-05-03T18:00"),
        ("昨日から", "2026-05-03T00:00"),
        ("昨天", "2026-05-03T00:00"),
        ("5/4", "2026-05-04T00:00"),
        ("5/5", "2025-05-05T00:00"),
        ("3d", "2026-05-01T02:00"),
        ("9:00", "2026-05-03T09:00"),
        ("2026-05-01", "2026-05-01T00:00"),
    ],
)
def test_a_report_looks_back(text: str, past: str) -> None:
    assert in_past(text, NOW, "Asia/Tokyo") == datetime.fromisoformat(f"{past}+09:00")


@pytest.mark.parametrize("text", ["", "soon", "2/30", "13/1", "6/3 25:00", "9999-01-01", "6月3日 朝"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert in_shift(text, NOW, "Asia/Tokyo", time(8)) is None
    assert in_past(text, NOW, "Asia/Tokyo") is None


def test_who_reads_when() -> None:
    assert timed("alice 7m, bob@+9m\ncarol 1h") == ["alice@7m", "bob@+9m", "carol@1h"]
    assert timed("alice") == ["alice"]
    assert timed("") == []


def test_numbers() -> None:
    assert [number_of(one) for one in ("3", "#3", "３番", "x", "", "9" * 30)] == [3, 3, 3, 0, 0, 0]


def test_the_lengths_of_a_simulation_are_written_as_in_every_other_command() -> None:
    assert timed("alice 12分, bob 9分钟、carol 1時間30分") == ["alice@720s", "bob@540s", "carol@5400s"]
    assert timed("alice すぐ") == ["alice@すぐ"], "it is refused where it is used"
