"""The Discord channel through its public face, with the real client library, against a server on the wire."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from channels.base import CantTell, Channel, NotFound, Rejected, RetryLater, Sent
from channels.discord.channel import build
from channels.discord.config import DiscordSettings
from channels.discord.inbound import _answer
from channels.inbox import CallReport, Press, Reply
from channels.message import Button, Fact, Message, Tone, Verb
from tests.fakes.discord import ALICE, ROOM, TOKEN, FakeDiscord, Refusal
from tests.fakes.inbox import RecordingInbox

NOW = datetime(2027, 1, 15, 8, tzinfo=UTC)


class Recorder(RecordingInbox):
    """The inbox at the channel's border."""

    async def press(self, press: Press) -> Reply:
        self.presses.append(press)
        return Reply(f"done: {press.verb}")

    async def report(self, report: CallReport) -> None:
        raise AssertionError("Discord places no calls")


@pytest.fixture
async def server() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as one:
        yield one


@pytest.fixture
def inbox() -> Recorder:
    return Recorder()


@pytest.fixture
def health() -> list[tuple[str, bool, str]]:
    return []


@pytest.fixture
async def channel(server: FakeDiscord, inbox: Recorder, health: list[tuple[str, bool, str]]) -> AsyncIterator[Channel]:
    settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=server.url, timeout=timedelta(seconds=2))
    one = build(settings, inbox, lambda: NOW, lambda *state: health.append(state))
    yield one
    assert one.notifier is not None
    await one.notifier.close()


def message(**more: object) -> Message:
    values: dict[str, object] = {
        "key": "42.0",
        "address": str(ROOM),
        "language": "en",
        "title": "Unread for 5 min: down",
        "summary": "Unread",
        "alert_id": 42,
        "facts": (Fact("From", "NOC <noc@carrier.example>"),),
        "buttons": (Button(Verb.ACK, "Acknowledge", is_primary=True), Button(Verb.SNOOZE, "Snooze", "15m")),
        "timeline": ("02:00 An urgent mail came.",),
        "footer": "Kidoku #42",
    } | more
    return Message(**values)  # type: ignore[arg-type]


async def send(channel: Channel, one: Message) -> object:
    assert channel.notifier is not None
    return await channel.notifier.send(one)


async def test_posts_with_buttons_nonce_and_a_thread(channel: Channel, server: FakeDiscord) -> None:
    result = await send(channel, message())
    assert isinstance(result, Sent)
    [posted] = server.in_channel()
    assert posted.body["nonce"] == "42.0"
    assert posted.body["enforce_nonce"] is True
    assert [one["custom_id"] for one in posted.buttons] == ["kidoku:ack:42:", "kidoku:snooze:42:15m"]
    [line] = server.in_channel(posted.id)
    assert "An urgent mail came" in line.body["content"]
    assert result.ref["lines"] == "1"


async def test_nobody_is_pinged_but_whom_the_step_names(channel: Channel, server: FakeDiscord) -> None:
    await send(channel, message(title="@everyone <@&5> <@7>", mentions=(str(ALICE),)))
    [posted] = server.in_channel()
    allowed = posted.body["allowed_mentions"]
    assert allowed.get("parse", []) == []
    assert [int(one) for one in allowed["users"]] == [ALICE]
    assert posted.body["content"] == f"<@{ALICE}>"
    assert "@everyone" not in posted.embed["title"]


async def test_a_direct_message_goes_to_the_person(channel: Channel, server: FakeDiscord) -> None:
    result = await send(channel, message(address=str(ALICE), is_direct=True))
    assert isinstance(result, Sent)
    [posted] = server.in_channel(ALICE + 1)
    assert "An urgent mail came" in posted.embed["description"]
    assert server.threads == set()


async def test_an_update_changes_the_message_in_place_and_continues_the_thread(
    channel: Channel, server: FakeDiscord
) -> None:
    assert channel.notifier is not None
    sent = await channel.notifier.send(message())
    assert isinstance(sent, Sent)
    lines = ("02:00 An urgent mail came.", "02:06 Alice took it.")
    taken = message(title="Taken by Alice: down", tone=Tone.TAKEN, buttons=(), timeline=lines)
    again = await channel.notifier.update(taken, sent.ref)
    assert isinstance(again, Sent)
    [posted] = server.in_channel()
    assert posted.embed["title"].startswith("Taken by Alice")
    assert posted.buttons == []
    texts = [one.body["content"] for one in server.in_channel(posted.id)]
    assert [("Alice took it" in text) for text in texts] == [False, True]
    assert again.ref["lines"] == "2"


