"""What the page of an alert says: to the person whose link it is, and to whoever opens a room's."""

from bot.web.page import shown
from bot.web.take_desk import Asked, Taking
from bot.web.view_page import Form, Sheet
from bot.wording.check import reaches_me
from channels.message import Verb


def take_sheet(taking: Taking) -> Sheet:
    """A person's link: one button, while there is something to take."""
    words = taking.words
    label, form = {
        Verb.APPROVE: (
            words.gettext("Approve"),
            words.gettext("When you press the button, the mail leaves, and %(name)s has approved it."),
        ),
        Verb.CONFIRM: (
            reaches_me(words),
            words.gettext("When you press the button, %(name)s has confirmed that Kidoku reaches them here."),
        ),
    }.get(
        taking.verb,
        (
            words.gettext("Acknowledge"),
            words.gettext("When you press the button, %(name)s takes it, and nobody else is called."),
        ),
    )
    button = Form(label, (("do", "take"),))
    notes = (form % {"name": taking.name}, words.gettext("Opening this page alone changes nothing."))
    return Sheet(
        shown(taking.title), (), _facts(taking), forms=(button,) if taking.can_take else (), notes=_if(taking, notes)
    )


def taken_sheet(taking: Taking, said: str) -> Sheet:
    return Sheet(
        shown(taking.title), (said,), _facts(taking), notes=(taking.words.gettext("You can close this page."),)
    )


def room_sheet(taking: Taking) -> Sheet:
    """A room's link: who is there? While there is something to take, and somebody who can be asked."""
    words = taking.words
    if not taking.people:
        return Sheet(shown(taking.title), (), _facts(taking))
    lines = (words.gettext("This link went to a room. Say who you are, and take it with a link that only you get."),)
    forms = tuple(Form(name, (("who", id),), is_second=True) for id, name in taking.people)
    notes = (
        words.gettext("It goes to where Kidoku tells you alone. Until you press the button there, nothing stops."),
    )
    return Sheet(shown(taking.title), lines, _facts(taking), forms=forms, notes=notes)


def asked_sheet(taking: Taking, asked: Asked, name: str) -> Sheet:
    words = taking.words
    if asked is Asked.SENT:
        said = words.gettext("A link is on its way to %(name)s. Nothing stops until it is pressed.") % {"name": name}
    else:
        said = words.gettext("%(name)s was sent a link just now, or too often already.") % {"name": name}
    return Sheet(shown(taking.title), (said,), _facts(taking))


def _facts(taking: Taking) -> list[tuple[str, str]]:
    return [(fact.label, shown(fact.value)) for fact in taking.facts]


def _if(taking: Taking, notes: tuple[str, ...]) -> tuple[str, ...]:
    return notes if taking.can_take else ()
