"""The settings of the Discord channel."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, StringConstraints


def _text(value: Any) -> Any:
    """An id may be written without quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class DiscordSettings(BaseModel):
    """The bot's token comes from the environment: KIDOKU_DISCORD__BOT_TOKEN."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_token: SecretStr
    guild: Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^\d{15,20}$")] | None = None
    """The id of the one server that shall have the commands, where they show at once; left out: every server."""
    api_url: str = "https://discord.com/api/v10"
    timeout: timedelta = timedelta(seconds=10)
