"""Socket Mode's connections: what Slack, the network and time do to them."""

from collections.abc import AsyncIterator

import pytest

from channels.base import Sent
from channels.slack import backoff, socket
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_stage import Stage, message, stage
from tests.fakes.slack_world import APP_TOKEN, Posted, Refusal

BOTH = 2


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built:
        yield built


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings and tries come at once after one another."""
    monkeypatch.setattr(socket, "PING_EVERY", 0.5)
    monkeypatch.setattr(backoff, "LONGEST", 0.01)


async def post(bot: Stage, slack: FakeSlack) -> Posted:
    assert isinstance(await bot.notifier.send(message(timeline=())), Sent)
    return await slack.message()


async def open_both(slack: FakeSlack) -> None:
    await slack.until(lambda: len(slack.sockets.open) == BOTH)


async def test_when_slack_asks_for_a_new_connection_there_is_never_none(slack: FakeSlack, bot: Stage) -> None:
    async with bot.running():
        await open_both(slack)
        await bot.heard(True)
        posted = await post(bot, slack)
        old = list(slack.sockets.open)
        for one in old:
            await one.disconnect("refresh_requested")
        fewest = BOTH

        def replaced() -> bool:
            nonlocal fewest
            fewest = min(fewest, len(slack.sockets.open))
            return slack.sockets.opened == 2 * BOTH and not set(old) & set(slack.sockets.open)

        await slack.until(replaced)
        assert fewest == BOTH
        await slack.sockets.send(slack.press_of(posted, "kidoku:ack"), "e1")
        await slack.until(lambda: slack.sockets.acks == ["e1"])
        assert bot.health == [(True, "")]


@pytest.mark.usefixtures("quick")
async def test_an_old_connection_still_brings_presses_until_it_is_replaced(slack: FakeSlack, bot: Stage) -> None:
    async with bot.running():
        await open_both(slack)
        posted = await post(bot, slack)
        old = slack.sockets.open[0]
        slack.refuse("apps.connections.open", *[Refusal("internal_error")] * 100_000)
        await old.disconnect("warning")
        await slack.until(lambda: len(slack.called("apps.connections.open")) >= BOTH + 3)
        await slack.sockets.send(slack.press_of(posted, "kidoku:ack"), "e1", old)
        await slack.until(lambda: slack.sockets.acks == ["e1"])
        slack.refusals["apps.connections.open"].clear()
        await slack.until(lambda: slack.sockets.opened > BOTH and old not in slack.sockets.open)


@pytest.mark.usefixtures("quick")
async def test_connections_that_are_cut_come_back(slack: FakeSlack, bot: Stage) -> None:
    async with bot.running():
        await open_both(slack)
        await bot.heard(True)
        slack.sockets.is_refusing = True
        for one in list(slack.sockets.open):
            one.cut()
        assert "Socket Mode" in await bot.heard(False)
        slack.sockets.is_refusing = False
        await bot.heard(True)
        await open_both(slack)
        posted = await post(bot, slack)
        await slack.sockets.send(slack.press_of(posted, "kidoku:ack"), "e1")
        await slack.until(lambda: slack.sockets.acks == ["e1"])


@pytest.mark.usefixtures("quick")
async def test_one_connection_that_is_cut_is_no_outage(slack: FakeSlack, bot: Stage) -> None:
    async with bot.running():
        await open_both(slack)
        await bot.heard(True)
        slack.sockets.open[0].cut()
        await slack.until(lambda: slack.sockets.opened > BOTH and len(slack.sockets.open) == BOTH)
    assert bot.health == [(True, "")]


@pytest.mark.usefixtures("quick")
async def test_a_connection_that_went_silent_is_noticed_and_replaced(slack: FakeSlack, bot: Stage) -> None:
    async with bot.running():
        await open_both(slack)
        stale = slack.sockets.open[0]
        stale.is_deaf.set()
        await slack.until(lambda: slack.sockets.opened > BOTH and stale not in slack.sockets.open)


@pytest.mark.usefixtures("quick")
async def test_a_slack_that_is_down_at_the_start_kills_nothing(slack: FakeSlack, bot: Stage) -> None:
    port = slack.port
    await slack.stop()
    async with bot.running():
        assert "can't be reached" in await bot.heard(False)
        back = FakeSlack()
        await back.start(port)
        await bot.heard(True)
        await open_both(back)
    await back.stop()


@pytest.mark.usefixtures("quick")
async def test_every_try_asks_for_an_address_of_its_own(slack: FakeSlack, bot: Stage) -> None:
    """An address is good for one use; slack-sdk alone would try the same for ever."""
    slack.sockets.is_refusing = True
    async with bot.running():
        await slack.until(lambda: len(slack.called("apps.connections.open")) >= 3 * BOTH)
        slack.sockets.is_refusing = False
        await bot.heard(True)


@pytest.mark.usefixtures("quick")
async def test_too_many_connections_elsewhere_are_waited_for(slack: FakeSlack, bot: Stage) -> None:
    slack.sockets.most = 0
    async with bot.running():
        await slack.until(lambda: len(slack.called("apps.connections.open")) >= 2 * BOTH)
        assert "too many" in await bot.heard(False)
        slack.sockets.most = 10
        await bot.heard(True)
        await open_both(slack)


@pytest.mark.usefixtures("quick")
async def test_socket_mode_that_was_switched_off_is_said(slack: FakeSlack, bot: Stage) -> None:
    async with bot.running():
        await open_both(slack)
        await bot.heard(True)
        slack.refuse("apps.connections.open", *[Refusal("not_allowed_token_type")] * 4)
        for one in list(slack.sockets.open):
            await one.disconnect("link_disabled")
        assert "switched off" in await bot.heard(False)
        await bot.heard(True)


@pytest.mark.usefixtures("quick")
async def test_a_wrong_app_token_is_said_without_it(slack: FakeSlack) -> None:
    async with stage(slack, app_token="xapp-some-other-secret") as bot:
        async with bot.running():
            detail = await bot.heard(False)
        assert "KIDOKU_SLACK__APP_TOKEN" in detail
        assert "some-other-secret" not in repr(bot)
        assert APP_TOKEN not in detail
        assert isinstance(await bot.notifier.send(message()), Sent)


async def test_the_end_closes_every_connection(slack: FakeSlack, bot: Stage) -> None:
    async with bot.running():
        await open_both(slack)
    await slack.until(lambda: slack.sockets.open == [])
