"""The commands as forms, for menus such as Discord's: their fields, and what these may take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from bot.chatops.asker import Asker
from bot.chatops.checked import FILTERS
from bot.chatops.clause import ANSWERS, PERIODS, SEVERITIES
from bot.chatops.contact import CHANNELS
from bot.chatops.look import offered_alerts
from bot.chatops.role import may
from bot.chatops.vocabulary import ABOUT, PRIVATE, Name, key_of
from bot.language import LANGUAGES, Words
from bot.routes import Routes
from bot.store.store import Tx
from bot.wanted import OPEN
from channels.dialog import Field, Form, Offer
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


_SHARE = _Plan("share", N_("everybody here sees it"), is_flag=True)
_ALERT = _Plan("alert", N_("which alert: 42, or a part of its subject; left out: the only open one"), offers="alert")
_WHY = _Plan("argument", N_("why"))
_CHANNELS = tuple(dict.fromkeys(CHANNELS.values()))
_FIELDS: Mapping[Name, tuple[_Plan, ...]] = {
    Name.STATUS: (_ALERT,),
    Name.LIST: (_Plan("argument", N_("which of them"), choices=tuple(dict.fromkeys(FILTERS.values()))),),
    Name.WHO: (_Plan("argument", N_("one schedule; left out: all"), offers="schedule"),),
    Name.WHY: (_ALERT,),
    Name.TRANSLATE: (_ALERT,),
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
    Name.SWAP: (
        _Plan("start", N_("a time in your shift: 6/3, tomorrow 9:00")),
        _Plan("person", N_("who is asked"), offers="person"),
        _Plan("theirs", N_("a time in their shift, if you want one in return")),
        _Plan("schedule", N_("which schedule; left out: the only one"), offers="schedule"),
        _Plan("end", N_("only until then")),
        _Plan("argument", N_("answer a swap"), choices=ANSWERS),
        _Plan("number", N_("with an answer: the number of the swap")),
    ),
    Name.SILENCE: (
        _Plan("end", N_("until when: 2h, 18:00, tomorrow 9:00"), is_required=True),
        _Plan("argument", N_("why"), is_required=True),
        _Plan("rule", N_("mail that this rule calls urgent"), offers="rule"),
        _Plan("sender", N_("mail from this address or domain")),
        _Plan("subject", N_("mail with these words in the subject")),
        _Plan("start", N_("from when; left out: now")),
    ),
    Name.SILENCES: (_Plan("argument", N_("one silence, by its number")),),
    Name.UNSILENCE: (_Plan("argument", N_("its number, or the name of a maintenance window"), is_required=True),),
    Name.SIMULATE: (
        _Plan("policy", N_("which policy; left out: the only one"), offers="policy"),
        _Plan("start", N_("when the mail comes; left out: now")),
        _Plan("reads", N_("who reads it when: alice 7m")),
        _Plan("acks", N_("who takes it when: bob 9m")),
        _Plan("severity", N_("how severe it is"), choices=SEVERITIES),
    ),
    Name.REPORT: (
        _Plan("argument", N_("which time; left out: a week"), choices=PERIODS),
        _Plan("start", N_("since when: 6/1, yesterday 18:00")),
        _Plan("end", N_("until when; left out: now")),
    ),
    Name.SUBSCRIBE: (_ALERT,),
    Name.UNSUBSCRIBE: (_ALERT,),
    Name.LANG: (_Plan("argument", N_("ja, en or zh"), choices=LANGUAGES, is_required=True),),
    Name.HELP: (),
    Name.SEND: (_Plan("argument", N_("to whom: people, team:noc, mail addresses")),),
    Name.CONFIRM: (
        _Plan("argument", N_("send a code there; left out: how each stands"), choices=_CHANNELS),
        _Plan("code", N_("the code that came")),
    ),
}


_ON_MESSAGE = N_("Make this an urgent mail")
"""At most 32 characters in Discord, 24 in Slack."""


@cache
def forms() -> Sequence[Form]:
    """Every command, its texts in every language."""
    typed = (Form(name, _about(ABOUT[name]), tuple(map(_field, _plans(name)))) for name in Name)
    return (*typed, Form(Name.SEND, _about(_ON_MESSAGE), is_on_message=True))


def _plans(name: Name) -> tuple[_Plan, ...]:
    return _FIELDS[name] if name in PRIVATE else (*_FIELDS[name], _SHARE)


def _field(plan: _Plan) -> Field:
    return Field(plan.name, _about(plan.about), plan.is_required, plan.offers, plan.choices, plan.is_flag)


def _about(text: str) -> Mapping[str, str]:
    return {language: Words(language, "UTC").gettext(text) for language in LANGUAGES}


async def offers(
    tx: Tx, kind: str, typed: str, asker: Asker, roster: Roster, now: datetime, routes: Routes
) -> list[Offer]:
    """What a field of this kind may take, of which so much was typed; nothing for whoever may not even look."""
    if not may(asker.role, Name.LIST):
        return []
    if kind == "alert":
        alerts = await tx.list_alerts(statuses=OPEN, limit=100)
        found = offered_alerts(alerts, typed, asker.words, now)
    elif kind == "person":
        found = [(f"{one.name} ({one.id})", one.id) for one in roster.people.values()]
    else:
        found = [(one, one) for one in sorted(_names(kind, roster, routes))]
    key = key_of(typed)
    named = found if kind == "alert" else [one for one in found if key in key_of(one[0])]
    return [Offer(label, value) for label, value in named[:MOST_OFFERED]]


def _names(kind: str, roster: Roster, routes: Routes) -> Iterable[str]:
    if kind == "rule":
        return (one.name for one in routes.rules if not one.is_ignore)
    return routes.policies if kind == "policy" else roster.schedules
