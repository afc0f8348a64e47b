"""The messages beside the ladder: of what somebody follows, of what was missed, by WhatsApp, on ringing
Kidoku, and on talking with a sender."""

import json
from collections.abc import Sequence

from bot.messages_doc.alerts import PHONE, slack
from bot.messages_doc.cast import ALERT, MINUTE, Cast, Story
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import of_call, of_whatsapp
from bot.wording import call_in
from bot.wording.connect import word_line, word_whisper
from bot.wording.followed import News, word_followed
from bot.wording.missed import word_missed
from bot.wording.speech import for_caller
from channels.base import WHATSAPP
from channels.message import Message
from channels.twilio.whatsapp import values_of
from escalation.command import Purpose
from escalation.event import Acknowledged, DeliveryReported, Outcome, Resolved, SenderCalled

_PLACES = {"1": "summary", "2": "number", "3": "how"}


def _followed(cast: Cast) -> list[Shown]:
    story = (
        Story.of(cast).tell(5, DeliveryReported(f"{ALERT}.0", Outcome.SENT)).tell(11, Acknowledged("alice", "phone"))
    )
    story = story.tell(52, Resolved("alice", "slack", cast.reason))
    listed = [(one.event, one.at) for one in story.events]
    new = [number for number, (event, _) in enumerate(listed, 1) if isinstance(event, Acknowledged | Resolved)]
    row = cast.row("slack", "bob", Purpose.DUTY, alert_id=None)
    return [slack(word_followed([News(story.alert, listed, new)], 0, row, cast.words, cast.roster), of=(Purpose.DUTY,))]


def _missed(cast: Cast) -> list[Shown]:
    story = Story.of(cast).passes(10).tell(11, Acknowledged("alice", "phone"))
    row = cast.row(purpose=Purpose.MISSED, alert_id=None)
    now = cast.at + 40 * MINUTE
    missed = word_missed(cast.at + 2 * MINUTE, [story.alert], row, cast.words, cast.roster, now)
    return [slack(missed, of=(Purpose.MISSED,))]


def _called(cast: Cast) -> list[Shown]:
    words, person = cast.words, cast.roster.people["alice"]
    story = Story.of(cast).passes(10)
    speech = story.message(10, cast.row("phone", "alice", Purpose.CALLED_IN)).speech
    assert speech is not None
    told = for_caller(speech, story.alert, words, cast.at + 10 * MINUTE)
    before = (
        call_in.ask_pin(words),
        call_in.wrong_pin(words),
        call_in.welcome(person, 2, 2, words),
        call_in.offer("4", words),
    )
    refused = (call_in.welcome(person, 0, 0, words), call_in.not_heard(words))
    return [
        Shown(PHONE, [*(f"🗣 {one}" for one in before), *of_call(told)], of=(Purpose.CALLED_IN,)),
        Shown("Otherwise", [f"🗣 {one}" for one in refused]),
    ]


def _connected(cast: Cast) -> list[Shown]:
    words = cast.words
    line = word_line(f"{cast.phone}9", cast.sender_name, "1", words)
    told = (line.taken, line.offer, line.calling)
    ends = [f"🗣 {words.sentences(text, line.again)}" for text in line.ended.values()]
    heard = word_whisper(cast.names["alice"], words)
    story = Story.of(cast).tell(11, Acknowledged("alice", "phone")).tell(11, SenderCalled("alice", cast.sender_name))
    story = story.tell(16, SenderCalled("alice", cast.sender_name, Outcome.ENDED, 290))
    return [
        Shown(PHONE, [f"🗣 {text}" for text in told]),
        Shown("To the sender, before they are connected", [f"🗣 {heard.text}"]),
        Shown("After it, by how it ended", ends),
        slack(story.message(16)),
    ]


def _whatsapp(cast: Cast) -> list[Shown]:
    message: Message = Story.of(cast).passes(10).message(10, cast.row("whatsapp", "alice"))
    values = json.loads(values_of(message, _PLACES, can_answer=True))
    return [
        Shown("Within 24 hours after they wrote", of_whatsapp(message), of=(WHATSAPP,)),
        Shown("Otherwise, in an approved template", [f"{{{{{name}}}}}: {text}" for name, text in values.items()]),
    ]


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "Beside the ladder",
        (
            Section("By WhatsApp", "When a step says WhatsApp. It can be answered as a text message can.", _whatsapp),
            Section(
                "News of an alert that somebody follows",
                "After /kidoku subscribe 42, in private and without ringing.",
                _followed,
            ),
            Section(
                "What a room missed",
                "When Slack, Discord or another service works again: one message for all of it.",
                _missed,
            ),
        ),
    ),
)
CALLS = (
    Section(
        "Somebody rings Kidoku",
        "With twilio.call_in: in the settings. The PIN says who it is, not the number.",
        _called,
    ),
    Section(
        "Talking with the sender",
        "With twilio.connect: in the settings, after somebody has taken it on the phone.",
        _connected,
    ),
)
