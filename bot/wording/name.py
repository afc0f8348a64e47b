"""What people, teams, channels and mails are called."""

from collections.abc import Iterable
from datetime import datetime

from bot.language import LANGUAGES, N_, Words
from bot.tame import cut as cut
from bot.tame import plain as plain
from escalation.mail import MailBrief
from escalation.phrase import Phrase
from escalation.policy import Action, Target, TargetKind
from escalation.receipt import Recipient
from escalation.roster import Roster

KNOWN_NO_MORE = N_("You are not among the people in Kidoku's settings any more.")
NEUTRAL_SUBJECT = N_("Confidential mail")
"""What the alert of a confidential mail keeps in the place of its subject."""
DRILL = N_("Drill of policy %(policy)s")
DRILL_SENDER = "drill@kidoku.invalid"
"""From whom the mail of a drill is, which there is not."""

_UNREAD = str(Target(TargetKind.UNREAD))
_CHANNELS = {
    "phone": N_("phone"),
    "console": N_("console"),
    "mail": N_("mail"),
    "cli": N_("command line"),
    "contacts": N_("their own contacts"),
    "probe": N_("test mail"),
    "web": N_("web page"),
}
_PROPER = {
    "slack": "Slack",
    "discord": "Discord",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "twilio": "Twilio",
    "imap": "IMAP",
    "api": "API",
}


def place_of(target: str, address: str) -> str:
    """What was told that is no person of the settings: a room as it is written, a reader outside by their address."""
    return plain(address) if target == _UNREAD else target


def name_of(id: str | None, roster: Roster, words: Words) -> str:
    """A person's name as their reader says it; an id that nobody has any more stays as it is."""
    person = roster.people.get(id) if id else None
    if person is not None:
        return words.name(person.name)
    return plain(id) if id else words.gettext("somebody")


def recipient_name(recipient: Recipient, roster: Roster, words: Words) -> str:
    if recipient.is_team:
        return words.gettext("team %(name)s") % {"name": recipient.id}
    return name_of(recipient.id, roster, words)


def subject_of(mail: MailBrief, words: Words) -> str:
    """A stranger's as it stands; the neutral one of a confidential mail, and a drill's, in the reader's language."""
    if mail.subject == NEUTRAL_SUBJECT:
        return words.gettext(NEUTRAL_SUBJECT)
    if mail.sender == DRILL_SENDER:
        return drill_subject(mail.subject, words)
    return plain(mail.subject) or words.gettext("(no subject)")


def drill_subject(subject: str, words: Words) -> str:
    """It was written in the language of the settings when the drill began."""
    for language in LANGUAGES:
        before, after = Words(language, "UTC").gettext(DRILL).split("%(policy)s")
        if subject.startswith(before) and subject.endswith(after):
            policy = subject.removeprefix(before).removesuffix(after)
            return words.gettext(DRILL) % {"policy": plain(policy)}
    return plain(subject)


def sender_of(mail: MailBrief, words: Words) -> str:
    """ "NOC <noc@carrier.example>"."""
    name, address = plain(mail.sender_name), plain(mail.sender)
    if name and address:
        return f"{name} <{address}>"
    return name or address or words.gettext("unknown")


def short_sender_of(mail: MailBrief, words: Words) -> str:
    """The sender's name, or else the address."""
    return plain(mail.sender_name) or plain(mail.sender) or words.gettext("unknown")


def channel_phrase(channel: str) -> str:
    """What a channel is called, for somebody who is not known yet."""
    form = _CHANNELS.get(channel)
    return Phrase(form) if form else _PROPER.get(channel, channel)


def channel_name(channel: str, words: Words) -> str:
    return words.said(channel_phrase(channel))


def targets_of(action: Action, roster: Roster, words: Words, at: datetime) -> str:
    """ "phone → Alice, team noc": whom this action would tell at that instant."""
    return f"{channel_name(action.channel, words)} → {words.listed(_targets(action.targets, roster, words, at))}"


def _targets(targets: Iterable[Target], roster: Roster, words: Words, at: datetime) -> list[str]:
    return [target_name(one, roster, words, at) for one in targets]


def target_name(target: Target, roster: Roster, words: Words, at: datetime) -> str:
    """Whom a target of the settings means at that instant."""
    match target.kind:
        case TargetKind.PERSON:
            return name_of(roster.stand_in(target.name, at), roster, words)
        case TargetKind.TEAM:
            return words.gettext("team %(name)s") % {"name": target.name}
        case TargetKind.ROUND_ROBIN:
            return words.gettext("whose turn it is in team %(name)s") % {"name": target.name}
        case TargetKind.UNREAD:
            return words.gettext("whoever has not read it")
        case TargetKind.SENDER:
            return words.gettext("the sender")
        case TargetKind.ONCALL:
            holders = [name_of(one, roster, words) for one in roster.on_call(target.name, at)]
            who = words.listed(holders) if holders else words.gettext("nobody is on call")
            return words.gettext("%(who)s (on call: %(schedule)s)") % {"who": who, "schedule": target.name}
    return target.name
