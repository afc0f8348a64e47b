"""What every store must do with dialogs."""

import asyncio

from bot.store.record import DialogRow
from bot.store.store import Store
from tests.fakes.policies import AT, after

KEY = "0123456789abcdef"
ROW = DialogRow(
    key=KEY,
    person="alice",
    verb="send",
    made_at=AT,
    answers={"body": "回線\n<!channel> 😀\x00"},
    rooms=("C0OPS", "#ops"),
)


async def test_a_dialog_comes_back_as_it_was_answered(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_dialog(ROW)
    async with store.reading() as tx:
        assert await tx.dialog(KEY) == ROW
        assert await tx.dialog("another") is None
    async with store.transaction() as tx:
        await tx.put_answers(KEY, {"to": "bob"})
    async with store.reading() as tx:
        found = await tx.dialog(KEY)
    assert found is not None
    assert found.answers == {"to": "bob"}


async def test_what_is_done_is_remembered_without_what_was_answered(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_dialog(ROW)
        await tx.finish_dialog(KEY, 42, after(5))
    async with store.reading() as tx:
        found = await tx.dialog(KEY)
    assert found is not None
    assert (found.answers, found.alert_id, found.done_at) == ({}, 42, after(5))


async def test_what_is_old_is_forgotten(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_dialog(ROW)
        await tx.forget_dialogs(AT)
    async with store.transaction() as tx:
        assert await tx.dialog(KEY) == ROW
        await tx.forget_dialogs(after(1))
        assert await tx.dialog(KEY) is None


async def test_two_nodes_do_not_answer_one_at_once(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_dialog(ROW)

    async def second() -> DialogRow | None:
        async with other.transaction() as tx:
            return await tx.take_dialog(KEY)

    async with store.transaction() as tx:
        assert await tx.take_dialog(KEY) == ROW
        waiting = asyncio.create_task(second())
        await asyncio.wait([waiting], timeout=0.3)
        assert not waiting.done()
        await tx.finish_dialog(KEY, 42, after(5))
    found = await waiting
    assert found is not None
    assert found.done_at == after(5)
