"""The commands that people type, and what each is called in English, Japanese and Chinese.

One more command is one more ``Name`` here with its words, its usage and what it is for, its grammar in ``parse.py``,
its role in ``role.py``, and what it does in ``perform.py``, ``deed.py`` or ``look.py``. It is tried in three languages
in ``bot/messages_doc``: its lines in ``lines.py``, typed in ``talk.py``.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from escalation.phrase import N_


class Name(StrEnum):
    """A command, by its English name."""

    STATUS = "status"
    LIST = "list"
    WHO = "who"
    WHY = "why"
    TRANSLATE = "translate"
    ACK = "ack"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    REMIND = "remind"
    NOTE = "note"
    APPROVE = "approve"
    RECALL = "recall"
    OVERRIDE = "override"
    SWAP = "swap"
    SILENCE = "silence"
    SILENCES = "silences"
    UNSILENCE = "unsilence"
    SIMULATE = "simulate"
    REPORT = "report"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    LANG = "lang"
    HELP = "help"
    SEND = "send"
    CONFIRM = "confirm"


LOOKS = frozenset(
    {
        Name.STATUS,
        Name.LIST,
        Name.WHO,
        Name.WHY,
        Name.TRANSLATE,
        Name.SILENCES,
        Name.SIMULATE,
        Name.REPORT,
        Name.HELP,
    }
)
"""Commands that change nothing: their answers may be shared by a bare "share"."""

PRIVATE = frozenset({Name.TRANSLATE, Name.CONFIRM})
"""Whoever asks is answered alone, whatever they type: it shows what somebody's mail says, or how they are reached."""

WORDS: Mapping[Name, tuple[str, ...]] = MappingProxyType(
    {
        Name.STATUS: ("status", "show", "状況", "状態", "ステータス", "状态", "情况"),
        Name.LIST: ("list", "ls", "alerts", "一覧", "リスト", "列表", "清单"),
        Name.WHO: ("who", "oncall", "on-call", "当番", "担当", "オンコール", "誰", "值班", "谁"),
        Name.WHY: ("why", "なぜ", "理由", "経緯", "为什么", "原因"),
        Name.TRANSLATE: ("translate", "translation", "翻訳", "訳", "翻译", "译文"),
        Name.ACK: ("ack", "acknowledge", "take", "確認", "了解", "対応", "收到", "确认", "认领"),
        Name.RESOLVE: ("resolve", "resolved", "close", "解決", "復旧", "完了", "クローズ", "解决", "恢复", "关闭"),
        Name.SNOOZE: ("snooze", "mute", "スヌーズ", "消音", "静音", "暂停", "稍后"),
        Name.ESCALATE: ("escalate", "エスカレーション", "エスカレート", "エスカレ", "升级", "上报"),
        Name.REMIND: ("remind", "催促", "リマインド", "督促", "提醒"),
        Name.NOTE: ("note", "メモ", "記録", "备注", "记录"),
        Name.APPROVE: ("approve", "承認", "批准"),
        Name.RECALL: ("recall", "取り消し", "取消", "撤回"),
        Name.OVERRIDE: ("override", "代行", "交代", "代班", "顶班"),
        Name.SWAP: ("swap", "swaps", "シフト交換", "交換", "换班", "调班"),
        Name.SILENCE: ("silence", "サイレンス", "抑止", "静默", "屏蔽"),
        Name.SILENCES: ("silences", "サイレンス一覧", "抑止一覧", "静默列表", "屏蔽列表"),
        Name.UNSILENCE: ("unsilence", "サイレンス解除", "抑止解除", "解除静默", "取消静默", "解除屏蔽"),
        Name.SIMULATE: ("simulate", "シミュレーション", "シミュレート", "模擬", "模拟"),
        Name.REPORT: ("report", "レポート", "報告", "报告", "报表"),
        Name.SUBSCRIBE: ("subscribe", "follow", "購読", "フォロー", "订阅", "关注"),
        Name.UNSUBSCRIBE: ("unsubscribe", "unfollow", "購読解除", "フォロー解除", "取消订阅", "取消关注"),
        Name.LANG: ("lang", "language", "言語", "语言"),
        Name.HELP: ("help", "?", "ヘルプ", "使い方", "帮助"),
        Name.SEND: ("send", "送信", "发送"),
        Name.CONFIRM: (
            *("confirm", "verify", "連絡先", "連絡先確認", "確認コード", "認証コード", "認証"),
            *("联系方式", "确认联系方式", "确认码", "验证码", "验证"),
        ),
    }
)

