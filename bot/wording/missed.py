"""What a room missed while its channel was out of order, in words: one message for all of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.language import Words
from bot.wording.message import Row
from bot.wording.name import channel_name
from bot.wording.status import title_of
from bot.wording.titled import titled
from channels.message import Fact, Message, Tone
from escalation.alert import Alert
from escalation.roster import Roster

MOST_ALERTS = 15
"""Alerts that are named; the others are counted. Discord shows 25 fields."""


def word_missed(
    since: datetime, alerts: Sequence[Alert], row: Row, words: Words, roster: Roster, now: datetime
) -> Message:
    """How each of these alerts stands ``now``: it was told elsewhere."""
    values = {"channel": channel_name(row.channel, words), "since": words.moment(since, now), "n": len(alerts)}
    form = words.ngettext(
        "%(channel)s was out of order since %(since)s. %(n)d alert was not told here, but elsewhere.",
        "%(channel)s was out of order since %(since)s. %(n)d alerts were not told here, but elsewhere.",
        len(alerts),
    )
    facts = [Fact(f"#{one.id}", title_of(one, words, roster, now)) for one in alerts[:MOST_ALERTS]]
    if (rest := len(alerts) - MOST_ALERTS) > 0:
        facts.append(Fact("…", words.ngettext("%(n)d more alert", "%(n)d more alerts", rest) % {"n": rest}))
    return replace(titled(row, words, form % values), facts=tuple(facts), tone=Tone.CALM)
