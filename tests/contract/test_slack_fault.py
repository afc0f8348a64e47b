"""Every way in which Slack can refuse, and what the channel makes of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels.base import Rejected, RetryLater, Sent
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_stage import Stage, message, stage
from tests.fakes.slack_world import BOT_TOKEN, LIMITED, OPS, Refusal


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built:
        yield built


async def test_an_error_that_nobody_knows_is_final_and_named(slack: FakeSlack, bot: Stage) -> None:
    slack.refuse("chat.postMessage", Refusal("a_new_error"))
    assert await bot.notifier.send(message()) == Rejected("Slack refused it (a_new_error)")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("not_in_channel", "/invite"),
        ("channel_not_found", "/invite"),
        ("is_archived", "archived"),
        ("invalid_auth", "KIDOKU_SLACK__BOT_TOKEN"),
        ("token_revoked", "install the app again"),
        ("missing_scope", "slack-manifest.yaml"),
        ("messages_tab_disabled", "App Home"),
        ("not_enabled", "App Home"),
    ],
)
async def test_a_refusal_says_what_to_do(slack: FakeSlack, bot: Stage, code: str, words: str) -> None:
    slack.refuse("chat.postMessage", Refusal(code))
    result = await bot.notifier.send(message())
    assert isinstance(result, Rejected)
    assert words in result.reason


async def test_a_rate_limit_pauses_the_channel_for_as_long_as_slack_says(slack: FakeSlack, bot: Stage) -> None:
    slack.refuse("chat.postMessage", LIMITED)
    assert await bot.notifier.send(message()) == RetryLater("Slack's rate limit", timedelta(seconds=30), True)
    assert bot.health == []


@pytest.mark.parametrize(
    ("value", "after"),
    [("x", None), ("", None), ("999999", timedelta(hours=1)), ("9" * 50, timedelta(hours=1)), ("²", None)],
)
async def test_a_strange_retry_after_is_no_trap(
    slack: FakeSlack, bot: Stage, value: str, after: timedelta | None
) -> None:
    slack.refuse(
        "chat.postMessage", Refusal("ratelimited", 429, {"Retry-After": value.encode("ascii", "ignore").decode()})
    )
    result = await bot.notifier.send(message())
    assert isinstance(result, RetryLater)
    assert result.after == after


async def test_a_rate_limit_while_looking_somebody_up_counts_too(slack: FakeSlack, bot: Stage) -> None:
    slack.refuse("users.lookupByEmail", LIMITED)
    result = await bot.notifier.send(message(address="alice@company.example", is_direct=True))
    assert isinstance(result, RetryLater)
    assert result.after == timedelta(seconds=30)
    assert slack.messages == []


@pytest.mark.parametrize(
    ("refusal", "maybe_sent"),
    [
        (Refusal(status=500), True),
        (Refusal(status=503), True),
        (Refusal(status=502, text="<html>Bad gateway</html>"), True),
        (Refusal(status=200, text="<html>Log in to the hotel's network</html>"), True),
        (Refusal(status=407, text="<html>Proxy authentication</html>"), False),
        (Refusal(status=404, text="<html>Nothing here</html>"), False),
    ],
)
async def test_what_is_not_slack_s_answer_is_tried_again(
    slack: FakeSlack, bot: Stage, refusal: Refusal, maybe_sent: bool
) -> None:
    slack.refuse("chat.postMessage", refusal)
    result = await bot.notifier.send(message())
    assert isinstance(result, RetryLater)
    assert (result.is_channel_wide, result.maybe_sent) == (True, maybe_sent)
    assert bot.health[-1][0] is False
    assert isinstance(await bot.notifier.send(message()), Sent)


async def test_no_answer_may_have_been_sent(slack: FakeSlack) -> None:
    async with stage(slack, timeout=timedelta(seconds=1)) as bot:
        slack.refuse("chat.postMessage", Refusal(is_silent=True))
        assert await bot.notifier.send(message()) == RetryLater(
            "no answer from Slack", is_channel_wide=True, maybe_sent=True
        )


async def test_a_slack_that_is_not_there_may_come_back(slack: FakeSlack, bot: Stage) -> None:
    port = slack.port
    await slack.stop()
    assert await bot.notifier.send(message()) == RetryLater("Slack can't be reached", is_channel_wide=True)
    async with FakeSlack() as other:
        back = FakeSlack()
        await back.start(port)
        assert isinstance(await bot.notifier.send(message()), Sent)
        await back.stop()
        assert other.messages == []


async def test_a_wrong_token_is_said_without_it(slack: FakeSlack) -> None:
    secret = "xoxb-some-other-secret"
    async with stage(slack, bot_token=secret) as bot:
        result = await bot.notifier.send(message())
    assert result == Rejected("Slack refused the token; check KIDOKU_SLACK__BOT_TOKEN (Slack: invalid_auth)")
    assert secret not in repr(bot)


async def test_an_archived_room_and_a_room_that_there_is_not(slack: FakeSlack, bot: Stage) -> None:
    slack.archived.add(OPS)
    for address, code in (
        ("#ops", "is_archived"),
        ("#nowhere", "channel_not_found"),
        ("CNOWHERE", "channel_not_found"),
    ):
        result = await bot.notifier.send(message(address=address))
        assert isinstance(result, Rejected)
        assert code in result.reason


async def test_somebody_whom_slack_does_not_know(slack: FakeSlack, bot: Stage) -> None:
    for address, words in (("carol@company.example", "mail address"), ("U0CAROL", "no such member")):
        result = await bot.notifier.send(message(address=address, is_direct=True))
        assert isinstance(result, Rejected)
        assert words in result.reason


async def test_a_token_that_is_revoked_is_noticed_before_it_is_needed(slack: FakeSlack) -> None:
    async with stage(slack, mode="http", signing_secret="x" * 32) as bot:
        slack.refuse("auth.test", Refusal("token_revoked"))
        async with bot.running():
            assert "revoked" in await bot.heard(False)
            await bot.heard(True)
    assert BOT_TOKEN not in repr(bot.health)


async def test_scopes_that_are_lacking_are_told(slack: FakeSlack, capsys: pytest.CaptureFixture[str]) -> None:
    slack.scopes = "chat:write,im:write"
    async with stage(slack, mode="http", signing_secret="x" * 32) as bot, bot.running():
        await bot.heard(True)
    assert "users:read.email" in capsys.readouterr().out
