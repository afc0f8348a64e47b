"""A phrase of the core with ids, channels and instants in it, as a person reads them: names, phrases, times."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.language import Words
from bot.wording.name import channel_name, name_of
from bot.wording.receipt import receipt_word
from escalation.phrase import Phrase
from escalation.roster import Roster


def named(phrase: Phrase, roster: Roster, words: Words, near: datetime) -> Phrase:
    """The core knows people by id only, and says so in its phrases: for programs that is right. ``near`` is the instant
    on whose day no date is said."""
    tellers = _tellers(roster, words, near)

    def told(name: str, value: object) -> object:
        if isinstance(value, Phrase):
            return retold(value)
        return tellers[name](value) if isinstance(value, str) and name in tellers else value

    def retold(one: Phrase) -> Phrase:
        return Phrase(one.form, **{name: told(name, value) for name, value in one.values.items()})

    return retold(phrase)


def _tellers(roster: Roster, words: Words, near: datetime) -> Mapping[str, Callable[[str], str]]:
    """By what the core calls the values."""

    def names(ids: str) -> str:
        return words.listed([name_of(id, roster, words) for id in ids.split(", ")])

    return {
        "person": names,
        "other": names,
        "who": names,
        "channel": lambda channel: channel_name(channel, words),
        "kind": lambda kind: receipt_word(kind, words),
        "until": lambda at: words.moment(datetime.fromisoformat(at), near),
    }
