"""What every store must do with swaps, and with what happened in a shift."""

import asyncio
from dataclasses import replace
from typing import Any

from bot.store.record import NotificationState
from bot.store.store import Store
from escalation.event import Acknowledged, Resolved
from escalation.load import Page
from escalation.swap import Stretch, Swap, SwapState
from tests.fakes.policies import AT, after
from tests.fakes.stored import load, open_alerts, row, then

MINE, THEIRS = Stretch(after(60), after(120)), Stretch(after(200), after(300))
ASKED = Swap(schedule="noc", asker="alice", other="bob", mine=MINE, theirs=THEIRS, at=AT, ends_at=after(60))
GIFT = replace(ASKED, theirs=None, ends_at=after(30))


async def test_a_swap_comes_back_as_it_was(store: Store) -> None:
    async with store.transaction() as tx:
        assert [await tx.add_swap(ASKED), await tx.add_swap(GIFT)] == [1, 2]
    async with store.reading() as tx:
        assert await tx.swap(1) == replace(ASKED, id=1)
        assert await tx.swaps() == [replace(GIFT, id=2), replace(ASKED, id=1)]
        assert (await tx.swap(3), await tx.swap(10**30)) == (None, None)


async def test_a_swap_is_decided_once(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_swap(ASKED)

    async def decide(state: SwapState) -> bool:
        async with store.transaction() as tx:
            return await tx.decide_swap(1, state, after(1))

    found = await asyncio.gather(*(decide(one) for one in (SwapState.ACCEPTED, SwapState.DECLINED)))
    assert sorted(found) == [False, True]
    async with store.reading() as tx:
        (decided,) = await tx.swaps()
        assert decided.state is [SwapState.ACCEPTED, SwapState.DECLINED][found.index(True)]
        assert decided.decided_at == after(1)
        assert await tx.swaps(SwapState.ASKED) == []


async def test_a_question_lapses_at_its_end_and_not_if_it_was_answered(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (ASKED, GIFT, GIFT):
            await tx.add_swap(one)
        assert await tx.next_swap_end() == after(30)
        await tx.decide_swap(3, SwapState.DECLINED, after(1))
        assert [one.id for one in await tx.lapsed_swaps(after(30))] == [2]
        assert await tx.lapsed_swaps(after(29)) == []
        await tx.decide_swap(2, SwapState.LAPSED, after(30))
        assert await tx.next_swap_end() == after(60)


async def test_a_swap_is_forgotten_when_both_shifts_are_long_over(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (ASKED, GIFT):
            await tx.decide_swap(await tx.add_swap(one), SwapState.ACCEPTED, after(1))
        await tx.add_swap(GIFT)
        await tx.purge(after(250))
        assert [one.id for one in await tx.swaps()] == [3, 1]


async def test_what_happened_in_a_shift(store: Store) -> None:
    async with store.transaction() as tx:
        await open_alerts(tx, 3)
    async with store.transaction() as tx:
        await tx.save([then(await _load(store, 1), Acknowledged("alice"), 10)])
        await tx.save([then(await _load(store, 2), Resolved("bob"), 20)])
    async with store.reading() as tx:
        assert await tx.alerts_since(after(15)) == [3, 2, 1]
        assert await tx.alerts_since(after(21)) == [3, 1]
        found = await tx.happened([1, 2, 3], AT, after(20))
        assert (found["opened"], found["taken"], found["resolved"], found["exhausted"]) == (
            {1, 2, 3},
            {1},
            set(),
            set(),
        )
        assert (await tx.happened([1, 2], after(1), after(21)))["resolved"] == {2}
        assert (await tx.happened([3], after(1), after(21))) == {one: set() for one in found}


async def _load(store: Store, id: int) -> Any:
    return await load(store, id)


async def test_pages_are_what_left_in_the_shift_for_its_alerts(store: Store) -> None:
    sent: dict[str, Any] = {"state": NotificationState.SENT, "send_at": None, "sent_at": after(10)}
    async with store.transaction() as tx:
        await tx.add_notifications(
            [
                row("a.1", channel="phone", person="alice", **sent),
                row("a.2", purpose="last_resort", **sent),
                row("a.3", purpose="sender", **sent),
                row("a.4", **sent | {"sent_at": after(30)}),
                row("a.5"),
                row("a.6", alert_id=2, **sent),
            ]
        )
    async with store.reading() as tx:
        found = await tx.pages_about([1], after(10), after(30))
    assert sorted(found, key=str) == [Page("alice", "phone", after(10)), Page(None, "slack", after(10))]
