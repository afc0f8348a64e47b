"""What somebody typed → a command. Pure: no store, no clock, no names of people; any text gives a command or an error
that says what to type instead.

The grammar, in any of the three languages: a verb, then which alert ("42", "#42", "＃４２", a link to its message, a
part of its subject, in quotes where more follows), then what the verb wants. The verb may also come after the alert, or
last: "42 了解". Left out, the alert is the only one that is open.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from bot.chatops import clause
from bot.chatops.clause import ClauseError
from bot.chatops.vocabulary import LOOKS, NAMES, USAGE, Name, key_of, name_of, split_glued
from bot.chatops.when import read_when
from escalation.phrase import N_, Phrase, advice

MOST_TYPED = 4_000
FILTERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("unread", "未読", "未读"), "unread"),
        **dict.fromkeys(("mine", "my", "自分", "自分の", "我的"), "mine"),
        **dict.fromkeys(("all", "すべて", "全て", "全部"), "all"),
        **dict.fromkeys(("resolved", "closed", "解決済み", "已解决"), "resolved"),
    }
)
LANGUAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("ja", "jp", "japanese", "日本語", "日语"), "ja"),
        **dict.fromkeys(("en", "english", "英語", "英语"), "en"),
        **dict.fromkeys(("zh", "cn", "chinese", "中国語", "中文"), "zh"),
    }
)
ME = frozenset({"me", "myself", "自分", "私", "我"})
_SHARES = frozenset({"--share", "--共有"})
_BARE_SHARES = frozenset({"share", "共有", "共享"})
_TO = frozenset({"to", "→", "->", "給", "给"})
_FROM = frozenset({"from", "从"})
_UNTIL = frozenset({"until", "till", "直到", "到"})
_TOKEN = re.compile(r'"[^"]*"|“[^“”]*”|「[^「」]*」|『[^『』]*』|\S+')
_QUOTES = '"“「『'
_ID = re.compile(r"#?(\d{1,18})(?:番|号)?(?:を|は|の|が|へ|に)?[,、:.。]?")
_LINK = re.compile(r"<?(https?://[^\s<>|]{1,500})>?")
_STEP = re.compile(r"(?:step|ステップ|第)?\s*(\d{1,3})\s*(?:步|番目)?(?:へ|に)?")
_HONOURS = re.compile(r"(?:さん|様|氏)?(?:へ|に)?$")


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``alert``: what was typed of which alert ("#42", a link, a part of a subject), "" for the only one
    that is open. ``argument``: a reason, a note, a time, a filter, a language; of ``escalate`` a step's number or a
    person; of ``who`` a schedule; of ``silence`` why, of ``silences`` and ``unsilence`` which, of ``swap`` an answer to
    the one with this ``number``, of ``report`` a span. ``start`` and ``end`` are times, ``theirs`` is one in the shift
    that is wanted for one's own; ``rule``, ``sender`` and ``subject`` have a line for each; ``reads`` and ``acks`` are
    who does so when in a simulation."""

    name: Name
    alert: str = ""
    argument: str = ""
    is_shared: bool = False
    schedule: str = ""
    person: str = ""
    start: str = ""
    end: str = ""
    theirs: str = ""
    number: str = ""
    rule: str = ""
    sender: str = ""
    subject: str = ""
    policy: str = ""
    severity: str = ""
    reads: str = ""
    acks: str = ""

    @property
    def said(self) -> str:
        """All that was typed after the verb, for the audit trail."""
        parts = (getattr(self, one) for one in ("alert", "argument", *sorted(_FIELDS - {"alert", "argument"})))
        return " ".join(part for part in parts if part)


class NotUnderstoodError(ValueError):
    """What was typed is no command; ``phrase`` says what to type instead."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase)
        self.phrase = phrase


class LackingError(NotUnderstoodError):
    """A command lacks what it needs: ``command`` is what there is of it, and a dialog may ask for the rest."""

    def __init__(self, phrase: Phrase, command: Command) -> None:
        super().__init__(phrase)
        self.command = command


@dataclass(frozen=True, slots=True)
class _Token:
    """One word, or what stands in quotes; ``start`` is where it begins in the line."""

    text: str
    start: int
    is_quoted: bool = False

    @property
    def key(self) -> str:
        return key_of(self.text)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left of a line: ``line`` as it was typed, for what must stay so."""

    line: str
    tokens: tuple[_Token, ...]

    @property
    def text(self) -> str:
        """As it was typed; what is wholly in quotes without them."""
        if len(self.tokens) == 1:
            return self.tokens[0].text
        return self.line[self.tokens[0].start :].strip() if self.tokens else ""

    def after(self, count: int) -> "_Rest":
        return replace(self, tokens=self.tokens[count:])


