"""Lines of key words and what follows each: "swap … with …", "silence rule … for … why …", "simulate … at …",
"report since …". Pure, as all of the grammar.

A clause goes from its key word to the next one; what comes before the first is the head. A time at the end of a clause
is a clause of its own, so that "silence subject backup 2h" needs no "for".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from bot.chatops.day import read_day
from bot.chatops.vocabulary import Name, key_of
from bot.chatops.when import read_when
from escalation.phrase import N_, Phrase

Fields = dict[str, str]
Keys = Mapping[str, str]


class Token(Protocol):
    """A word of a line, or what stands in quotes; ``start`` is where it begins in it."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def is_quoted(self) -> bool: ...


class ClauseError(ValueError):
    """What is wrong; ``phrase`` says it."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase)
        self.phrase = phrase


def _keys(**fields: str) -> Keys:
    return MappingProxyType({word: field for field, words in fields.items() for word in words.split()})


_SWAP_KEYS = _keys(
    person="with 相手 和 跟 同",
    theirs="for against 代わりに 換 换",
    start="from 从",
    end="until till 到 直到",
)
_SILENCE_KEYS = _keys(
    rule="rule ルール 规则",
    sender="from sender 差出人 送信元 发件人 来自",
    subject="subject 件名 主题",
    start="start starting 開始 开始",
    end="for until till 期間 终止 到 直到",
    argument="why because reason 理由 原因",
)
_SIMULATE_KEYS = _keys(
    policy="policy ポリシー 策略",
    start="at 時刻 時間 时间",
    severity="severity 重大度 重要度 级别",
    reads="read 既読 已读",
    acks="ack 了解 収到 收到",
)
_REPORT_KEYS = _keys(start="since from 从 自", end="until till 到 直到")
_ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("accept", "承諾", "引き受け", "接受", "同意"), "accept"),
        **dict.fromkeys(("decline", "辞退", "断り", "拒绝", "谢绝"), "decline"),
        **dict.fromkeys(("withdraw", "取り下げ", "取下げ", "撤回"), "withdraw"),
    }
)
ANSWERS = tuple(dict.fromkeys(_ANSWERS.values()))
_PERIODS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("today", "今日", "本日", "今天"), "today"),
        **dict.fromkeys(("week", "weekly", "this week", "週", "今週", "一週間", "周", "本周", "一周"), "week"),
        **dict.fromkeys(("month", "monthly", "this month", "月", "今月", "一か月", "本月", "一个月"), "month"),
    }
)
PERIODS = tuple(dict.fromkeys(_PERIODS.values()))
SEVERITIES = ("critical", "error", "warning", "info")
_WHICH_SWAP = N_("which swap? “%(usage)s” lists them with their numbers")
_WHICH_SILENCE = N_("which silence? “%(usage)s” lists them with their numbers")
_REST = frozenset({"argument"})
"""Fields whose clause takes all that is left, key words too."""
_MOST_TIME = 3
"""Words that a time has at most: "tomorrow at 9:00" has fewer."""
_NUMBER = re.compile(r"#?(\d{1,18})(?:番|号)?(?:を|は|の)?")
_HONOURS = re.compile(r"(?:さん|様|氏)?(?:と|に|へ)?$")
_SPAN = re.compile(r"(从)(.*?\d.*?|.天)(?:(到)(.+))?|(到)(.*\d.*|.天.*)")
_WITH_AFTER = re.compile(r"(.*[^\x00-\x7f].*)と")
_WITH_BEFORE = re.compile(r"[和跟](.+)")


def read(name: Name, line: str, tokens: Sequence[Token]) -> Fields:
    """The fields of a command as they were typed. Raises ClauseError."""
    if name is Name.SWAP:
        return _swap(line, tokens)
    if name is Name.SILENCE:
        return _silence(line, tokens)
    if name is Name.SIMULATE:
        return _simulate(line, tokens)
    return _report(line, tokens)


def fault(name: Name, fields: Mapping[str, str]) -> Phrase | None:
    """What is wrong with these fields, however they were given."""
    check = _FAULTS.get(name)
    return check(fields) if check else None


# Clauses --------------------------------------------------------------------------------------------------------------


def clauses(line: str, tokens: Sequence[Token], keys: Keys) -> list[tuple[str, str]]:
    """(field, text) of each clause in order; the head's field is "". Quoted words are no key words."""
    found: list[tuple[str, list[Token]]] = [("", [])]
    for token in tokens:
        field = "" if token.is_quoted or found[-1][0] in _REST else keys.get(key_of(token.text).rstrip(":"), "")
        if field:
            found.append((field, []))
        else:
            found[-1][1].append(token)
    return [(field, _text(line, part, field)) for field, part in found]


