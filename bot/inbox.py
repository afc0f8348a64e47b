"""The door in for what channels verified: presses of buttons and phone keys, what people typed, and reports about
calls. Text messages are in ``texting.py``, what people press, type and answer in ``request.py``, and who they are in
``reception.py``."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from bot.call_in import CallIn
from bot.chatops import form
from bot.chatops.role import Roles
from bot.connect import VERB as CONNECT
from bot.connect import Senders
from bot.desk import Desk
from bot.engine import Engine
from bot.metrics import Metrics
from bot.outcome import ended
from bot.routes import NO_ROUTES, Routes
from bot.store.record import NotificationState
from bot.texting import Texting
from bot.wording.bundle import word_bundle
from channels.inbox import (
    READ,
    Actor,
    Admission,
    Bundle,
    CallReport,
    Door,
    Form,
    LegReport,
    Offer,
    PinEntry,
    Reply,
    SenderCall,
    SenderLine,
    Whisper,
)
from channels.message import Message
from escalation.alert import AlertStatus
from escalation.event import DeliveryReported, Outcome

log = structlog.get_logger(__name__)
_SHUT = Admission(Door.SHUT, "en-US", "", "")


class BotInbox(Texting):
    """Implements ``channels.base.Inbox``. ``language`` and ``zone`` are for those who have none of their own."""

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
        super().__init__(engine, language, zone, roles, metrics, confirmed_for, routes)
        self.call_in: CallIn | None = None
        self.senders: Senders | None = None
        self._message_of = message_of
        self._text_of = text_of

    # What a provider's menu asks ------------------------------------------------------------------------------------

    def forms(self) -> Sequence[Form]:
        return form.forms()

    async def offers(self, actor: Actor, kind: str, typed: str) -> Sequence[Offer]:
        asker = self._asker(actor)
        if asker is None:
            return ()
        try:
            async with self.engine.store.reading() as tx:
                roster, routes = self.engine.rules.roster, self.routes()
                return await form.offers(tx, kind, typed, asker, roster, self._now(), routes)
        except Exception:
            log.exception("What a field may take could not be looked up", channel=actor.channel)
            return ()

    async def recall(self, key: str) -> str:
        async with self.engine.store.reading() as tx:
            return await tx.get(f"channel:{key}") or ""

    async def keep(self, key: str, value: str) -> None:
        await self.engine.submit(lambda desk: desk.tx.put(f"channel:{key}", value))

    # Calls ----------------------------------------------------------------------------------------------------------

    async def report(self, report: CallReport) -> None:
        """Keep what the provider says became of a call; the second time, and after the end, nothing changes."""

        async def job(desk: Desk) -> None:
            row = await desk.tx.notification(report.key)
            if row is None or row.alert_id is None:
                return
            if row.state is NotificationState.ENDED:
                if report.detail == READ and (row.outcome, row.detail) == (Outcome.ENDED, ""):
                    desk.settle(row._replace(detail=READ), row)
                return
            outcome = report.outcome
            if outcome is Outcome.HUNG_UP and await self._was_answered(desk, row.alert_id, row.person):
                outcome = Outcome.ENDED
            desk.settle(ended(row, outcome, report.detail, desk.now), row)
            detail = "" if report.detail == READ else report.detail
            await desk.feed(row.alert_id, DeliveryReported(row.key, outcome, detail))

        await self.engine.submit(job)

    async def _was_answered(self, desk: Desk, alert_id: int, person: str | None) -> bool:
        alert = (await desk.load([alert_id])).get(alert_id)
        return alert is not None and alert.status is AlertStatus.ACKNOWLEDGED and person in alert.taken_by

    async def message(self, key: str) -> Message | None:
        return await self._message_of(key)

    async def text_of(self, key: str) -> str:
        return await self._text_of(key)

    async def bundle(self, key: str, ref: Mapping[str, str]) -> Bundle:
        """The notifications that were sent by the same call and whose end nobody knows yet."""
        async with self.engine.store.reading() as tx:
            row = await tx.notification(key)
            there = await tx.at_address(row.channel, row.address) if row is not None else []
            joined = [one for one in there if one.key != key and one.ref.get("sid") == ref["sid"]]
            told = [one.alert_id for one in (row, *joined) if one is not None and one.alert_id is not None]
            alerts = await tx.alerts(told) if joined else {}
        person = self.engine.rules.roster.people.get(row.person or "") if row is not None else None
        has_exercise = any(one.is_exercise for one in alerts.values())
        return word_bundle(joined, self._words(person), has_exercise=has_exercise)

    async def rung(self, number: str) -> Admission:
        return _SHUT if self.call_in is None else await self.call_in.rung(number)

    async def enter(self, entry: PinEntry) -> Admission:
        return _SHUT if self.call_in is None else await self.call_in.enter(entry)

    # Being connected with a sender ----------------------------------------------------------------------------------

    async def sender(self, key: str) -> SenderLine | None:
        return None if self.senders is None else await self.senders.line(key)

    async def connect(self, call: SenderCall) -> Reply:
        """For whoever took the alert; once, however often it comes."""
        asker, senders = await self._presser(call.actor), self.senders
        if asker is None or senders is None:
            return await self._refuse_stranger(call.actor, CONNECT, "")

        async def work(desk: Desk) -> str:
            return await senders.ring(desk, call, asker)

        return await self._carry_out(work, asker, (CONNECT, ""), CONNECT, call.id)

    async def whisper(self, id: str) -> Whisper | None:
        return None if self.senders is None else await self.senders.whisper(id)

    async def leg(self, report: LegReport) -> bool:
        return self.senders is not None and await self.senders.leg(report)

    async def is_connected(self, channel: str, ref: Mapping[str, str]) -> bool:
        async with self.engine.store.reading() as tx:
            return await tx.is_connected(channel, ref)

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        async with self.engine.store.reading() as tx:
            return await tx.refs_to(channel, address)
