"""The door in for what channels verified: presses of buttons and phone keys, and reports about calls."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.chatops import BadArgumentError, Order, carry_out
from bot.desk import Desk
from bot.engine import Engine
from bot.language import Words
from bot.outcome import ended
from bot.store.record import NotificationState
from channels.base import Actor, CallReport, Message, Press, Reply
from escalation.alert import AlertStatus
from escalation.event import DeliveryReported, Outcome
from escalation.roster import Person

log = structlog.get_logger(__name__)


class BotInbox:
    """Implements ``channels.base.Inbox``."""

    def __init__(
        self,
        engine: Engine,
        language: str,
        zone: str,
        message_of: Callable[[str], Awaitable[Message | None]],
    ) -> None:
        self.engine = engine
        self.language = language
        self.zone = zone
        self._message_of = message_of

    async def press(self, press: Press) -> Reply:
        """Carry out a press of somebody whom the settings know; anybody else is told so, and nothing changes."""
        person = self._person(press.actor)
        if person is None:
            log.warning("A press by somebody unknown was refused", channel=press.actor.channel, verb=press.verb)
            return Reply(self._words(None).gettext("You are not among the people in Kidoku's settings."), is_done=False)
        words = self._words(person)
        try:
            return await self.engine.submit(lambda desk: self._carry_out(desk, press, person, words))
        except BadArgumentError as error:
            return Reply(str(error), is_done=False)
        except Exception:
            log.exception("A press could not be saved", channel=press.actor.channel, alert_id=press.alert_id)
            return Reply(words.gettext("That could not be saved. Please try again."), is_done=False)

    async def _carry_out(self, desk: Desk, press: Press, person: Person, words: Words) -> Reply:
        is_first = not press.dedup or await desk.tx.first_time(f"press:{press.actor.channel}", press.dedup, desk.now)
        if not is_first:
            return Reply(words.gettext("That was done already."))
        order = Order(press.verb, press.alert_id, person.id, press.actor.channel, press.argument)
        return Reply(await carry_out(desk, order, self.zone, words))

    def _person(self, actor: Actor) -> Person | None:
        roster = self.engine.rules.roster
        return roster.person_at(actor.channel, actor.address) or (
            roster.person_of(actor.email) if actor.email else None
        )

    def _words(self, person: Person | None) -> Words:
        return Words(person.language, person.zone) if person else Words(self.language, self.zone)

    async def report(self, report: CallReport) -> None:
        """Keep what the provider says became of a call; the second time, and after the end, nothing changes."""

        async def job(desk: Desk) -> None:
            row = await desk.tx.notification(report.key)
            if row is None or row.alert_id is None or row.state is NotificationState.ENDED:
                return
            outcome = report.outcome
            if outcome is Outcome.HUNG_UP and await self._was_answered(desk, row.alert_id, row.person):
                outcome = Outcome.ENDED
            desk.settle(ended(row, outcome, report.detail), row)
            await desk.feed(row.alert_id, DeliveryReported(row.key, outcome, report.detail))

        await self.engine.submit(job)

    async def _was_answered(self, desk: Desk, alert_id: int, person: str | None) -> bool:
        alert = (await desk.load([alert_id])).get(alert_id)
        return alert is not None and alert.status is AlertStatus.ACKNOWLEDGED and person in alert.taken_by

    async def message(self, key: str) -> Message | None:
        return await self._message_of(key)

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        async with self.engine.store.reading() as tx:
            return await tx.refs_to(channel, address)