async def test_a_thread_that_lacks_many_lines_gets_all_of_them(channel: Channel, server: FakeDiscord) -> None:
    lines = tuple(f"02:{number:02} {'x' * 390}" for number in range(13))
    result = await send(channel, message(timeline=lines))
    assert isinstance(result, Sent) and result.ref["lines"] == "13"
    [posted] = server.in_channel()
    texts = [one.body["content"] for one in server.in_channel(posted.id)]
    assert "\n".join(texts).split("\n") == list(lines)
    assert len(texts) > 2 and all(len(one) <= 2000 for one in texts)


async def test_lines_of_a_thread_whose_answer_was_lost_are_not_posted_twice(
    channel: Channel, server: FakeDiscord
) -> None:
    assert channel.notifier is not None
    sent = await channel.notifier.send(message())
    assert isinstance(sent, Sent)
    await channel.notifier.update(message(), {**sent.ref, "lines": "0"})
    [posted] = server.in_channel()
    assert len(server.in_channel(posted.id)) == 1


async def under(channel: Channel, first: Sent, **more: object) -> Sent:
    """The next message of the same alert, to the same room."""
    result = await send(channel, message(key="42.3", title="Nobody has read it", under=first.ref, **more))
    assert isinstance(result, Sent), result
    return result


async def test_the_next_message_replies_to_the_first_and_the_timeline_goes_on_there(
    channel: Channel, server: FakeDiscord
) -> None:
    first = await send(channel, message())
    assert isinstance(first, Sent) and channel.notifier is not None
    lines = ("02:00 An urgent mail came.", "02:10 Step 2: #ops.")
    second = await under(channel, first, timeline=lines, mentions=(str(ALICE),))
    posted = server.in_channel()[-1]
    reference = posted.body["message_reference"]
    assert (str(reference["message_id"]), reference["fail_if_not_exists"]) == (first.ref["message"], False)
    assert posted.body["content"] == f"<@{ALICE}>" and posted.body["allowed_mentions"]["replied_user"] is False
    assert second.ref == {"channel": str(ROOM), "message": str(posted.id), "root": first.ref["message"]}
    assert await channel.notifier.update(message(key="42.3", timeline=lines), second.ref) == second
    assert posted.edits == 1 and posted.id not in server.threads
    await channel.notifier.update(message(timeline=lines), first.ref)
    assert [one.body["content"] for one in server.in_channel(int(first.ref["thread"]))][-1].endswith("\\#ops.")


async def test_where_the_first_is_gone_the_next_stands_by_itself(channel: Channel, server: FakeDiscord) -> None:
    first = await send(channel, message())
    assert isinstance(first, Sent)
    del server.messages[int(first.ref["message"])]
    second = await under(channel, first)
    posted = server.in_channel()[-1]
    assert second.ref == {
        "channel": str(ROOM), "message": str(posted.id), "thread": str(posted.id), "lines": "1"
    }  # fmt: skip
    assert posted.id in server.threads


async def test_a_reply_whose_answer_was_lost_is_found_and_stays_one(channel: Channel, server: FakeDiscord) -> None:
    first = await send(channel, message())
    assert isinstance(first, Sent) and channel.notifier is not None
    second = await under(channel, first)
    again = message(key="42.3", title="Nobody has read it", under=first.ref)
    assert await channel.notifier.reconcile(again, NOW - timedelta(days=4000)) == second
    assert await send(channel, again) == second


async def test_the_same_key_twice_is_one_message(channel: Channel, server: FakeDiscord) -> None:
    await send(channel, message(timeline=()))
    await send(channel, message(timeline=()))
    assert len(server.in_channel()) == 1


