"""Who did not answer the weekly test, in words."""

import json
from collections.abc import Iterator
from dataclasses import replace

from bot.language import Words
from bot.wording.message import Row
from bot.wording.name import channel_name, cut, plain
from bot.wording.speech import speech_of_alarm
from bot.wording.titled import titled
from channels.base import PHONE
from channels.message import Fact, Message, Tone

UNANSWERED = "unanswered_tests"
"""The kind of this notice, among the kinds of alarms."""

MOST_NAMED = 20
MOST_VALUE = 300


def word_unanswered(row: Row, words: Words) -> Message:
    """The row's ``text`` is the JSON of ``bot.weekly``. Raises ValueError or KeyError for one that can't be read."""
    tests = json.loads(row.text)["tests"]
    people = {one["person"] for one in tests}
    title = words.ngettext(
        "%(n)d person did not answer the weekly test of contacts.",
        "%(n)d people did not answer the weekly test of contacts.",
        len(people),
    ) % {"n": len(people)}
    return replace(
        titled(row, words, title),
        facts=tuple(_facts(tests, words)),
        footer=words.gettext("A check of contacts by Kidoku"),
        tone=Tone.CALM,
        speech=speech_of_alarm(title, words, row.digits) if row.channel == PHONE else None,
    )


def _facts(tests: list[dict[str, str]], words: Words) -> Iterator[Fact]:
    places: dict[str, list[str]] = {}
    names = {one["person"]: one.get("name") for one in tests}
    for one in tests:
        place = f"{channel_name(one['channel'], words)} {plain(one['address'])}"
        places.setdefault(one["person"], []).append(place)
    for person, listed in list(places.items())[:MOST_NAMED]:
        name = names[person]
        yield Fact(words.name(name) if name else plain(person), cut(", ".join(listed), MOST_VALUE))
    yield Fact(words.gettext("Next"), words.gettext("kidoku doctor says who can't be reached, and what to do."))
