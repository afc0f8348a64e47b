"""What somebody does with their own contacts and language by a press: test one, type the code that came, choose."""

from bot import confirm
from bot.chatops.asker import Asker
from bot.chatops.language import speak
from bot.desk import Desk
from bot.language import LANGUAGES
from bot.refusal import BadArgumentError
from bot.store.record import AuditOutcome
from bot.tokens import Tokens
from channels.inbox import Press
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


def kept_of(press: Press) -> str:
    """What the audit trail keeps of what was pressed: never a code."""
    return "" if press.verb is Verb.CODE else press.argument.partition(":")[0]


async def _speak(desk: Desk, press: Press, asker: Asker) -> str:
    if press.argument not in LANGUAGES:
        raise BadArgumentError(asker.words.gettext("Which language? Write lang ja, lang en or lang zh."))
    return await speak(desk, asker.person, press.argument, asker.via)


async def _test(desk: Desk, press: Press, asker: Asker) -> str:
    return await confirm.ask_once(desk, asker.id, press.argument, asker.words)
