"""Presses of buttons, over Socket Mode or signed HTTP. Acknowledged to Slack within 3 seconds, answered in private.

https://docs.slack.dev/interactivity/handling-user-interaction and https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.base import Actor, HealthListener, Inbox, Press, Reply, Verb
from channels.slack.answer import classify
from channels.slack.config import SlackSettings
from channels.slack.directory import Directory

log = structlog.get_logger(__name__)

ACK_WITHIN = 2.0
"""Slack wants its acknowledgement within 3 seconds; a slow commit must not make it send the press again."""
LOOK_EVERY = 5.0
LONGEST_BACK_OFF = 60.0


class Presses:
    """Turns verified block actions into presses. ``app`` is bolt's, for either transport."""

    def __init__(self, settings: SlackSettings, client: AsyncWebClient, directory: Directory, inbox: Inbox) -> None:
        self._directory = directory
        self._inbox = inbox
        secret = settings.signing_secret.get_secret_value() if settings.signing_secret else None
        self.app = AsyncApp(
            client=client,
            signing_secret=secret,
            request_verification_enabled=secret is not None,
            process_before_response=True,
        )
        self.app.action(re.compile(r"^kidoku:"))(self._pressed)

    async def _pressed(
        self, ack: Callable[[], Awaitable[None]], body: dict[str, Any], respond: Callable[..., Awaitable[Any]]
    ) -> None:
        work = asyncio.create_task(self._carry_out(body))
        await asyncio.wait([work], timeout=ACK_WITHIN)
        await ack()
        reply = await work
        try:
            await respond(text=reply.text, response_type="ephemeral", replace_original=False)
        except Exception as error:
            log.warning("A press was carried out, but its answer could not be shown", reason=classify(error).reason)

    async def _carry_out(self, body: Mapping[str, Any]) -> Reply:
        action = body["actions"][0]
        user = str(body["user"]["id"])
        actor = Actor("slack", user, await self._directory.email_of(user), str(body["user"].get("name", "")))
        try:
            value = json.loads(action["value"])
            verb = Verb(action["action_id"].split(":")[1])
            press = Press(verb, int(value["alert"]), actor, str(value["argument"]), f"{user}:{action['action_ts']}")
        except (ValueError, KeyError, TypeError, IndexError):
            log.warning("A press that can't be read was ignored")
            return Reply("?", is_done=False)
        return await self._inbox.press(press)


def http_routes(presses: Presses) -> tuple[Route, ...]:
    """The signed HTTP endpoint; bolt verifies the signature and its age."""
    handler = AsyncSlackRequestHandler(presses.app)

    async def endpoint(request: Request) -> Response:
        answer: Response = await handler.handle(request)
        return answer

    return (Route("/slack/events", endpoint, methods=["POST"]),)


class SocketService:
    """Keeps a Socket Mode connection, for ever. slack-sdk pings it and replaces a stale one; this sees to the rest."""

    def __init__(self, settings: SlackSettings, presses: Presses, on_health: HealthListener) -> None:
        token = settings.app_token.get_secret_value() if settings.app_token else ""
        self._handler = AsyncSocketModeHandler(presses.app, token, web_client=presses.app.client)
        self._on_health = on_health

    async def run(self) -> None:
        failures = 0
        try:
            while True:
                try:
                    await self._keep()
                except Exception as error:
                    self._on_health("slack", False, classify(error).reason)
                failures += 1
                wait = min(LONGEST_BACK_OFF, 2.0 ** min(failures, 10))
                await asyncio.sleep(wait * random.uniform(0.67, 1.33))  # noqa: S311 - jitter, no secret
        finally:
            await self._handler.close_async()  # type: ignore[no-untyped-call]

    async def _keep(self) -> None:
        """Connect, and watch that it stays so; returns when it is lost for good."""
        client = self._handler.client
        await client.connect_to_new_endpoint(force=True)
        while await client.is_connected():
            self._on_health("slack", True, "")
            await asyncio.sleep(LOOK_EVERY)
        self._on_health("slack", False, "the Socket Mode connection was lost")
