"""Contacts confirmed by their people: each is sent a code, or a button, and answering proves that it reaches them.

1. A code has six digits, lives for minutes, bears five tries, and is made of a nonce: no code is ever stored. Its
   tries are counted before it is compared, and stay counted.
2. An answer to its mail counts from its person alone (``bot/receipts.py``).
3. A press counts from the person and the channel that were asked; a code may be typed anywhere by the person, and a
   text message with it comes from the very number that it was sent to.
4. Whoever answers a weekly test has confirmed that contact anew.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog

from bot.desk import Desk, due_at_once
from bot.doctor import Address
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.settings.problem import suggestion
from bot.store.checks import Check, CheckKind, How, Proof
from bot.tokens import Tokens
from bot.wording.name import channel_name, plain
from channels.base import PHONE, SMS, WHATSAPP
from escalation.action import CONSOLE
from escalation.command import Purpose
from escalation.phrase import Phrase, advice
from escalation.roster import Person
from escalation.target import Reached

log = structlog.get_logger(__name__)

VALID_FOR = timedelta(minutes=15)
MOST_TRIES = 5
MOST_ASKED = 5
"""Codes over one channel within ``ASKED_WITHIN``: each gives tries anew."""
ASKED_WITHIN = timedelta(hours=1)
_WITH_BUTTONS = frozenset({"slack", "discord"})
_AT_NUMBERS = frozenset({PHONE, SMS, WHATSAPP})
ASKED_AGAIN_AFTER = timedelta(minutes=10)
"""Whoever presses "Test" again and again rings no phone again and again."""


def contacts_of(person: Person) -> tuple[Address, ...]:
    """Every address that may have to reach them, each once. The console reaches whoever sits there."""
    usual = list(person.contacts.items())
    own = [(way.channel, way.address) for order in person.orders for way in order.ways]
    return tuple(dict.fromkeys(one for one in (*usual, *own) if one[0] != CONSOLE))


async def ask(desk: Desk, id: str, channel: str, words: Words) -> str:
    """Send a code to every contact of a person, or to those on one channel; returns what to tell. Raises
    BadArgumentError."""
    person = desk.rules.roster.people[id]
    wanted = [one for one in contacts_of(person) if channel in ("", one[0])]
    if not wanted:
        raise BadArgumentError(_no_contact(person, channel))
    for each in sorted({one[0] for one in wanted}):
        if await desk.tx.count_checks(id, each, desk.now - ASKED_WITHIN) >= MOST_ASKED:
            raise BadArgumentError(Phrase("too many codes were asked for; wait an hour"))
    for one in wanted:
        await put_check(desk, person, one, CheckKind.CONFIRM, desk.now + VALID_FOR)
    places = words.listed([f"{channel_name(via, words)} {plain(address)}" for via, address in wanted])
    form = words.gettext("Sent to %(places)s. Type the code that comes there: kidoku confirm 123456")
    if all(via in _WITH_BUTTONS for via, _ in wanted):
        form = words.gettext("Sent to %(places)s. Press the button there, or type the code: kidoku confirm 123456")
    elif any(via in _WITH_BUTTONS for via, _ in wanted):
        form = words.gettext(
            "Sent to %(places)s. Press the button in chat, and type the code of each other: kidoku confirm 123456"
        )
    return form % {"places": places}


async def ask_once(desk: Desk, id: str, mark: str, words: Words) -> str:
    """Send a code to the one contact that ``mark`` names, unless it was sent one just now; returns what to tell. Raises
    BadArgumentError."""
    person = desk.rules.roster.people[id]
    to = next((one for one in contacts_of(person) if mark_of(one) == mark), None)
    if to is None:
        raise BadArgumentError(Phrase("this is no contact of yours any more; the settings have changed"))
    last = await desk.tx.last_asked(id, *to)
    if last is not None and desk.now < last + ASKED_AGAIN_AFTER:
        again = {"last": words.moment(last, desk.now), "again": words.moment(last + ASKED_AGAIN_AFTER, desk.now)}
        raise BadArgumentError(Phrase("this was tested at %(last)s; it can be tested again at %(again)s", **again))
    if await desk.tx.count_checks(id, to[0], desk.now - ASKED_WITHIN) >= MOST_ASKED:
        raise BadArgumentError(Phrase("too many codes were asked for; wait an hour"))
    await put_check(desk, person, to, CheckKind.CONFIRM, desk.now + VALID_FOR)
    form = words.gettext("Sent to %(where)s. Type the code that it brings below.")
    if to[0] in _WITH_BUTTONS:
        form = words.gettext("Sent to %(where)s. Press the button there, or type its code below.")
    return form % {"where": f"{channel_name(to[0], words)} {plain(to[1])}"}


def mark_of(to: Address) -> str:
    """A short name of a contact for a button: the channel, and nothing that tells the address."""
    return f"{to[0]}:{hashlib.sha256(to[1].encode()).hexdigest()[:12]}"


def _no_contact(person: Person, channel: str) -> Phrase:
    if not channel:
        return Phrase("%(person)s has no contact that could be confirmed", person=person.id)
    known = {one[0] for one in contacts_of(person)}
    message = Phrase("%(person)s has no contact over %(channel)s", person=person.id, channel=channel)
    fix = suggestion(channel, known)
    return advice(message, fix) if fix else message


async def put_check(desk: Desk, person: Person, to: Address, kind: CheckKind, ends_at: datetime) -> None:
    """Ask one address to answer until then."""
    channel, address = to
    one = Check(
        person=person.id,
        channel=channel,
        address=address,
        kind=kind,
        nonce=secrets.token_hex(16),
        asked_at=desk.now,
        ends_at=ends_at,
    )
    id = await desk.tx.add_check(one)
    asked = Reached(one.person, one.channel, one.address, one.person)
    desk.put(due_at_once(key_of(id), asked, Purpose.CHECK, desk.now, json.dumps({"id": id})))


def key_of(id: int) -> str:
    """The key of a check's notification."""
    return f"v{id}"


