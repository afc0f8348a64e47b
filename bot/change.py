"""A change that somebody asks for at the command line: kept in the audit trail, and said."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from bot.desk import Desk
from bot.language import Words
from bot.office import Office
from bot.refusal import RefusalError
from bot.store.record import AuditEntry, AuditOutcome
from bot.view import NotOneError, say

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

    with refusals(words):
        say(await office.engine.run_now(kept), as_json=as_json)
    return 0


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
            via="cli",
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
