"""What the parts of a transaction share: the connection, and the policies and large alerts met so far."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from bot.store.connection import Connection
from bot.store.policies import Policies
from bot.store.states import States

T = TypeVar("T")

_FEW = 500
"""Values in one IN list."""


@dataclass(slots=True)
class Part:
    """``parked`` are the alerts that this very transaction parked."""

    connection: Connection
    policies: Policies
    states: States
    parked: set[int] = field(default_factory=set)


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists that are short enough for IN."""
    listed = list(values)
    for start in range(0, len(listed), _FEW):
        yield listed[start : start + _FEW]
