"""Carries out a command: asks for the role, finds the alert, does it and keeps it in the audit trail."""

from dataclasses import replace
from datetime import datetime

from bot.alert_named import alerts_named
from bot.chatops import look
from bot.chatops.asker import Asker, let_in
from bot.chatops.command import Command, wrong_of
from bot.chatops.deed import DEEDS
from bot.chatops.language import speak
from bot.chatops.order import Order, carry_out
from bot.chatops.parse import ME
from bot.chatops.survey import VIEWS, View
from bot.chatops.vocabulary import LOOKS, Name, key_of
from bot.chatops.when import read_when
from bot.chatops.whom import person_named, schedule_alone
from bot.desk import Desk
from bot.duty import schedule_of, take_over
from bot.language import LANGUAGES, Words
from bot.refusal import BadArgumentError
from bot.routes import Routes
from bot.store.record import AuditOutcome
from bot.store.store import Tx
from bot.wanted import OPEN
from channels.message import Verb
from escalation.phrase import Phrase
from escalation.roster import Roster
from escalation.schedule import Override

ORDERS = {
    Name.ACK: Verb.ACK,
    Name.RESOLVE: Verb.RESOLVE,
    Name.SNOOZE: Verb.SNOOZE,
    Name.ESCALATE: Verb.ESCALATE,
    Name.REMIND: Verb.REMIND,
    Name.NOTE: Verb.NOTE,
    Name.APPROVE: Verb.APPROVE,
    Name.RECALL: Verb.RECALL,
}
"""Commands that are a verb on one alert."""

ABOUT_ALERT = frozenset({*ORDERS, Name.SUBSCRIBE, Name.UNSUBSCRIBE})
"""Commands that change something and name an alert."""

_MOST_NAMED = 10


# Which alert ----------------------------------------------------------------------------------------------------------


async def find_alert(tx: Tx, written: str, words: Words) -> int:
    """The alert that a number, a link or a part of a subject names; "" is the only open one. Raises BadArgumentError,
    which says what to type instead."""
    if not written:
        return await _only_open(tx, words)
    found = await alerts_named(tx, written)
    if len(found) == 1:
        return found[0]
    shown = {"text": written[:60], "ids": ", ".join(f"#{one}" for one in found[:_MOST_NAMED])}
    if found:
        raise BadArgumentError(words.gettext("“%(text)s” matches several alerts: %(ids)s. Name one of them.") % shown)
    raise BadArgumentError(words.gettext("No alert matches “%(text)s”. “list all” shows them all.") % shown)


async def _only_open(tx: Tx, words: Words) -> int:
    found = await tx.list_alerts(statuses=OPEN, limit=_MOST_NAMED + 1)
    if len(found) == 1:
        return found[0].id
    if not found:
        raise BadArgumentError(words.gettext("No open alerts."))
    ids = ", ".join(f"#{one.id}" for one in found[:_MOST_NAMED])
    raise BadArgumentError(words.gettext("Which alert? Open are %(ids)s.") % {"ids": ids})


# Looking --------------------------------------------------------------------------------------------------------------


async def answer_look(tx: Tx, command: Command, asker: Asker, roster: Roster, now: datetime, routes: Routes) -> str:
    """What a command that only looks answers. Raises RefusalError."""
    let_in(asker, command.name)
    words = asker.words
    if command.name in VIEWS:
        return "\n".join(await VIEWS[command.name](tx, command, asker, View(roster, routes, now)))
    match command.name:
        case Name.HELP:
            return "\n".join(look.help_lines(asker.role, command.argument, words))
        case Name.WHO:
            return "\n".join(look.who_lines(roster, command.argument, words, now))
        case Name.LIST:
            return "\n".join(await look.list_lines(tx, command.argument, asker.id, words, now))
    if command.name is Name.STATUS and not command.alert and len(await tx.list_alerts(statuses=OPEN, limit=2)) != 1:
        return "\n".join(await look.list_lines(tx, "", asker.id, words, now))
    alert_id = await find_alert(tx, command.alert, words)
    alert = (await tx.alerts([alert_id]))[alert_id]
    if command.name is Name.WHY:
        return "\n".join(await look.why_told(tx, alert, roster, words))
    return "\n".join(look.status_lines(alert, roster, words, now))


def is_look(command: Command) -> bool:
    return command.name in LOOKS


# Doing ----------------------------------------------------------------------------------------------------------------


async def act(desk: Desk, command: Command, alert_id: int, asker: Asker, routes: Routes) -> str:
    """Carry out a command that changes something, with its line in the audit trail. ``alert_id``: of a command that is
    about one. Raises RefusalError."""
    let_in(asker, command.name)
    if command.name in ORDERS:
        order = Order(ORDERS[command.name], alert_id, asker.id, asker.via, command.argument)
        return await carry_out(desk, order, asker.zone, asker.words)
    if command.name is Name.LANG:
        return await _choose_language(desk, command, asker)
    if command.name in DEEDS:
        deed = await DEEDS[command.name](desk, command, alert_id, asker, routes)
        entry = asker.entry(desk.now, command.name, deed.outcome, deed.argument)
        await desk.tx.add_audit(replace(entry, alert_id=alert_id or None))
        return deed.text
    text, argument = await _override(desk, command, asker)
    await desk.tx.add_audit(asker.entry(desk.now, command.name, AuditOutcome.DONE, argument))
    return text


async def _override(desk: Desk, command: Command, asker: Asker) -> tuple[str, str]:
    roster, words = desk.rules.roster, asker.words
    schedule = schedule_of(roster, command.schedule) if command.schedule else schedule_alone(roster)
    is_self = key_of(command.person) in ME
    person = asker.person if is_self else person_named(roster, command.person, asker.via)
    start = _instant(command.start, desk.now, asker) if command.start else desk.now
    wanted = Override(schedule, person.id, start, _instant(command.end, start, asker), by=asker.id)
    is_own = asker.id in (person.id, *roster.on_call(schedule, start))
    let_in(asker, command.name, is_for_others=not is_own)
    text = await take_over(desk, wanted, words)
    return text, f"{schedule} {person.id} {wanted.start.isoformat()} {wanted.end.isoformat()}"


def _instant(text: str, after: datetime, asker: Asker) -> datetime:
    """The next such time after an instant, on the wall of whoever asks. Raises BadArgumentError."""
    when = read_when(text)
    if when is None:
        wrong = asker.words.gettext("“%(text)s” is no time; write 2h, 18:00 or tomorrow 9:00.")
        raise BadArgumentError(wrong % {"text": text[:60]})
    return when.at(after, asker.person.zone, asker.person.morning)


async def _choose_language(desk: Desk, command: Command, asker: Asker) -> str:
    if command.argument not in LANGUAGES:
        text = asker.words.gettext("Which language? Write lang ja, lang en or lang zh.")
        raise BadArgumentError(text, wrong_of(Phrase("which language?"), command.name).at_terminal)
    return await speak(desk, asker.person, command.argument, asker.via)
