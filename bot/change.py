"""A change that somebody asks for at the command line: kept in the audit trail, and said."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from bot.desk import Desk
from bot.language import Words
from bot.office import Office
from bot.refusal import RefusalError
from bot.store.record import AuditEntry, AuditOutcome
from bot.view import NotOneError, say

VIA = "cli"

Act = Callable[[Desk], Awaitable[str]]
"""Does it, and returns what to tell."""


async def change(office: Office, act: Act, words: Words, asked: tuple[str, str, str], *, as_json: bool) -> int:
    """Do it, and print what came of it. ``asked``: who, the command, and what of it the audit trail keeps. Raises
    NotOneError."""
    who, verb, argument = asked

    async def kept(desk: Desk) -> str:
        text = await act(desk)
        await keep(desk, who, verb, argument)
        return text

    try:
        text = await office.engine.run_now(kept)
    except RefusalError as error:
        now = office.clock.now()
        refused = AuditEntry(at=now, who=who, via=VIA, verb=verb, outcome=AuditOutcome.MISTAKEN, argument=argument)
        await keep_apart(office, refused)
        raise NotOneError(words.sentence(error.at_terminal)) from error
    say(text, as_json=as_json)
    return 0


async def keep_apart(office: Office, entry: AuditEntry) -> None:
    """A line in the audit trail, in a transaction of its own, for what changed nothing: its fault is no reason to fail,
    and is told on stderr."""
    try:
        await office.engine.run_now(lambda desk: desk.tx.add_audit(entry))
    except Exception as error:
        form = office.words.gettext("This could not be kept in the audit trail: %(why)s")
        print(form % {"why": error}, file=sys.stderr)


async def keep(
    desk: Desk,
    who: str,
    verb: str,
    argument: str,
    alert_id: int | None = None,
    outcome: AuditOutcome = AuditOutcome.DONE,
) -> None:
    """Its line in the audit trail, by which the running bot hears of it, too."""
    await desk.tx.add_audit(
        AuditEntry(
            at=desk.now,
            who=who,
            via=VIA,
            verb=verb,
            outcome=outcome,
            alert_id=alert_id,
            argument=argument,
        )
    )


@contextmanager
def refusals(words: Words) -> Iterator[None]:
    """What is refused within is said in these words: raises NotOneError."""
    try:
        yield
    except RefusalError as error:
        raise NotOneError(words.sentence(error.at_terminal)) from error
