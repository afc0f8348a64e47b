"""The one door in for what channels verified. Who it is that comes is in ``reception.py``; what they press, type and
answer is done in ``request.py``, what they write in ``texting.py``, what becomes of calls in ``calls.py``, and whoever
rings us is heard in ``call_in.py``."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog

from bot.call_in import CallIn
from bot.calls import Calls
from bot.chatops import form
from bot.chatops.role import Roles
from bot.connect import VERB as CONNECT
from bot.connect import Senders
from bot.desk import Desk
from bot.engine import Engine
from bot.metrics import Metrics
from bot.reception import Reception
from bot.request import Requests
from bot.routes import NO_ROUTES, Routes
from bot.texting import Texting
from channels.dialog import Form, Offer
from channels.inbox import Actor, Admission, Door, LegReport, PinEntry, Reply, SenderCall, SenderLine, Whisper
from channels.message import Message

log = structlog.get_logger(__name__)
_SHUT = Admission(Door.SHUT, "en-US", "", "")


class BotInbox:
    """Implements ``channels.inbox.Inbox``. ``language`` and ``zone`` are for those who have none of their own.

    ``routes`` is what becomes of mail now; ``confirmed_for``: how long a confirmation of a contact lasts."""

    def __init__(
        self,
        engine: Engine,
        language: str,
        zone: str,
        message_of: Callable[[str], Coroutine[Any, Any, Message | None]],
        text_of: Callable[[str], Coroutine[Any, Any, str]],
        roles: Roles | None = None,
        metrics: Metrics | None = None,
        confirmed_for: timedelta = timedelta(days=365),
        routes: Callable[[], Routes] = lambda: NO_ROUTES,
    ) -> None:
        self.reception = Reception(engine, language, zone, roles, metrics)
        self.requests = Requests(self.reception, routes, confirmed_for)
        self.call_in: CallIn | None = None
        self.senders: Senders | None = None
        self._engine = engine
        self._routes = routes

        self.press = self.requests.press
        self.typed = self.requests.typed
        self.ask = self.requests.ask
        self.answered = self.requests.answered
        self.home = self.requests.home

        texting = Texting(self.reception, self.press)
        self.texted = texting.texted
        self.stop = texting.stop
        self.start = texting.start
        self.has_stopped = texting.has_stopped

        calls = Calls(self.reception)
        self.report = calls.report
        self.bundle = calls.bundle
        self.message = message_of
        self.text_of = text_of

    def apology(self, numbers: Sequence[str]) -> Whisper:
        return self.reception.apology(numbers)

    # What a provider's menu asks ------------------------------------------------------------------------------------

    def forms(self) -> Sequence[Form]:
        return form.forms()

    async def offers(self, actor: Actor, kind: str, typed: str) -> Sequence[Offer]:
        asker = self.reception.asker_of(actor)
        if asker is None:
            return ()
        try:
            async with self._engine.store.reading() as tx:
                roster, routes = self._engine.rules.roster, self._routes()
                return await form.offers(tx, kind, typed, asker, roster, self.reception.now(), routes)
        except Exception:
            log.exception("What a field may take could not be looked up", channel=actor.channel)
            return ()

    async def recall(self, key: str) -> str:
        async with self._engine.store.reading() as tx:
            return await tx.get(f"channel:{key}") or ""

    async def keep(self, key: str, value: str) -> None:
        await self._engine.submit(lambda desk: desk.tx.put(f"channel:{key}", value))

    async def is_new(self, kind: str, id: str) -> bool:
        return await self._engine.submit(lambda desk: desk.tx.first_time(f"channel:{kind}", id, desk.now))

    # Whoever rings us -----------------------------------------------------------------------------------------------

    async def rung(self, number: str) -> Admission:
        return _SHUT if self.call_in is None else await self.call_in.rung(number)

    async def enter(self, entry: PinEntry) -> Admission:
        return _SHUT if self.call_in is None else await self.call_in.enter(entry)

    # Being connected with a sender ----------------------------------------------------------------------------------

    async def sender(self, key: str) -> SenderLine | None:
        return None if self.senders is None else await self.senders.line(key)

    async def connect(self, call: SenderCall) -> Reply:
        """For whoever took the alert; once, however often it comes."""
        asker, senders = await self.reception.presser(call.actor), self.senders
        if asker is None or senders is None:
            return await self.reception.refuse_stranger(call.actor, CONNECT, "")

        async def work(desk: Desk) -> str:
            return await senders.ring(desk, call, asker)

        return await self.reception.carry_out(work, asker, (CONNECT, ""), CONNECT, call.id)

    async def whisper(self, id: str) -> Whisper | None:
        return None if self.senders is None else await self.senders.whisper(id)

    async def leg(self, report: LegReport) -> bool:
        return self.senders is not None and await self.senders.leg(report)

    async def is_connected(self, channel: str, ref: Mapping[str, str]) -> bool:
        async with self._engine.store.reading() as tx:
            return await tx.is_connected(channel, ref)

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        async with self._engine.store.reading() as tx:
            return await tx.refs_to(channel, address)