async def test_after_a_lost_answer_the_message_is_found_by_its_key(channel: Channel, server: FakeDiscord) -> None:
    server.refusals.append(Refusal(502, is_done=True))
    assert channel.notifier is not None
    first = await channel.notifier.send(message(timeline=()))
    assert isinstance(first, Sent | RetryLater)
    server.forget_nonces()
    found = await channel.notifier.reconcile(message(timeline=()), NOW - timedelta(minutes=5))
    assert isinstance(found, Sent)
    assert int(found.ref["message"]) in server.messages
    other = await channel.notifier.reconcile(message(key="43.0"), NOW - timedelta(minutes=5))
    assert isinstance(other, NotFound)


async def test_the_same_key_of_another_database_is_another_message(channel: Channel, server: FakeDiscord) -> None:
    ours, others = message(timeline=(), seal="a" * 20), message(timeline=(), seal="b" * 20)
    first, second = await send(channel, ours), await send(channel, others)
    assert isinstance(first, Sent) and isinstance(second, Sent)
    assert len(server.in_channel()) == 2
    assert channel.notifier is not None
    assert await channel.notifier.reconcile(others, NOW - timedelta(minutes=5)) == second
    third = message(timeline=(), seal="c" * 20)
    assert isinstance(await channel.notifier.reconcile(third, NOW - timedelta(minutes=5)), NotFound)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, 10003, "no such channel"),
        (403, 50001, "can't see the channel"),
        (403, 50013, "lacks a permission"),
        (403, 50007, "direct messages"),
        (400, 50035, "layout"),
        (400, 50083, "archived"),
        (403, 99999, "refused"),
    ],
)
async def test_what_can_never_be_sent_is_rejected_in_words(
    channel: Channel, server: FakeDiscord, status: int, code: int, words: str
) -> None:
    server.refusals.append(Refusal(status, code))
    result = await send(channel, message())
    assert isinstance(result, Rejected)
    assert words in result.reason
    assert TOKEN not in repr(result)


async def test_a_long_rate_limit_is_named_with_its_wait(channel: Channel, server: FakeDiscord) -> None:
    body = {"message": "You are being rate limited.", "retry_after": 65.0, "global": True}
    server.refusals.append(Refusal(429, headers={"Retry-After": "65", "Via": "1.1 x"}, body=body))
    result = await send(channel, message())
    assert isinstance(result, RetryLater)
    assert result.is_channel_wide
    assert result.after is not None
    assert result.after >= timedelta(seconds=60)


@pytest.mark.parametrize(
    ("value", "after"),
    [("soon", None), ("-5", None), ("64.5", timedelta(seconds=64.5)), ("9" * 50, timedelta(hours=1))],
)
async def test_a_strange_retry_after_is_no_trap(
    channel: Channel, server: FakeDiscord, value: str, after: timedelta | None
) -> None:
    """Such as that of Cloudflare, which says it in the header alone."""
    server.refusals.append(Refusal(429, headers={"Retry-After": value}))
    result = await send(channel, message())
    assert isinstance(result, RetryLater)
    assert result.after == after


async def test_a_rate_limit_that_outlasts_the_time_limit_is_no_lost_answer(
    channel: Channel, server: FakeDiscord
) -> None:
    """discord.py would wait for it by itself, and be cut off: what Discord said would be lost."""
    body = {"message": "You are being rate limited.", "retry_after": 20.0, "global": False}
    server.refusals.append(Refusal(429, headers={"Retry-After": "20", "Via": "1.1 x"}, body=body))
    assert await send(channel, message()) == RetryLater(
        "Discord's rate limit", timedelta(seconds=20), is_channel_wide=True
    )


async def test_a_rate_limit_without_end_is_looked_at_again(channel: Channel, server: FakeDiscord) -> None:
    server.refusals.append(Refusal(429, headers={"Via": "1.1 x"}, body={"retry_after": 1e20, "global": True}))
    result = await send(channel, message())
    assert isinstance(result, RetryLater)
    assert result.after == timedelta(hours=1)


async def test_no_answer_may_have_been_sent(channel: Channel, server: FakeDiscord) -> None:
    assert channel.notifier is not None
    await channel.notifier.send(message(key="1.0"))
    server.refusals.append(Refusal(0, is_silent=True))
    result = await channel.notifier.send(message())
    assert isinstance(result, RetryLater)
    assert result.maybe_sent
    server.refusals.append(Refusal(0, is_silent=True))
    assert isinstance(await channel.notifier.reconcile(message(), NOW), CantTell)


