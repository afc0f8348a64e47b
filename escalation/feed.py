"""What somebody else's calendar says, and whom of ours it means.

People are looked for in this order; the first way that finds anybody decides:

1. the mail addresses of those who attend and did not decline;
2. mail addresses in the summary;
3. in the summary: a person's name, as whole words, or an id as a piece of its own ("On call - alice - NOC");
4. the names of those who attend, and of whoever organizes it;
5. the organizer's mail address.

Text is compared after NFKC and without case; a longer name goes before a shorter one in it. A name that two people have
names nobody.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from escalation.roster import Person

_ADDRESS = re.compile(r"[^\s<>()\[\],;:|/\"']{1,64}@[^\s<>()\[\],;:|/\"']{1,255}")
_LEVEL = re.compile(r"\s*\[l(\d{1,2})\]\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s+-\s+|[,;:|/&+()\[\]、・／：（）【】]|\s+and\s+")
_FOUND = "\0"
"""Stands before the id of whoever was named there."""
_WORD = r"[^\W\u2e80-\U0010ffff]"
"""A letter of a script that puts spaces between words: a name must not stand beside one."""


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event of a calendar, from ``start`` until ``end`` (UTC). Addresses are in lower case. If it is of whole days
    on the wall of the calendar's zone, ``first`` and ``last`` are the days."""

    start: datetime
    end: datetime
    summary: str = ""
    attendees: tuple[str, ...] = ()
    organizer: str = ""
    names: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None

    @property
    def level(self) -> int:
        """How much it weighs: "[L2] alice" goes before "[L1] bob", as in Grafana OnCall."""
        found = _LEVEL.match(self.summary)
        return int(found[1]) if found else 0

    @property
    def words(self) -> str:
        """What the event calls itself: the summary, or else who attends."""
        return self.summary or ", ".join((*self.attendees, *self.names)[:3])

    @property
    def dates(self) -> tuple[date, ...]:
        """The whole days that it covers."""
        if self.first is None or self.last is None:
            return ()
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))


class Directory:
    """Finds people by what a calendar calls them. ``names`` are its own words for some, with their ids."""

    def __init__(self, people: Iterable[Person], names: Mapping[str, str]) -> None:
        people = tuple(people)
        self._addresses = {address: one.id for one in people for address in one.addresses}
        self._ids = {_folded(one.id): one.id for one in people}
        self._names = _unambiguous(people) | {_folded(name): id for name, id in names.items()}
        longest_first = sorted((name for name in self._names if len(name) > 1), key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(_as_words, longest_first)) or r"(?!)")
        self._known: dict[str, tuple[str, ...]] = {}

    def people_of(self, event: FeedEvent) -> tuple[str, ...]:
        """Whom an event means; nobody if that can't be told."""
        return (
            self._at(event.attendees)
            or self._in_summary(event.summary)
            or _each_once(id for name in event.names if (id := self._names.get(_folded(name))))
            or self._at((event.organizer,))
        )

    def _at(self, addresses: Iterable[str]) -> tuple[str, ...]:
        return _each_once(id for one in addresses if (id := self._addresses.get(one)))

    def _in_summary(self, summary: str) -> tuple[str, ...]:
        """The summaries of a calendar are few, and come again and again."""
        if summary not in self._known:
            self._known[summary] = self._found_in(_folded(_LEVEL.sub("", summary, count=1)))
        return self._known[summary]

    def _found_in(self, text: str) -> tuple[str, ...]:
        if found := self._at(_ADDRESS.findall(text)):
            return found
        marked = self._pattern.sub(lambda name: f",{_FOUND}{self._names[name[0]]},", _ADDRESS.sub(" ", text))
        return _each_once(id for piece in _BETWEEN.split(marked) if (id := self._named_by(piece.strip())))

    def _named_by(self, piece: str) -> str | None:
        if piece.startswith(_FOUND):
            return piece.removeprefix(_FOUND)
        return self._ids.get(piece) or self._names.get(piece)


def _unambiguous(people: Iterable[Person]) -> dict[str, str]:
    holders: dict[str, set[str]] = {}
    for one in people:
        name = _folded(one.name)
        for written in {name, name.replace(" ", "")} if not name.isascii() else {name}:
            holders.setdefault(written, set()).add(one.id)
    return {name: next(iter(ids)) for name, ids in holders.items() if len(ids) == 1 and name}


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _as_words(name: str) -> str:
    return f"(?<!{_WORD}){re.escape(name)}(?!{_WORD})"


def _each_once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
