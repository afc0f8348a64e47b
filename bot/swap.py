"""Swapping shifts, vendor-free: ask somebody, accept, decline, withdraw; and what time does to a question.

What is decided is decided once, in the transaction that changes the schedule and puts what is told into the outbox.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import notice
from bot.desk import Desk
from bot.duty import person_of, schedule_of
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.wording.swap import outcome_of
from escalation.handoff import FAR
from escalation.phrase import Phrase, advice, parts_of
from escalation.roster import Roster
from escalation.schedule import Override, Schedule, on_call
from escalation.swap import Stretch, Swap, SwapState, ends_at, overrides_of, stretch_of, why_not


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What somebody asks for: to give their shift that holds ``mine_at``, or what of it is from ``mine_at`` until
    ``mine_until``, to ``other``, for the other's shift that holds ``theirs_at``. Without ``other``: to whoever has that
    one. Instants are aware."""

    schedule: str
    asker: str
    mine_at: datetime
    mine_until: datetime | None = None
    other: str = ""
    theirs_at: datetime | None = None
    within: timedelta = timedelta(hours=24)


async def ask(desk: Desk, offer: Offer, words: Words) -> str:
    """Ask the other side; returns what to tell. Raises BadArgumentError."""
    roster, _ = await _current(desk)
    schedule = roster.schedules[schedule_of(roster, offer.schedule)]
    asker = person_of(roster, offer.asker)
    other = _other(offer, schedule, roster)
    if other == asker:
        raise BadArgumentError(Phrase("nobody swaps with themselves; name somebody else"))
    mine = _mine(offer, schedule, asker, desk.now)
    theirs = _given(schedule, other, offer.theirs_at, desk.now) if offer.theirs_at else None
    given = (mine,) if theirs is None else (mine, theirs)
    until = ends_at(desk.now, offer.within, *given)
    swap = Swap(schedule=schedule.id, asker=asker, other=other, mine=mine, theirs=theirs, at=desk.now, ends_at=until)
    if reason := why_not(schedule, swap, desk.now):
        raise BadArgumentError(reason)
    swap = replace(swap, id=await desk.tx.add_swap(swap))
    desk.is_roster_changed = True
    notice.tell_person(desk, _key(swap, "q"), other, {"kind": "swap_asked", "id": swap.id})
    return outcome_of(swap, roster, words)


async def accept(desk: Desk, id: int, by: str, words: Words) -> str:
    """Exchange the shifts, if both still stand; returns what came of it. Raises BadArgumentError."""
    swap = await _of_other(desk, id, by)
    roster, taken = await _current(desk)
    schedule = roster.schedules.get(swap.schedule)
    reason = Phrase("the schedule is gone") if schedule is None else why_not(schedule, swap, desk.now)
    state = SwapState.ACCEPTED if reason is None else SwapState.VOID
    swap = await _decide(desk, swap, state, by, reason)
    if reason is None:
        for one in overrides_of(swap, desk.now, taken):
            await desk.tx.add_override(one)
    return outcome_of(swap, roster, words, reason)


async def decline(desk: Desk, id: int, by: str, words: Words) -> str:
    """Leave everything as it is; returns what to tell. Raises BadArgumentError."""
    swap = await _decide(desk, await _of_other(desk, id, by), SwapState.DECLINED, by)
    return outcome_of(swap, desk.rules.roster, words)


async def withdraw(desk: Desk, id: int, by: str, words: Words) -> str:
    """Ask no longer; returns what to tell. Raises BadArgumentError."""
    swap = await _asked(desk, id)
    if by != swap.asker:
        raise BadArgumentError(
            Phrase("swap %(id)s was asked by %(person)s, not by %(by)s", **_who(swap, swap.asker, by))
        )
    swap = await _decide(desk, swap, SwapState.WITHDRAWN, by)
    return outcome_of(swap, desk.rules.roster, words)


async def lapse(desk: Desk) -> datetime | None:
    """Tell both sides of each question whose time has passed; returns when the next one's has."""
    for swap in await desk.tx.lapsed_swaps(desk.now):
        await _decide(desk, swap, SwapState.LAPSED, "")
    return await desk.tx.next_swap_end()


