"""Warnings about the web server and its API."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.problem import Fault
from escalation.phrase import Phrase


def web_warnings(settings: Settings) -> Iterator[Fault]:
    """A person for the API's commands, and no token by which anybody could give one."""
    if settings.web.api_person is not None and settings.web.api_token is None:
        message = Phrase("the API answers nobody: it has no token")
        fix = Phrase("set KIDOKU_WEB__API_TOKEN, or KIDOKU_WEB__API_TOKEN_FILE")
        yield Fault(("web", "api_person"), message, fix, is_warning=True, is_key=True)
