"""Silences in words: what one is about, and what it swallowed when it ends."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.language import Words
from bot.wording.message import Row
from bot.wording.name import cut, plain
from bot.wording.speech import speech_of_alarm
from bot.wording.titled import titled
from channels.base import PHONE
from channels.message import Fact, Message, Tone
from escalation.phrase import Phrase, either
from escalation.silence import Scope, Silence

SILENCE_ENDED = "silence_ended"
"""The kind of the notice at the end of a silence, among the kinds of alarms."""

_MOST_LINE = 200


def silence_name(one: Silence, words: Words) -> str:
    """ "Silence 3", "Maintenance “backup” (silence 4)"."""
    return _name(one.id, one.maintenance, words)


def _name(id: int, maintenance: str, words: Words) -> str:
    if maintenance and not id:
        return words.gettext("Maintenance “%(name)s”") % {"name": plain(maintenance)}
    if maintenance:
        return words.gettext("Maintenance “%(name)s” (silence %(id)d)") % {"name": plain(maintenance), "id": id}
    return words.gettext("Silence %(id)d") % {"id": id}


def scope_line(scope: Scope, words: Words) -> str:
    """ "rule disk full or disk slow, from carrier.example, subject /^backup/"."""
    parts = (
        Phrase("rule %(names)s", names=either(plain(one) for one in scope.rules)) if scope.rules else "",
        Phrase("from %(senders)s", senders=either(plain(one) for one in scope.senders)) if scope.senders else "",
        Phrase("subject %(regexes)s", regexes=either(f"/{plain(one)}/" for one in scope.subjects))
        if scope.subjects
        else "",
    )
    return words.gettext(", ").join(words.said(part) for part in parts if part)


def word_silence_end(row: Row, words: Words) -> Message:
    """What a silence swallowed: the row's ``text`` is the JSON of ``bot.silence.summary``. Raises ValueError or
    KeyError for any other text."""
    told = json.loads(row.text)
    title = _title(told, words)
    return replace(
        titled(row, words, title),
        facts=tuple(Fact(label, cut(value, _MOST_LINE)) for label, value in _facts(told, words)),
        tone=Tone.ALARM if told["waiting"] else Tone.CLOSED,
        speech=speech_of_alarm(title, words, row.digits) if row.channel == PHONE else None,
    )


def _title(told: Any, words: Words) -> str:
    count, waiting = told["count"], told["waiting"]
    values = {"silence": _name(told["silence"], told["maintenance"], words), "n": count, "waiting": waiting}
    if not waiting:
        form = words.ngettext(
            "%(silence)s is over. It kept %(n)d urgent mail quiet, and that one is taken care of.",
            "%(silence)s is over. It kept %(n)d urgent mails quiet, and all of them are taken care of.",
            count,
        )
    else:
        form = words.ngettext(
            "%(silence)s is over. It kept %(n)d urgent mail quiet; still unread: %(waiting)d.",
            "%(silence)s is over. It kept %(n)d urgent mails quiet; still unread: %(waiting)d.",
            count,
        )
    return form % values


def _facts(told: Any, words: Words) -> Iterator[tuple[str, str]]:
    yield words.gettext("Reason"), plain(told["why"])
    if told["by"]:
        yield words.gettext("Made by"), words.name(plain(told["by"]))
    start, end = (words.instant(datetime.fromisoformat(told[key])) for key in ("start", "end"))
    yield words.gettext("Time"), f"{start} – {end}"
    for mail in told["mails"]:
        yield words.instant(datetime.fromisoformat(mail["at"])), _mail_line(mail, words)
    if more := told["count"] - len(told["mails"]):
        yield words.gettext("More"), words.ngettext("%(n)d mail", "%(n)d mails", more) % {"n": more}
    if told["waiting"]:
        form = words.gettext("kidoku silences %(id)d --open opens an alert for each that is unread.")
        yield words.gettext("Next"), form % {"id": told["silence"]}


def _mail_line(mail: Any, words: Words) -> str:
    values = {
        "sender": cut(plain(mail["sender"]) or words.gettext("unknown"), 60),
        "subject": cut(plain(mail["subject"]) or words.gettext("(no subject)"), 120),
    }
    line = words.gettext("%(sender)s: %(subject)s") % values
    return words.gettext("unread: %(line)s") % {"line": line} if mail["is_waiting"] else line
