"""Application commands, with the real client library, against a server on the wire."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import discord
import pytest
from pydantic import SecretStr

from channels.base import Channel
from channels.discord.channel import build
from channels.discord.config import DiscordSettings
from channels.inbox import Actor, Typed
from tests.contract.test_discord import NOW
from tests.fakes import services
from tests.fakes.discord import ALICE, ROOM, TOKEN, FakeDiscord, Refusal
from tests.fakes.inbox import RecordingInbox

GUILD = "300000000000000000"


@asynccontextmanager
async def running(server: FakeDiscord, inbox: RecordingInbox, **more: Any) -> AsyncIterator[Channel]:
    """The channel as the bot runs it, its commands registered and its gateway up."""
    settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=server.url, timeout=timedelta(seconds=2), **more)
    channel = build(settings, inbox, lambda: NOW, lambda *state: None)
    before = server.identified
    assert channel.notifier is not None
    try:
        async with services.running(channel.services):
            await server.until(lambda: server.identified > before)
            yield channel
    finally:
        await channel.notifier.close()


@pytest.fixture
async def server() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as one:
        yield one


@pytest.fixture
def inbox() -> RecordingInbox:
    return RecordingInbox()


def callbacks(server: FakeDiscord) -> list[dict[str, Any]]:
    return [one["callback"] for one in server.answers if "callback" in one]


def followups(server: FakeDiscord) -> list[dict[str, Any]]:
    return [one["followup"] for one in server.answers if "followup" in one]


async def test_the_commands_are_registered_once_with_texts_in_three_languages(
    server: FakeDiscord, inbox: RecordingInbox
) -> None:
    async with running(server, inbox):
        await server.until(lambda: bool(server.registered))
    [(scope, [command, *beside, on_message])] = server.registered
    assert (on_message["type"], on_message["name"]) == (3, "Make this an urgent mail")
    assert on_message["name_localizations"] == {"ja": "緊急メールにする", "zh-CN": "转为紧急邮件"}
    assert (scope, command["name"]) == ("all", "kidoku")
    assert len(command["options"]) == 25, "there is room for no more"
    assert [one["name"] for one in beside] == ["kidoku-confirm"]
    ack = next(one for one in command["options"] if one["name"] == "ack")
    assert set(ack["description_localizations"]) == {"ja", "zh-CN"}
    assert [one["name"] for one in ack["options"]] == ["alert", "share"]
    assert ack["options"][0]["autocomplete"] is True
    async with running(server, inbox):
        await server.command("ack", alert="#42")
        await server.until(lambda: bool(callbacks(server)))
    assert len(server.registered) == 1


async def test_one_server_alone_gets_them_and_all_others_lose_them(server: FakeDiscord, inbox: RecordingInbox) -> None:
    async with running(server, inbox):
        await server.until(lambda: bool(server.registered))
    async with running(server, inbox, guild=GUILD):
        await server.until(lambda: len(server.registered) == 3)
    assert [(scope, len(body)) for scope, body in server.registered] == [("all", 3), ("all", 0), (GUILD, 3)]


async def test_a_refusal_is_tried_again(
    server: FakeDiscord, inbox: RecordingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.discord.command.wait_after", lambda failures: 0.0)
    async with running(server, inbox):
        await server.until(lambda: bool(server.registered))
    inbox.kept.clear()
    server.refusals.extend([Refusal(403, 50001)] * 1)
    async with running(server, inbox):
        await server.until(lambda: len(server.registered) == 2)


async def test_a_command_is_carried_out_and_answered_in_private(server: FakeDiscord, inbox: RecordingInbox) -> None:
    async with running(server, inbox):
        await server.command("snooze", argument="until 9:00", alert="#42")
        await server.until(lambda: bool(callbacks(server)))
    [typed] = inbox.commands
    actor = Actor("discord", str(ALICE), "", "alice", "ja", (str(ROOM),))
    expected = Typed(actor, verb="snooze", fields={"argument": "until 9:00", "alert": "#42"}, dedup=typed.dedup)
    assert (typed, bool(typed.dedup)) == (expected, True)
    [told] = callbacks(server)
    assert (told["type"], told["data"]["content"]) == (4, "answered: snooze \\<!channel\\>\nline 2")
    assert (told["data"]["flags"] & 64, told["data"]["allowed_mentions"]["parse"]) == (64, [])


async def test_who_types_in_a_thread_is_in_its_room_too(server: FakeDiscord, inbox: RecordingInbox) -> None:
    """What a role holds in the room it holds in the threads that Kidoku opens there."""
    async with running(server, inbox):
        await server.command("ack", alert="#42", thread=4711)
        await server.until(lambda: bool(callbacks(server)))
    assert [typed.actor.rooms for typed in inbox.commands] == [("4711", str(ROOM))]


async def test_a_slow_command_is_deferred_in_time_and_answered_later(
    server: FakeDiscord, inbox: RecordingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.discord.command.ANSWER_WITHIN", 0.05)
    inbox.may_save.clear()
    async with running(server, inbox):
        await server.command("why", alert="#42")
        await server.until(lambda: bool(callbacks(server)))
        assert (callbacks(server)[0]["type"], callbacks(server)[0]["data"]["flags"]) == (5, 64)
        inbox.may_save.set()
        await server.until(lambda: bool(followups(server)))
    [told] = followups(server)
    assert (told["flags"] & 64, told["allowed_mentions"]["parse"]) == (64, [])


async def test_what_is_shared_is_shown_to_the_room(server: FakeDiscord, inbox: RecordingInbox) -> None:
    async with running(server, inbox):
        await server.command("list", share=True)
        await server.until(lambda: bool(callbacks(server)))
    assert (inbox.commands[0].is_shared, inbox.commands[0].fields) == (True, {})
    [told] = callbacks(server)
    assert not told["data"].get("flags", 0) & 64


async def test_a_translation_stays_private_although_it_is_slow_and_should_have_been_shared(
    server: FakeDiscord, inbox: RecordingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As somebody still asks whose Discord knows the field: what follows a deferral is as private as that was."""
    monkeypatch.setattr("channels.discord.command.ANSWER_WITHIN", 0.05)
    inbox.may_save.clear()
    async with running(server, inbox):
        await server.command("translate", alert="#42", share=True)
        await server.until(lambda: bool(callbacks(server)))
        inbox.may_save.set()
        await server.until(lambda: bool(followups(server)))
    assert (callbacks(server)[0]["data"]["flags"], followups(server)[0]["flags"] & 64) == (64, 64)


async def test_a_refusal_stays_private_although_it_should_have_been_shared(
    server: FakeDiscord, inbox: RecordingInbox
) -> None:
    inbox.is_refusing = True
    async with running(server, inbox):
        await server.command("list", share=True)
        await server.until(lambda: bool(callbacks(server)))
    assert callbacks(server)[0]["data"]["flags"] & 64


async def test_what_a_field_may_take_is_offered_while_somebody_types(
    server: FakeDiscord, inbox: RecordingInbox
) -> None:
    async with running(server, inbox):
        await server.command("ack", typed="alert", alert="link")
        await server.until(lambda: bool(server.answers))
    [answer] = [one["callback"] for one in server.answers]
    assert (answer["type"], answer["data"]["choices"]) == (8, [{"name": "alert: link", "value": "#42"}])


def test_no_privileged_intent_is_asked_for() -> None:
    from channels.discord.api import KidokuClient

    asked = KidokuClient(lambda *state: None, 10.0).intents
    assert not (asked.members or asked.presences or asked.message_content)
    assert asked == discord.Intents(guilds=True)
