"""The door in for what channels verified: presses of buttons and phone keys, what people typed, and reports about
calls."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot import home
from bot.call_in import CallIn
from bot.chatops import form, own
from bot.chatops.asker import Asker, DeniedError, let_in
from bot.chatops.order import BadArgumentError, Order, carry_out
from bot.chatops.parse import Command, LackingError, NotUnderstoodError, of_options, parse
from bot.chatops.perform import ABOUT_ALERT, act, answer_look, find_alert, is_look
from bot.chatops.role import Roles, rooms_named
from bot.chatops.vocabulary import Name
from bot.desk import Desk
from bot.dialogs import Dialogs
from bot.duty import BadDutyError
from bot.engine import Engine
from bot.language import LANGUAGES, N_, Words
from bot.metrics import Metrics
from bot.outcome import ended
from bot.post import open_tokens
from bot.reply import parse as parse_reply
from bot.routes import NO_ROUTES, Routes
from bot.store.record import AuditEntry, AuditOutcome, NotificationState
from bot.wording.bundle import word_bundle
from bot.wording.home import word_stranger
from channels.home import Home
from channels.inbox import (
    READ,
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
from channels.message import OF_PERSON, OF_SWAP, Message, Verb
from escalation.alert import AlertStatus
from escalation.command import AlarmKind, Purpose
from escalation.event import DeliveryReported, Outcome
from escalation.roster import Person

log = structlog.get_logger(__name__)

REFUSALS = (BadArgumentError, BadDutyError, DeniedError, NotUnderstoodError)
"""What a person is told, and what changes nothing."""

_SHUT = Admission(Door.SHUT, "en-US", "", "")
_HOW = N_(
    "Write the number of the alert and a letter: 42 a takes it, 42 e asks for the next step, 42 s 30m is silent for "
    "30 minutes, 42 r resolves it."
)
_NO_WINDOW = N_("No window can open here. Send the mail by POST /api/v1/alerts, or with kidoku send.")


def _named(person: Person, channel: str) -> str:
    """ "Alice (SMS)": whom the administrators can't tell there any more."""
    return f"{person.name} ({_SHOWN.get(channel, channel)})"


_SHOWN = {"sms": "SMS", "whatsapp": "WhatsApp"}


def _stopped(channel: str, address: str) -> str:
    return f"stopped:{channel}:{address}"


