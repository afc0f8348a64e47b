"""What a press is answered: of each button there is, under the message that has it, and on the Home tab."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

from bot.confirm import code_of, mark_of
from bot.messages_doc.cast import CASTS, MINUTE
from bot.messages_doc.live import Bot, played
from bot.messages_doc.section import Shown, of_play
from bot.messages_doc.talk import GUEST
from bot.messages_doc.transcript import of_answer
from bot.post import open_tokens
from channels.inbox import Reply
from channels.message import Button, Message, Verb

_VALID = 16
"""Minutes after which a code is no longer good."""


def _button(message: Message, verb: Verb, argument: str = "") -> Button:
    """The button of a message. Raises StopIteration if it has none."""
    return next(one for one in message.buttons if (one.verb, one.argument) == (verb, argument))


def _answered(label: str, reply: Reply, verb: Verb) -> Shown:
    return Shown("", [f"[ {label} ]", *(f"  {one}" for one in of_answer(reply.text))], of=(verb,))


async def _pressed(bot: Bot) -> Mapping[str, Sequence[Shown]]:
    return {"alert": await _alert(bot), "sent": await _sent(bot), "swap": await _swap(bot), "own": await _own(bot)}


async def _press(
    bot: Bot, message: Message, verb: Verb, argument: str = "", person: str = "alice", via: str = "slack"
) -> Shown:
    button = _button(message, verb, argument)
    assert message.number is not None
    return _answered(button.label, await bot.presses(verb, message.number, person, via, argument), verb)


async def _alert(bot: Bot) -> list[Shown]:
    await bot.arrives()
    await bot.passes(6)
    told = bot.told()
    found = [await _press(bot, told, Verb.SNOOZE, one) for one in ("15m", "1h", "morning")]
    found += [await _press(bot, told, one) for one in (Verb.ESCALATE, Verb.ACK)]
    found.append(await _press(bot, told, Verb.ACK, person="bob"))
    found.append(await _press(bot, told, Verb.RESOLVE))
    found.append(await _press(bot, told, Verb.ACK, person="dave"))
    return found


async def _sent(bot: Bot) -> list[Shown]:
    """Two mails to a guest: the one is approved, the other is not sent."""
    cast, found = bot.cast, []
    for verb in (Verb.APPROVE, Verb.RECALL):
        window = await bot.types("send")
        assert window.dialog is not None
        answers = {"to": GUEST, "subject": cast.own_subject, "body": cast.own_text, "policy": "notice"}
        preview = await bot.answers(window.dialog.key, answers)
        assert preview.dialog is not None
        await bot.answers(preview.dialog.key)
        found.append(await _press(bot, bot.told("bob"), verb, person="bob"))
    return found


async def _swap(bot: Bot) -> list[Shown]:
    """Alice asks Bob twice."""
    found = []
    for verb in (Verb.DECLINE, Verb.ACCEPT):
        await bot.types("swap 5/19 with bob for 5/26")
        found.append(await _press(bot, bot.told("bob"), verb, person="bob"))
    return found


async def _own(bot: Bot) -> list[Shown]:
    """Somebody tests their contacts from the Home tab, and chooses their language."""
    actor, cast = bot.actor("alice"), bot.cast
    home = await bot.app.inbox.home(actor)
    buttons = [one for part in home.parts for line in part.lines for one in line.buttons]
    labels = {one.verb: one.label for one in buttons if one.verb is not Verb.LANG or one.argument == cast.language}
    phone, slack = (mark_of((name, bot.app.engine.rules.roster.people["alice"].contacts[name])) for name in _TESTED)
    tests = [await bot.presses(Verb.TEST, 0, argument=mark) for mark in (slack, phone, phone)]
    found = [_answered(labels[Verb.TEST], one, Verb.TEST) for one in tests]
    found.append(await _press(bot, bot.told("alice"), Verb.CONFIRM))
    field = (await bot.app.inbox.home(actor)).field
    assert field is not None
    typed = ("000000", await _code(bot), "000000")
    codes = [await bot.presses(Verb.CODE, 0, argument=one) for one in typed]
    found += [_answered(field.label, one, Verb.CODE) for one in codes]
    await bot.presses(Verb.TEST, 0, argument=mark_of(("sms", bot.actor("alice", "sms").address)))
    code = await _code(bot)
    bot.clock.move_to(bot.clock.now() + _VALID * MINUTE)
    found.append(_answered(field.label, await bot.presses(Verb.CODE, 0, argument=code), Verb.CODE))
    found.append(_answered(labels[Verb.LANG], await bot.presses(Verb.LANG, 0, argument=cast.language), Verb.LANG))
    return found


_TESTED = ("phone", "slack")


async def _code(bot: Bot) -> str:
    """The code of the test that waits."""
    tokens = await open_tokens(bot.app.store)
    async with bot.app.store.reading() as tx:
        return code_of((await tx.open_checks("alice", bot.clock.now()))[0], tokens)


@lru_cache
def pressed(language: str) -> Mapping[str, Sequence[Shown]]:
    return played(CASTS[language], _pressed)


_of = partial(of_play, pressed)


SECTIONS = (
    _of("alert", "Buttons of an alert", "What whoever pressed sees, and nobody else. The message itself changes, too."),
    _of("sent", "Buttons of a mail that waits for approval", "For whom the settings name."),
    _of("swap", "Buttons of a swap", "For whoever is asked."),
    _of("own", "Buttons of the Home tab", "Testing a contact, typing its code, choosing a language."),
)
