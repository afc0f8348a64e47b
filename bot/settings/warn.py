"""Warnings: what is allowed and probably not meant."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.problem import Fault


def warnings(settings: Settings) -> Iterator[Fault]:
    yield from ()
