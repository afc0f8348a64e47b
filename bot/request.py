"""What people press, type, and answer in windows."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from bot import home
from bot.chatops import own
from bot.chatops.asker import Asker, let_in
from bot.chatops.command import Command, LackingError, NotUnderstoodError
from bot.chatops.contact import without_codes
from bot.chatops.order import Order, carry_out
from bot.chatops.parse import of_options, parse
from bot.chatops.perform import ABOUT_ALERT, act, answer_look, find_alert, is_look
from bot.chatops.translate import Translating
from bot.chatops.vocabulary import PRIVATE, Name
from bot.desk import Desk
from bot.dialogs import Dialogs
from bot.language import N_
from bot.post import open_tokens
from bot.reception import Reception
from bot.refusal import BadArgumentError, RefusalError
from bot.routes import Routes
from bot.store.record import AuditOutcome
from bot.wording.home import word_stranger
from channels.home import Home
from channels.inbox import Actor, Answered, Press, Reply, Typed, Wish
from channels.message import OF_PERSON, OF_SWAP, Verb

log = structlog.get_logger(__name__)
_NO_WINDOW = N_("No window can open here. Send the mail by POST /api/v1/alerts, or with kidoku send.")


class Requests:
    """``routes`` is what becomes of mail now; ``confirmed_for``: how long a confirmation of a contact lasts."""

    def __init__(self, reception: Reception, routes: Callable[[], Routes], confirmed_for: timedelta) -> None:
        self._reception = reception
        self._engine = reception.engine
        self._routes = routes
        self._confirmed_for = confirmed_for
        self.dialogs = Dialogs(reception.engine)
        self.translating: Translating | None = None

    async def press(self, press: Press) -> Reply:
        """Carry out a press of somebody whom the settings know; anybody else is told so, and nothing changes."""
        asker = await self._reception.presser(press.actor)
        if asker is None:
            log.warning("A press by somebody unknown was refused", channel=press.actor.channel, verb=press.verb)
            said = own.kept_of(press) if press.verb in OF_PERSON else press.argument
            return await self._reception.refuse_stranger(press.actor, press.verb, said)
        if press.verb in OF_PERSON:
            return await self._press_own(press, asker)
        argument = press.actor.address if press.verb is Verb.CALL_BACK else press.argument
        order = Order(press.verb, press.alert_id, asker.id, asker.via, argument)
        said = str(press.alert_id) if press.verb in OF_SWAP else press.argument

        async def work(desk: Desk) -> str:
            let_in(asker, press.verb)
            return await carry_out(desk, order, self._reception.zone, asker.words)

        return await self._reception.carry_out(work, asker, (press.verb, said), f"press:{asker.via}", press.dedup)

    async def _press_own(self, press: Press, asker: Asker) -> Reply:
        """Something about themselves. What the argument tells of an address or a code is not for the audit trail."""
        tokens = await open_tokens(self._engine.store) if press.verb is Verb.CODE else None

        async def work(desk: Desk) -> str:
            let_in(asker, press.verb)
            return await own.carry_out(desk, press, asker, tokens)

        return await self._reception.carry_out(
            work, asker, (press.verb, own.kept_of(press)), f"press:{asker.via}", press.dedup
        )

    async def home(self, actor: Actor, note: str = "") -> Home:
        asker = self._reception.asker_of(actor)
        if asker is None:
            self._reception.count(actor.channel, "home", AuditOutcome.STRANGER)
            return word_stranger(self._reception.words_of(actor))
        async with self._engine.store.reading() as tx:
            return await home.home_of(
                tx, asker, self._engine.rules.roster, self._reception.now(), self._confirmed_for, note
            )

    async def typed(self, typed: Typed) -> Reply:
        """Carry out what somebody typed; what can't be understood, or not be done, is answered with what to type."""
        asker = self._reception.asker_of(typed.actor)
        if asker is None:
            log.warning("A command by somebody unknown was refused", channel=typed.actor.channel)
            return await self._reception.refuse_stranger(typed.actor, typed.verb, without_codes(typed.text))
        return await self._asked(asker, typed)

    async def typed_by(self, person_id: str, typed: Typed) -> Reply:
        """The same for somebody of the settings who is known otherwise, and has no windows: nothing is asked back."""
        person = self._engine.rules.roster.people[person_id]
        return await self._asked(self._reception.asker(person, typed.actor.channel), typed, has_windows=False)

    async def _asked(self, asker: Asker, typed: Typed, *, has_windows: bool = True) -> Reply:
        try:
            command = of_options(typed.verb, typed.fields) if typed.verb else parse(typed.text)
        except NotUnderstoodError as error:
            if has_windows and isinstance(error, LackingError):
                return await self._ask_for(error.command, asker, asker.words.sentence(error.phrase))
            return await self._reception.refuse(error, asker, typed.verb, without_codes(typed.text))
        if command.name is Name.SEND:
            if not has_windows:
                no = BadArgumentError(asker.words.gettext(_NO_WINDOW))
                return await self._reception.refuse(no, asker, command.name, command.said)
            return await self._ask_for(command, asker)
        reply = await self._obey(command, asker, typed)
        is_shared = (typed.is_shared or command.is_shared) and command.name not in PRIVATE
        return Reply(reply.text, reply.is_done, reply.is_done and is_shared)

    async def _obey(self, command: Command, asker: Asker, typed: Typed) -> Reply:
        said = command.said
        try:
            if command.name is Name.CONFIRM:
                return await self._confirm(command, asker, typed)
            if command.name is Name.TRANSLATE:
                return await self._translate(command, asker, said)
            if is_look(command):
                return await self._look(command, asker, said)
            alert_id = await self._alert_of(command, asker)
        except RefusalError as error:
            return await self._reception.refuse(error, asker, command.name, said)
        except Exception:
            log.exception("A command could not be answered", channel=asker.via, verb=command.name)
            return Reply(asker.words.gettext("That did not work. Please try again."), is_done=False)

        async def work(desk: Desk) -> str:
            return await act(desk, command, alert_id, asker, self._routes())

        return await self._reception.carry_out(work, asker, (command.name, said), f"typed:{asker.via}", typed.dedup)

    async def _confirm(self, command: Command, asker: Asker, typed: Typed) -> Reply:
        """About their own contacts. A code is checked by the store's secret, and never kept."""
        tokens = await open_tokens(self._engine.store) if command.code else None

        async def work(desk: Desk) -> Reply:
            let_in(asker, command.name)
            return await own.obey(desk, command, asker, tokens, self._confirmed_for)

        said = (command.name, command.said)
        return await self._reception.carry_out(work, asker, said, f"typed:{asker.via}", typed.dedup)

    # Dialogs ---------------------------------------------------------------------------------------------------------

    async def ask(self, wish: Wish) -> Reply:
        asker = self._reception.asker_of(wish.actor)
        if asker is None:
            log.warning("A dialog was refused to somebody unknown", channel=wish.actor.channel, verb=wish.verb)
            return await self._reception.refuse_stranger(wish.actor, wish.verb, "")
        if wish.key:
            return await self._asking(lambda: self.dialogs.reopen(asker, wish.key), asker, "")
        answers = {"body": wish.text} if wish.text else {}
        return await self._asking(lambda: self.dialogs.open(asker, wish.verb, wish.alert_id, answers), asker, wish.verb)

    async def answered(self, answered: Answered) -> Reply:
        """A fault is said, too: a window may wait for this."""
        try:
            return await self._answered(answered)
        except Exception:
            log.exception("Answers could not be looked up", channel=answered.actor.channel)
            asker = self._reception.asker_of(answered.actor)
            words = asker.words if asker else self._reception.words_of(answered.actor)
            return Reply(words.gettext("That could not be saved. Please try again."), is_done=False)

    async def _answered(self, answered: Answered) -> Reply:
        """A provider may not say where a window was opened: their role there counts as it did then."""
        row = await self.dialogs.row(answered.key)
        rooms = row.rooms if row is not None else ()
        asker = self._reception.asker_of(replace(answered.actor, rooms=(*answered.actor.rooms, *rooms)))
        if asker is None:
            log.warning("Answers of somebody unknown were refused", channel=answered.actor.channel)
            return await self._reception.refuse_stranger(answered.actor, "", "")
        verb = row.verb if row is not None else ""
        return await self._asking(lambda: self.dialogs.answered(asker, answered), asker, verb)

    async def _ask_for(self, command: Command, asker: Asker, text: str = "") -> Reply:
        """The dialog for what a command lacks."""
        return await self._asking(lambda: self.dialogs.open_for(asker, command, text), asker, command.name)

    async def _asking(self, work: Callable[[], Awaitable[Reply]], asker: Asker, verb: str) -> Reply:
        try:
            reply = await work()
        except RefusalError as error:
            return await self._reception.refuse(error, asker, verb, "")
        except Exception:
            log.exception("A dialog failed", channel=asker.via, verb=verb)
            self._reception.count(asker.via, verb, AuditOutcome.FAILED)
            return Reply(asker.words.gettext("That could not be saved. Please try again."), is_done=False)
        return reply if reply.dialog is not None else self._reception.counted(asker.via, verb, reply)

    async def _look(self, command: Command, asker: Asker, said: str) -> Reply:
        async with self._engine.store.reading() as tx:
            roster = self._engine.rules.roster
            text = await answer_look(tx, command, asker, roster, self._reception.now(), self._routes())
        await self._reception.keep(asker.entry(self._reception.now(), command.name, AuditOutcome.DONE, said))
        return Reply(text)

    async def _translate(self, command: Command, asker: Asker, said: str) -> Reply:
        """It may take seconds: no transaction waits for it."""
        let_in(asker, command.name)
        if self.translating is None:
            raise BadArgumentError(asker.words.gettext("No translation service is set up."))
        async with self._engine.store.reading() as tx:
            alert_id = await find_alert(tx, command.alert, asker.words)
            alert = (await tx.alerts([alert_id]))[alert_id]
        lines = await self.translating.lines(alert, asker.words)
        entry = asker.entry(self._reception.now(), command.name, AuditOutcome.DONE, said)
        await self._reception.keep(replace(entry, alert_id=alert_id))
        return Reply("\n".join(lines))

    async def _alert_of(self, command: Command, asker: Asker) -> int:
        """Whether they may is asked first: what there is, is not for everybody's eyes."""
        let_in(asker, command.name)
        if command.name not in ABOUT_ALERT:
            return 0
        async with self._engine.store.reading() as tx:
            return await find_alert(tx, command.alert, asker.words)
