"""A line as its words, and the alert that it begins with. Pure."""

import re
from dataclasses import dataclass, replace

from bot.chatops.vocabulary import key_of

_SHARES = frozenset({"--share", "--共有"})
_TOKEN = re.compile(r'"[^"]*"|“[^“”]*”|「[^「」]*」|『[^『』]*』|\S+')
_QUOTES = '"“「『'
_ID = re.compile(r"#?(\d{1,18})(?:番|号)?(?:を|は|の|が|へ|に)?[,、:.。]?")
_LINK = re.compile(r"<?(https?://[^\s<>|]{1,500})>?")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or what stands in quotes; ``start`` is where it begins in the line."""

    text: str
    start: int
    is_quoted: bool = False

    @property
    def key(self) -> str:
        return key_of(self.text)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a line: ``line`` as it was typed, for what must stay so."""

    line: str
    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """As it was typed; what is wholly in quotes without them."""
        if len(self.tokens) == 1:
            return self.tokens[0].text
        return self.line[self.tokens[0].start :].strip() if self.tokens else ""

    def after(self, count: int) -> "Rest":
        return replace(self, tokens=self.tokens[count:])


def tokens_of(line: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(line):
        word = match[0]
        is_quoted = word[0] in _QUOTES and len(word) > 1
        found.append(Token(word[1:-1].strip() if is_quoted else word, match.start(), is_quoted))
    return [one for one in found if one.text]


def end_of(line: str, token: Token) -> int:
    match = _TOKEN.match(line, token.start)
    return match.end() if match else len(line)


def without_share(tokens: list[Token]) -> tuple[list[Token], bool]:
    kept = [one for one in tokens if one.is_quoted or one.key not in _SHARES]
    return kept, len(kept) < len(tokens)


# Which alert ----------------------------------------------------------------------------------------------------------


def is_alert(token: Token) -> bool:
    return token.is_quoted or bool(_ID.fullmatch(token.key) or _LINK.fullmatch(token.text))


def alert_of(text: str) -> str:
    """ "#42" for anything that is a number, a link as it is, words as they are."""
    if found := _ID.fullmatch(key_of(text)):
        return f"#{int(found[1])}"
    link = _LINK.fullmatch(text)
    return link[1] if link else text


def take_alert(rest: Rest) -> tuple[str, Rest]:
    """The alert that the line begins with, and what comes after it; "" if it begins with none."""
    if not rest.tokens or not is_alert(rest.tokens[0]):
        return "", rest
    token = rest.tokens[0]
    return (token.text if token.is_quoted else alert_of(token.text)), rest.after(1)
