"""Buttons and menus that are found by their custom_id, so they work after a restart."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Self

import discord
from discord import ui

Interaction = discord.Interaction[Any]
Used = Callable[[Interaction, re.Match[str]], Awaitable[None]]


def item(kind: type[ui.Button[Any] | ui.Select[Any]], template: str, used: Used) -> type[ui.DynamicItem[Any]]:
    """Those whose custom_id the regular expression matches; ``used`` gets the match."""

    class Found(ui.DynamicItem[Any], template=template):
        def __init__(self, match: re.Match[str]) -> None:
            super().__init__(kind(custom_id=match.string))
            self.match = match

        @classmethod
        async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
            return cls(match)

        async def callback(self, interaction: Interaction) -> None:
            await used(interaction, self.match)

    return Found
