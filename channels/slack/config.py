"""The settings of the Slack channel."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator


class Mode(StrEnum):
    """How presses come in: over Socket Mode's own connection, or as signed HTTP requests."""

    SOCKET = "socket"
    HTTP = "http"


class SlackSettings(BaseModel):
    """Tokens come from the environment: KIDOKU_SLACK__BOT_TOKEN (xoxb-…), and KIDOKU_SLACK__APP_TOKEN (xapp-…) for
    Socket Mode or KIDOKU_SLACK__SIGNING_SECRET for HTTP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_token: SecretStr
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    mode: Mode = Mode.SOCKET
    api_url: str = "https://slack.com/api/"
    timeout: timedelta = timedelta(seconds=10)

    @model_validator(mode="after")
    def _has_its_secret(self) -> Self:
        if self.mode is Mode.SOCKET and self.app_token is None:
            raise ValueError("Socket Mode needs an app-level token: set KIDOKU_SLACK__APP_TOKEN, or write mode: http")
        if self.mode is Mode.HTTP and self.signing_secret is None:
            raise ValueError("mode: http needs KIDOKU_SLACK__SIGNING_SECRET, to verify what comes in")
        return self
