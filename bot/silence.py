"""What people do to silences, vendor-free: make one, lift it; and what is told when one ends.

A silence that ends tells what it swallowed in the very transaction that ends it: after that it swallows nothing more,
so no mail is kept quiet of which nobody hears.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import structlog
from pydantic_core import PydanticCustomError

from bot.desk import Desk
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.settings.problem import shown, suggestion
from bot.settings.rule_fields import pattern, sender_pattern
from bot.store.record import Swallowed
from bot.wording.silence import SILENCE_ENDED, scope_line, silence_name
from channels.base import PHONE
from escalation.pattern import fold, may_be_slow, written_regex
from escalation.phrase import N_, Phrase, advice
from escalation.roster import Person
from escalation.routing import Rule
from escalation.silence import LONGEST, Maintenance, Scope, Silence
from escalation.target import Reached

log = structlog.get_logger(__name__)

MOST_TOLD = 5
"""Mails that a summary names; the others are counted."""

_NO_PLACE_FOR_NEWS = frozenset({PHONE, "console"})


async def silence(desk: Desk, wanted: Silence, rules: Collection[Rule], words: Words) -> str:
    """Keep a silence from the coming mail on; returns what to tell. ``wanted.by`` is a person. Raises
    BadArgumentError."""
    _check(wanted, desk)
    checked = replace(wanted, scope=_checked(wanted.scope, rules), at=desk.now, why=wanted.why.strip())
    id = await desk.tx.add_silence(checked)
    desk.wakes.append(checked.end)
    log.info("A silence was made", silence=id, by=checked.by, until=checked.end.isoformat())
    values = {"id": id, "scope": scope_line(checked.scope, words), "until": words.instant(checked.end)}
    if checked.start > desk.now:
        form = words.gettext("Silence %(id)d holds from %(start)s until %(until)s: %(scope)s.")
        return form % (values | {"start": words.instant(checked.start)})
    return words.gettext("Silence %(id)d holds until %(until)s: %(scope)s.") % values


def _check(wanted: Silence, desk: Desk) -> None:
    if wanted.start >= wanted.end:
        raise BadArgumentError(Phrase("it would end before it begins; write an end after its start"))
    if wanted.end <= desk.now:
        raise BadArgumentError(Phrase("it would be over already; write an end that is still to come"))
    if wanted.end - max(wanted.start, desk.now) > LONGEST:
        form = N_("it would last longer than %(days)s days; write an earlier end, and make it again if need be")
        raise BadArgumentError(Phrase(form, days=str(LONGEST.days)))
    if not wanted.why.strip():
        raise BadArgumentError(Phrase("it has no reason; say it with --why"))
    if wanted.scope.is_empty:
        raise BadArgumentError(
            Phrase("it would silence every mail; name what it is about: --rule, --from or --subject")
        )


def _checked(scope: Scope, rules: Collection[Rule]) -> Scope:
    """The scope with the rules as the settings write them. Raises BadArgumentError."""
    for value in scope.subjects:
        _read(pattern, value)
        _refuse_slow(value)
    senders = tuple(_read(sender_pattern, one) for one in scope.senders)
    for sender in senders:
        # A stranger chooses the address that it is compared with.
        _refuse_slow(written_regex(sender) or "")
    found = replace(scope, senders=senders, rules=tuple(_rule(one, rules) for one in scope.rules))
    for wide in found.too_wide():
        message = Phrase("%(value)s matches every mail", value=shown(wide))
        raise BadArgumentError(advice(message, Phrase("write what only this mail has, or leave it out")))
    return found


def _refuse_slow(regex: str) -> None:
    if may_be_slow(regex):
        message = Phrase("a repetition inside a repetition in %(regex)s", regex=repr(regex))
        raise BadArgumentError(advice(message, Phrase("repeat only once: a+ instead of (a+)+")))


def _read(reader: Callable[[Any], str], value: str) -> str:
    try:
        return reader(value)
    except PydanticCustomError as error:
        context = error.context or {}
        raise BadArgumentError(advice(context["wrong"], context["fix"])) from error


def _rule(written: str, rules: Collection[Rule]) -> str:
    found = next((one for one in rules if fold(one.name) == fold(written)), None)
    if found is None:
        message = Phrase("there is no %(what)s %(name)s", what=Phrase("rule"), name=written)
        fix = suggestion(written, [one.name for one in rules if not one.is_ignore])
        raise BadArgumentError(advice(message, fix) if fix else message)
    if found.is_ignore:
        raise BadArgumentError(Phrase("the rule %(name)s opens no alert anyway", name=found.name))
    return found.name


def kept_of(wanted: Silence) -> str:
    """What of a silence the audit trail keeps: its end, what it is about, and why."""
    scope = wanted.scope
    kinds = (("rule", scope.rules), ("from", scope.senders), ("subject", scope.subjects))
    about = (f"{kind} {value}" for kind, values in kinds for value in values)
    return " ".join((wanted.end.isoformat(timespec="minutes"), *about, "why", wanted.why))


async def lift(desk: Desk, written: str, by: str, windows: Iterable[Maintenance], words: Words) -> str:
    """End a silence at once, by its number, or the maintenance window of this name until it holds the next time; tells
    what it swallowed. Raises BadArgumentError if there is none that could be ended."""
    id = await _number(desk, written, windows)
    found = await desk.tx.silence(id)
    if found is None:
        raise _unknown(written)
    if not await desk.tx.end_silence(id, desk.now, by):
        raise BadArgumentError(Phrase("silence %(id)s is over already", id=str(id)))
    count = await _tell(desk, id)
    name = silence_name(found, words)
    if not count:
        return words.gettext("%(silence)s is over. It swallowed nothing.") % {"silence": name}
    form = words.ngettext(
        "%(silence)s is over. It swallowed %(n)d mail: kidoku silences %(id)d",
        "%(silence)s is over. It swallowed %(n)d mails: kidoku silences %(id)d",
        count,
    )
    return form % {"silence": name, "n": count, "id": id}


def _unknown(written: str) -> BadArgumentError:
    wrong = Phrase("there is no silence %(id)s", id=written)
    listed = Phrase("“silences” lists them"), Phrase("“kidoku silences” lists them")
    return BadArgumentError(advice(wrong, listed[0]), at_terminal=advice(wrong, listed[1]))


async def _number(desk: Desk, written: str, windows: Iterable[Maintenance]) -> int:
    number = written.strip().removeprefix("#")
    if number.isdecimal():
        return int(number[:18])
    named = next((one for one in windows if fold(one.name) == fold(written.strip())), None)
    now = named.silence_at(desk.now) if named else None
    if named is not None and now is None:
        raise BadArgumentError(Phrase("the maintenance window %(name)s does not hold now", name=named.name))
    if now is None:
        raise _unknown(written)
    return await desk.tx.time_of(now)


async def end(desk: Desk, id: int) -> bool:
    """End a silence whose time is over, and tell what it swallowed. False if that was done already."""
    if not await desk.tx.end_silence(id):
        return False
    count = await _tell(desk, id)
    log.info("A silence has ended", silence=id, swallowed=count)
    return True


async def _tell(desk: Desk, id: int) -> int:
    """Tell what this silence swallowed, if it was anything; returns how many mails."""
    one, mails = await desk.tx.silence(id), await desk.tx.swallowed(id)
    if one is None or not mails:
        return 0
    author = desk.rules.roster.people.get(one.by)
    desk.announce(summary(one, mails, author.name if author else one.by), f"silence:{id}", hearers(one, desk))
    return len(mails)


def hearers(one: Silence, desk: Desk) -> list[Reached]:
    """Whoever made it, and the administrators; by phone only if there is no other way."""
    author = desk.rules.roster.people.get(one.by)
    way = way_for_news(author) if author else None
    told = [Reached(one.by, *way, one.by)] if way else []
    administrators = desk.administrators()
    told += [each for each in administrators if each.channel != PHONE]
    return list({(each.channel, each.address): each for each in told or administrators}.values())


def way_for_news(person: Person) -> tuple[str, str] | None:
    """Where they read what wakes nobody, (channel, address): chat before mail, mail before a text message."""
    return next((way for way in person.calm_contacts if way[0] not in _NO_PLACE_FOR_NEWS), None)


def summary(one: Silence, mails: Sequence[Swallowed], author: str) -> str:
    """The JSON of what is told at the end; what waits comes first. It is worded when it leaves."""
    first = sorted(mails, key=lambda mail: not mail.is_waiting)[:MOST_TOLD]
    return json.dumps(
        {
            "kind": SILENCE_ENDED,
            "detail": f"#{one.id}",
            "silence": one.id,
            "maintenance": one.maintenance,
            "why": one.why,
            "by": author,
            "start": one.start.isoformat(),
            "end": one.until.isoformat(),
            "count": len(mails),
            "waiting": sum(mail.is_waiting for mail in mails),
            "mails": [
                {
                    "at": mail.mail.received_at.isoformat(),
                    "sender": mail.mail.sender_name or mail.mail.sender,
                    "subject": mail.mail.subject,
                    "is_waiting": mail.is_waiting,
                }
                for mail in first
            ],
        },
        ensure_ascii=False,
    )
