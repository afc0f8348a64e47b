"""Where a notification stands: left, waiting and why, or withdrawn. A page that has not left is never told as one that
has."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.language import N_, Words
from bot.store.record import LEFT_OUT, MISSED, NotificationRow, NotificationState
from bot.wording.name import channel_name, name_of, place_of
from bot.wording.reason import reason
from channels.base import SMS, WHATSAPP
from channels.inbox import CALLED_OFF, READ, TOLD
from escalation.command import Purpose
from escalation.event import Outcome
from escalation.roster import Roster

_STATES = {
    NotificationState.PENDING: N_("has not left yet"),
    NotificationState.SENDING: N_("is being sent"),
    NotificationState.SENT: N_("left"),
    NotificationState.REJECTED: N_("can't be told"),
    NotificationState.DROPPED: N_("withdrawn before it left"),
}
_OUTCOMES = {
    Outcome.BUSY: N_("busy"),
    Outcome.NO_ANSWER: N_("no answer"),
    Outcome.VOICEMAIL: N_("a machine answered"),
    Outcome.HUNG_UP: N_("hung up without pressing the digit"),
    Outcome.ENDED: N_("answered"),
}
_BY_US = {
    CALLED_OFF: N_("called off before it was answered"),
    TOLD: N_("answered, and told that nothing is left to do"),
}
"""Calls that Kidoku ended itself, by the row's detail."""
_TEXTS = {Outcome.ENDED: N_("delivered"), Outcome.REJECTED: N_("not delivered")}
_LEGS = {
    Outcome.SENT: N_("under way"),
    Outcome.BUSY: N_("busy"),
    Outcome.NO_ANSWER: N_("no answer"),
    Outcome.HUNG_UP: N_("hung up before they were connected"),
    Outcome.REJECTED: N_("could not be made"),
    Outcome.ENDED: N_("answered, by a person or a machine"),
}
"""Of calls to a sender."""
_UNSENT = frozenset({NotificationState.PENDING, NotificationState.SENDING, NotificationState.DROPPED})
_EXPLAINED = frozenset({NotificationState.PENDING, NotificationState.SENDING, NotificationState.REJECTED})


def standing_of(row: NotificationRow, words: Words) -> str:
    """ "has not left yet: the channel is paused"."""
    if row.purpose == Purpose.CONNECTED and row.outcome in _LEGS:
        return words.listed([words.gettext(_LEGS[Outcome(row.outcome)]), *cost_words(row, words)])
    if row.state is NotificationState.ENDED:
        outcomes = _TEXTS if row.channel in (SMS, WHATSAPP) else _OUTCOMES
        form = outcomes.get(Outcome(row.outcome)) if row.outcome in set(Outcome) else None
        form = _BY_US.get(row.detail, form)
        said = words.gettext(form) if form else row.outcome
        opened = [words.gettext("opened on the phone")] if row.detail == READ else []
        return words.listed([said, *opened, *cost_words(row, words)])
    if row.outcome == LEFT_OUT:
        return words.gettext("left out of this exercise")
    if row.outcome == Outcome.HELD_BACK:
        return words.gettext("not rung: this phone has rung as often as it may of late")
    if row.outcome == MISSED and row.state is NotificationState.DROPPED:
        return words.gettext("did not leave: the channel was out of order")
    said = words.gettext(_STATES[row.state])
    return f"{said}: {reason(row.detail, words)}" if row.detail and row.state in _EXPLAINED else said


def cost_words(row: NotificationRow, words: Words) -> list[str]:
    """How long a call was, and what it or a text message cost, as far as that is known: "30 s", "0.05 USD"."""
    found = []
    if "seconds" in row.ref:
        found.append(words.duration(timedelta(seconds=int(row.ref["seconds"]))))
    if "price" in row.ref:
        found.append(f"{row.ref['price']} {row.ref['currency']}")
    return found


def cost_lines(rows: Sequence[NotificationRow], roster: Roster, words: Words) -> list[tuple[datetime, str]]:
    """A sentence for each call and text message of which the provider says how long it was, or what it cost."""
    return [
        (row.sent_at or row.due_at, _line(row, said, roster, words))
        for row in rows
        if (said := words.listed(cost_words(row, words)))
    ]


def unsent_lines(rows: Sequence[NotificationRow], roster: Roster, words: Words) -> list[tuple[datetime, str]]:
    """A sentence for each notification that should have left and has not, at the instant when it should have; for one
    that was withdrawn before that, when it was decided."""
    return [_unsent(row, roster, words) for row in rows if row.state in _UNSENT and row.alert_id is not None]


def _unsent(row: NotificationRow, roster: Roster, words: Words) -> tuple[datetime, str]:
    said = standing_of(row, words)
    if row.state is not NotificationState.DROPPED or row.due_at <= row.created_at:
        return row.due_at, _line(row, said, roster, words)
    planned = words.gettext("%(standing)s (planned for %(at)s)")
    said = planned % {"standing": said, "at": words.moment(row.due_at, row.created_at)}
    return row.created_at, _line(row, said, roster, words)


def _line(row: NotificationRow, said: str, roster: Roster, words: Words) -> str:
    where = f"{channel_name(row.channel, words)} → {told_who(row, roster, words)}"
    return words.gettext("%(where)s: %(standing)s.") % {"where": where, "standing": said}


def told_who(row: NotificationRow, roster: Roster, words: Words) -> str:
    """Whom it told; of a call to a sender, who wanted it."""
    if row.purpose == Purpose.CONNECTED:
        values = {"name": name_of(row.target, roster, words), "who": name_of(row.person, roster, words)}
        return words.gettext("the sender, %(name)s (asked for by %(who)s)") % values
    return name_of(row.person, roster, words) if row.person else place_of(row.target, row.address)
