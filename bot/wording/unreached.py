"""Who can't be reached, in words: the weekly list for managers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.doctor import of_json
from bot.language import Words
from bot.wording.message import Row
from bot.wording.name import cut
from bot.wording.speech import speech_of_alarm
from bot.wording.titled import titled
from bot.wording.trouble import trouble_said
from channels.base import PHONE
from channels.message import Fact, Message, Tone

UNREACHED = "unreached"
"""The kind of this notice."""

MOST_NAMED = 20
MOST_VALUE = 400


def word_unreached(row: Row, words: Words) -> Message:
    """The row's ``text`` is the JSON of ``bot.unreached``. Raises ValueError or KeyError for one that can't be read."""
    people: list[dict[str, Any]] = json.loads(row.text)["people"]
    title = _title(people, words)
    more = len(people) - MOST_NAMED
    return replace(
        titled(row, words, title),
        facts=(*(_fact(one, words) for one in people[:MOST_NAMED]), *_rest(more, words)),
        footer=words.gettext("A check of contacts by Kidoku"),
        tone=Tone.CALM,
        speech=speech_of_alarm(title, words, row.digits) if row.channel == PHONE else None,
    )


def _title(people: Sequence[Mapping[str, Any]], words: Words) -> str:
    lost = sum(not one["is_reachable"] for one in people)
    if lost:
        return words.ngettext(
            "%(n)d person can't be reached by Kidoku at all.", "%(n)d people can't be reached by Kidoku at all.", lost
        ) % {"n": lost}
    return words.ngettext(
        "%(n)d person can be reached, but not everywhere that the settings tell them.",
        "%(n)d people can be reached, but not everywhere that the settings tell them.",
        len(people),
    ) % {"n": len(people)}


def _fact(one: Mapping[str, Any], words: Words) -> Fact:
    said = words.listed([trouble_said(of_json(found), words) for found in one["findings"]])
    if not one["is_reachable"]:
        said = words.gettext("can't be reached at all: %(why)s") % {"why": said}
    return Fact(words.name(one["name"]), cut(said, MOST_VALUE))


def _rest(more: int, words: Words) -> Iterator[Fact]:
    if more > 0:
        yield Fact("…", words.ngettext("%(n)d more of them", "%(n)d more of them", more) % {"n": more})
    yield Fact(words.gettext("Next"), words.gettext("kidoku doctor says who can't be reached, and what to do."))
