"""What the commands about swaps read and print."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from bot import swap
from bot.change import Act
from bot.desk import Desk
from bot.duty_view import aware
from bot.language import Words
from bot.office import Office
from bot.view import NotOneError
from bot.wording.swap import outcome_of
from escalation.swap import Swap, SwapState

Answer = Callable[[Desk, int, str, Words], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed to ask for a swap."""

    schedule: str
    who: str
    mine: datetime | None
    start: datetime | None
    until: datetime | None
    other: str
    theirs: datetime | None
    hours: int


def act_of(typed: Typed, answers: Sequence[tuple[Answer, int]], words: Words) -> Act:
    """What to do: answer, or ask. Raises NotOneError where that is not one thing."""
    asks = any((typed.schedule, typed.mine, typed.start, typed.until, typed.other, typed.theirs))
    if len(answers) + asks > 1:
        raise NotOneError(words.gettext("Write one of the two: a schedule to ask, or a number to answer."))
    if answers:
        (answer, number), *_ = answers
        return lambda desk: answer(desk, number, typed.who, words)
    offer = _offer(typed, words)
    return lambda desk: swap.ask(desk, offer, words)


def kept_of(typed: Typed, answers: Sequence[tuple[Answer, int]], words: Words) -> tuple[str, str]:
    """The verb, and what of it the audit trail keeps. Raises NotOneError."""
    for answer, number in answers:
        return answer.__name__, str(number)
    offer = _offer(typed, words)
    times = (offer.mine_at, offer.mine_until, offer.theirs_at)
    said = (offer.schedule, offer.other, *(at.isoformat() for at in times if at is not None))
    return "swap", " ".join(part for part in said if part)


def _offer(typed: Typed, words: Words) -> swap.Offer:
    is_part = typed.start is not None and typed.until is not None and typed.mine is None
    is_whole = typed.mine is not None and typed.start is None and typed.until is None
    if not typed.schedule or not (is_part or is_whole):
        raise NotOneError(
            words.gettext("Write which shift of yours: kidoku swap SCHEDULE --mine TIME, or --from TIME --until TIME.")
        )
    mine_at, until, theirs = (_utc(at, words) for at in (typed.mine or typed.start, typed.until, typed.theirs))
    assert mine_at is not None
    return swap.Offer(
        schedule=typed.schedule,
        asker=typed.who,
        mine_at=mine_at,
        mine_until=until,
        other=typed.other,
        theirs_at=theirs,
        within=timedelta(hours=typed.hours),
    )


def _utc(at: datetime | None, words: Words) -> datetime | None:
    known = aware(at, words)
    return None if known is None else known.astimezone(UTC)


async def list_swaps(office: Office, words: Words, *, everything: bool, as_json: bool) -> int:
    async with office.store.reading() as tx:
        found = await tx.swaps(None if everything else SwapState.ASKED)
    if as_json:
        print(json.dumps([swap_object(one) for one in found], ensure_ascii=False, indent=2))
        return 0
    console = Console(soft_wrap=False, highlight=False, markup=False)
    for line in [outcome_of(one, office.engine.rules.roster, words) for one in found] or [words.gettext("No swaps.")]:
        console.print(Text(line))
    return 0


def swap_object(one: Swap) -> dict[str, Any]:
    """A swap for programs."""
    spans = {"mine": one.mine, "theirs": one.theirs}
    return {
        "id": one.id,
        "schedule": one.schedule,
        "asker": one.asker,
        "other": one.other,
        **{
            name: {"from": span.start.isoformat(), "until": span.end.isoformat()} if span else None
            for name, span in spans.items()
        },
        "state": one.state,
        "asked_at": one.at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "decided_at": one.decided_at.isoformat() if one.decided_at else None,
    }
