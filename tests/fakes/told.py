"""Notifications to word, as the outbox would hand them over, and the events of a test's story."""

from dataclasses import dataclass

from bot.language import Words
from bot.wording import word_notification
from bot.wording.teller import Listed
from channels.message import Message
from escalation.roster import Roster
from tests.fakes.policies import AT, Story

TOKYO = Words("ja", "Asia/Tokyo", lambda: AT)
LONDON = Words("en", "Europe/London", lambda: AT)
SHANGHAI = Words("zh", "Asia/Shanghai", lambda: AT)


@dataclass(frozen=True)
class Row:
    """What of an outbox row is worded."""

    channel: str = "slack"
    person: str | None = None
    key: str = "1.0"
    address: str = "C-OPS"
    digits: str = "47"
    text: str = ""


def events_of(story: Story) -> Listed:
    pairs = zip(story.instants, story.decisions, strict=True)
    return [(event, at) for at, made in pairs for event in made.events]


def worded(story: Story, row: Row | None = None, words: Words = LONDON, roster: Roster | None = None) -> Message:
    """The notification as it is worded at the instant of the story's last decision."""
    people = roster or story.people
    return word_notification(story.alert, row or Row(), words, people, story.instants[-1], events_of(story))


def fact(message: Message, label: str) -> str | None:
    """The value of the fact with this label; None if it is not there."""
    return next((one.value for one in message.facts if one.label == label), None)
