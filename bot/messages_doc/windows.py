"""The windows in which Slack and Discord ask for what a command lacks."""

from collections.abc import Sequence

from bot.chatops import dialog
from bot.chatops.asker import Asker
from bot.chatops.dialog import Scene
from bot.chatops.role import Role
from bot.chatops.vocabulary import Name
from bot.messages_doc.alerts import SLACK
from bot.messages_doc.cast import MINUTE, Cast, Story
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import of_window

_KEY = "0123456789abcdef"


def _scene(cast: Cast, *, has_alert: bool) -> Scene:
    person = cast.roster.people["alice"]
    asker = Asker(person, "slack", Role.RESPONDER, cast.words, cast.zone)
    alert = Story.of(cast).passes(5).alert if has_alert else None
    return Scene(_KEY, asker, cast.roster, cast.at + 6 * MINUTE, alert)


def _of(verb: Name, cast: Cast) -> list[Shown]:
    return [Shown(SLACK, of_window(dialog.asked(verb, _scene(cast, has_alert=verb is not Name.OVERRIDE))))]


def _snooze(cast: Cast) -> list[Shown]:
    return _of(Name.SNOOZE, cast)


def _escalate(cast: Cast) -> list[Shown]:
    return _of(Name.ESCALATE, cast)


def _override(cast: Cast) -> list[Shown]:
    return _of(Name.OVERRIDE, cast)


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "Windows of menus in Slack",
        (
            Section("Until when to be silent", "“Snooze until…”, or /kidoku snooze without a time.", _snooze),
            Section("Whom to tell next", "“Escalate to…”, or /kidoku escalate 42 to.", _escalate),
            Section("Giving somebody the duty", "/kidoku override without the rest.", _override),
        ),
    ),
)
