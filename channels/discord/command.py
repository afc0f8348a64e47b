"""Application commands: ``/kidoku ack``, ``/kidoku status`` and so on, with their fields and what these may take. Below
one command there is room for 25: the others are ``/kidoku-confirm`` and so on, in the same menu.

They are made of the bot's own forms, and registered only when they have changed: a digest of what Discord was told last
is kept. https://docs.discord.com/developers/interactions/application-commands
"""

import asyncio
import hashlib
import inspect
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

import discord
import structlog
from discord import app_commands

from channels.base import Rejected, RetryLater
from channels.dialog import Field, Form, Offer
from channels.discord.answer import classify
from channels.discord.api import Connection
from channels.discord.backoff import wait_after
from channels.discord.dialog import ANSWER_WITHIN, show, tell
from channels.discord.inbound import actor_of
from channels.discord.item import Interaction
from channels.discord.render import MOST_OPTION, MOST_OPTIONS, answer, line
from channels.inbox import Inbox, Typed, Wish

log = structlog.get_logger(__name__)

NAME = "kidoku"
KEY = "discord:commands"
MOST_ABOUT = 100
MOST_NAME = 32
MOST_BELOW = 25
"""Subcommands of one command."""
SHARE = "share"
"""The field by which whoever asks lets the room see the answer."""
OFFER_WITHIN = 2.5
"""Seconds; Discord waits 3 for what a field may take."""
_LOCALES = {"ja": discord.Locale.japanese, "zh": discord.Locale.chinese}


