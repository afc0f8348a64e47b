"""Commands typed in Slack, over its real client and a server on loopback."""

from typing import Any

from pydantic import SecretStr

from channels.slack.channel import build
from channels.slack.config import SlackSettings
from tests.acceptance.stage import Stage
from tests.fakes.services import running
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import APP_TOKEN, BOT_TOKEN


async def typed_in_slack(stage: Stage, who: str, *texts: str) -> list[dict[str, Any]]:
    """What each of these was answered with."""
    async with FakeSlack() as slack:
        slack.users[who] = {**slack.users["U0ALICE"], "id": who}
        settings = SlackSettings(bot_token=SecretStr(BOT_TOKEN), app_token=SecretStr(APP_TOKEN), api_url=slack.url)
        channel = build(settings, stage.app.inbox, stage.clock.now, lambda *state: None)
        assert channel.notifier is not None
        async with running(channel.services):
            await slack.until(lambda: len(slack.sockets.open) > 0)
            for number, text in enumerate(texts):
                await slack.sockets.send(slack.command_of(text, who, f"t{number}"), f"e{number}")
                await slack.until(lambda number=number: len(slack.private) == number + 1)  # type: ignore[misc]
        await channel.notifier.close()
    return slack.private