USAGE: Mapping[Name, str] = MappingProxyType(
    {
        Name.STATUS: "status [42]",
        Name.LIST: "list [unread|mine|all|resolved]",
        Name.WHO: "who [SCHEDULE]",
        Name.WHY: "why 42",
        Name.TRANSLATE: "translate 42",
        Name.ACK: "ack 42",
        Name.RESOLVE: "resolve 42 [WHY]",
        Name.SNOOZE: "snooze 42 30m | until 9:00 | until morning",
        Name.ESCALATE: "escalate 42 [to PERSON | to step 3]",
        Name.REMIND: "remind 42",
        Name.NOTE: "note 42 TEXT",
        Name.APPROVE: "approve 42",
        Name.RECALL: "recall 42 [WHY]",
        Name.OVERRIDE: "override [SCHEDULE] PERSON [from 18:00] until 9:00",
        Name.SWAP: "swap [SCHEDULE] MY_SHIFT with PERSON [for THEIR_SHIFT] | accept 3 | decline 3",
        Name.SILENCE: "silence rule RULE | from SENDER | subject TEXT for 2h why REASON",
        Name.SILENCES: "silences [3]",
        Name.UNSILENCE: "unsilence 3",
        Name.SIMULATE: "simulate POLICY [at 2:00] [read alice 7m] [ack bob 9m]",
        Name.REPORT: "report [today|week|month|since 6/1]",
        Name.SUBSCRIBE: "subscribe 42",
        Name.UNSUBSCRIBE: "unsubscribe 42",
        Name.LANG: "lang ja|en|zh",
        Name.HELP: "help",
        Name.SEND: "send [alice, team:noc, guest@partner.example]",
        Name.CONFIRM: "confirm [phone|sms|mail|all] | 123456",
    }
)

ABOUT: Mapping[Name, str] = MappingProxyType(
    {
        Name.STATUS: N_("who has read it, and what comes next"),
        Name.LIST: N_("the open alerts"),
        Name.WHO: N_("who is on call"),
        Name.WHY: N_("why whom was told when"),
        Name.TRANSLATE: N_("what the mail says, translated by machine"),
        Name.ACK: N_("you take it: nobody else is told"),
        Name.RESOLVE: N_("close it: it is over"),
        Name.SNOOZE: N_("silence for a while"),
        Name.ESCALATE: N_("the next step now, or a step or person"),
        Name.REMIND: N_("tell whoever has not read it once more"),
        Name.NOTE: N_("write something down for the others"),
        Name.APPROVE: N_("let a mail leave that waits for a second person"),
        Name.RECALL: N_("take back a mail that has not left"),
        Name.OVERRIDE: N_("give somebody the duty for a time"),
        Name.SWAP: N_("ask somebody to take your shift, or to exchange one; or answer"),
        Name.SILENCE: N_("let some urgent mail open no alert for a while"),
        Name.SILENCES: N_("what is silenced, and what was swallowed"),
        Name.UNSILENCE: N_("end a silence at once"),
        Name.SIMULATE: N_("whom a policy would tell, and when"),
        Name.REPORT: N_("how a shift or a week went: alerts, how fast, who was woken"),
        Name.SUBSCRIBE: N_("be told in private what becomes of it"),
        Name.UNSUBSCRIBE: N_("be told no more of it"),
        Name.LANG: N_("the language in which Kidoku speaks to you"),
        Name.HELP: N_("what can be typed"),
        Name.SEND: N_("send an urgent mail; a window asks for what it says"),
        Name.CONFIRM: N_("how Kidoku reaches you; have a code sent there, or enter the one that came"),
    }
)
"""What each is for, in a few words: Discord shows at most 100 characters of it."""

_TAIL = re.compile(r"(?:を)?(?:してください|しました|します|して|する|です|ください|済み|一下|了)$")
"""What polite Japanese and Chinese put after a verb."""


def key_of(text: str) -> str:
    """How words are compared: full-width as half-width, any case."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


NAMES: Mapping[str, Name] = MappingProxyType({key_of(word): name for name, words in WORDS.items() for word in words})
_UNSPACED = sorted((word for word in NAMES if not word.isascii()), key=len, reverse=True)


def name_of(key: str) -> Name | None:
    """The command that a word (by ``key_of``) names, with or without a polite ending or a slash before it."""
    bare = key.removeprefix("/").rstrip("。.!、,")
    return NAMES.get(bare) or NAMES.get(_TAIL.sub("", bare))


def split_glued(key: str) -> tuple[str, str] | None:
    """A Japanese or Chinese verb and what is written right before or after it: "42了解" and "状況42"; None if none."""
    for word in _UNSPACED:
        if key.startswith(word) and key[len(word) :][:1] in tuple("#0123456789"):
            return word, key[len(word) :]
        digits = re.match(r"#?\d+", key)
        if digits and re.sub(r"^[をはの]", "", key[digits.end() :]).startswith(word):
            return word, digits[0]
    return None