def parse(text: str) -> Command:
    """The command of a line. Raises NotUnderstoodError."""
    line = text[:MOST_TYPED]
    tokens = _tokens(line)
    tokens, is_shared = _without_share(tokens)
    if not tokens:
        return Command(Name.HELP, is_shared=is_shared)
    name, tokens = _verb(tokens)
    is_end_cut = bool(tokens) and tokens[-1].start < max((one.start for one in _tokens(line)), default=0)
    end = _end_of(line, tokens[-1]) if is_end_cut else len(line)
    if name in LOOKS and tokens and tokens[-1].key in _BARE_SHARES and not tokens[-1].is_quoted:
        tokens, is_shared = tokens[:-1], True
        end = _end_of(line, tokens[-1]) if tokens else 0
    command = _GRAMMAR[name](name, _Rest(line[:end], tuple(tokens)))
    return replace(command, is_shared=is_shared)


def of_options(name: str, options: Mapping[str, str], *, is_shared: bool = False) -> Command:
    """The command of a form's fields, as Discord has them: the fields of ``Command`` by their names. Raises
    NotUnderstoodError."""
    known = name_of(key_of(name))
    if known is None:
        raise _unknown(name)
    given = {key: value.strip()[:MOST_TYPED] for key, value in options.items() if key in _FIELDS and value.strip()}
    command = _checked(Command(known, is_shared=is_shared, **given))
    return replace(command, alert=_alert_of(given.get("alert", "")))


_FIELDS = frozenset(one.name for one in fields(Command)) - {"name", "is_shared"}