class Localised(app_commands.Translator):
    """The texts of the menu in the languages of the bot."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        about: Mapping[str, str] = string.extras.get("about", {})
        language = next((one for one, known in _LOCALES.items() if known is locale), "")
        return about[language][:MOST_ABOUT] if language in about else None


def tree_of(client: discord.Client, inbox: Inbox) -> app_commands.CommandTree[Any]:
    """Every command of the inbox, as one group, and beside it what has no room there."""
    tree: app_commands.CommandTree[Any] = app_commands.CommandTree(client, fallback_to_global=True)
    group = app_commands.Group(name=NAME, description="Kidoku")
    tree.add_command(group)
    for form in inbox.forms():
        if form.is_on_message:
            tree.add_command(_on_message(form, inbox))
        elif len(group.commands) < MOST_BELOW:
            group.add_command(_command(form, form.verb, inbox))
        else:
            tree.add_command(_command(form, f"{NAME}-{form.verb}", inbox))
    return tree


def _on_message(form: Form, inbox: Inbox) -> app_commands.ContextMenu:
    """A command in the menu of every message, which gives its text. Its name has at most 32 characters."""

    async def callback(interaction: Interaction, message: discord.Message) -> None:
        await show(interaction, inbox.ask(Wish(actor_of(interaction), form.verb, text=message.content)))

    name = app_commands.locale_str(form.about["en"][:MOST_NAME], about=form.about)
    return app_commands.ContextMenu(name=name, callback=callback)


def _command(form: Form, name: str, inbox: Inbox) -> app_commands.Command[Any, ..., None]:
    """discord.py reads a command's fields from its callback's signature."""

    async def callback(interaction: Interaction, **given: Any) -> None:
        await _answer(interaction, form.verb, given, inbox)

    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction)
    fields = [_parameter(one) for one in form.fields]
    callback.__signature__ = inspect.Signature([first, *fields])  # type: ignore[attr-defined]
    described: Any = app_commands.describe(**{one.name: _about(one.about) for one in form.fields})(callback)
    command = app_commands.Command[Any, ..., None](name=name, description=_about(form.about), callback=described)
    for field in form.fields:
        if field.offers:
            command.autocomplete(field.name)(_offering(field.offers, inbox))
    return command


def _about(about: Mapping[str, str]) -> app_commands.locale_str:
    return app_commands.locale_str(about["en"][:MOST_ABOUT], about=about)


def _parameter(field: Field) -> inspect.Parameter:
    kind: Any = bool if field.is_flag else Literal[field.choices] if field.choices else str
    default: Any = inspect.Parameter.empty if field.is_required else False if field.is_flag else ""
    return inspect.Parameter(field.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)


def _offering(
    kind: str, inbox: Inbox
) -> Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]:
    async def offer(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            async with asyncio.timeout(OFFER_WITHIN):
                return [
                    _choice(one) for one in (await inbox.offers(actor_of(interaction), kind, current))[:MOST_OPTIONS]
                ]
        except TimeoutError:
            return []

    return offer


def _choice(one: Offer) -> app_commands.Choice[str]:
    return app_commands.Choice(name=line(one.label, MOST_OPTION), value=one.value[:MOST_OPTION])


async def _answer(interaction: Interaction, verb: str, given: Mapping[str, Any], inbox: Inbox) -> None:
    """Carry out and tell: at once if that is quick, else after a deferral; whoever asked only, unless they share it."""
    is_shared = bool(given.get(SHARE))
    fields = {name: str(value) for name, value in given.items() if name != SHARE and value}
    typed = Typed(actor_of(interaction), verb=verb, fields=fields, is_shared=is_shared, dedup=str(interaction.id))
    work = asyncio.ensure_future(inbox.typed(typed))
    await asyncio.wait([work], timeout=ANSWER_WITHIN)
    if not work.done():
        await _defer(interaction, is_private=not is_shared)
    reply = await work
    try:
        if reply.dialog is not None:
            await tell(interaction, reply)
            return
        await _tell(interaction, answer(reply.text), is_private=not reply.is_shared)
    except Exception as error:
        log.warning("A command was carried out, but its answer could not be shown", reason=classify(error).reason)


async def _defer(interaction: Interaction, *, is_private: bool) -> None:
    """It counts even if this fails: what was asked for at night must not depend on a slow answer."""
    try:
        await interaction.response.defer(ephemeral=is_private, thinking=True)
    except Exception as error:
        log.warning("A command was not acknowledged to Discord in time", reason=classify(error).reason)


async def _tell(interaction: Interaction, texts: Sequence[str], *, is_private: bool) -> None:
    """What follows a deferral is as private as that was: so what is quick needs none, and a refusal stays private."""
    options: Any = {
        "ephemeral": is_private,
        "allowed_mentions": discord.AllowedMentions.none(),
        "suppress_embeds": True,
    }
    first, *more = texts
    if interaction.response.is_done():
        await interaction.followup.send(first, **options)
    else:
        await interaction.response.send_message(first, **options)
    for text in more:
        await interaction.followup.send(text, **options)


class CommandService:
    """Registers the commands once, if they are not what Discord was told last: for one server, or for all."""

    def __init__(self, connection: Connection, tree: app_commands.CommandTree[Any], inbox: Inbox) -> None:
        self._connection = connection
        self._tree = tree
        self._inbox = inbox

    async def run(self) -> None:
        failures = 0
        while (fault := await self._register_now()) is not None:
            failures += 1
            asked = fault.after if isinstance(fault, RetryLater) else None
            await asyncio.sleep(max(wait_after(failures), (asked or timedelta(0)).total_seconds()))
        await asyncio.Event().wait()

    async def _register_now(self) -> RetryLater | Rejected | None:
        """What went wrong, if anything did."""
        try:
            client = await self._connection.log_in()
            await self._register(client)
        except Exception as error:
            fault = classify(error)
            log.warning("The commands could not be registered with Discord", reason=fault.reason)
            return fault
        return None

    async def _register(self, client: discord.Client) -> None:
        await self._tree.set_translator(Localised())
        scope = self._connection.settings.guild or "all"
        digest = await self._digest(client)
        known_scope, _, known = (await self._inbox.recall(KEY)).partition(":")
        if (known_scope, known) == (scope, digest):
            return
        if known_scope and known_scope != scope:
            await self._forget(known_scope)
        guild = None if scope == "all" else discord.Object(int(scope))
        if guild is not None:
            self._tree.copy_global_to(guild=guild)
        await self._tree.sync(guild=guild)
        await self._inbox.keep(KEY, f"{scope}:{digest}")

    async def _digest(self, client: discord.Client) -> str:
        translator = self._tree.translator
        if translator is None:
            return ""
        told = [await one.get_translated_payload(self._tree, translator) for one in self._tree.get_commands()]
        said = json.dumps([client.application_id, told], sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()

    async def _forget(self, scope: str) -> None:
        """Take the commands away from where they were before, so that nobody sees them twice."""
        application = self._connection.client.application_id
        http = self._connection.client.http
        if application is None:
            return
        if scope == "all":
            await http.bulk_upsert_global_commands(application, payload=[])
        else:
            await http.bulk_upsert_guild_commands(application, int(scope), payload=[])
