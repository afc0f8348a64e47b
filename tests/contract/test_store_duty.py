"""What every store must do with overrides and leaves."""

import asyncio
from dataclasses import replace

import pytest

from bot.store.duty import Removed
from bot.store.record import ConflictError
from bot.store.store import Store
from escalation.roster import Roster
from escalation.schedule import Leave, Override
from tests.fakes.policies import AT, after

SWAP = Override("noc", "bob", after(10), after(20), "alice", "carol", AT)
LATER = Override("noc", "dave", after(30), after(40), by="dave", at=after(1))
AWAY = Leave("alice", after(10), after(20), "alice", AT, delegate="bob")


async def test_overrides_and_leaves_come_back_as_they_were(store: Store) -> None:
    async with store.transaction() as tx:
        assert [await tx.add_override(LATER), await tx.add_override(SWAP), await tx.add_leave(AWAY)] == [1, 2, 3]
    async with store.reading() as tx:
        assert await tx.overrides(AT) == [replace(SWAP, id=2), replace(LATER, id=1)]
        assert await tx.overrides(after(20)) == [replace(LATER, id=1)]
        assert await tx.leaves(AT) == [replace(AWAY, id=3)]
        assert await tx.leaves(after(20)) == []


async def test_the_last_turn_of_each_team_is_kept(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.turns() == {}
        await tx.put_turns({"noc": "alice", "web": "carol"}, {"noc": ("bob", "alice")}, Roster())
        assert await tx.rounds() == {"noc": ("bob", "alice"), "web": ()}
    async with store.transaction() as tx:
        await tx.put_turns({"noc": "bob"}, {"noc": ("bob",)}, Roster(last_turns={"noc": "alice"}))
    async with store.reading() as tx:
        assert await tx.turns() == {"noc": "bob", "web": "carol"}
        assert await tx.rounds() == {"noc": ("bob",), "web": ()}


READ = Roster(last_turns={"noc": "alice"}, rounds={"noc": ("alice",)})


@pytest.mark.parametrize(
    "stale",
    [Roster(), replace(READ, last_turns={"noc": "carol"}), replace(READ, rounds={"noc": ("carol", "alice")})],
    ids=["there was none", "somebody else had it", "it was another round"],
)
async def test_a_turn_that_another_node_gave_meanwhile_is_a_conflict(store: Store, stale: Roster) -> None:
    async with store.transaction() as tx:
        await tx.put_turns({"noc": "alice"}, READ.rounds, Roster())
    with pytest.raises(ConflictError):
        async with store.transaction() as tx:
            await tx.put_turns({"noc": "bob"}, {"noc": ("alice", "bob")}, stale)
    async with store.transaction() as tx:
        await tx.put_turns({"noc": "bob"}, {"noc": ("alice", "bob")}, READ)
        assert (await tx.turns(), await tx.rounds()) == ({"noc": "bob"}, {"noc": ("alice", "bob")})


async def test_one_that_is_removed_is_gone_and_its_number_is_not_given_again(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_override(SWAP)
        await tx.add_leave(AWAY)
        removals = [await tx.remove_override(id, "carol", after(5)) for id in (1, 1, 2)]
        assert removals == [True, False, False]
        assert [await tx.remove_leave(2, "dave", after(6)), await tx.remove_leave(2, "dave", after(6))] == [True, False]
        assert (await tx.overrides(AT), await tx.leaves(AT)) == ([], [])
        assert await tx.add_override(SWAP) == 3


async def test_who_took_one_back_is_kept_until_it_is_long_over(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (SWAP, LATER):
            await tx.add_override(one)
        await tx.add_leave(AWAY)
        for id, at in ((1, 5), (2, 6)):
            await tx.remove_override(id, "carol", after(at))
        await tx.remove_leave(3, "dave", after(7))
    async with store.transaction() as tx:
        first, second = (
            Removed(replace(SWAP, id=1), "carol", after(5)),
            Removed(replace(LATER, id=2), "carol", after(6)),
        )
        assert await tx.removed_overrides() == [second, first]
        assert await tx.removed_leaves() == [Removed(replace(AWAY, id=3), "dave", after(7))]
        await tx.purge(after(25))
        assert (await tx.removed_overrides(), await tx.removed_leaves()) == ([second], [])


async def test_what_was_over_long_ago_is_deleted(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (SWAP, LATER):
            await tx.add_override(one)
        await tx.add_leave(AWAY)
        await tx.purge(after(35))
        assert await tx.overrides(AT) == [replace(LATER, id=2)]
        assert await tx.leaves(AT) == []


async def test_two_nodes_that_decide_at_once_do_not_give_the_same_turn(store: Store, other: Store) -> None:
    """Whoever commits last decides again. SQLite has one writer at a time: there the second one waits to read."""

    async def give(node: Store, barrier: asyncio.Barrier | None) -> str:
        try:
            async with node.transaction() as tx:
                before = Roster(last_turns=await tx.turns(), rounds=await tx.rounds())
                if barrier is not None:
                    await barrier.wait()
                person = "bob" if before.last_turns else "alice"
                await tx.put_turns({"noc": person}, {}, before)
                return person
        except ConflictError:
            return await give(node, None)

    both = asyncio.Barrier(2) if store.engines.url.drivername.startswith("postgresql") else None
    async with asyncio.timeout(20):
        assert sorted(await asyncio.gather(give(store, both), give(other, both))) == ["alice", "bob"]
