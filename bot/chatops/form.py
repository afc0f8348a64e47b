"""The commands as forms, for menus such as Discord's: their fields, and what these may take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from bot.chatops.look import offered_alerts
from bot.chatops.parse import FILTERS
from bot.chatops.perform import Asker
from bot.chatops.role import may
from bot.chatops.vocabulary import ABOUT, Name, key_of
from bot.language import LANGUAGES, Words
from bot.store.store import Tx
from bot.wanted import OPEN
from channels.inbox import Field, Form, Offer
from escalation.phrase import N_
from escalation.roster import Roster

MOST_OFFERED = 25


@dataclass(frozen=True, slots=True)
class _Plan:
    """A field before it is in any language."""

    name: str
    about: str
    offers: str = ""
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_flag: bool = False


_SHARE = _Plan("share", N_("let everybody here see the answer"), is_flag=True)
_ALERT = _Plan("alert", N_("which alert: 42, or a part of its subject; left out: the only open one"), offers="alert")
_WHY = _Plan("argument", N_("why"))
_FIELDS: Mapping[Name, tuple[_Plan, ...]] = {
    Name.STATUS: (_ALERT,),
    Name.LIST: (_Plan("argument", N_("which of them"), choices=tuple(dict.fromkeys(FILTERS.values()))),),
    Name.WHO: (_Plan("argument", N_("one schedule; left out: all"), offers="schedule"),),
    Name.WHY: (_ALERT,),
    Name.ACK: (_ALERT,),
    Name.RESOLVE: (_ALERT, _WHY),
    Name.SNOOZE: (_Plan("argument", N_("30m, until 9:00, until morning")), _ALERT),
    Name.ESCALATE: (_ALERT, _Plan("argument", N_("a person, or a step's number"), offers="person")),
    Name.REMIND: (_ALERT,),
    Name.NOTE: (_Plan("argument", N_("what the others should know"), is_required=True), _ALERT),
    Name.APPROVE: (_ALERT,),
    Name.RECALL: (_ALERT, _WHY),
    Name.OVERRIDE: (
        _Plan("person", N_("who takes the duty"), offers="person"),
        _Plan("end", N_("until when: 2h, 18:00, tomorrow 9:00")),
        _Plan("schedule", N_("which schedule; left out: the only one"), offers="schedule"),
        _Plan("start", N_("from when; left out: now")),
    ),
    Name.LANG: (_Plan("argument", N_("ja, en or zh"), choices=LANGUAGES, is_required=True),),
    Name.HELP: (),
    Name.SEND: (_Plan("argument", N_("to whom: people, team:noc, mail addresses")),),
}


_ON_MESSAGE = N_("Make this an urgent mail")
"""At most 32 characters in Discord, 24 in Slack."""


@cache
def forms() -> Sequence[Form]:
    """Every command, its texts in every language."""
    typed = (Form(name, _about(ABOUT[name]), tuple(map(_field, (*_FIELDS[name], _SHARE)))) for name in Name)
    return (*typed, Form(Name.SEND, _about(_ON_MESSAGE), is_on_message=True))


def _field(plan: _Plan) -> Field:
    return Field(plan.name, _about(plan.about), plan.is_required, plan.offers, plan.choices, plan.is_flag)


def _about(text: str) -> Mapping[str, str]:
    return {language: Words(language, "UTC").gettext(text) for language in LANGUAGES}


async def offers(tx: Tx, kind: str, typed: str, asker: Asker, roster: Roster, now: datetime) -> list[Offer]:
    """What a field of this kind may take, of which so much was typed; nothing for whoever may not even look."""
    if not may(asker.role, Name.LIST):
        return []
    if kind == "alert":
        alerts = await tx.list_alerts(statuses=OPEN, limit=100)
        found = offered_alerts(alerts, typed, asker.words, now)
    elif kind == "person":
        found = [(f"{one.name} ({one.id})", one.id) for one in roster.people.values()]
    else:
        found = [(one, one) for one in sorted(roster.schedules)]
    key = key_of(typed)
    named = found if kind == "alert" else [one for one in found if key in key_of(one[0])]
    return [Offer(label, value) for label, value in named[:MOST_OFFERED]]
