"""Dialogs in Slack: opened with the trigger of a press, a command or a shortcut, which is good for 3 seconds; what was
answered in them is saved, and acknowledged within 3 seconds with what Slack shall show then.

https://docs.slack.dev/surfaces/modals: a view stacks on another, three at most; a submission is acknowledged with
errors by field, another view pushed onto it or put in its place.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from channels.dialog import Dialog
from channels.inbox import Actor, Answered, Inbox, Reply
from channels.slack.answer import classify
from channels.slack.modal import answers_of, faults_of, options, refused, told, view, waiting
from channels.slack.render import answer

log = structlog.get_logger(__name__)

ACK_WITHIN = 2.0
"""Seconds; Slack waits 3 for the acknowledgement of a submission, and for what a field may take."""
SHOW_AFTER = (0.0, 0.5, 2.0)
"""Seconds before each try to fill in a view that was only just acknowledged: Slack may not have it yet."""

FAILED = "⚠ ✗"
"""Where nobody could word what went wrong: closing it shows what was written, to be submitted again."""

ActorOf = Callable[[Mapping[str, Any]], Awaitable[Actor]]
Start = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]


class Windows:
    """``actor_of`` tells who it was, by the payload; ``start`` keeps what goes on after an acknowledgement."""

    def __init__(self, client: AsyncWebClient, inbox: Inbox, actor_of: ActorOf, start: Start) -> None:
        self._client = client
        self._inbox = inbox
        self._actor_of = actor_of
        self._start = start

    # Opening --------------------------------------------------------------------------------------------------------

    async def hold(self, trigger_id: str) -> str:
        """Open an empty view while the trigger is good; its id, "" if that was not possible."""
        try:
            opened = await self._client.views_open(trigger_id=trigger_id, view=refused("…"))
            return str(opened["view"]["id"])
        except Exception as error:
            log.warning("A window could not be opened in Slack", reason=classify(error).reason)
            return ""

    async def open(self, dialog: Dialog, trigger_id: str, held: str = "") -> bool:
        """Show a dialog, in the view that is ``held`` if there is one; False if it could not be shown."""
        try:
            if held:
                await self._client.views_update(view_id=held, view=view(dialog))
            else:
                await self._client.views_open(trigger_id=trigger_id, view=view(dialog))
        except Exception as error:
            log.warning("A window could not be opened in Slack", reason=classify(error).reason)
            return False
        return True

    async def tell(self, reply: Reply, held: str) -> bool:
        """Say in the view that is held why there is no dialog; False if it could not be said."""
        try:
            await self._client.views_update(view_id=held, view=told(reply.text))
        except Exception as error:
            log.info("A window could not be filled in", reason=classify(error).reason)
            return False
        return True

    # Answers --------------------------------------------------------------------------------------------------------

    async def submitted(self, ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        """The acknowledgement shows what came of it; if that takes long, a view that is filled in later."""
        work = self._start(self._answered(body))
        await asyncio.wait([work], timeout=ACK_WITHIN)
        if work.done():
            # If it could not be read or saved, Slack gets no acknowledgement, and lets them submit it again.
            await ack(**_response(work.result(), body["view"]))
            return
        external_id = secrets.token_hex(16)
        await ack(response_action="push", view=waiting(external_id))
        self._start(self._catch_up(work, external_id, str(body["user"]["id"])))

    async def _answered(self, body: Mapping[str, Any]) -> Reply:
        shown = body["view"]
        actor = await self._actor_of(body)
        return await self._inbox.answered(Answered(actor, str(shown.get("private_metadata") or ""), answers_of(shown)))

    async def _catch_up(self, work: asyncio.Task[Reply], external_id: str, member: str) -> None:
        try:
            reply = await work
        except Exception:
            log.exception("Answers could not be taken", channel="slack")
            await self._fill_in(external_id, refused(FAILED))
            return
        if not await self._fill_in(external_id, _shown(reply)):
            await self._write(reply, member)

    async def _fill_in(self, external_id: str, shown: dict[str, Any]) -> bool:
        """Show it in the view that waits for it; False if it could not be shown."""
        for wait in SHOW_AFTER:
            await asyncio.sleep(wait)
            try:
                await self._client.views_update(external_id=external_id, view=shown)
                return True
            except Exception as error:
                log.info("A window could not be filled in", reason=classify(error).reason)
        return False

    async def _write(self, reply: Reply, member: str) -> None:
        """They have closed it: what came of it is told all the same."""
        try:
            await self._client.chat_postMessage(channel=member, **answer(reply.text), parse="none", link_names=False)
        except Exception as error:
            log.warning("Something was carried out, but its answer could not be shown", reason=classify(error).reason)

    # While somebody types -------------------------------------------------------------------------------------------

    async def offered(self, ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        """The people of whom so much was typed."""
        try:
            async with asyncio.timeout(ACK_WITHIN):
                found = await self._inbox.offers(await self._actor_of(body), "person", str(body.get("value") or ""))
        except TimeoutError:
            found = ()
        await ack(options=options(found))


def _shown(reply: Reply) -> dict[str, Any]:
    if reply.dialog is not None and not reply.faults:
        return view(reply.dialog)
    return told(reply.text) if reply.is_done else refused(reply.text)


def _response(reply: Reply, answered: Mapping[str, Any]) -> dict[str, Any]:
    """What Slack shall do with the view that was answered. What is over takes its place; anything else lies upon it, so
    that nothing that was written is lost."""
    if faults := faults_of(reply.faults, answered):
        return {"response_action": "errors", "errors": faults}
    has_fields = any(one.get("type") == "input" for one in answered.get("blocks") or [])
    is_last = reply.is_done or (reply.dialog is not None and not reply.faults and not has_fields)
    return {"response_action": "update" if is_last else "push", "view": _shown(reply)}