async def test_a_wrong_token_is_said_without_it(server: FakeDiscord, inbox: Recorder) -> None:
    secret = "another-secret-token"
    settings = DiscordSettings(bot_token=SecretStr(secret), api_url=server.url)
    one = build(settings, inbox, lambda: NOW, lambda *state: None)
    result = await send(one, message())
    assert one.notifier is not None
    await one.notifier.close()
    assert isinstance(result, Rejected)
    assert "KIDOKU_DISCORD__BOT_TOKEN" in result.reason
    assert secret not in repr(result) + repr(settings) + repr(one)


async def test_a_server_that_is_not_there_may_come_back(inbox: Recorder) -> None:
    server = FakeDiscord()
    await server.start()
    port = server.port
    await server.stop()
    settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=server.url, timeout=timedelta(seconds=2))
    one = build(settings, inbox, lambda: NOW, lambda *state: None)
    result = await send(one, message())
    assert isinstance(result, RetryLater)
    assert not result.maybe_sent
    back = FakeDiscord()
    await back.start(port)
    assert isinstance(await send(one, message()), Sent)
    assert one.notifier is not None
    await one.notifier.close()
    await back.stop()


async def run(channel: Channel) -> asyncio.Task[None]:
    return asyncio.create_task(channel.services[0].run())


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_press_counts_once_it_is_deferred_and_answered_in_private(
    channel: Channel, server: FakeDiscord, inbox: Recorder
) -> None:
    await send(channel, message(timeline=()))
    task = await run(channel)
    await server.until(lambda: server.identified == 1)
    await server.press("kidoku:snooze:42:15m", interaction=77)
    await server.until(lambda: len(server.answers) == 2)
    await ended(task)
    [press] = inbox.presses
    assert (press.verb, press.alert_id, press.argument) == (Verb.SNOOZE, 42, "15m")
    assert (press.actor.address, press.dedup) == (str(ALICE), "77")
    assert server.answers[0]["callback"]["type"] == 5
    assert server.answers[0]["callback"]["data"]["flags"] == 64
    assert server.answers[1]["followup"]["content"] == "done: snooze"


async def test_presses_work_after_the_gateway_was_lost(
    channel: Channel, server: FakeDiscord, inbox: Recorder, health: list[tuple[str, bool, str]]
) -> None:
    await send(channel, message(timeline=()))
    task = await run(channel)
    await server.until(lambda: server.identified == 1)
    await server.reconnect()
    await server.until(lambda: server.resumed == 1)
    await server.press("kidoku:ack:42:")
    await server.until(lambda: len(server.answers) == 2)
    await ended(task)
    assert [press.verb for press in inbox.presses] == [Verb.ACK]
    assert ("discord", True, "") in health


async def test_the_button_of_a_check_of_a_contact_carries_the_number_of_the_check(
    channel: Channel, server: FakeDiscord, inbox: Recorder
) -> None:
    buttons = (Button(Verb.CONFIRM, "It reaches me"),)
    await send(channel, message(alert_id=None, check_id=7, timeline=(), buttons=buttons))
    task = await run(channel)
    await server.until(lambda: server.identified == 1)
    await server.press("kidoku:confirm:7:", interaction=77)
    await server.until(lambda: len(server.answers) == 2)
    await ended(task)
    assert [(one.verb, one.alert_id) for one in inbox.presses] == [(Verb.CONFIRM, 7)]


async def test_a_press_counts_where_even_the_line_is_cut(inbox: Recorder) -> None:
    """discord.py hands on what aiohttp raises, beside its own."""

    class Cut:
        async def defer(self, **_: object) -> None:
            raise aiohttp.ServerDisconnectedError

        async def send(self, *_: object, **__: object) -> None:
            raise aiohttp.ServerDisconnectedError

    interaction: Any = SimpleNamespace(
        user=SimpleNamespace(id=1, display_name="Bob"),
        channel_id=5,
        channel=None,
        locale="en-US",
        id=9,
        response=Cut(),
        followup=Cut(),
    )
    match = re.fullmatch(r"kidoku:(?P<verb>ack):(?P<alert>12):(?P<argument>)", "kidoku:ack:12:")
    assert match is not None
    await _answer(interaction, match, inbox)
    assert [one.alert_id for one in inbox.presses] == [12]
