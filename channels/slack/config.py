"""The settings of the Slack channel."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

from channels.host import is_loopback
from channels.timeout import at_most
from escalation.phrase import Phrase, advice


class Mode(StrEnum):
    """How presses come in: over Socket Mode's own connection, or as signed HTTP requests."""

    SOCKET = "socket"
    HTTP = "http"


def _api_url(text: str) -> str:
    """https, or plain http to this machine: the token goes there. Raises ValueError, which does not repeat the address:
    there are gateways that take a secret in it."""
    parts = urlsplit(text.strip())
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            advice(Phrase("this is no address of a server"), Phrase("write it like https://slack.com/api/"))
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError(
            advice(Phrase("this is not encrypted, and the token would go there"), Phrase("write it with https://"))
        )
    return text.strip().rstrip("/") + "/"


_TIMEOUT = AfterValidator(at_most(timedelta(minutes=2), Phrase("write 1s to 2m")))


class SlackSettings(BaseModel):
    """Tokens come from the environment: KIDOKU_SLACK__BOT_TOKEN (xoxb-…), and KIDOKU_SLACK__APP_TOKEN (xapp-…) for
    Socket Mode or KIDOKU_SLACK__SIGNING_SECRET for HTTP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_token: SecretStr
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    mode: Mode = Mode.SOCKET
    api_url: Annotated[str, AfterValidator(_api_url)] = "https://slack.com/api/"
    timeout: Annotated[timedelta, _TIMEOUT] = timedelta(seconds=10)

    @model_validator(mode="after")
    def _are_not_swapped(self) -> Self:
        if self.bot_token.get_secret_value().startswith("xapp-"):
            raise ValueError(Phrase("KIDOKU_SLACK__BOT_TOKEN holds an app-level token (xapp-…): it begins with xoxb-"))
        if self.app_token is not None and self.app_token.get_secret_value().startswith(("xoxb-", "xoxp-")):
            raise ValueError(Phrase("KIDOKU_SLACK__APP_TOKEN holds a bot's token (xoxb-…): it begins with xapp-"))
        return self

    @model_validator(mode="after")
    def _has_its_secret(self) -> Self:
        if self.mode is Mode.SOCKET and not _is_set(self.app_token):
            raise ValueError(
                Phrase("Socket Mode needs an app-level token: set KIDOKU_SLACK__APP_TOKEN, or write mode: http")
            )
        if self.mode is Mode.HTTP and not _is_set(self.signing_secret):
            raise ValueError(Phrase("mode: http needs KIDOKU_SLACK__SIGNING_SECRET, to verify what comes in"))
        return self


def _is_set(secret: SecretStr | None) -> bool:
    return secret is not None and bool(secret.get_secret_value().strip())
