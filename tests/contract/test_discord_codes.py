"""Every JSON error code that Discord documents for the calls that we make, and what comes of it.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json: what is expected stands here, written from
that page, and is taken from no table of ours.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from channels.base import CantTell, Channel, Notifier, Rejected, RetryLater, Sent
from channels.discord import answer
from channels.discord.channel import build
from channels.discord.config import DiscordSettings
from channels.message import Verb
from tests.contract.test_discord import NOW, message
from tests.contract.test_discord_command import running
from tests.fakes.discord import ALICE, ROOM, TOKEN, FakeDiscord, Refusal
from tests.fakes.inbox import RecordingInbox

SEND, DIRECT, EDIT = "POST channels/", "POST users/@me/channels", "PATCH channels/"
READ, THREAD, COMMANDS, CALLBACK, FOLLOWUP = (
    "GET channels/",
    "threads",
    "PUT applications/",
    "callback",
    "POST webhooks/",
)

NEVER = {
    # code: HTTP status, the call that Discord documents it for, some of the words
    10002: (404, COMMANDS, "application"),
    10003: (404, SEND, "no such channel"),
    10004: (404, COMMANDS, "no such server"),
    10008: (404, EDIT, "message is gone"),
    10013: (404, DIRECT, "no such user"),
    10015: (404, FOLLOWUP, "too old"),
    10062: (404, CALLBACK, "too old"),
    20002: (403, SEND, "KIDOKU_DISCORD__BOT_TOKEN"),
    20009: (400, SEND, "filters block"),
    20012: (403, COMMANDS, "may not do this"),
    20031: (400, THREAD, "filters block"),
    30032: (400, COMMANDS, "commands"),
    40001: (401, SEND, "KIDOKU_DISCORD__BOT_TOKEN"),
    40002: (403, SEND, "verified"),
    40005: (413, SEND, "too large"),
    40041: (400, COMMANDS, "commands"),
    40058: (400, SEND, "this kind of channel"),
    40060: (400, CALLBACK, "answered as often"),
    40094: (400, FOLLOWUP, "answered as often"),
    50001: (403, SEND, "give it access"),
    50003: (400, THREAD, "this kind of channel"),
    50005: (403, EDIT, "not the bot's own"),
    50006: (400, SEND, "empty"),
    50007: (403, SEND, "does not take direct messages"),
    50008: (400, SEND, "this kind of channel"),
    50009: (403, SEND, "verification level"),
    50013: (403, SEND, "lacks a permission"),
    50014: (401, SEND, "KIDOKU_DISCORD__BOT_TOKEN"),
    50021: (403, EDIT, "not the bot's own"),
    50024: (400, SEND, "this kind of channel"),
    50027: (401, FOLLOWUP, "too old"),
    50033: (400, DIRECT, "no such user"),
    50035: (400, SEND, "layout"),
    50041: (400, SEND, "update Kidoku"),
    50055: (400, COMMANDS, "no such server"),
    50068: (400, THREAD, "layout"),
    50083: (400, EDIT, "archived"),
    50095: (403, SEND, "not available"),
    50109: (400, SEND, "layout"),
    50178: (403, SEND, "verified"),
    50278: (403, DIRECT, "shares no server"),
    60003: (403, SEND, "two-factor"),
    160002: (403, THREAD, "can't be replied to"),
    160005: (400, THREAD, "locked"),
    200000: (400, SEND, "filters block"),
    200001: (400, THREAD, "filters block"),
    240000: (400, SEND, "blocks this link"),
}
LATER = {
    20016: (403, SEND, "slow mode"),
    20022: (400, EDIT, "rate limit"),
    20028: (400, SEND, "channel's write limit"),
    20029: (400, SEND, "server's write limit"),
    30034: (400, COMMANDS, "in a day"),
    30046: (400, EDIT, "rate limit"),
    40003: (403, DIRECT, "too fast"),
    40004: (403, SEND, "switched this off"),
    40006: (403, SEND, "switched this off"),
    40043: (400, CALLBACK, "trouble"),
    40062: (400, SEND, "rate limit"),
    40333: (403, SEND, "for now"),
    110001: (400, SEND, "try again later"),
    130000: (400, SEND, "overloaded"),
    160006: (400, THREAD, "active threads"),
    160007: (400, THREAD, "active threads"),
}
WIDE = {40004, 40333, 130000}
"""Nothing at all can be sent meanwhile."""
ALL = NEVER | LATER
OF_MESSAGES = [code for code, (_, call, _) in ALL.items() if call in (SEND, DIRECT, EDIT)]


@pytest.fixture
async def server() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as one:
        yield one


@pytest.fixture
async def notifier(server: FakeDiscord) -> AsyncIterator[Notifier]:
    channel = built(server)
    assert channel.notifier is not None
    yield channel.notifier
    await channel.notifier.close()


def built(server: FakeDiscord) -> Channel:
    settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=server.url, timeout=timedelta(seconds=2))
    return build(settings, RecordingInbox(), lambda: NOW, lambda *state: None)


def test_no_code_of_the_table_is_left_out_here() -> None:
    assert (set(answer._NEVER), set(answer._LATER)) == (set(NEVER), set(LATER))


def check(result: object, code: int) -> None:
    """Never: the step goes to its ``else`` at once. Later: it is tried again, and the channel pauses only where nothing
    at all can be sent."""
    _, _, words = ALL[code]
    if code in NEVER:
        assert isinstance(result, Rejected)
    else:
        assert isinstance(result, RetryLater)
        assert (result.is_channel_wide, result.maybe_sent) == (code in WIDE, False)
    assert words in result.reason and f"(Discord {code})" in result.reason
    assert TOKEN not in repr(result)


@pytest.mark.parametrize("code", ALL)
async def test_a_message_that_can_t_be_posted(server: FakeDiscord, notifier: Notifier, code: int) -> None:
    server.refusals.append(Refusal(ALL[code][0], code, of=SEND))
    check(await notifier.send(message(timeline=())), code)
    assert server.in_channel() == []
    assert isinstance(await notifier.send(message(timeline=())), Sent)


@pytest.mark.parametrize("code", [code for code in OF_MESSAGES if ALL[code][1] != EDIT])
async def test_direct_messages_that_can_t_be_opened(server: FakeDiscord, notifier: Notifier, code: int) -> None:
    direct = message(address=str(ALICE), is_direct=True)
    server.refusals.append(Refusal(ALL[code][0], code, of=DIRECT))
    check(await notifier.send(direct), code)
    assert server.messages == {}
    assert isinstance(await notifier.send(direct), Sent)


@pytest.mark.parametrize("code", [code for code in OF_MESSAGES if ALL[code][1] != DIRECT])
async def test_a_message_that_can_t_be_changed(server: FakeDiscord, notifier: Notifier, code: int) -> None:
    sent = await notifier.send(message(timeline=()))
    assert isinstance(sent, Sent)
    server.refusals.append(Refusal(ALL[code][0], code, of=EDIT))
    changed = message(title="Taken", timeline=())
    check(await notifier.update(changed, sent.ref), code)
    assert isinstance(await notifier.update(changed, sent.ref), Sent)
    assert server.in_channel()[0].embed["title"] == "Taken"


@pytest.mark.parametrize("code", OF_MESSAGES)
async def test_a_room_that_can_t_be_read_after_a_crash(server: FakeDiscord, notifier: Notifier, code: int) -> None:
    """Nothing is sent a second time while Discord may answer yet; but a "never" holds no page up."""
    server.refusals.append(Refusal(ALL[code][0], code, of=READ))
    told = await notifier.reconcile(message(), NOW)
    assert isinstance(told, CantTell)
    assert told.is_final is (code in NEVER)


@pytest.mark.parametrize("code", [code for code, (_, call, _) in ALL.items() if call in (SEND, THREAD)])
async def test_a_thread_that_can_t_be_begun_holds_no_message_up(
    server: FakeDiscord, notifier: Notifier, code: int
) -> None:
    server.refusals.append(Refusal(ALL[code][0], code, of=THREAD))
    with capture_logs() as logs:
        sent = await notifier.send(message())
    assert isinstance(sent, Sent) and "thread" not in sent.ref
    [posted] = server.in_channel()
    assert [ALL[code][2] in one["reason"] for one in logs] == [True]
    later = await notifier.update(message(), sent.ref)
    assert isinstance(later, Sent) and later.ref["lines"] == "1"
    assert len(server.in_channel(posted.id)) == 1


async def test_a_thread_that_was_begun_already_is_continued(server: FakeDiscord, notifier: Notifier) -> None:
    """160004: the answer was lost."""
    server.refusals.append(Refusal(400, is_done=True, of=THREAD))
    sent = await notifier.send(message())
    assert isinstance(sent, Sent) and "thread" not in sent.ref
    later = await notifier.update(message(), sent.ref)
    assert isinstance(later, Sent) and later.ref["lines"] == "1"


@pytest.mark.parametrize("code", [code for code, (_, call, _) in ALL.items() if call in (SEND, COMMANDS)])
async def test_commands_that_can_t_be_registered_are_tried_again(
    server: FakeDiscord, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.discord.command.wait_after", lambda failures: 0.0)
    server.refusals.append(Refusal(ALL[code][0], code, of=COMMANDS))
    with capture_logs() as logs:
        async with running(server, RecordingInbox()):
            await server.until(lambda: bool(server.registered))
    [refused] = [one for one in logs if "could not be registered" in one["event"]]
    assert ALL[code][2] in refused["reason"]


@pytest.mark.parametrize(
    ("code", "call"), [(code, call) for code, (_, call, _) in ALL.items() if call in (CALLBACK, FOLLOWUP)]
)
async def test_a_press_counts_whatever_becomes_of_its_answer(server: FakeDiscord, code: int, call: str) -> None:
    inbox = RecordingInbox()
    status, _, words = ALL[code]
    with capture_logs() as logs:
        async with running(server, inbox) as channel:
            assert channel.notifier is not None
            await channel.notifier.send(message(timeline=()))
            server.refusals.append(Refusal(status, code, of=call))
            await server.press("kidoku:ack:42:", interaction=77)
            await server.until(lambda: calls_of(server, "webhooks/") == 1)
            await server.press("kidoku:ack:42:", interaction=78)
            await server.until(lambda: calls_of(server, "webhooks/") == 2)
    assert [(one.verb, one.alert_id) for one in inbox.presses] == [(Verb.ACK, 42)] * 2
    assert [words in one["reason"] for one in logs if one["log_level"] == "warning"] == [True]


def calls_of(server: FakeDiscord, part: str) -> int:
    return sum(part in path for _, path in server.calls)


# Beside the codes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"), [(400, "refused"), (403, "refused"), (404, "refused"), (405, "refused"), (401, "BOT_TOKEN")]
)
async def test_a_code_that_nobody_knows_is_final_and_named(
    server: FakeDiscord, notifier: Notifier, status: int, words: str
) -> None:
    for code in (0, 999999):
        server.refusals.append(Refusal(status, code, of=SEND))
        result = await notifier.send(message(timeline=()))
        assert isinstance(result, Rejected) and words in result.reason
        assert status == 401 or str(code) in result.reason


@pytest.mark.parametrize("status", [401, 403, 404, 407, 413])
async def test_a_page_of_something_else_is_no_answer(server: FakeDiscord, notifier: Notifier, status: int) -> None:
    """A firewall, a proxy or Cloudflare stands between: it may be gone in a moment."""
    await notifier.send(message(key="1.0", timeline=()))
    server.refusals.append(Refusal(status, page="<html>Attention Required!</html>", of=SEND))
    result = await notifier.send(message(timeline=()))
    assert result == RetryLater(f"an answer that is not Discord's ({status})", is_channel_wide=True)
    assert isinstance(await notifier.send(message(timeline=())), Sent)


@pytest.mark.parametrize("code", [20028, 40004, 130000])
async def test_what_passes_says_when(server: FakeDiscord, notifier: Notifier, code: int) -> None:
    for header, after in (("7", timedelta(seconds=7)), ("soon", None), ("9" * 50, timedelta(hours=1))):
        server.refusals.append(Refusal(400, code, headers={"Retry-After": header}, of=f"POST channels/{ROOM}"))
        result = await notifier.send(message(timeline=()))
        assert isinstance(result, RetryLater) and result.after == after