def _text(line: str, part: Sequence[Token], field: str) -> str:
    """The words of a clause; the last one of a line as it was typed."""
    if field in _REST and len(part) > 1:
        return line[part[0].start :].strip()
    return " ".join(one.text for one in part)


def _is_time(text: str) -> bool:
    return read_when(text) is not None or read_day(text) is not None


def _without_time(text: str) -> tuple[str, str]:
    """What is left of a text without the time at its end, and that time."""
    words = text.split()
    for count in range(min(_MOST_TIME, len(words)), 0, -1):
        if _is_time(" ".join(words[-count:])):
            return " ".join(words[:-count]), " ".join(words[-count:])
    return text, ""


def _gathered(found: Sequence[tuple[str, str]]) -> Fields:
    """Several clauses of one key are the lines of its field."""
    fields: Fields = {}
    for field, text in found:
        if text:
            fields[field] = f"{fields[field]}\n{text}" if field in fields else text
    return fields


# Swaps ----------------------------------------------------------------------------------------------------------------


def _swap(line: str, tokens: Sequence[Token]) -> Fields:
    """ "noc tomorrow with bob", "noc 6/3 for 6/10", "noc 6月3日 Bobさんと 6月10日", "accept 3"; nothing: a list."""
    if tokens and (answer := _ANSWERS.get(key_of(tokens[0].text))):
        return {"argument": answer, "number": tokens[1].text if len(tokens) > 1 else ""}
    fields = _gathered(clauses(line, _unglued(tokens), _SWAP_KEYS))
    head, time, end = _from_until(fields.pop("", ""))
    fields |= {"end": end} if end else {}
    person, later = _without_time(fields.get("person", ""))
    if later:
        # "with bob tomorrow" names the asker's own shift, if nothing else does.
        is_own = not time and "start" not in fields
        fields |= {"person": person, "start" if is_own else "theirs": later}
    if "person" in fields:
        fields["person"] = _HONOURS.sub("", fields["person"]).lstrip("@")
    fields |= {"schedule": head} if head else {}
    return fields | ({"start": time} if time else {})


def _from_until(text: str) -> tuple[str, str, str]:
    """What stands before a time at the end of a text, the time, and its end: "noc 18:00から22:00まで"."""
    begun, _, end = text.partition("から")
    return (*_without_time(begun), end.strip())