def code_of(one: Check, tokens: Tokens) -> str:
    """The six digits that this check brings."""
    return tokens.code(key_of(one.id), one.nonce)


# Answers -------------------------------------------------------------------------------------------------------------


async def enter(desk: Desk, person: str, typed: str, tokens: Tokens, words: Words) -> tuple[bool, str]:
    """A code was typed: whether it was right, and what to tell. It raises nothing, since a try must stay counted."""
    return await _enter(desk, await desk.tx.open_checks(person, desk.now), typed, tokens, words)


async def enter_from(desk: Desk, number: str, typed: str, tokens: Tokens, words: Words) -> tuple[bool, str]:
    """The same by a text message: it answers what was sent to that number, or said to it in a call."""
    return await _enter(desk, await desk.tx.open_checks_at(number, _AT_NUMBERS, desk.now), typed, tokens, words)


async def _enter(desk: Desk, asked: Collection[Check], typed: str, tokens: Tokens, words: Words) -> tuple[bool, str]:
    waiting = {one.id: one for one in asked}
    if not waiting:
        return False, words.gettext("No code is awaited. Ask for one: kidoku confirm")
    tried = await desk.tx.take_check_tries(waiting, MOST_TRIES)
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign.isdigit())
    right = next((id for id in sorted(tried) if _is_code(waiting[id], digits, tokens)), None)
    if right is None:
        log.warning("A wrong code was typed", person=next(iter(waiting.values())).person, checks=len(tried))
        return False, words.gettext("That is not the code, or it is no longer valid.")
    await desk.tx.give_back_tries(tried - {right})
    return True, await _confirmed(desk, waiting[right], How.CODE, words)


def _is_code(one: Check, digits: str, tokens: Tokens) -> bool:
    return hmac.compare_digest(code_of(one, tokens).encode(), digits.encode())


async def press(desk: Desk, id: int, person: str, via: str, words: Words) -> str:
    """The button of a check was pressed; returns what to tell. Raises BadArgumentError."""
    one = await desk.tx.check(id)
    if one is None or (one.person, one.channel) != (person, via):
        raise BadArgumentError(Phrase("this asks somebody else, or another contact"))
    if one.is_confirmed:
        return words.gettext("This contact is confirmed already.")
    if not one.is_open(desk.now):
        raise BadArgumentError(Phrase("it is too late for this one; ask again: kidoku confirm"))
    return await _confirmed(desk, one, How.PRESS, words)


async def _confirmed(desk: Desk, one: Check, how: How, words: Words) -> str:
    await keep(desk, one, how)
    where = f"{channel_name(one.channel, words)} {plain(one.address)}"
    return words.gettext("Thank you. %(where)s reaches you.") % {"where": words.sentence(where)}


async def keep(desk: Desk, one: Check, how: How) -> None:
    """This check was answered so: its contact is confirmed."""
    await desk.tx.close_check(one.id, how, desk.now)
    place = {"person": one.person, "channel": one.channel, "address": one.address}
    await desk.tx.put_proof(Proof(**place, confirmed_at=desk.now, how=how))
    desk.refresh([key_of(one.id)])
    log.info("A contact was confirmed", person=one.person, channel=one.channel, how=how)


async def close(desk: Desk, checks: Collection[Check]) -> list[Check]:
    """Those of these that nobody answered; they are closed by this."""
    found = [one for one in checks if await desk.tx.close_check(one.id, How.UNANSWERED, desk.now)]
    desk.refresh(key_of(one.id) for one in found)
    return found
