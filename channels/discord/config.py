"""The settings of the Discord channel."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, SecretStr


class DiscordSettings(BaseModel):
    """The bot's token comes from the environment: KIDOKU_DISCORD__BOT_TOKEN."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_token: SecretStr
    api_url: str = "https://discord.com/api/v10"
    timeout: timedelta = timedelta(seconds=10)
