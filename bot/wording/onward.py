"""Whom a call that is passed on goes to: the phone says nothing of a next person where there is none."""

from enum import Enum, auto

from bot.language import N_, Words
from escalation.action import Action, TargetKind
from escalation.alert import Alert, AlertStatus


class Onward(Enum):
    """``ROOM``: it is only posted to a room, or told to whoever wrote it. ``NOBODY``: whoever passes it on was the
    last, and only the administrators are told."""

    PERSON = auto()
    ROOM = auto()
    NOBODY = auto()


_MENU = {
    Onward.PERSON: N_(
        "To take it, press %(ack)s. To pass it on to the next person, press %(pass)s. To hear this again, press star."
    ),
    Onward.ROOM: N_(
        "To take it, press %(ack)s. To pass it on to the team's room, press %(pass)s. To hear this again, press star."
    ),
    Onward.NOBODY: N_(
        "To take it, press %(ack)s. There is nobody after you: if you can't take it, press %(pass)s, and the "
        "administrators are told. To hear this again, press star."
    ),
}
_ANSWER = {
    Onward.PERSON: N_("It is passed on to the next person. Goodbye."),
    Onward.ROOM: N_("It is passed on to the team's room. Nobody else is called for now. Goodbye."),
    Onward.NOBODY: N_("There is nobody after you. The administrators have been told. Goodbye."),
}
_ANSWER_TO_CALLER = {
    Onward.PERSON: N_("You have passed it on."),
    Onward.ROOM: N_("It is passed on to the team's room. Nobody else is called for now."),
    Onward.NOBODY: N_("There is nobody after you. The administrators have been told."),
}


def onward_of(alert: Alert) -> Onward:
    """Where the alert goes if the call is passed on now."""
    if alert.status is AlertStatus.EXHAUSTED:
        return Onward.NOBODY
    kinds = [target.kind for action in _next_actions(alert) for target in action.targets]
    is_posted = all(one in (TargetKind.ROOM, TargetKind.SENDER) for one in kinds)
    return Onward.ROOM if is_posted else Onward.PERSON


def _next_actions(alert: Alert) -> tuple[Action, ...]:
    """The step that comes forward; past the last one the foot of the next loop, or the last resort."""
    ladder = alert.active_ladder
    if ladder is None:
        return alert.policy.last_resort
    ahead = [one for one in ladder.rungs[alert.rung :] if not one.attempt]
    if not ahead and alert.loop <= ladder.repeat:
        ahead = list(ladder.rungs[:1])
    return (ladder.steps[ahead[0].step].action,) if ahead else alert.policy.last_resort


def menu_of(onward: Onward, ack: str, pass_on: str, words: Words) -> str:
    return words.gettext(_MENU[onward]) % {"ack": ack, "pass": pass_on}


def answer_of(onward: Onward, words: Words) -> str:
    return words.gettext(_ANSWER[onward])


def answer_to_caller(onward: Onward, words: Words) -> str:
    """The same for somebody who rang us, and hears of the next mail after it."""
    return words.gettext(_ANSWER_TO_CALLER[onward])
