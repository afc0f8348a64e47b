"""Slash commands, over Socket Mode and over signed HTTP."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import pytest

from channels.inbox import Actor, Typed
from channels.slack import inbound
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_blocks import markup
from tests.fakes.slack_stage import Stage, signed, stage
from tests.fakes.slack_world import ALICE, BOB, OPS, SIGNING_SECRET, STRANGER, Refusal

HERE = (OPS, "#ops")
ALICE_HERSELF = Actor("slack", ALICE, "alice@company.example", "alice", "ja-JP", HERE)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        fake.users[ALICE]["locale"] = "ja-JP"
        yield fake


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built, built.running():
        await built.heard(True)
        yield built


async def acked(slack: FakeSlack, *envelopes: str) -> None:
    await slack.until(lambda: sorted(slack.sockets.acks) == sorted(envelopes))


async def test_a_command_is_acknowledged_and_answered_in_private(slack: FakeSlack, bot: Stage) -> None:
    await slack.sockets.send(slack.command_of("status 42"), "e1")
    await acked(slack, "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert bot.inbox.commands == [Typed(ALICE_HERSELF, "status 42", dedup=f"{ALICE}:7.7.7")]
    [told] = slack.private
    assert (told["via"], told["response_type"]) == ("response_url", "ephemeral")
    assert [one["text"]["text"] for one in told["blocks"]] == ["answered: status 42 <!channel>\nline 2"]
    assert markup(told) == []


async def test_what_is_shared_goes_to_the_room(slack: FakeSlack, bot: Stage) -> None:
    bot.inbox.is_sharing = True
    await slack.sockets.send(slack.command_of("list --share"), "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert slack.private[0]["response_type"] == "in_channel"
    assert markup(slack.private[0]) == []


async def test_people_rooms_and_links_come_as_they_were_meant(slack: FakeSlack, bot: Stage) -> None:
    text = f"escalate 42 to <@{BOB}|bob> <#{OPS}|ops> &lt;!channel&gt; &amp; <https://x.example/a?b=1&amp;c|x>"
    await slack.sockets.send(slack.command_of(text), "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert bot.inbox.commands[0].text == (
        "escalate 42 to bob@company.example #ops <!channel> & https://x.example/a?b=1&c"
    )


async def test_a_command_that_comes_twice_is_one(slack: FakeSlack, bot: Stage) -> None:
    await slack.until(lambda: len(slack.sockets.open) == 2)
    first, second = slack.sockets.open
    for envelope, socket in (("e1", first), ("e2", second)):
        await slack.sockets.send(slack.command_of("ack 42"), envelope, socket)
    await acked(slack, "e1", "e2")
    await slack.sockets.send(slack.command_of("ack 42", trigger_id="8.8.8"), "e3")
    await acked(slack, "e1", "e2", "e3")
    assert len(bot.inbox.commands) == 2


async def test_a_slow_answer_is_acknowledged_in_time_and_comes_later(
    slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "ACK_WITHIN", 0.05)
    bot.inbox.may_save.clear()
    await slack.sockets.send(slack.command_of("why 42"), "e1")
    await acked(slack, "e1")
    assert slack.private == []
    bot.inbox.may_save.set()
    await slack.until(lambda: len(slack.private) == 1)


async def test_without_a_response_url_slack_shows_the_answer_to_whoever_asked(slack: FakeSlack, bot: Stage) -> None:
    slack.is_response_url_gone = True
    await slack.sockets.send(slack.command_of("who"), "e1")
    await slack.until(lambda: len(slack.private) == 1)
    [told] = slack.private
    assert (told["via"], told["channel"], told["user"]) == ("chat.postEphemeral", OPS, ALICE)


async def test_a_stranger_brings_no_mail_address(slack: FakeSlack, bot: Stage) -> None:
    await slack.sockets.send(slack.command_of("status 42", user=STRANGER), "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert bot.inbox.commands[0].actor == Actor("slack", STRANGER, "", slack.users[STRANGER]["name"], "", HERE)


async def test_slacks_trouble_does_not_hold_up_a_command(slack: FakeSlack, bot: Stage) -> None:
    slack.refuse("users.info", Refusal("internal_error"))
    await slack.sockets.send(slack.command_of("ack 42"), "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert bot.inbox.commands[0].actor == Actor("slack", ALICE, "", "alice", "", HERE)


async def test_over_http_a_signed_command_is_taken_and_any_other_refused(slack: FakeSlack) -> None:
    async with stage(slack, mode="http", signing_secret=SIGNING_SECRET, app_token=None) as web:
        body = urlencode(slack.command_of("ack ＃４２"))
        url = f"{web.base}/slack/events"
        async with aiohttp.ClientSession() as session:
            async with session.post(url, data=body, headers=signed(body)) as answer:
                assert (answer.status, await answer.text()) == (200, "")
            async with session.post(url, data=body, headers=signed(body, secret="another")) as answer:
                assert answer.status == 401
        await slack.until(lambda: len(slack.private) == 1)
        assert [one.text for one in web.inbox.commands] == ["ack ＃４２"]
