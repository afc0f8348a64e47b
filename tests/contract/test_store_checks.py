"""What every store must do with checks of contacts, and with their proofs."""

from dataclasses import replace

import pytest

from bot.store.checks import Check, CheckKind, How, Proof
from bot.store.store import Store
from tests.fakes.policies import AT, after

FIRST = Check(
    person="bob",
    channel="phone",
    address="+81",
    kind=CheckKind.CONFIRM,
    nonce="ab",
    asked_at=AT,
    ends_at=after(15),
)
TEST = replace(FIRST, kind=CheckKind.TEST, nonce="cd", channel="slack", address="U0")


@pytest.fixture
async def store(store: Store) -> Store:
    """With two checks under way."""
    async with store.transaction() as tx:
        assert [await tx.add_check(FIRST), await tx.add_check(TEST)] == [1, 2]
    return store


async def test_checks_come_back_as_they_were(store: Store) -> None:
    async with store.reading() as tx:
        assert await tx.check(1) == replace(FIRST, id=1)
        assert (await tx.check(3), await tx.check(10**30)) == (None, None)
        assert [one.id for one in await tx.open_checks("bob", after(14))] == [2, 1]
        assert await tx.open_checks("bob", after(15)) == []
        assert await tx.open_checks("alice", AT) == []
        assert [one.id for one in await tx.open_checks_at("+81", {"phone", "sms"}, AT)] == [1]
        assert await tx.open_checks_at("+81", {"sms"}, AT) == await tx.open_checks_at("+82", {"phone"}, AT) == []
        assert await tx.open_checks_at("+81", {"phone"}, after(15)) == []
        assert await tx.lapsed_checks(after(14)) == []
        assert [one.id for one in await tx.lapsed_checks(after(15))] == [2, 1]


async def test_only_what_was_asked_for_is_counted(store: Store) -> None:
    async with store.reading() as tx:
        assert await tx.count_checks("bob", "phone", after(-1)) == 1
        assert await tx.count_checks("bob", "slack", after(-1)) == 0, "a test"
        assert await tx.count_checks("bob", "phone", AT) == 0


async def test_when_an_address_was_last_asked_is_known_of_that_address_alone(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_check(replace(FIRST, nonce="ef", asked_at=after(3), ends_at=after(18)))
        await tx.close_check(3, How.CODE, after(4))
        await tx.add_check(replace(FIRST, nonce="gh", address="+82", asked_at=after(5), ends_at=after(20)))
        assert await tx.last_asked("bob", "phone", "+81") == after(3), "also if it was answered"
        assert await tx.last_asked("bob", "slack", "U0") is None, "a test"
        assert await tx.last_asked("alice", "phone", "+81") is None


async def test_tries_are_counted_until_the_most_and_given_back(store: Store) -> None:
    async with store.transaction() as tx:
        assert [await tx.take_check_tries([1, 2], 2) for _ in range(3)] == [{1, 2}, {1, 2}, set()]
        await tx.give_back_tries([2])
        assert await tx.take_check_tries([1, 2], 2) == {2}
        assert await tx.take_check_tries([], 2) == set()


async def test_a_check_is_closed_once_and_then_has_no_tries(store: Store) -> None:
    async with store.transaction() as tx:
        assert [await tx.close_check(2, how, after(1)) for how in (How.PRESS, How.UNANSWERED)] == [True, False]
        assert await tx.take_check_tries([2], 5) == set()
    async with store.reading() as tx:
        closed = replace(TEST, id=2, closed_at=after(1), how=How.PRESS)
        assert await tx.check(2) == closed
        assert await tx.last_tests(["bob"]) == [closed]
        assert await tx.last_tests(["alice"]) == []


async def test_the_last_proof_of_an_address_counts_and_outlives_its_check(store: Store) -> None:
    proof = Proof(person="bob", channel="phone", address="+81", confirmed_at=AT, how=How.CODE)
    later = replace(proof, confirmed_at=after(9), how=How.PRESS)
    async with store.transaction() as tx:
        await tx.put_proof(proof)
        await tx.put_proof(later)
        await tx.put_proof(replace(proof, address="+82"))
        await tx.close_check(1, How.CODE, after(1))
        await tx.purge(after(2))
    async with store.reading() as tx:
        assert await tx.proofs(["bob"]) == [later, replace(proof, address="+82")]
        assert await tx.check(1) is None
        assert await tx.check(2) is not None, "it is open"
