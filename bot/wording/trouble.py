"""What is wrong with a contact, in words."""

from bot.doctor import Finding, Trouble
from bot.language import Words
from bot.wording.name import channel_name, cut, plain
from bot.wording.reason import reason

MOST_DETAIL = 300
MOST_PLACES = 4


def trouble_said(one: Finding, words: Words) -> str:
    """Where, and what it is."""
    values = {
        "where": f"{channel_name(one.channel, words)} {plain(one.address)}".strip(),
        "places": _places(one),
        "detail": cut(reason(one.detail, words), MOST_DETAIL) or "–",
        "at": words.instant(one.at) if one.at else "",
    }
    match one.trouble:
        case Trouble.NO_CONTACT:
            return words.gettext("%(where)s: no contact, and told over it at %(places)s") % values
        case Trouble.STOPPED:
            return words.gettext("%(where)s: they asked for no more messages there (STOP)") % values
        case Trouble.CHANNEL_DOWN:
            return words.gettext("%(where)s: the channel is down: %(detail)s") % values
        case Trouble.FAILED:
            return words.gettext("%(where)s: what was sent last, %(at)s, did not get through: %(detail)s") % values
        case Trouble.UNANSWERED:
            return words.gettext("%(where)s: the weekly test of %(at)s was not answered") % values
        case Trouble.UNCONFIRMED:
            return words.gettext("%(where)s: never confirmed") % values
        case Trouble.EXPIRED:
            return words.gettext("%(where)s: its confirmation has ended, %(at)s") % values


def _places(one: Finding) -> str:
    more = len(one.places) - MOST_PLACES
    return ", ".join(one.places[:MOST_PLACES]) + (f" … +{more}" if more > 0 else "")
