"""How SQLite would look for what a query asks for."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import event

from bot.store.store import Store, Tx
from tests.fakes.policies import AT
from tests.fakes.stored import database


async def plan_of(folder: Path, query: Callable[[Tx], Awaitable[object]]) -> list[str]:
    """The steps, in a database of its own; the statement is the very one that is run."""
    said: list[tuple[str, object]] = []

    def note(_: object, __: object, text: str, values: object, *rest: object) -> None:
        said.append((text, values))

    async with database("sqlite", folder) as url:
        store = await Store.open(url, AT)
        async with store.reading() as tx:
            sync = tx.connection.sync_connection
            assert sync is not None
            event.listen(sync, "before_cursor_execute", note)
            await query(tx)
            event.remove(sync, "before_cursor_execute", note)
            [(text, values)] = said
            plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            details = [str(line[3]) for line in plan.all()]
        await store.close()
    return details
