"""How the rules compare text: NFKC, without case; regexes, globs, addresses.

Full-width and half-width are one here: a mail that says ［ＵＲＧＥＮＴ］ and a rule that says \\[urgent\\] meet.
"""

import re
import unicodedata
from fnmatch import translate
from functools import lru_cache

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_WRITTEN_REGEX = re.compile(r"/(.+)/", re.DOTALL)


def fold(text: str) -> str:
    """The text as the rules compare it: NFKC, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def folded(regex: str) -> str:
    """A regex that means the same on NFKC text: what was full-width stays literal, ``［`` never becomes a class."""
    return _NOT_ASCII.sub(lambda run: re.escape(unicodedata.normalize("NFKC", run[0])), regex)


@lru_cache(maxsize=1024)
def compiled(regex: str) -> re.Pattern[str]:
    """A rule's regex, ready to search NFKC text in any case. Raises ``re.error``."""
    return re.compile(folded(regex), re.IGNORECASE)


def written_regex(text: str) -> str | None:
    """The regex of ``/regex/``, or None if the text is written otherwise."""
    found = _WRITTEN_REGEX.fullmatch(text)
    return found[1] if found else None


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """``*`` is any text and ``?`` any one sign. What ``translate`` makes of it does not backtrack over ``*``."""
    return re.compile(translate(fold(pattern).replace("[", "[[]")))


def matches_word(pattern: str, text: str) -> bool:
    """Whether the whole text is this word, glob or ``/regex/`` (which is searched)."""
    regex = written_regex(pattern)
    if regex is not None:
        return compiled(regex).search(unicodedata.normalize("NFKC", text)) is not None
    if "*" in pattern or "?" in pattern:
        return _glob(pattern).fullmatch(fold(text)) is not None
    return fold(pattern) == fold(text)


def matches_address(pattern: str, address: str) -> bool:
    """Whether an address is meant: itself, by its domain or a domain above it, by a glob, or by ``/regex/``."""
    if "@" in pattern or written_regex(pattern) is not None:
        return matches_word(pattern, address)
    domain = address.rpartition("@")[2]
    if "*" in pattern or "?" in pattern:
        return matches_word(pattern, domain)
    return matches_word(pattern, domain) or fold(domain).endswith("." + fold(pattern))


_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+?]\+|\{\d*,\}|.", re.DOTALL)
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\}")


def may_be_slow(regex: str) -> bool:
    """Whether an unbounded repetition stands inside another, as in ``(a+)+``: a hostile mail can make it take for
    ever. Judged by the text of the regex: it does not see every slow one."""
    groups = [False]
    is_after_repeating_group = False
    for sign in _TOKEN.findall(regex):
        if _UNBOUNDED.fullmatch(sign):
            if is_after_repeating_group:
                return True
            groups[-1] = True
        is_after_repeating_group = sign == ")" and len(groups) > 1 and groups[-1]
        if sign == "(":
            groups.append(False)
        elif sign == ")" and len(groups) > 1:
            inner = groups.pop()
            groups[-1] = groups[-1] or inner
    return False
