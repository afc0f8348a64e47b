"""What somebody typed → a command. Pure: no store, no clock, no names of people; any text gives a command or an error
that says what to type instead.

The grammar, in any of the three languages: a verb, then which alert ("42", "#42", "＃４２", a link to its message, a
part of its subject, in quotes where more follows), then what the verb wants. The verb may also come after the alert, or
last: "42 了解". Left out, the alert is the only one that is open.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from bot.chatops import clause
from bot.chatops.checked import HONOURS, checked, is_step, target_of
from bot.chatops.clause import ClauseError
from bot.chatops.command import FIELDS, Command, lacking_of, unknown_of, wrong_of
from bot.chatops.contact import digits_of
from bot.chatops.line import Rest, Token, alert_of, end_of, is_alert, take_alert, tokens_of, without_share
from bot.chatops.vocabulary import LOOKS, NAMES, Name, key_of, name_of, split_glued
from bot.chatops.when import read_when
from escalation.phrase import Phrase

MOST_TYPED = 4_000
ME = frozenset({"me", "myself", "自分", "私", "我"})
_BARE_SHARES = frozenset({"share", "共有", "共享"})
_TO = frozenset({"to", "→", "->", "給", "给"})
_FROM = frozenset({"from", "从"})
_UNTIL = frozenset({"until", "till", "直到", "到"})


def parse(text: str) -> Command:
    """The command of a line. Raises NotUnderstoodError."""
    line = text[:MOST_TYPED]
    tokens = tokens_of(line)
    tokens, is_shared = without_share(tokens)
    if not tokens:
        return Command(Name.HELP, is_shared=is_shared)
    name, tokens = _verb(tokens)
    is_end_cut = bool(tokens) and tokens[-1].start < max((one.start for one in tokens_of(line)), default=0)
    end = end_of(line, tokens[-1]) if is_end_cut else len(line)
    if name in LOOKS and tokens and tokens[-1].key in _BARE_SHARES and not tokens[-1].is_quoted:
        tokens, is_shared = tokens[:-1], True
        end = end_of(line, tokens[-1]) if tokens else 0
    command = _GRAMMAR[name](name, Rest(line[:end], tuple(tokens)))
    return replace(command, is_shared=is_shared)


def of_options(name: str, options: Mapping[str, str], *, is_shared: bool = False) -> Command:
    """The command of a form's fields, as Discord has them: the fields of ``Command`` by their names. Raises
    NotUnderstoodError."""
    known = name_of(key_of(name))
    if known is None:
        raise unknown_of(name)
    given = {key: value.strip()[:MOST_TYPED] for key, value in options.items() if key in FIELDS and value.strip()}
    command = checked(Command(known, is_shared=is_shared, **given))
    return replace(command, alert=alert_of(given.get("alert", "")))


def of_words(name: Name, words: Sequence[str]) -> Command:
    """The command of a verb and what a shell makes words of: one with a space in it was in quotes. Raises
    NotUnderstoodError."""
    if words and not words[0].strip() and _GRAMMAR[name] in _OF_ALERT:
        # A script's empty variable: it must not become "the only one that is open".
        raise wrong_of(Phrase("which alert? What is written there is empty"), name)
    line = ""
    tokens: list[Token] = []
    for word in words:
        in_quotes = [Token(word.strip(), 0, is_quoted=True)] if any(map(str.isspace, word.strip())) else tokens_of(word)
        tokens += [replace(one, start=len(line) + one.start) for one in in_quotes]
        line += f"{word} "
    if tokens and len(words) in _ALERT_FIRST.get(name, ()):
        tokens[0] = replace(tokens[0], is_quoted=tokens[0].is_quoted or not is_alert(tokens[0]))
    return _GRAMMAR[name](name, Rest(line.rstrip(), tuple(tokens)))


_ALERT_FIRST: Mapping[Name, tuple[int, ...]] = MappingProxyType(
    {Name.RESOLVE: (1, 2), Name.RECALL: (1,), Name.NOTE: (2,)}
)
"""Of so many words the first names the alert, be it one word of its subject: "resolve backup", "note backup done". As
scripts have it: "backup" as a reason would close another alert, the only one that is open."""


def _verb(tokens: list[Token]) -> tuple[Name, list[Token]]:
    """The verb: first, after the alert, written together with it, or in Japanese and Chinese last. An English verb at
    the end may mean anything ("42 do not close"). Raises NotUnderstoodError."""
    is_after = len(tokens) > 1 and is_alert(tokens[0])
    for place in (0, 1, len(tokens) - 1) if is_after else (0,):
        token = tokens[place]
        name = None if token.is_quoted or (place > 1 and token.key.isascii()) else name_of(token.key)
        if name is not None:
            return name, tokens[:place] + tokens[place + 1 :]
    glued = split_glued(tokens[0].key)
    if glued is not None:
        return NAMES[glued[0]], [Token(glued[1], tokens[0].start), *tokens[1:]]
    raise unknown_of(tokens[0].text)


# The grammar of each --------------------------------------------------------------------------------------------------


def _alert_alone(name: Name, rest: Rest) -> Command:
    alert, more = take_alert(rest)
    if alert and more.tokens:
        raise wrong_of(Phrase("“%(text)s” is too much after the alert", text=more.text[:60]), name)
    return Command(name, alert or rest.text)


def _alert_and_text(name: Name, rest: Rest) -> Command:
    alert, more = take_alert(rest)
    if name is Name.NOTE and not more.tokens and rest.tokens and rest.tokens[0].is_quoted:
        alert, more = "", rest
    return checked(Command(name, alert, more.text))


def _snooze(name: Name, rest: Rest) -> Command:
    alert, more = take_alert(rest)
    if alert and not more.tokens and rest.tokens[0].is_quoted and read_when(rest.text) is not None:
        return Command(name, argument=rest.text)
    if alert or not rest.tokens:
        return checked(Command(name, alert, _time_in(more.text)))
    for count in range(len(rest.tokens)):
        when = rest.after(count).text
        if read_when(when) is not None:
            words = rest.line[rest.tokens[0].start : rest.tokens[count].start] if count else ""
            return Command(name, words.strip(), when)
    return checked(Command(name, "", rest.text))


def _time_in(text: str) -> str:
    """Japanese says "30分 の間" and may leave a particle behind."""
    return re.sub(r"(?:の間|間だけ|だけ)$", "", text).strip()


def _escalate(name: Name, rest: Rest) -> Command:
    place = next((n for n, one in enumerate(rest.tokens) if not one.is_quoted and one.key in _TO), None)
    if place is not None:
        before = replace(rest, line=rest.line[: rest.tokens[place].start], tokens=rest.tokens[:place])
        target = rest.after(place + 1).text
        alert_named = _alert_alone(name, before).alert
        if not target:
            raise lacking_of(Phrase("to whom?"), Command(name, alert_named))
        return Command(name, alert_named, target_of(target))
    alert, more = take_alert(rest)
    if not alert and is_step(rest.text):
        return Command(name, argument=target_of(rest.text))
    return Command(name, alert or rest.text, target_of(more.text) if alert else "")


def _list(name: Name, rest: Rest) -> Command:
    return checked(Command(name, argument=rest.text))


def _who(name: Name, rest: Rest) -> Command:
    return Command(name, argument=rest.text)


def _override(name: Name, rest: Rest) -> Command:
    """Names, then times: "noc bob from 18:00 until 9:00", "bob 2h", "me until morning"."""
    names: list[str] = []
    tokens = list(rest.tokens)
    while tokens and not _begins_time(tokens):
        names.append(tokens.pop(0).text)
    start, end = _span(" ".join(one.text for one in tokens))
    if not names:
        raise lacking_of(Phrase("who takes the duty, and until when?"), Command(name, start=start, end=end))
    if len(names) > 2:
        raise wrong_of(Phrase("who takes the duty, and until when?"), name)
    person = HONOURS.sub("", names[-1]).lstrip("@")
    return checked(Command(name, schedule=names[0] if len(names) == 2 else "", person=person, start=start, end=end))


def _begins_time(tokens: Sequence[Token]) -> bool:
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


def _help(name: Name, rest: Rest) -> Command:
    return Command(name, argument=rest.text)


def _confirm(name: Name, rest: Rest) -> Command:
    """The code that came, or the channel over which one shall come."""
    code = digits_of(rest.text)
    return checked(Command(name, argument="" if code else rest.text, code=code))


def _send(name: Name, rest: Rest) -> Command:
    """To whom; all the rest is asked for."""
    return Command(name, argument=rest.text)


def _clauses(name: Name, rest: Rest) -> Command:
    try:
        found: dict[str, Any] = dict(clause.read(name, rest.line, rest.tokens))
    except ClauseError as error:
        raise wrong_of(error.phrase, name) from error
    return checked(Command(name, **found))


_GRAMMAR: Mapping[Name, Callable[[Name, Rest], Command]] = MappingProxyType(
    {
        Name.STATUS: _alert_alone,
        Name.LIST: _list,
        Name.WHO: _who,
        Name.WHY: _alert_alone,
        Name.TRANSLATE: _alert_alone,
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
        Name.CONFIRM: _confirm,
    }
)
_OF_ALERT = frozenset({_alert_alone, _alert_and_text, _snooze, _escalate})