def _tokens(line: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(line):
        word = match[0]
        is_quoted = word[0] in _QUOTES and len(word) > 1
        found.append(_Token(word[1:-1].strip() if is_quoted else word, match.start(), is_quoted))
    return [one for one in found if one.text]


def _end_of(line: str, token: _Token) -> int:
    match = _TOKEN.match(line, token.start)
    return match.end() if match else len(line)


def _without_share(tokens: list[_Token]) -> tuple[list[_Token], bool]:
    kept = [one for one in tokens if one.is_quoted or one.key not in _SHARES]
    return kept, len(kept) < len(tokens)


def _verb(tokens: list[_Token]) -> tuple[Name, list[_Token]]:
    """The verb: first, after the alert, written together with it, or in Japanese and Chinese last. An English verb at
    the end may mean anything ("42 do not close"). Raises NotUnderstoodError."""
    is_after = len(tokens) > 1 and _is_alert(tokens[0])
    for place in (0, 1, len(tokens) - 1) if is_after else (0,):
        token = tokens[place]
        name = None if token.is_quoted or (place > 1 and token.key.isascii()) else name_of(token.key)
        if name is not None:
            return name, tokens[:place] + tokens[place + 1 :]
    glued = split_glued(tokens[0].key)
    if glued is not None:
        return NAMES[glued[0]], [_Token(glued[1], tokens[0].start), *tokens[1:]]
    raise _unknown(tokens[0].text)


def _unknown(text: str) -> NotUnderstoodError:
    near = get_close_matches(key_of(text), NAMES, n=1, cutoff=0.6)
    fix = Phrase("did you mean “%(usage)s”?", usage=USAGE[NAMES[near[0]]]) if near else Phrase("“help” lists them all")
    return NotUnderstoodError(advice(Phrase("there is no command “%(text)s”", text=text[:60]), fix))


def _wrong(what: str, name: Name) -> NotUnderstoodError:
    return NotUnderstoodError(_advised(what, name))


def _advised(what: str, name: Name) -> Phrase:
    return advice(what, Phrase("write it like: %(usage)s", usage=USAGE[name]))


def _lacking(what: str, command: Command) -> LackingError:
    return LackingError(_advised(what, command.name), command)


# Which alert ----------------------------------------------------------------------------------------------------------


def _is_alert(token: _Token) -> bool:
    return token.is_quoted or bool(_ID.fullmatch(token.key) or _LINK.fullmatch(token.text))


def _alert_of(text: str) -> str:
    """ "#42" for anything that is a number, a link as it is, words as they are."""
    if found := _ID.fullmatch(key_of(text)):
        return f"#{int(found[1])}"
    link = _LINK.fullmatch(text)
    return link[1] if link else text


def _take_alert(rest: _Rest) -> tuple[str, _Rest]:
    """The alert that the line begins with, and what comes after it; "" if it begins with none."""
    if not rest.tokens or not _is_alert(rest.tokens[0]):
        return "", rest
    token = rest.tokens[0]
    return (token.text if token.is_quoted else _alert_of(token.text)), rest.after(1)


# The grammar of each --------------------------------------------------------------------------------------------------


def _alert_alone(name: Name, rest: _Rest) -> Command:
    alert, more = _take_alert(rest)
    if alert and more.tokens:
        raise _wrong(Phrase("“%(text)s” is too much after the alert", text=more.text[:60]), name)
    return Command(name, alert or rest.text)


def _alert_and_text(name: Name, rest: _Rest) -> Command:
    alert, more = _take_alert(rest)
    if name is Name.NOTE and not more.tokens and rest.tokens and rest.tokens[0].is_quoted:
        alert, more = "", rest
    return _checked(Command(name, alert, more.text))


def _snooze(name: Name, rest: _Rest) -> Command:
    alert, more = _take_alert(rest)
    if alert or not rest.tokens:
        return _checked(Command(name, alert, _time_in(more.text)))
    for count in range(len(rest.tokens)):
        when = rest.after(count).text
        if read_when(when) is not None:
            words = rest.line[rest.tokens[0].start : rest.tokens[count].start] if count else ""
            return Command(name, words.strip(), when)
    return _checked(Command(name, "", rest.text))


def _time_in(text: str) -> str:
    """Japanese says "30分 の間" and may leave a particle behind."""
    return re.sub(r"(?:の間|間だけ|だけ)$", "", text).strip()


def _escalate(name: Name, rest: _Rest) -> Command:
    place = next((n for n, one in enumerate(rest.tokens) if not one.is_quoted and one.key in _TO), None)
    if place is not None:
        before = replace(rest, line=rest.line[: rest.tokens[place].start], tokens=rest.tokens[:place])
        target = rest.after(place + 1).text
        alert_named = _alert_alone(name, before).alert
        if not target:
            raise _lacking(Phrase("to whom?"), Command(name, alert_named))
        return Command(name, alert_named, _target(target))
    alert, more = _take_alert(rest)
    return Command(name, alert or rest.text, _target(more.text) if alert else "")


def _target(text: str) -> str:
    """ "3" for a step, else a person as they were named."""
    step = _STEP.fullmatch(key_of(text))
    return str(int(step[1])) if step else _HONOURS.sub("", text.strip()).lstrip("@")


def _list(name: Name, rest: _Rest) -> Command:
    return _checked(Command(name, argument=rest.text))


def _who(name: Name, rest: _Rest) -> Command:
    return Command(name, argument=rest.text)


def _override(name: Name, rest: _Rest) -> Command:
    """Names, then times: "noc bob from 18:00 until 9:00", "bob 2h", "me until morning"."""
    names: list[str] = []
    tokens = list(rest.tokens)
    while tokens and not _begins_time(tokens):
        names.append(tokens.pop(0).text)
    start, end = _span(" ".join(one.text for one in tokens))
    if not names:
        raise _lacking(Phrase("who takes the duty, and until when?"), Command(name, start=start, end=end))
    if len(names) > 2:
        raise _wrong(Phrase("who takes the duty, and until when?"), name)
    person = _HONOURS.sub("", names[-1]).lstrip("@")
    return _checked(Command(name, schedule=names[0] if len(names) == 2 else "", person=person, start=start, end=end))


def _begins_time(tokens: Sequence[_Token]) -> bool:
    first = tokens[0]
    if first.is_quoted:
        return False
    is_bound = first.key in _FROM | _UNTIL or re.match(r".*(?:から|まで)$|[从到]\s*\d", first.key)
    return bool(is_bound) or read_when(first.text) is not None


_BOUND = re.compile(r"\s*(?:\b(?:until|till)\b|直到|到)\s*", re.IGNORECASE)


def _span(text: str) -> tuple[str, str]:
    """The beginning ("" for now) and the end of "from A until B", "AからBまで", "从A到B", "until B", or "B"."""
    line = text.strip()
    if "から" in line:
        start, _, end = line.partition("から")
        return start.strip(), end.strip()
    begun = re.match(r"(?:from\b|从)\s*", line, re.IGNORECASE)
    if begun is None:
        return "", _BOUND.sub("", line, count=1).strip()
    parts = _BOUND.split(line[begun.end() :], maxsplit=1)
    return parts[0].strip(), parts[1].strip() if len(parts) > 1 else ""


def _help(name: Name, rest: _Rest) -> Command:
    return Command(name, argument=rest.text)


def _send(name: Name, rest: _Rest) -> Command:
    """To whom; all the rest is asked for."""
    return Command(name, argument=rest.text)


def _clauses(name: Name, rest: _Rest) -> Command:
    try:
        found: dict[str, Any] = dict(clause.read(name, rest.line, rest.tokens))
    except ClauseError as error:
        raise _wrong(error.phrase, name) from error
    return _checked(Command(name, **found))


_GRAMMAR: Mapping[Name, Callable[[Name, _Rest], Command]] = MappingProxyType(
    {
        Name.STATUS: _alert_alone,
        Name.LIST: _list,
        Name.WHO: _who,
        Name.WHY: _alert_alone,
        Name.ACK: _alert_alone,
        Name.RESOLVE: _alert_and_text,
        Name.SNOOZE: _snooze,
        Name.ESCALATE: _escalate,
        Name.REMIND: _alert_alone,
        Name.NOTE: _alert_and_text,
        Name.APPROVE: _alert_alone,
        Name.RECALL: _alert_and_text,
        Name.OVERRIDE: _override,
        Name.SWAP: _clauses,
        Name.SILENCE: _clauses,
        Name.SILENCES: _who,
        Name.UNSILENCE: _list,
        Name.SIMULATE: _clauses,
        Name.REPORT: _clauses,
        Name.SUBSCRIBE: _alert_alone,
        Name.UNSUBSCRIBE: _alert_alone,
        Name.LANG: _list,
        Name.HELP: _help,
        Name.SEND: _send,
    }
)


# What must be right, however it was given -----------------------------------------------------------------------------


def _checked(command: Command) -> Command:
    """The command with its argument as the rest of Kidoku writes it. Raises NotUnderstoodError."""
    if wrong := clause.fault(command.name, asdict(command)):
        raise _wrong(wrong, command.name)
    match command.name:
        case Name.LIST:
            return replace(command, argument=_of(FILTERS, command, N_("“%(text)s” is no part of the list")))
        case Name.LANG:
            return replace(command, argument=_of(LANGUAGE_NAMES, command, N_("“%(text)s” is no language that I speak")))
        case Name.ESCALATE:
            return replace(command, argument=_target(command.argument))
        case Name.NOTE if not command.argument:
            raise _wrong(Phrase("the note is empty"), command.name)
        case Name.SNOOZE:
            _check_time(command, command.argument, N_("for how long?"))
        case Name.OVERRIDE:
            if not command.person:
                raise _lacking(Phrase("who takes the duty, and until when?"), command)
            if command.start:
                _check_time(command, command.start, "")
            _check_time(command, command.end, N_("until when?"))
    return command


def _of(known: Mapping[str, str], command: Command, wrong: str) -> str:
    if not command.argument:
        return ""
    found = known.get(key_of(command.argument))
    if found is None:
        raise _wrong(Phrase(wrong, text=command.argument[:60]), command.name)
    return found


def _check_time(command: Command, text: str, asked: str) -> None:
    if not text:
        raise _lacking(Phrase(asked), command)
    if read_when(text) is None:
        raise _wrong(Phrase("“%(text)s” is no time", text=text[:60]), command.name)