async def _decide(desk: Desk, swap: Swap, state: SwapState, by: str, why: Phrase | None = None) -> Swap:
    """Once: whoever comes second hears what was decided. Both sides but ``by`` are told; they see it anyway."""
    if not await desk.tx.decide_swap(swap.id, state, desk.now):
        raise BadArgumentError(await _settled(desk, swap.id))
    desk.is_roster_changed = True
    for person in {swap.asker, swap.other} - {by}:
        told = {"kind": "swap_decided", "id": swap.id, "why": parts_of(why) if why else None}
        notice.tell_person(desk, _key(swap, "a" if person == swap.asker else "o"), person, told)
    desk.refresh(notice.all_keys(_key(swap, "q")))
    return replace(swap, state=state, decided_at=desk.now)


async def _of_other(desk: Desk, id: int, by: str) -> Swap:
    """The swap, for the one who may answer it."""
    swap = await _asked(desk, id)
    if by != swap.other:
        raise BadArgumentError(Phrase("swap %(id)s was put to %(person)s, not to %(by)s", **_who(swap, swap.other, by)))
    return swap


async def _asked(desk: Desk, id: int) -> Swap:
    """The swap that is still asked. One whose time has passed lapses by the next look, and can't be answered before."""
    swap = await desk.tx.swap(id)
    if swap is None:
        raise BadArgumentError(Phrase("there is no swap %(id)s; “swaps” lists them", id=str(id)))
    if swap.state is not SwapState.ASKED:
        raise BadArgumentError(await _settled(desk, id))
    if swap.ends_at <= desk.now:
        raise BadArgumentError(Phrase("the time to answer swap %(id)s has passed", id=str(id)))
    return swap


_SETTLED = {
    SwapState.ACCEPTED: Phrase("accepted"),
    SwapState.DECLINED: Phrase("declined"),
    SwapState.WITHDRAWN: Phrase("withdrawn"),
    SwapState.LAPSED: Phrase("not answered in time"),
    SwapState.VOID: Phrase("void"),
}


async def _settled(desk: Desk, id: int) -> Phrase:
    swap = await desk.tx.swap(id)
    what = _SETTLED.get(swap.state, Phrase("decided")) if swap else Phrase("decided")
    return Phrase("swap %(id)s was decided already (%(what)s); nothing was changed", id=str(id), what=what)


async def _current(desk: Desk) -> tuple[Roster, tuple[Override, ...]]:
    """The people and schedules with every override and leave as this very transaction finds them, and the overrides."""
    since = desk.now - FAR
    taken = tuple(await desk.tx.overrides(since))
    return desk.rules.roster.changed(taken, await desk.tx.leaves(since)), taken


def _other(offer: Offer, schedule: Schedule, roster: Roster) -> str:
    if offer.other:
        return person_of(roster, offer.other)
    if offer.theirs_at is None:
        typed = Phrase("nobody is named; write with PERSON, or for TIME of the shift you want")
        options = Phrase("nobody is named; write --with PERSON, or --theirs TIME of the shift you want")
        raise BadArgumentError(typed, at_terminal=options)
    people = on_call(schedule, offer.theirs_at)
    if len(people) != 1:
        raise BadArgumentError(Phrase("it is not one person who is on call then; say with whom"))
    return people[0]


def _mine(offer: Offer, schedule: Schedule, asker: str, now: datetime) -> Stretch:
    whole = _given(schedule, asker, offer.mine_at, now)
    if offer.mine_until is None:
        return whole
    part = Stretch(max(offer.mine_at, now), offer.mine_until)
    if part.start >= part.end:
        raise BadArgumentError(Phrase("it would end before it begins; write an end after its start"))
    if part.end > whole.end:
        raise BadArgumentError(Phrase("%(person)s is not on call throughout it", person=asker))
    return part


def _given(schedule: Schedule, person: str, at: datetime, now: datetime) -> Stretch:
    """What of the shift around ``at`` is still to come."""
    whole = stretch_of(schedule, person, at)
    if whole is None:
        wrong = Phrase("%(person)s is not on call for %(schedule)s then", person=person, schedule=schedule.id)
        listed = Phrase("“kidoku oncall %(schedule)s --until …” lists the shifts", schedule=schedule.id)
        looked = Phrase("“who %(schedule)s” says who is, and who is next", schedule=schedule.id)
        raise BadArgumentError(advice(wrong, looked), at_terminal=advice(wrong, listed))
    if whole.end <= now:
        raise BadArgumentError(Phrase("this shift is over"))
    return whole._replace(start=max(whole.start, now))


def _who(swap: Swap, person: str, by: str) -> dict[str, str]:
    return {"id": str(swap.id), "person": person, "by": by}


def _key(swap: Swap, letter: str) -> str:
    return f"w{swap.id}{letter}"
