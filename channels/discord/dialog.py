"""Dialogs over the gateway: opened as the first answer to an interaction, for a modal can't follow a deferral; what
was answered is saved, and told within 3 seconds or after a deferral. Everything is found by its custom_id, so it works
after a restart.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
import re
from collections.abc import Awaitable
from typing import Any

import discord
import structlog
from discord import ui

from channels.dialog import Dialog
from channels.discord.answer import classify
from channels.discord.inbound import actor_of
from channels.discord.item import Interaction, item
from channels.discord.modal import MODAL, PAGE, SURE, answers_of, buttons, lines, modal
from channels.discord.render import MENU
from channels.inbox import Answered, Inbox, Reply, Wish

log = structlog.get_logger(__name__)

ANSWER_WITHIN = 1.5
"""Seconds; Discord waits 3 for an answer or its deferral."""


def register(client: discord.Client, inbox: Inbox) -> None:
    """Let the client hand every answer, and every wish for a dialog, to the inbox."""

    async def on_interaction(interaction: Interaction) -> None:
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id") or "")
        if interaction.type is discord.InteractionType.modal_submit and custom_id.startswith(MODAL):
            answered = Answered(actor_of(interaction), custom_id.removeprefix(MODAL), answers_of(data))
            await show(interaction, inbox.answered(answered))

    async def opened_again(interaction: Interaction, match: re.Match[str]) -> None:
        await show(interaction, inbox.ask(Wish(actor_of(interaction), key=match["key"])), int(match["page"]))

    async def confirmed(interaction: Interaction, match: re.Match[str]) -> None:
        await show(interaction, inbox.answered(Answered(actor_of(interaction), match["whole"])))

    async def chosen(interaction: Interaction, match: re.Match[str]) -> None:
        data: Any = interaction.data or {}
        verb = str(next(iter(data.get("values") or ()), ""))
        await show(interaction, inbox.ask(Wish(actor_of(interaction), verb, int(match["alert"]))))

    client.add_dynamic_items(
        item(ui.Button, rf"{PAGE}(?P<key>[0-9a-f]{{16}}):(?P<page>[0-9])", opened_again),
        item(ui.Button, rf"{SURE}(?P<whole>[0-9a-f]{{16}}\.[0-9a-f]{{12}})", confirmed),
        item(ui.Select, rf"{MENU}:(?P<alert>[0-9]{{1,18}})", chosen),
    )
    client.event(on_interaction)


async def show(interaction: Interaction, work: Awaitable[Reply], page: int = 0) -> None:
    """Show what comes of it to whoever it was, and to nobody else: at once if that is quick, else after a deferral."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task], timeout=ANSWER_WITHIN)
    try:
        if not task.done():
            await interaction.response.defer(ephemeral=True, thinking=True)
    except Exception as error:
        log.warning("Discord was not told in time that an answer takes longer", reason=classify(error).reason)
    reply = await task
    try:
        await tell(interaction, reply, page)
    except Exception as error:
        log.warning("Something was carried out, but its answer could not be shown", reason=classify(error).reason)


async def tell(interaction: Interaction, reply: Reply, page: int = 0) -> None:
    """A dialog opens at once where that is possible; elsewhere a button opens it. Raises what discord.py raises."""
    dialog = reply.dialog
    if dialog is not None and _can_open(interaction, reply, dialog):
        await interaction.response.send_modal(modal(dialog, page))
        return
    options: dict[str, Any] = {"allowed_mentions": discord.AllowedMentions.none(), "suppress_embeds": True}
    if dialog is not None:
        options["view"] = buttons(dialog, is_new=not dialog.is_confirming and not reply.faults)
    text = lines("\n".join(dialog.lines) if dialog is not None and dialog.is_confirming else reply.text)
    if interaction.response.is_done():
        await interaction.followup.send(text, ephemeral=True, **options)
    else:
        await interaction.response.send_message(text, ephemeral=True, **options)


def _can_open(interaction: Interaction, reply: Reply, dialog: Dialog) -> bool:
    """A modal is the first answer or none, and never the answer to another: what was submitted gets a confirmation, or
    is told what was wrong."""
    return not interaction.response.is_done() and not dialog.is_confirming and not reply.faults
