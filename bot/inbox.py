"""The one door in for what channels verified. Who it is that comes is in ``reception.py``; what they press, type and
answer is done in ``request.py``, what they write in ``texting.py``, what becomes of calls in ``calls.py``, and whoever
rings us is heard in ``call_in.py``."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from bot.call_in import CallIn
from bot.calls import Calls
from bot.chatops import form
from bot.chatops.role import Roles
from bot.engine import Engine
from bot.metrics import Metrics
from bot.reception import Reception
from bot.request import Requests
from bot.routes import NO_ROUTES, Routes
from bot.texting import Texting
from channels.home import Home
from channels.inbox import (
    Actor,
    Admission,
    Answered,
    Bundle,
    CallReport,
    Door,
    Form,
    Offer,
    PinEntry,
    Press,
    Reply,
    Texted,
    Typed,
    Wish,
)
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
        message_of: Callable[[str], Awaitable[Message | None]],
        text_of: Callable[[str], Awaitable[str]],
        roles: Roles | None = None,
        metrics: Metrics | None = None,
        confirmed_for: timedelta = timedelta(days=365),
        routes: Callable[[], Routes] = lambda: NO_ROUTES,
    ) -> None:
        self.reception = Reception(engine, language, zone, roles, metrics)
        self.requests = Requests(self.reception, routes, confirmed_for)
        self.call_in: CallIn | None = None
        self._texting = Texting(self.reception, self.requests.press)
        self._calls = Calls(self.reception)
        self._engine = engine
        self._routes = routes
        self._message_of = message_of
        self._text_of = text_of

    # What people press, type and answer -----------------------------------------------------------------------------

    async def press(self, press: Press) -> Reply:
        return await self.requests.press(press)

    async def typed(self, typed: Typed) -> Reply:
        return await self.requests.typed(typed)

    async def ask(self, wish: Wish) -> Reply:
        return await self.requests.ask(wish)

    async def answered(self, answered: Answered) -> Reply:
        return await self.requests.answered(answered)

    async def home(self, actor: Actor, note: str = "") -> Home:
        return await self.requests.home(actor, note)

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

    # What people write ----------------------------------------------------------------------------------------------

    async def texted(self, texted: Texted) -> Reply:
        return await self._texting.texted(texted)

    async def stop(self, channel: str, address: str, *, is_asked: bool) -> str:
        return await self._texting.stop(channel, address, is_asked=is_asked)

    async def start(self, channel: str, address: str) -> None:
        await self._texting.start(channel, address)

    async def has_stopped(self, channel: str, address: str) -> bool:
        return await self._texting.has_stopped(channel, address)

    # Calls ----------------------------------------------------------------------------------------------------------

    async def report(self, report: CallReport) -> None:
        await self._calls.report(report)

    async def bundle(self, key: str, ref: Mapping[str, str]) -> Bundle:
        return await self._calls.bundle(key, ref)

    async def message(self, key: str) -> Message | None:
        return await self._message_of(key)

    async def text_of(self, key: str) -> str:
        return await self._text_of(key)

    async def rung(self, number: str) -> Admission:
        return _SHUT if self.call_in is None else await self.call_in.rung(number)

    async def enter(self, entry: PinEntry) -> Admission:
        return _SHUT if self.call_in is None else await self.call_in.enter(entry)

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        async with self._engine.store.reading() as tx:
            return await tx.refs_to(channel, address)
