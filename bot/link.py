"""Links to the page on which an alert is acknowledged, a mail approved, or a contact confirmed, for a medium without
buttons.

A link that went to a person is that person's. One that went to a room is nobody's: whoever opens it is sent their own.
"""

from dataclasses import dataclass, replace

from bot.language import Words
from bot.post import open_tokens
from bot.settings import Settings
from bot.store.record import NotificationRow
from bot.store.store import Store
from bot.tokens import Tokens
from channels.base import APPRISE, MAIL
from channels.message import Message, Verb
from escalation.command import Purpose

PURPOSES = frozenset({Purpose.STEP, Purpose.ELSE, Purpose.LAST_RESORT, Purpose.CHECK})
_VERBS = {Purpose.APPROVAL: Verb.APPROVE, Purpose.CHECK: Verb.CONFIRM}


@dataclass(frozen=True, slots=True)
class Links:
    """``public_url`` is where the pages are."""

    tokens: Tokens
    public_url: str

    def take_url(self, key: str) -> str:
        """The link of the notification with this key."""
        return f"{self.public_url.rstrip('/')}/a/{self.tokens.take_token(key)}"

    def with_link(self, message: Message, row: NotificationRow, words: Words) -> Message:
        """The message with its link, if there is something to acknowledge, approve or confirm and no button for it."""
        verb = verb_of(row)
        label = next((button.label for button in message.buttons if button.verb is verb), "")
        if not label or not is_linked(row):
            return message
        return replace(message, link=self.take_url(row.key), link_label=label)


def verb_of(row: NotificationRow) -> Verb:
    """What the link of this notification does."""
    return _VERBS.get(Purpose(row.purpose), Verb.ACK)


def is_linked(row: NotificationRow) -> bool:
    """Whether this notification brings a link. By mail only to people in the settings: a link acts for somebody. The
    question whether a mail may leave has one by mail alone: what goes by apprise, its sender may see, too."""
    is_to_person = row.channel == MAIL and row.person is not None
    if row.purpose == Purpose.APPROVAL:
        return is_to_person
    return (row.channel == APPRISE or is_to_person) and row.purpose in PURPOSES


async def open_links(settings: Settings, store: Store) -> Links | None:
    """None where nothing needs a link, or there is no address for the page."""
    url = settings.web.public_url
    if url is None or not (settings.apprise or settings.smtp):
        return None
    return Links(await open_tokens(store), url)
