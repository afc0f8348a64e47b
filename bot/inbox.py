"""The door in for what channels verified: presses of buttons and phone keys, and reports about calls."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot import reply
from bot.chatops import BadArgumentError, Order, carry_out
from bot.desk import Desk
from bot.engine import Engine
from bot.language import N_, Words
from bot.outcome import ended
from bot.store.record import NotificationState
from bot.wording.bundle import word_bundle
from channels.base import Actor, Bundle, CallReport, Message, Press, Reply, Typed, Verb
from escalation.alert import AlertStatus
from escalation.command import AlarmKind
from escalation.event import DeliveryReported, Outcome
from escalation.roster import Person

log = structlog.get_logger(__name__)

_HOW = N_(
    "Write the number of the alert and a letter: 42 a takes it, 42 e asks for the next step, 42 s 30m is silent for "
    "30 minutes, 42 r resolves it."
)


def _stopped(channel: str, address: str) -> str:
    return f"stopped:{channel}:{address}"


class BotInbox:
    """Implements ``channels.base.Inbox``."""

    def __init__(
        self,
        engine: Engine,
        language: str,
        zone: str,
        message_of: Callable[[str], Awaitable[Message | None]],
        text_of: Callable[[str], Awaitable[str]],
    ) -> None:
        self.engine = engine
        self.language = language
        self.zone = zone
        self._message_of = message_of
        self._text_of = text_of

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
        argument = press.actor.address if press.verb is Verb.CALL_BACK else press.argument
        order = Order(press.verb, press.alert_id, person.id, press.actor.channel, argument)
        return Reply(await carry_out(desk, order, self.zone, words))

    async def typed(self, typed: Typed) -> Reply:
        """Carry out what somebody wrote. A number can be forged: it counts only for alerts that were told there."""
        person = self._person(typed.actor)
        if person is None:
            log.warning("A text message of somebody unknown was passed over", channel=typed.actor.channel)
            return Reply("", is_done=False)
        answer = reply.parse(typed.text)
        words = self._words(person)
        if answer is None:
            return Reply(words.gettext(_HOW), is_done=False)
        if not await self._was_told(answer.alert_id, typed.actor):
            said = words.gettext("#%(id)d was not sent to this number.") % {"id": answer.alert_id}
            return Reply(said, is_done=False)
        return await self.press(Press(answer.verb, answer.alert_id, typed.actor, answer.argument, typed.dedup))

    async def _was_told(self, alert_id: int, actor: Actor) -> bool:
        async with self.engine.store.reading() as tx:
            rows = await tx.notifications_of(alert_id)
        left = (NotificationState.SENDING, NotificationState.SENT, NotificationState.ENDED)
        return any((row.channel, row.address) == (actor.channel, actor.address) and row.state in left for row in rows)

    async def stop(self, channel: str, address: str, *, is_asked: bool) -> str:
        """Mark the contact, and tell the administrators once."""
        person = self.engine.rules.roster.person_at(channel, address)
        if person is None:
            return ""

        async def job(desk: Desk) -> None:
            await desk.tx.stop_contact(channel, address, desk.now, is_asked=is_asked)
            await desk.alarm(AlarmKind.CONTACT_STOPPED, person.name, _stopped(channel, address))

        await self.engine.submit(job)
        return self._words(person).gettext("You get no more text messages from Kidoku. START takes it back.")

    async def start(self, channel: str, address: str) -> None:
        async def job(desk: Desk) -> None:
            await desk.tx.start_contact(channel, address)
            await desk.tx.clear_alarm(_stopped(channel, address), desk.now)

        await self.engine.submit(job)

    async def has_stopped(self, channel: str, address: str) -> bool:
        async with self.engine.store.reading() as tx:
            return (await tx.stopped_contacts()).get((channel, address), False)

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
            desk.settle(ended(row, outcome, report.detail, desk.now), row)
            await desk.feed(row.alert_id, DeliveryReported(row.key, outcome, report.detail))

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
        person = self.engine.rules.roster.people.get(row.person or "") if row is not None else None
        return word_bundle(joined, self._words(person))

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        async with self.engine.store.reading() as tx:
            return await tx.refs_to(channel, address)
