"""Tells by apprise what has no channel of its own: Teams, LINE, Google Chat, ntfy, Pushover, PagerDuty and the rest.

There are no buttons: a message brings a link to the page on which it is acknowledged (``Message.link``).
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from channels.apprise.answer import fault_of
from channels.apprise.config import AppriseService
from channels.apprise.render import Page, Room, render, render_change
from channels.apprise.service import Delivery, Service
from channels.apprise.threads import MOST, BusyError, Threads
from channels.base import (
    APPRISE,
    CantTell,
    Capabilities,
    Ended,
    FollowResult,
    HealthListener,
    Rejected,
    RetryLater,
    SendResult,
    Sent,
)
from channels.message import Message, Tone
from escalation.event import Outcome
from escalation.phrase import N_

log = structlog.get_logger(__name__)

BUSY_FOR = timedelta(seconds=2)
MOST_TOLD = 2_000
_FAILED = N_("apprise failed")
GRACE = timedelta(seconds=1)
"""A connection ends by itself first; this much later it is left to itself."""


class AppriseNotifier:
    """Implements ``channels.base.Notifier``. A message's address is the name of a service in the settings; ``ref`` is
    {"tone": how the alert stood when that was told last}."""

    name = APPRISE
    capabilities = Capabilities(can_update=True, concurrency=MOST)

    def __init__(self, services: Mapping[str, AppriseService], on_health: HealthListener) -> None:
        self._services = services
        self._on_health = on_health
        self._threads: Threads[Delivery] = Threads()
        self._told: OrderedDict[tuple[int | None, str], Tone] = OrderedDict()
        """How each alert stood when a service was told last: every post of it asks for the same update."""

    async def send(self, message: Message) -> SendResult:
        """Hand the message to its service. That it was taken is not that anybody saw it."""
        return await self._deliver(message, render)

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """What was posted can't be changed. That somebody took it, or that it is over, is told as one more message."""
        settings = self._services.get(message.address)
        place = (message.alert_id, message.address)
        is_known = message.tone in (ref.get("tone"), self._told.get(place))
        if settings is None or not settings.updates or is_known:
            return Sent({**ref, "tone": message.tone})
        before = self._remember(place, message.tone)
        result = await self._deliver(message, render_change)
        if not isinstance(result, Sent):
            self._remember(place, before)
        return result

    def _remember(self, place: tuple[int | None, str], tone: Tone | None) -> Tone | None:
        """Before the delivery, for the updates of several posts come at once; returns what was there."""
        before = self._told.pop(place, None)
        if tone is not None:
            self._told[place] = tone
        while len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)
        return before

    async def _deliver(self, message: Message, write: Callable[[Message, Room], Page]) -> SendResult:
        settings = self._services.get(message.address)
        if settings is None:
            return Rejected(N_("the settings have no such service under apprise: any more"))
        result = await self._tried(message, settings, write)
        self._note(message.address, result)
        return result

    async def _tried(
        self, message: Message, settings: AppriseService, write: Callable[[Message, Room], Page]
    ) -> SendResult:
        url = settings.url.get_secret_value()
        service = Service(url, settings.timeout)
        thread = f"kidoku-{message.alert_id}" if message.alert_id is not None else ""

        def call() -> Delivery:
            return service.deliver(write(message, service.room()), message.tone, thread)

        try:
            delivery = await self._threads.run(message.address, call, settings.timeout + GRACE)
        except BusyError:
            return RetryLater(N_("too many deliveries are under way"), BUSY_FOR)
        except TimeoutError:
            return RetryLater(N_("the service did not answer in time"), maybe_sent=True)
        except Exception as error:
            # Its text may hold the URL.
            return RetryLater(f"{_FAILED} ({type(error).__name__})", maybe_sent=True)
        return Sent({"tone": message.tone}) if delivery.is_taken else fault_of(delivery.lines, url)

    def _note(self, name: str, result: SendResult) -> None:
        """Each service is up or down by itself."""
        if isinstance(result, Sent):
            self._on_health(f"{APPRISE}:{name}", True, "")
        elif isinstance(result, Rejected) or result.after != BUSY_FOR:
            self._on_health(f"{APPRISE}:{name}", False, result.reason)

    async def reconcile(self, message: Message, since: datetime) -> CantTell:
        """It is sent again."""
        return CantTell(N_("apprise can't ask a service what it has taken"), is_final=True)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        return Ended(Outcome.ENDED)

    async def close(self) -> None:
        """Calls that are under way end by themselves, or with the program."""
