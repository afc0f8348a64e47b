"""What commands do that are about no alert's ladder: swap shifts, silence mail, follow an alert in private."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot import follow, silence, swap
from bot.chatops.asker import Asker
from bot.chatops.clause import number_of
from bot.chatops.command import Command
from bot.chatops.day import in_shift
from bot.chatops.role import FOR_OTHERS, ROLE_WORDS, may
from bot.chatops.vocabulary import Name
from bot.chatops.whom import person_named, schedule_alone
from bot.desk import Desk
from bot.duty import schedule_of
from bot.refusal import BadArgumentError, DeniedError
from bot.routes import Routes
from bot.store.record import AuditOutcome
from bot.wording.swap import outcome_of
from escalation.silence import Scope, Silence
from escalation.swap import SwapState

FOR_RESPONDERS = timedelta(hours=4)
"""A silence that is longer is a manager's to make: what it swallows pages nobody."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What came of a command: what to tell, and for the audit trail what exactly was asked and whether it changed
    anything."""

    text: str
    argument: str = ""
    outcome: AuditOutcome = AuditOutcome.DONE


# Swaps ----------------------------------------------------------------------------------------------------------------


async def _swap(desk: Desk, command: Command, alert_id: int, asker: Asker, routes: Routes) -> Deed:
    if command.argument:
        return await _answer_swap(desk, command, asker)
    if not command.start:
        return await _list_swaps(desk, asker)
    roster = desk.rules.roster
    schedule = schedule_of(roster, command.schedule) if command.schedule else schedule_alone(roster)
    offer = swap.Offer(
        schedule=schedule,
        asker=asker.id,
        mine_at=_in_shift(command.start, desk.now, asker),
        mine_until=_in_shift(command.end, _in_shift(command.start, desk.now, asker), asker) if command.end else None,
        other=person_named(roster, command.person, asker.via).id if command.person else "",
        theirs_at=_in_shift(command.theirs, desk.now, asker) if command.theirs else None,
    )
    text = await swap.ask(desk, offer, asker.words)
    times = (offer.mine_at, offer.mine_until, offer.theirs_at)
    said = (schedule, offer.other, *(at.isoformat() for at in times if at is not None))
    return Deed(text, " ".join(part for part in said if part))


_SWAP_ANSWERS = MappingProxyType({"accept": swap.accept, "decline": swap.decline, "withdraw": swap.withdraw})


async def _answer_swap(desk: Desk, command: Command, asker: Asker) -> Deed:
    number = number_of(command.number)
    text = await _SWAP_ANSWERS[command.argument](desk, number, asker.id, asker.words)
    return Deed(text, f"{command.argument} {number}")


async def _list_swaps(desk: Desk, asker: Asker) -> Deed:
    found = await desk.tx.swaps(SwapState.ASKED)
    lines = [outcome_of(one, desk.rules.roster, asker.words) for one in found if one.ends_at > desk.now]
    return Deed("\n".join(lines) or asker.words.gettext("No swaps."))


def _in_shift(text: str, now: datetime, asker: Asker) -> datetime:
    return _known(in_shift(text, now, asker.person.zone, asker.person.morning), text, asker)


def _known(at: datetime | None, text: str, asker: Asker) -> datetime:
    """Raises BadArgumentError for no time."""
    if at is None:
        wrong = asker.words.gettext("“%(text)s” is no time; write 2h, 18:00 or tomorrow 9:00.")
        raise BadArgumentError(wrong % {"text": text[:60]})
    return at


# Silences -------------------------------------------------------------------------------------------------------------


async def _silence(desk: Desk, command: Command, alert_id: int, asker: Asker, routes: Routes) -> Deed:
    # The mail server tells when a mail came in whole seconds.
    now = desk.now.replace(microsecond=0)
    start = _in_shift(command.start, now, asker) if command.start else now
    end = _in_shift(command.end, start, asker)
    _check_length(end - start, asker)
    scope = _scope(command)
    wanted = Silence(scope=scope, start=start, end=end, why=command.argument, by=asker.id)
    text = await silence.silence(desk, wanted, routes.rules, asker.words)
    return Deed(text, silence.kept_of(wanted))


def _check_length(span: timedelta, asker: Asker) -> None:
    """Raises DeniedError for one that is not theirs to make."""
    if span <= FOR_RESPONDERS or may(asker.role, Name.SILENCE, is_for_others=True):
        return
    values = {
        "hours": FOR_RESPONDERS // timedelta(hours=1),
        "role": asker.words.gettext(ROLE_WORDS[asker.role]),
        "needed": asker.words.gettext(ROLE_WORDS[FOR_OTHERS]),
    }
    form = asker.words.gettext("Your role here is %(role)s; a silence of more than %(hours)d hours needs %(needed)s.")
    raise DeniedError(form % values)


def _scope(command: Command) -> Scope:
    rules, senders, subjects = (tuple(one.split("\n")) if one else () for one in _of_mail(command))
    return Scope(rules=rules, senders=senders, subjects=tuple(map(_literal, subjects)))


def _of_mail(command: Command) -> tuple[str, str, str]:
    return command.rule, command.sender, command.subject


def _literal(text: str) -> str:
    """Words stand for themselves; between slashes they are a regex."""
    if len(text) > 2 and text[0] == text[-1] == "/":
        return text[1:-1]
    return re.escape(text).replace("\\ ", " ")


async def _unsilence(desk: Desk, command: Command, alert_id: int, asker: Asker, routes: Routes) -> Deed:
    text = await silence.lift(desk, command.argument, asker.id, routes.maintenance, asker.words)
    return Deed(text, command.argument)


# Following ------------------------------------------------------------------------------------------------------------


async def _subscribe(desk: Desk, command: Command, alert_id: int, asker: Asker, routes: Routes) -> Deed:
    return _followed(*await follow.subscribe(desk, alert_id, asker.person, asker.words))


async def _unsubscribe(desk: Desk, command: Command, alert_id: int, asker: Asker, routes: Routes) -> Deed:
    return _followed(*await follow.unsubscribe(desk, alert_id, asker.person, asker.words))


def _followed(text: str, is_new: bool) -> Deed:
    return Deed(text, outcome=AuditOutcome.DONE if is_new else AuditOutcome.NOTHING)


DEEDS: Mapping[Name, Callable[[Desk, Command, int, Asker, Routes], Awaitable[Deed]]] = MappingProxyType(
    {
        Name.SWAP: _swap,
        Name.SILENCE: _silence,
        Name.UNSILENCE: _unsilence,
        Name.SUBSCRIBE: _subscribe,
        Name.UNSUBSCRIBE: _unsubscribe,
    }
)
"""The commands of this file."""
