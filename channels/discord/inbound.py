"""Presses of buttons, over the gateway.

https://docs.discord.com/developers/interactions/receiving-and-responding: an answer within 3 seconds, follow-ups for 15
minutes.
"""

import asyncio
import re

import discord
import structlog
from discord import ui

from channels.base import HealthListener
from channels.discord.answer import classify
from channels.discord.api import Connection
from channels.discord.backoff import wait_after
from channels.discord.item import Interaction, item
from channels.discord.render import answer
from channels.inbox import Actor, Inbox, Press
from channels.message import Verb

log = structlog.get_logger(__name__)

_VERBS = "|".join(Verb)


def register(client: discord.Client, inbox: Inbox) -> None:
    """Let the client hand every press of ours to the inbox."""

    async def pressed(interaction: Interaction, match: re.Match[str]) -> None:
        await _answer(interaction, match, inbox)

    template = rf"kidoku:(?P<verb>{_VERBS}):(?P<alert>[0-9]{{1,18}}):(?P<argument>[a-z0-9]{{0,20}})"
    client.add_dynamic_items(item(ui.Button, template, pressed))


def actor_of(interaction: Interaction) -> Actor:
    """Who it was, what language their Discord speaks, and where they are: in a thread, in its channel, too."""
    user, places = interaction.user, [interaction.channel_id, getattr(interaction.channel, "parent_id", None)]
    rooms = tuple(str(place) for place in places if place)
    return Actor("discord", str(user.id), "", user.display_name, str(interaction.locale), rooms)


async def _answer(interaction: Interaction, match: re.Match[str], inbox: Inbox) -> None:
    """Defer at once, carry out, tell the presser in private."""
    press = Press(
        Verb(match["verb"]),
        int(match["alert"]),
        actor_of(interaction),
        match["argument"],
        str(interaction.id),
    )
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
    except Exception as error:
        # Whatever is raised, a line that was cut too: the press counts all the same. What was pressed at night must not
        # depend on a slow answer.
        log.warning("A press was not acknowledged to Discord in time", reason=classify(error).reason)
    reply = await inbox.press(press)
    try:
        none = discord.AllowedMentions.none()
        text, *_ = answer(reply.text)
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=none, suppress_embeds=True)
    except Exception as error:
        log.warning("A press was carried out, but its answer could not be shown", reason=classify(error).reason)


class GatewayService:
    """Keeps the gateway, for ever. discord.py resumes and reconnects; this begins again when it gives up."""

    def __init__(self, connection: Connection, on_health: HealthListener) -> None:
        self._connection = connection
        self._on_health = on_health

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                await self._connection.connect()
            except Exception as error:
                self._on_health("discord", False, classify(error).reason)
            failures += 1
            await asyncio.sleep(wait_after(failures))