class BotInbox:
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
        self.engine = engine
        self.routes = routes
        self.language = language
        self.zone = zone
        self.roles = roles or Roles()
        self.metrics = metrics
        self.dialogs = Dialogs(engine)
        self.confirmed_for = confirmed_for
        self.call_in: CallIn | None = None
        self._message_of = message_of
        self._text_of = text_of

    async def press(self, press: Press) -> Reply:
        """Carry out a press of somebody whom the settings know; anybody else is told so, and nothing changes."""
        asker = await self._presser(press.actor)
        if asker is None:
            log.warning("A press by somebody unknown was refused", channel=press.actor.channel, verb=press.verb)
            said = own.kept_of(press) if press.verb in OF_PERSON else press.argument
            return await self._refuse_stranger(press.actor, press.verb, said)
        if press.verb in OF_PERSON:
            return await self._press_own(press, asker)
        argument = press.actor.address if press.verb is Verb.CALL_BACK else press.argument
        order = Order(press.verb, press.alert_id, asker.id, asker.via, argument)
        said = str(press.alert_id) if press.verb in OF_SWAP else press.argument

        async def work(desk: Desk) -> str:
            let_in(asker, press.verb)
            return await carry_out(desk, order, self.zone, asker.words)

        return await self._carry_out(work, asker, (press.verb, said), f"press:{asker.via}", press.dedup)

    async def _press_own(self, press: Press, asker: Asker) -> Reply:
        """Something about themselves. What the argument tells of an address or a code is not for the audit trail."""
        tokens = await open_tokens(self.engine.store) if press.verb is Verb.CODE else None

        async def work(desk: Desk) -> str:
            let_in(asker, press.verb)
            return await own.carry_out(desk, press, asker, tokens)

        return await self._carry_out(work, asker, (press.verb, own.kept_of(press)), f"press:{asker.via}", press.dedup)

    async def home(self, actor: Actor, note: str = "") -> Home:
        asker = self._asker(actor)
        if asker is None:
            self._count(actor.channel, "home", AuditOutcome.STRANGER)
            return word_stranger(Words(_language_of(actor.language) or self.language, self.zone))
        async with self.engine.store.reading() as tx:
            return await home.home_of(tx, asker, self.engine.rules.roster, self._now(), self.confirmed_for, note)

    async def typed(self, typed: Typed) -> Reply:
        """Carry out what somebody typed; what can't be understood, or not be done, is answered with what to type."""
        asker = self._asker(typed.actor)
        if asker is None:
            log.warning("A command by somebody unknown was refused", channel=typed.actor.channel)
            return await self._refuse_stranger(typed.actor, typed.verb, typed.text)
        return await self.asked(asker, typed)

    async def asked(self, asker: Asker, typed: Typed, *, has_windows: bool = True) -> Reply:
        """The same for somebody who is known otherwise. Without windows nothing can be asked back."""
        try:
            command = of_options(typed.verb, typed.fields) if typed.verb else parse(typed.text)
        except NotUnderstoodError as error:
            if has_windows and isinstance(error, LackingError):
                return await self._ask_for(error.command, asker, self._worded(error, asker.words))
            return await self._refuse(error, asker, typed.verb, typed.text)
        if command.name is Name.SEND:
            if not has_windows:
                no = BadArgumentError(asker.words.gettext(_NO_WINDOW))
                return await self._refuse(no, asker, command.name, command.said)
            return await self._ask_for(command, asker)
        reply = await self._obey(command, asker, typed)
        return Reply(reply.text, reply.is_done, reply.is_done and (typed.is_shared or command.is_shared))

    async def _obey(self, command: Command, asker: Asker, typed: Typed) -> Reply:
        said = command.said
        try:
            if is_look(command):
                return await self._look(command, asker, said)
            alert_id = await self._alert_of(command, asker)
        except REFUSALS as error:
            return await self._refuse(error, asker, command.name, said)
        except Exception:
            log.exception("A command could not be answered", channel=asker.via, verb=command.name)
            return Reply(asker.words.gettext("That did not work. Please try again."), is_done=False)

        async def work(desk: Desk) -> str:
            return await act(desk, command, alert_id, asker, self.routes())

        return await self._carry_out(work, asker, (command.name, said), f"typed:{asker.via}", typed.dedup)

    # Dialogs ---------------------------------------------------------------------------------------------------------

    async def ask(self, wish: Wish) -> Reply:
        asker = self._asker(wish.actor)
        if asker is None:
            log.warning("A dialog was refused to somebody unknown", channel=wish.actor.channel, verb=wish.verb)
            return await self._refuse_stranger(wish.actor, wish.verb, "")
        if wish.key:
            return await self._asking(lambda: self.dialogs.reopen(asker, wish.key), asker, "")
        answers = {"body": wish.text} if wish.text else {}
        return await self._asking(lambda: self.dialogs.open(asker, wish.verb, wish.alert_id, answers), asker, wish.verb)

    async def answered(self, answered: Answered) -> Reply:
        """A provider may not say where a window was opened: their role there counts as it did then."""
        row = await self.dialogs.row(answered.key)
        rooms = row.rooms if row is not None else ()
        asker = self._asker(replace(answered.actor, rooms=(*answered.actor.rooms, *rooms)))
        if asker is None:
            log.warning("Answers of somebody unknown were refused", channel=answered.actor.channel)
            return await self._refuse_stranger(answered.actor, "", "")
        verb = row.verb if row is not None else ""
        return await self._asking(lambda: self.dialogs.answered(asker, answered), asker, verb)

    async def _ask_for(self, command: Command, asker: Asker, text: str = "") -> Reply:
        """The dialog for what a command lacks."""
        return await self._asking(lambda: self.dialogs.open_for(asker, command, text), asker, command.name)

    async def _asking(self, work: Callable[[], Awaitable[Reply]], asker: Asker, verb: str) -> Reply:
        try:
            reply = await work()
        except REFUSALS as error:
            return await self._refuse(error, asker, verb, "")
        except Exception:
            log.exception("A dialog failed", channel=asker.via, verb=verb)
            self._count(asker.via, verb, AuditOutcome.FAILED)
            return Reply(asker.words.gettext("That could not be saved. Please try again."), is_done=False)
        return reply if reply.dialog is not None else self._counted(asker.via, verb, reply)

    async def _look(self, command: Command, asker: Asker, said: str) -> Reply:
        async with self.engine.store.reading() as tx:
            roster = self.engine.rules.roster
            text = await answer_look(tx, command, asker, roster, self._now(), self.routes())
        await self._keep(asker.entry(self._now(), command.name, AuditOutcome.DONE, said))
        return Reply(text)

    async def _alert_of(self, command: Command, asker: Asker) -> int:
        """Whether they may is asked first: what there is, is not for everybody's eyes."""
        let_in(asker, command.name)
        if command.name not in ABOUT_ALERT:
            return 0
        async with self.engine.store.reading() as tx:
            return await find_alert(tx, command.alert, asker.words)

    async def _carry_out(
        self, work: Callable[[Desk], Awaitable[str]], asker: Asker, said: tuple[str, str], kind: str, dedup: str
    ) -> Reply:
        """Do it once, however often it comes, and say what came of it; a refusal is kept in the audit trail alone."""

        async def job(desk: Desk) -> Reply:
            if dedup and not await desk.tx.first_time(kind, dedup, desk.now):
                return Reply(asker.words.gettext("That was done already."))
            try:
                return Reply(await work(desk))
            except REFUSALS as error:
                if dedup:
                    # Nothing was done: in the same call another key, or the same one again, must count.
                    await desk.tx.forget_time(kind, dedup)
                await desk.tx.add_audit(asker.entry(desk.now, said[0], _outcome_of(error), said[1]))
                return Reply(self._worded(error, asker.words), is_done=False)

        try:
            return self._counted(asker.via, said[0], await self.engine.submit(job))
        except Exception:
            log.exception("A command could not be saved", channel=asker.via, verb=said[0])
            self._count(asker.via, said[0], AuditOutcome.FAILED)
            return Reply(asker.words.gettext("That could not be saved. Please try again."), is_done=False)

    def _counted(self, via: str, verb: str, reply: Reply) -> Reply:
        self._count(via, verb, AuditOutcome.DONE if reply.is_done else AuditOutcome.MISTAKEN)
        return reply

    async def _refuse(self, error: Exception, asker: Asker, verb: str, said: str) -> Reply:
        await self._keep(asker.entry(self._now(), verb, _outcome_of(error), said))
        return Reply(self._worded(error, asker.words), is_done=False)

    @staticmethod
    def _worded(error: Exception, words: Words) -> str:
        text = words.said(error.phrase if isinstance(error, NotUnderstoodError) else error.args[0])
        return text[:1].upper() + text[1:]

    async def _refuse_stranger(self, actor: Actor, verb: str, said: str) -> Reply:
        await self._keep(self._by_stranger(actor, verb, said))
        words = Words(_language_of(actor.language) or self.language, self.zone)
        return Reply(words.gettext("You are not among the people in Kidoku's settings."), is_done=False)

    def _by_stranger(self, actor: Actor, verb: str, said: str) -> AuditEntry:
        return AuditEntry(
            at=self._now(),
            who=f"{actor.channel}:{actor.address}",
            via=actor.channel,
            verb=verb,
            outcome=AuditOutcome.STRANGER,
            argument=said,
        )

    async def _keep(self, entry: AuditEntry) -> None:
        """A line in the audit trail, for what changed nothing: its fault is no reason not to answer."""
        self._count(entry.via, entry.verb, entry.outcome)
        try:
            await self.engine.submit(lambda desk: desk.tx.add_audit(entry))
        except Exception:
            log.exception("A command could not be kept in the audit trail", channel=entry.via, verb=entry.verb)

    def _count(self, via: str, verb: str, outcome: AuditOutcome) -> None:
        if self.metrics is not None:
            self.metrics.command(via, verb, outcome)

    # Text messages --------------------------------------------------------------------------------------------------

    async def texted(self, texted: Texted) -> Reply:
        """Carry out what somebody wrote. A number can be forged: it counts only for alerts that were told there."""
        asker = self._asker(texted.actor)
        if asker is None:
            log.warning("A text message of somebody unknown was passed over", channel=texted.actor.channel)
            await self._keep(self._by_stranger(texted.actor, "", texted.text))
            return Reply("", is_done=False)
        answer = parse_reply(texted.text)
        if answer is None:
            return await self._refuse(BadArgumentError(asker.words.gettext(_HOW)), asker, "", texted.text)
        if not await self._was_told(answer.alert_id, texted.actor):
            said = asker.words.gettext("#%(id)d was not sent to this number.") % {"id": answer.alert_id}
            return await self._refuse(BadArgumentError(said), asker, answer.verb, texted.text)
        return await self.press(Press(answer.verb, answer.alert_id, texted.actor, answer.argument, texted.dedup))

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
            await desk.alarm(AlarmKind.CONTACT_STOPPED, _named(person, channel), _stopped(channel, address))

        await self.engine.submit(job)
        return self._words(person).gettext("You get no more messages from Kidoku here. START takes it back.")

    async def start(self, channel: str, address: str) -> None:
        async def job(desk: Desk) -> None:
            await desk.tx.start_contact(channel, address)
            await desk.tx.clear_alarm(_stopped(channel, address), desk.now)

        await self.engine.submit(job)

    async def has_stopped(self, channel: str, address: str) -> bool:
        async with self.engine.store.reading() as tx:
            return (await tx.stopped_contacts()).get((channel, address), False)

    # Who it is ------------------------------------------------------------------------------------------------------

    async def _presser(self, actor: Actor) -> Asker | None:
        """Two people may have one number: who rang us is whose PIN was right."""
        if not actor.heard:
            return self._asker(actor)
        async with self.engine.store.reading() as tx:
            row = await tx.notification(actor.heard)
        is_heard = row is not None and row.purpose == Purpose.CALLED_IN
        return (
            self._asker_of(self.engine.rules.roster.people.get(row.person or ""), actor) if row and is_heard else None
        )

    def _asker(self, actor: Actor) -> Asker | None:
        return self._asker_of(self._person(actor), actor)

    def _asker_of(self, person: Person | None, actor: Actor) -> Asker | None:
        return None if person is None else self.asker(person, actor.channel, actor.rooms)

    def asker(self, person: Person, via: str, rooms: tuple[str, ...] = ()) -> Asker:
        """Somebody of the settings, with their role there."""
        roster = self.engine.rules.roster
        role = self.roles.of(person.id, roster, rooms_named(roster, via, rooms))
        return Asker(person, via, role, self._words(person), self.zone, rooms)

    def _words(self, person: Person | None) -> Words:
        return Words(person.language, person.zone) if person else Words(self.language, self.zone)

    def _person(self, actor: Actor) -> Person | None:
        roster = self.engine.rules.roster
        return roster.person_at(actor.channel, actor.address) or (
            roster.person_of(actor.email) if actor.email else None
        )

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

    def _now(self) -> datetime:
        return self.engine.clock.now()

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

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        async with self.engine.store.reading() as tx:
            return await tx.refs_to(channel, address)


def _outcome_of(error: Exception) -> AuditOutcome:
    return AuditOutcome.DENIED if isinstance(error, DeniedError) else AuditOutcome.MISTAKEN


def _language_of(locale: str) -> str:
    """ "ja" of "ja", "zh" of "zh-CN"; "" if Kidoku does not speak it."""
    language = locale[:2].lower()
    return language if language in LANGUAGES else ""
