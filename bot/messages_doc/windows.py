"""The windows in which Slack and Discord ask for what a command lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.chatops import compose, dialog
from bot.chatops.asker import Asker
from bot.chatops.compose import Sending
from bot.chatops.dialog import Scene
from bot.chatops.role import Role
from bot.chatops.vocabulary import Name
from bot.messages_doc.alerts import SLACK
from bot.messages_doc.cast import MINUTE, POLICY, Cast, Story
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import of_window
from bot.outgoing.care import Care

GUEST = "guest@partner.example"
_KEY = "0123456789abcdef"


def _scene(cast: Cast, answers: Mapping[str, str] | None = None, *, has_alert: bool = False) -> Scene:
    person = cast.roster.people["alice"]
    asker = Asker(person, "slack", Role.RESPONDER, cast.words, cast.zone)
    alert = Story.of(cast).passes(5).alert if has_alert else None
    return Scene(_KEY, asker, cast.roster, cast.at + 6 * MINUTE, alert, answers=answers or {})


def _sending(cast: Cast) -> Sending:
    return Sending(cast.post, lambda: {"notice": POLICY, POLICY.name: POLICY})


def _form(cast: Cast) -> list[Shown]:
    return [Shown(SLACK, of_window(compose.asked(_sending(cast), _scene(cast))))]


def _preview(cast: Cast) -> list[Shown]:
    answers = {"to": f"bob, {GUEST}", "subject": cast.own_subject, "body": cast.own_text, "policy": POLICY.name}
    scene, sending = compose.settled(_scene(cast, answers | {"deadline": "2h"})), _sending(cast)
    draft = compose.drafted(sending, scene)
    post = replace(cast.post, care=Care(frozenset({"team.example"})))
    shown = compose.confirmed(compose.asked(sending, scene), draft, post, scene, "")
    return [Shown(SLACK, of_window(shown))]


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
        "Windows in Slack and Discord",
        (
            Section(
                "Writing an urgent mail",
                "/kidoku send, or “Make this an urgent mail” among what can be done with a message.",
                _form,
            ),
            Section(
                "Before it leaves",
                "After “Preview”. Nothing has been sent until this is confirmed.",
                _preview,
            ),
            Section("Until when to be silent", "“Snooze until…”, or /kidoku snooze without a time.", _snooze),
            Section("Whom to tell next", "“Escalate to…”, or /kidoku escalate 42 to.", _escalate),
            Section("Giving somebody the duty", "/kidoku override without the rest.", _override),
        ),
    ),
)
