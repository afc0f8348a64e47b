"""What somebody does with their own contacts and language: test one, enter the code that came, see how each stands,
choose."""

from datetime import timedelta

from bot import confirm
from bot.chatops.asker import Asker
from bot.chatops.command import Command
from bot.chatops.contact import EVERY
from bot.chatops.language import speak
from bot.desk import Desk
from bot.home import contacts_shown
from bot.known import known_of
from bot.language import LANGUAGES
from bot.refusal import BadArgumentError
from bot.store.record import AuditOutcome
from bot.tokens import Tokens
from bot.wording.home import contact_lines
from channels.inbox import Press, Reply, Texted
from channels.message import Verb

MOST_TYPED = 50


async def carry_out(desk: Desk, press: Press, asker: Asker, tokens: Tokens | None) -> str:
    """Do it, keep it in the audit trail, and say what came of it. ``tokens`` are needed for a code. Raises
    BadArgumentError, worded: then nothing was changed."""
    if press.verb is Verb.LANG:
        return await _speak(desk, press, asker)
    outcome = AuditOutcome.DONE
    if press.verb is Verb.CODE and tokens is not None:
        is_right, text = await confirm.enter(desk, asker.id, press.argument[:MOST_TYPED], tokens, asker.words)
        outcome = AuditOutcome.DONE if is_right else AuditOutcome.MISTAKEN
    else:
        text = await _test(desk, press, asker)
    await desk.tx.add_audit(asker.entry(desk.now, press.verb, outcome, kept_of(press)))
    return text


async def obey(desk: Desk, command: Command, asker: Asker, tokens: Tokens | None, valid_for: timedelta) -> Reply:
    """The command ``confirm``. ``tokens`` are needed for a code; a wrong one is not done, and stays counted. Raises
    BadArgumentError."""
    is_done = True
    if command.code and tokens is not None:
        is_done, text = await confirm.enter(desk, asker.id, command.code, tokens, asker.words)
    elif command.argument:
        channel = "" if command.argument == EVERY else command.argument
        text = await confirm.ask(desk, asker.id, channel, asker.words)
    else:
        text = await _listed(desk, asker, valid_for)
    outcome = AuditOutcome.DONE if is_done else AuditOutcome.MISTAKEN
    await desk.tx.add_audit(asker.entry(desk.now, command.name, outcome, command.said))
    return Reply(text, is_done)


async def _listed(desk: Desk, asker: Asker, valid_for: timedelta) -> str:
    known = await known_of(desk.tx, [asker.id], valid_for, desk.now)
    how = asker.words.gettext("“confirm phone” sends a code there; “confirm 123456” enters the one that came.")
    return "\n".join([*contact_lines(contacts_shown(asker.person, known, desk.now), asker.words), how])


async def answer(desk: Desk, texted: Texted, digits: str, asker: Asker, tokens: Tokens) -> Reply:
    """A text message with a code: it confirms the number that it came from. A wrong one stays counted."""
    is_right, text = await confirm.enter_from(desk, texted.actor.address, digits, tokens, asker.words)
    outcome = AuditOutcome.DONE if is_right else AuditOutcome.MISTAKEN
    await desk.tx.add_audit(asker.entry(desk.now, Verb.CODE, outcome))
    return Reply(text, is_right)


def kept_of(press: Press) -> str:
    """What the audit trail keeps of what was pressed: never a code."""
    return "" if press.verb is Verb.CODE else press.argument.partition(":")[0]


async def _speak(desk: Desk, press: Press, asker: Asker) -> str:
    if press.argument not in LANGUAGES:
        raise BadArgumentError(asker.words.gettext("Which language? Write lang ja, lang en or lang zh."))
    return await speak(desk, asker.person, press.argument, asker.via)


async def _test(desk: Desk, press: Press, asker: Asker) -> str:
    return await confirm.ask_once(desk, asker.id, press.argument, asker.words)
