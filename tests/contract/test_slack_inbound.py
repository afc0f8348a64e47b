"""Presses of buttons, over Socket Mode and over signed HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from channels.base import Sent
from channels.inbox import Actor, Press
from channels.message import Button, Verb
from channels.slack import inbound
from channels.slack.webhook import MOST_BODY
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_blocks import markup
from tests.fakes.slack_stage import NOW, Stage, form, message, signed, stage
from tests.fakes.slack_world import ALICE, OPS, SIGNING_SECRET, STRANGER, Posted, Refusal

HERE = (OPS, "#ops")
ALICE_HERSELF = Actor("slack", ALICE, "alice@company.example", "alice", rooms=HERE)


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built, built.running():
        await built.heard(True)
        yield built


@pytest.fixture
async def web(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack, mode="http", signing_secret=SIGNING_SECRET, app_token=None) as built:
        yield built


async def post(bot: Stage, slack: FakeSlack) -> Posted:
    assert isinstance(await bot.notifier.send(message(timeline=())), Sent)
    return await slack.message()


async def acked(slack: FakeSlack, *envelopes: str) -> None:
    await slack.until(lambda: sorted(slack.sockets.acks) == sorted(envelopes))


# Socket Mode ----------------------------------------------------------------------------------------------------------


async def test_a_press_is_saved_acknowledged_and_answered_in_private(slack: FakeSlack, bot: Stage) -> None:
    posted = await post(bot, slack)
    await slack.sockets.send(slack.press_of(posted, "kidoku:snooze:15m", action_ts="7.7"), "e1")
    await acked(slack, "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert bot.inbox.presses == [Press(Verb.SNOOZE, 42, ALICE_HERSELF, "15m", f"{ALICE}:7.7:kidoku:snooze:15m")]
    [told] = slack.private
    assert (told["via"], told["response_type"], told["replace_original"]) == ("response_url", "ephemeral", False)
    assert told["blocks"][0]["text"]["text"] == "done: snooze <!channel>"
    assert markup(told) == []


async def test_without_a_response_url_slack_is_asked_to_show_the_answer(slack: FakeSlack, bot: Stage) -> None:
    slack.is_response_url_gone = True
    posted = await post(bot, slack)
    await slack.sockets.send(slack.press_of(posted, "kidoku:ack"), "e1")
    await slack.until(lambda: len(slack.private) == 1)
    [told] = slack.private
    assert (told["via"], told["channel"], told["user"]) == ("chat.postEphemeral", OPS, ALICE)


async def test_an_envelope_that_comes_twice_is_acknowledged_twice_and_carried_out_once(
    slack: FakeSlack, bot: Stage
) -> None:
    await slack.until(lambda: len(slack.sockets.open) == 2)
    press = slack.press_of(await post(bot, slack), "kidoku:ack")
    first, second = slack.sockets.open
    bot.inbox.may_save.clear()
    await slack.sockets.send(press, "e1", first)
    await slack.sockets.send(press, "e1", second)
    bot.inbox.may_save.set()
    await acked(slack, "e1", "e1")
    await slack.sockets.send(press, "e2", first)
    await acked(slack, "e1", "e1", "e2")
    assert len(bot.inbox.presses) == 1
    await slack.until(lambda: len(slack.private) == 1)


async def test_a_press_is_acknowledged_once_it_is_saved_and_not_before(slack: FakeSlack, bot: Stage) -> None:
    press = slack.press_of(await post(bot, slack), "kidoku:ack")
    bot.inbox.may_save.clear()
    await slack.sockets.send(press, "e1")
    await bot.inbox.pressed()
    assert slack.sockets.acks == []
    bot.inbox.may_save.set()
    await acked(slack, "e1")


async def test_a_slow_disk_does_not_make_slack_show_a_failure(
    slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "ACK_WITHIN", 0.05)
    press = slack.press_of(await post(bot, slack), "kidoku:ack")
    bot.inbox.may_save.clear()
    await slack.sockets.send(press, "e1")
    await acked(slack, "e1")
    assert slack.private == []
    bot.inbox.may_save.set()
    await slack.until(lambda: len(slack.private) == 1)


async def test_a_press_that_could_not_be_saved_is_not_acknowledged(slack: FakeSlack, bot: Stage) -> None:
    bot.inbox.fault = RuntimeError("the disk is full")
    posted = await post(bot, slack)
    await slack.sockets.send(slack.press_of(posted, "kidoku:ack", action_ts="1.1"), "e1")
    await bot.inbox.pressed()
    bot.inbox.fault = None
    await slack.sockets.send(slack.press_of(posted, "kidoku:ack", action_ts="2.2"), "e2")
    await acked(slack, "e2")
    assert len(bot.inbox.presses) == 2


async def test_a_press_that_could_not_be_saved_counts_when_slack_delivers_it_again(
    slack: FakeSlack, bot: Stage
) -> None:
    press = slack.press_of(await post(bot, slack), "kidoku:ack")
    bot.inbox.fault = RuntimeError("the disk is full")
    await slack.sockets.send(press, "e1")
    await bot.inbox.pressed()
    bot.inbox.fault = None
    await slack.sockets.send(press, "e2")
    await acked(slack, "e2")
    assert len(bot.inbox.presses) == 2
    await slack.until(lambda: len(slack.private) == 1)


async def test_variables_of_other_slack_apps_change_nothing(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """bolt reads these by itself, and would turn to OAuth."""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "BOT_TOKEN", "SIGNING_SECRET", "VERIFICATION_TOKEN", "SCOPES"):
        monkeypatch.setenv(f"SLACK_{name}", "another-app-s")
    async with stage(slack, mode="http", signing_secret=SIGNING_SECRET, app_token=None) as web:
        body = form(json.dumps(slack.press_of(await post(web, slack), "kidoku:ack")))
        async with request(web, body, signed(body)) as answer:
            assert answer.status == 200
        body = form("{}")
        async with request(web, body, signed(body, secret="another-app-s")) as answer:
            assert answer.status == 401
        assert [one.actor for one in web.inbox.presses] == [ALICE_HERSELF]


async def test_a_stranger_s_mail_address_proves_nothing(slack: FakeSlack, bot: Stage) -> None:
    """In a channel shared with others, anybody's workspace may give anybody Alice's address."""
    posted = await post(bot, slack)
    await slack.sockets.send(slack.press_of(posted, "kidoku:ack", user=STRANGER), "e1")
    await acked(slack, "e1")
    assert bot.inbox.presses[0].actor == Actor("slack", STRANGER, "", "alice", rooms=HERE)


@pytest.mark.parametrize("fate", [{"deleted": True}, {"is_bot": True}, {"profile": {}}])
async def test_whose_mail_address_is_not_to_be_trusted(slack: FakeSlack, bot: Stage, fate: dict[str, Any]) -> None:
    slack.users[ALICE] |= fate
    posted = await post(bot, slack)
    await slack.sockets.send(slack.press_of(posted, "kidoku:ack"), "e1")
    await acked(slack, "e1")
    assert bot.inbox.presses[0].actor.email == ""


async def test_slack_s_trouble_does_not_hold_up_a_press(
    slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "LOOK_UP_WITHIN", 0.05)
    posted = await post(bot, slack)
    slack.refuse("users.info", Refusal(is_silent=True), Refusal(status=500), Refusal("missing_scope"))
    for number in range(4):
        await slack.sockets.send(slack.press_of(posted, "kidoku:ack", action_ts=f"{number}.0"), f"e{number}")
        await acked(slack, *(f"e{one}" for one in range(number + 1)))
    assert [press.actor.email for press in bot.inbox.presses] == ["", "", "", ""]
    assert len(slack.called("users.info")) == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"value": "no json"},
        {"value": '{"alert":"x","argument":""}'},
        {"value": '{"argument":""}'},
        {"value": "[]"},
        {"action_id": "kidoku:launch"},
        {"action_id": "kidoku:"},
        {"action_id": "somebody-else"},
    ],
)
async def test_a_button_that_is_not_ours_is_ignored(slack: FakeSlack, bot: Stage, fault: dict[str, str]) -> None:
    posted = await post(bot, slack)
    press = slack.press_of(posted, "kidoku:ack", action_ts="1.0")
    press["actions"][0] |= fault
    await slack.sockets.send(press, "e1")
    await slack.sockets.send(slack.press_of(posted, "kidoku:ack", action_ts="2.0"), "e2")
    await slack.until(lambda: len(slack.private) == 1)
    assert len(bot.inbox.presses) == 1


# Signed HTTP ----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def request(bot: Stage, body: str, headers: dict[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{bot.base}/slack/events", data=body, headers=headers) as answer,
    ):
        yield answer


async def test_a_signed_press_counts(slack: FakeSlack, web: Stage) -> None:
    press = slack.press_of(await post(web, slack), "kidoku:ack")
    body = form(json.dumps(press))
    async with request(web, body, signed(body)) as answer:
        assert answer.status == 200
        assert await answer.text() == ""
    async with request(web, body, signed(body) | {"X-Slack-Retry-Num": "1"}) as answer:
        assert answer.status == 200
    await slack.until(lambda: len(slack.private) == 1)
    assert [one.actor for one in web.inbox.presses] == [ALICE_HERSELF]


async def test_what_slack_did_not_sign_is_refused(slack: FakeSlack, web: Stage) -> None:
    press = json.dumps(slack.press_of(await post(web, slack), "kidoku:ack"))
    body = form(press)
    good = signed(body)
    wrong = [
        {},
        signed(body, secret="another-secret"),
        signed(body + "x"),
        good | {"X-Slack-Signature": "v0="},
        good | {"X-Slack-Signature": ""},
        good | {"X-Slack-Request-Timestamp": "now"},
        good | {"X-Slack-Request-Timestamp": str(int(NOW.timestamp()) + 1)},
        signed(body, NOW - timedelta(minutes=6)),
        signed(body, NOW + timedelta(minutes=6)),
    ]
    for headers in wrong:
        async with request(web, body, headers) as answer:
            assert answer.status == 401, headers
    # Slack's check of certificates is not signed: it must open no door.
    async with request(web, body + "&ssl_check=1", good) as answer:
        assert answer.status == 401
    assert web.inbox.presses == []


async def test_a_signed_press_that_somebody_repeats_counts_once(slack: FakeSlack, web: Stage) -> None:
    """Within the five minutes that a signature is good for, and never after them."""
    body = form(json.dumps(slack.press_of(await post(web, slack), "kidoku:ack")))
    for minutes, status in ((0, 200), (4, 200), (6, 401)):
        web.now[0] = NOW + timedelta(minutes=minutes)
        async with request(web, body, signed(body)) as answer:
            assert answer.status == status
    assert len(web.inbox.presses) == 1


async def test_a_request_larger_than_slack_s_is_not_read_on(web: Stage) -> None:
    body = "x" * (MOST_BODY + 1)
    async with request(web, body, signed(body)) as answer:
        assert answer.status == 413


async def test_slack_s_challenge_is_answered(web: Stage) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-1", "token": "x"})
    async with request(web, body, signed(body) | {"Content-Type": "application/json"}) as answer:
        assert answer.status == 200
        assert "c-1" in await answer.text()


async def test_a_press_over_http_that_could_not_be_saved_is_a_failure_there(slack: FakeSlack, web: Stage) -> None:
    web.inbox.fault = RuntimeError("the disk is full")
    body = form(json.dumps(slack.press_of(await post(web, slack), "kidoku:ack")))
    async with request(web, body, signed(body)) as answer:
        assert answer.status == 500


async def test_what_came_in_is_finished_before_the_end(slack: FakeSlack) -> None:
    async with stage(slack, mode="http", signing_secret=SIGNING_SECRET, app_token=None) as web:
        body = form(json.dumps(slack.press_of(await post(web, slack), "kidoku:ack")))
        async with request(web, body, signed(body)) as answer:
            assert answer.status == 200
    assert len(slack.private) == 1


async def test_the_button_of_a_check_of_a_contact_carries_the_number_of_the_check(slack: FakeSlack, bot: Stage) -> None:
    asked = message(alert_id=None, check_id=7, timeline=(), buttons=(Button(Verb.CONFIRM, "It reaches me"),))
    assert isinstance(await bot.notifier.send(asked), Sent)
    await slack.sockets.send(slack.press_of(await slack.message(), "kidoku:confirm", action_ts="7.7"), "e1")
    await acked(slack, "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert [(one.verb, one.alert_id) for one in bot.inbox.presses] == [(Verb.CONFIRM, 7)]