class _Part:
    """A piece of a word."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.is_quoted = False


def _unglued(tokens: Sequence[Token]) -> list[Token]:
    """ "Bobさんと" and "和王" are "with" and a name; "从6/1到6/8" is four words."""
    return [part for token in tokens for part in ([token] if token.is_quoted else _parts(token))]


def _parts(token: Token) -> list[Token]:
    if span := _SPAN.fullmatch(token.text):
        return [_Part(text, token.start) for text in span.groups() if text]
    glued = _WITH_AFTER.fullmatch(token.text) or _WITH_BEFORE.fullmatch(token.text)
    return [_Part("with", token.start), _Part(glued[1], token.start)] if glued else [token]


def _swap_fault(fields: Mapping[str, str]) -> Phrase | None:
    if answer := fields.get("argument"):
        is_number = _NUMBER.fullmatch(key_of(fields.get("number", "")))
        known = answer in ANSWERS
        return None if is_number and known else Phrase(_WHICH_SWAP, usage=Name.SWAP.value)
    if not any(fields.get(one) for one in ("schedule", "person", "start", "end", "theirs")):
        return None
    for field in ("start", "end", "theirs"):
        if (text := fields.get(field, "")) and not _is_time(text):
            return Phrase("“%(text)s” is no time", text=text[:60])
    if not fields.get("start"):
        return Phrase("which shift of yours?")
    return None if fields.get("person") or fields.get("theirs") else Phrase("with whom, or for which shift of theirs?")


def number_of(text: str) -> int:
    """The number of a swap or a silence; 0 for what is none."""
    found = _NUMBER.fullmatch(key_of(text))
    return int(found[1]) if found else 0


# Silences -------------------------------------------------------------------------------------------------------------


def _silence(line: str, tokens: Sequence[Token]) -> Fields:
    """ "rule backup for 2h why planned work", "件名 回線断 2時間 理由 工事"."""
    found = clauses(line, tokens, _SILENCE_KEYS)
    has_end = any(field == "end" for field, _ in found)
    peeled = [_peeled(field, text) for field, text in found] if not has_end else [(one, "") for one in found]
    fields = _gathered([one for one, _ in peeled])
    end = next((time for _, time in peeled if time), "")
    if end:
        fields["end"] = end
    if head := fields.pop("", ""):
        raise ClauseError(Phrase("“%(text)s”: is that a rule, a sender (from) or a subject?", text=head[:60]))
    return fields


def _peeled(field: str, text: str) -> tuple[tuple[str, str], str]:
    """A clause without the time at its end, and that time; a clause that is all time keeps it, but for the head."""
    left, time = _without_time(text) if field in ("", "rule", "sender", "subject") else (text, "")
    return ((field, left), time) if time and (left or not field) else ((field, text), "")


def _silence_fault(fields: Mapping[str, str]) -> Phrase | None:
    if not any(fields.get(one) for one in ("rule", "sender", "subject")):
        return Phrase("which mail? Name a rule, a sender (from) or a subject")
    for field in ("start", "end"):
        if (text := fields.get(field, "")) and not _is_time(text):
            return Phrase("“%(text)s” is no time", text=text[:60])
    if not fields.get("end"):
        return Phrase("a silence needs an end")
    return None if fields.get("argument") else Phrase("a silence needs a reason")


# Simulations ----------------------------------------------------------------------------------------------------------


def _simulate(line: str, tokens: Sequence[Token]) -> Fields:
    """ "urgent at 2:00 read alice 7m ack bob 9m severity error"."""
    fields = _gathered(clauses(line, tokens, _SIMULATE_KEYS))
    head, time = _without_time(fields.pop("", ""))
    fields |= ({"policy": head} if head else {}) | ({"start": time} if time else {})
    return fields


def timed(text: str) -> list[str]:
    """ "alice 7m", "alice@+7m, bob@+9m" and lines of these, as ``kidoku simulate --read`` takes each."""
    listed = [one.strip() for one in re.split(r"[\n,、，]", text) if one.strip()]
    return [_in_seconds(one if "@" in one else "@".join(one.rsplit(None, 1))) for one in listed]


def _in_seconds(text: str) -> str:
    """ "alice@12分" is "alice@720s": people write lengths as in every other command."""
    who, _, after = text.partition("@")
    when = None if after.isascii() else read_when(after.lstrip("+"))
    return text if when is None or when.span is None else f"{who}@{round(when.span.total_seconds())}s"


# Reports --------------------------------------------------------------------------------------------------------------


def _report(line: str, tokens: Sequence[Token]) -> Fields:
    """ "week", "3d", "since yesterday", "since 6/1 until 6/8", "6月1日から6月8日まで"."""
    text = line[tokens[0].start :].strip() if tokens else ""
    if "から" in text:
        start, _, end = text.partition("から")
        return {name: part.strip() for name, part in (("start", start), ("end", end)) if part.strip()}
    fields = _gathered(clauses(line, _unglued(tokens), _REPORT_KEYS))
    head = fields.pop("", "")
    return fields | ({"argument": _PERIODS.get(key_of(head), head)} if head else {})


def _report_fault(fields: Mapping[str, str]) -> Phrase | None:
    argument = fields.get("argument", "")
    when = read_when(argument)
    if argument and argument not in PERIODS and (when is None or when.span is None):
        return Phrase("“%(text)s” is no span of time", text=argument[:60])
    for field in ("start", "end"):
        if (text := fields.get(field, "")) and not _is_time(text):
            return Phrase("“%(text)s” is no time", text=text[:60])
    return None


def _unsilence_fault(fields: Mapping[str, str]) -> Phrase | None:
    is_named = bool(fields.get("argument"))
    return None if is_named else Phrase(_WHICH_SILENCE, usage=Name.SILENCES.value)


_FAULTS: Mapping[Name, Callable[[Mapping[str, str]], Phrase | None]] = MappingProxyType(
    {
        Name.SWAP: _swap_fault,
        Name.SILENCE: _silence_fault,
        Name.UNSILENCE: _unsilence_fault,
        Name.REPORT: _report_fault,
    }
)
