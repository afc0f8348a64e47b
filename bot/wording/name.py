"""What people, teams and channels are called."""

from bot.language import N_, Words
from escalation.receipt import Recipient
from escalation.roster import Roster

_CHANNELS = {
    "slack": "Slack",
    "discord": "Discord",
    "phone": N_("phone"),
    "console": N_("console"),
    "mail": N_("mail"),
}


def name_of(id: str | None, roster: Roster, words: Words) -> str:
    """A person's name as their reader says it; an id that nobody has any more stays as it is."""
    person = roster.people.get(id) if id else None
    if person is not None:
        return words.name(person.name)
    return id or words.gettext("somebody")


def recipient_name(recipient: Recipient, roster: Roster, words: Words) -> str:
    if recipient.is_team:
        return words.gettext("team %(name)s") % {"name": recipient.id}
    return name_of(recipient.id, roster, words)


def channel_name(channel: str, words: Words) -> str:
    return words.gettext(_CHANNELS.get(channel, channel))
