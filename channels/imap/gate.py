"""How much of the shared pool the mailboxes of one server may hold, so that its trouble stays its own."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

LOGINS_AT_ONCE = 2
"""Gentle: many servers count logins, and slow down or lock out who comes with all at once."""
COMMANDS_AT_ONCE = 3
"""Fewer than the pool has threads: what a server that hangs leaves to the others."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Gate:
    """One server's share of one pool."""

    logins: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LOGINS_AT_ONCE))
    commands: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(COMMANDS_AT_ONCE))


_GATES: WeakKeyDictionary[Executor, dict[Address, Gate]] = WeakKeyDictionary()


def gate_of(pool: Executor, address: Address) -> Gate:
    """The gate that all accounts of this server share, as long as they share the pool."""
    return _GATES.setdefault(pool, {}).setdefault(address, Gate())
