"""Statements for many rows, compiled once: what SQLAlchemy does for each row costs more than inserting it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    arrange: Callable[[Row], Row] | None
    """Puts a row's values into the order of the statement's parameters; None if they are in it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """An INSERT, UPDATE or DELETE that runs for each of many rows.

    ``build`` makes the statement for a connection; ``names`` are its parameters, in the order of a row's values: for
    an INSERT the columns, otherwise those of its ``bindparam``. Values are what the drivers take as they are: no
    enums, no instants, no mappings.
    """

    build: Callable[[AsyncConnection], UpdateBase]
    names: Sequence[str]
    _compiled: dict[str, _Compiled] = field(default_factory=dict)

    async def run(self, connection: AsyncConnection, rows: Sequence[Row]) -> None:
        """Run it for each row, in one call of the driver; for none, do nothing."""
        if not rows:
            return
        made = self._compiled.get(connection.dialect.name)
        if made is None:
            made = self._compiled[connection.dialect.name] = self._compile(connection)
        listed = list(rows) if made.arrange is None else [made.arrange(row) for row in rows]
        await connection.exec_driver_sql(made.sql, listed)

    def _compile(self, connection: AsyncConnection) -> _Compiled:
        compiled: Any = self.build(connection).compile(dialect=connection.dialect, column_keys=list(self.names))
        order = [self.names.index(name) for name in compiled.positiontup]
        is_in_order = order == list(range(len(self.names)))
        return _Compiled(str(compiled), None if is_in_order else _arranged(order))


def _arranged(order: Sequence[int]) -> Callable[[Row], Row]:
    if len(order) == 1:
        return lambda row: (row[order[0]],)
    return itemgetter(*order)
