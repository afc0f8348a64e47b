"""The Home tab over the wire: opened, pressed in, published within Slack's limits, and in spite of its trouble."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from channels.home import Home, HomeField, HomeLine, HomePart
from channels.inbox import Actor
from channels.message import Button, Verb
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_blocks import home_buttons, shown
from tests.fakes.slack_stage import Stage, signed, stage
from tests.fakes.slack_world import ALICE, BOB, LIMITED, SIGNING_SECRET, STRANGER, Refusal

TAKE = Button(Verb.ACK, "Acknowledge", is_primary=True)
LANGUAGES = (Button(Verb.LANG, "日本語", "ja"), Button(Verb.LANG, "English", "en", is_primary=True))
AT_ONCE = Refusal("ratelimited", 429, {"Retry-After": "0"})


def page(actor: Actor, note: str) -> Home:
    alerts = HomePart("Waiting for you", (HomeLine("#42 <!channel> *down*\nFrom: NOC", (TAKE,), 42),), "3 more")
    duty = HomePart("On call now", (HomeLine("noc: Alice"), HomeLine("  then Bob")))
    language = HomePart("Your language", (HomeLine("English", LANGUAGES),))
    return Home(note, (alerts, duty, language), HomeField(Verb.CODE, "Your code", "six digits"), "As of 02:05")


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built, built.running():
        built.inbox.page = page
        await built.heard(True)
        yield built


async def opened(slack: FakeSlack, event_id: str = "Ev1", user: str = ALICE) -> str:
    """Open the Home tab; what it shows then."""
    before = len(slack.called("views.publish"))
    await slack.sockets.send(slack.opening_of(user, event_id), f"open-{event_id}")
    await slack.until(lambda: len(slack.called("views.publish")) > before and user in slack.homes)
    return shown(slack.homes[user])


async def test_an_opened_home_shows_the_page_of_whoever_opened_it(slack: FakeSlack, bot: Stage) -> None:
    text = await opened(slack)
    assert text.splitlines() == [
        *("Waiting for you", "#42 <!channel> *down*", "From: NOC", "Acknowledge", "3 more"),
        *("On call now", "noc: Alice", "then Bob"),
        *("Your language", "English", "日本語", "English", "Your code", "six digits", "As of 02:05"),
    ]
    assert [one["action_id"] for one in home_buttons(slack.homes[ALICE])] == [
        *("kidoku:ack", "kidoku:lang:ja", "kidoku:lang:en")
    ]
    assert bot.inbox.shown == [(Actor("slack", ALICE, "alice@company.example"), "")]
    assert set(slack.homes) == {ALICE}
    await slack.until(lambda: slack.sockets.acks == ["open-Ev1"])


async def test_a_press_there_counts_and_the_answer_stands_on_the_page_and_nowhere_else(
    slack: FakeSlack, bot: Stage
) -> None:
    await opened(slack)
    first = slack.homes[ALICE]["hash"]
    await slack.sockets.send(slack.home_press_of("Acknowledge", action_ts="7.7"), "e1")
    await slack.until(lambda: slack.homes[ALICE]["hash"] != first)
    assert shown(slack.homes[ALICE]).startswith("done: ack <!channel>\nWaiting for you")
    assert [(one.verb, one.alert_id, one.actor.address) for one in bot.inbox.presses] == [(Verb.ACK, 42, ALICE)]
    assert bot.inbox.presses[0].actor.rooms == ()
    assert slack.private == [] and slack.messages == []
    assert slack.called("views.publish")[1]["hash"] == first


async def test_what_is_typed_into_the_field_comes_in_as_its_verb(slack: FakeSlack, bot: Stage) -> None:
    await opened(slack)
    await slack.sockets.send(slack.home_press_of("", action_ts="7.7", typed="123 456"), "e1")
    await slack.until(lambda: len(slack.called("views.publish")) == 2)
    assert [(one.verb, one.argument) for one in bot.inbox.presses] == [(Verb.CODE, "123 456")]


async def test_only_the_home_tab_is_shown_and_the_same_event_once(slack: FakeSlack, bot: Stage) -> None:
    await slack.sockets.send(slack.opening_of(ALICE, "Ev0", "messages"), "e0")
    await slack.until(lambda: len(slack.sockets.acks) == 1)
    await opened(slack, "Ev1")
    await slack.sockets.send(slack.opening_of(ALICE, "Ev1"), "e1")
    await slack.until(lambda: len(slack.sockets.acks) == 3)
    await opened(slack, "Ev2", BOB)
    assert [actor.address for actor, _ in bot.inbox.shown] == [ALICE, BOB]


async def test_a_page_that_was_published_meanwhile_is_not_overwritten_by_an_older_one(
    slack: FakeSlack, bot: Stage
) -> None:
    await opened(slack)
    stale = slack.home_press_of("Acknowledge", action_ts="7.7")
    await opened(slack, "Ev2")
    await slack.sockets.send(stale, "e1")
    await slack.until(lambda: len(slack.called("views.publish")) == 4)
    sent = [one.get("hash") for one in slack.called("views.publish")]
    assert sent[2] == stale["view"]["hash"] and sent[3] is None
    assert len(bot.inbox.shown) == 4, "it was made once more"
    assert shown(slack.homes[ALICE]).startswith("done: ack")


async def test_a_rate_limit_and_trouble_are_waited_for_and_nothing_is_down(slack: FakeSlack, bot: Stage) -> None:
    slack.refuse("views.publish", AT_ONCE, Refusal("internal_error"))
    assert (await opened(slack)).startswith("Waiting")
    assert len(slack.called("views.publish")) == 3
    assert len(bot.inbox.shown) == 3, "what is published is as it stands then"
    assert [is_up for is_up, _ in bot.health] == [True]


async def test_who_waits_for_a_rate_limit_holds_up_nobody_who_opens_it_again(slack: FakeSlack, bot: Stage) -> None:
    slack.refuse("views.publish", LIMITED)
    await slack.sockets.send(slack.opening_of(ALICE, "Ev1"), "e1")
    await slack.until(lambda: len(slack.called("views.publish")) == 1)
    await opened(slack, "Ev2")
    assert len(slack.called("views.publish")) == 2


async def test_a_newer_wish_takes_the_place_of_an_older(slack: FakeSlack, bot: Stage) -> None:
    bot.inbox.may_show.clear()
    for number in (1, 2):
        await slack.sockets.send(slack.opening_of(ALICE, f"Ev{number}"), f"e{number}")
    await bot.inbox.was_shown(2)
    bot.inbox.may_show.set()
    await slack.until(lambda: ALICE in slack.homes)
    await opened(slack, "Ev3", BOB)
    assert [one["user_id"] for one in slack.called("views.publish")] == [ALICE, BOB]


async def test_a_refusal_is_not_tried_again_and_says_what_to_do(
    slack: FakeSlack, bot: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    slack.has_home_tab = False
    await slack.sockets.send(slack.opening_of(ALICE, "Ev1"), "e1")
    await slack.until(lambda: len(slack.called("views.publish")) == 1)
    slack.has_home_tab = True
    await opened(slack, "Ev2")
    assert len(slack.called("views.publish")) == 2
    assert "switch it on under App Home" in capsys.readouterr().out


async def test_a_page_that_can_not_be_made_harms_nobody_else(slack: FakeSlack, bot: Stage) -> None:
    def fails(actor: Actor, note: str) -> Home:
        raise RuntimeError("the disk is full")

    bot.inbox.page = fails
    await slack.sockets.send(slack.opening_of(ALICE, "Ev1"), "e1")
    await slack.until(lambda: len(slack.sockets.acks) == 1)
    bot.inbox.page = page
    assert (await opened(slack, "Ev2", BOB)).startswith("Waiting")


async def test_a_stranger_is_named_as_one_without_a_mail_address(slack: FakeSlack, bot: Stage) -> None:
    await opened(slack, "Ev1", STRANGER)
    assert bot.inbox.shown == [(Actor("slack", STRANGER), "")]


async def test_over_signed_http_too(slack: FakeSlack) -> None:
    async with stage(slack, mode="http", signing_secret=SIGNING_SECRET, app_token=None) as web:
        web.inbox.page = page
        body = json.dumps(slack.opening_of())
        async with aiohttp.ClientSession() as session:
            for secret, status in ((SIGNING_SECRET, 200), ("another", 401)):
                headers = signed(body, secret=secret) | {"Content-Type": "application/json"}
                async with session.post(f"{web.base}/slack/events", data=body, headers=headers) as answer:
                    assert answer.status == status
        await slack.until(lambda: ALICE in slack.homes)
        assert len(slack.called("views.publish")) == 1


async def test_the_end_waits_for_no_rate_limit(slack: FakeSlack) -> None:
    slack.refuse("views.publish", LIMITED)
    async with stage(slack) as built, built.running():
        await built.heard(True)
        await slack.sockets.send(slack.opening_of(), "e1")
        await slack.until(lambda: len(slack.called("views.publish")) == 1)
        async with asyncio.timeout(10):
            await built.channel.notifier.close()  # type: ignore[union-attr]
    assert slack.homes == {}
