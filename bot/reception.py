"""Who it is that presses, types or writes, and what is done for them: once, with its line in the audit trail."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from bot.chatops.asker import Asker
from bot.chatops.role import Roles, rooms_named
from bot.desk import Desk
from bot.engine import Engine
from bot.language import LANGUAGES, N_, Words
from bot.metrics import Metrics
from bot.refusal import DeniedError, RefusalError
from bot.store.record import AuditEntry, AuditOutcome
from bot.wording.name import KNOWN_NO_MORE
from channels.base import PHONE
from channels.inbox import Actor, Reply, Whisper
from escalation.command import Purpose
from escalation.roster import Person

log = structlog.get_logger(__name__)

_NOBODY = N_("You are not among the people in Kidoku's settings.")
"""Whoever presses a key of their phone was called, or let in by their PIN: the settings knew them then."""


class Reception:
    """``language`` and ``zone`` are for those who have none of their own. The parts of the inbox share one."""

    def __init__(
        self, engine: Engine, language: str, zone: str, roles: Roles | None = None, metrics: Metrics | None = None
    ) -> None:
        self.engine = engine
        self.language = language
        self.zone = zone
        self.roles = roles or Roles()
        self.metrics = metrics

    # Who it is ------------------------------------------------------------------------------------------------------

    async def presser(self, actor: Actor) -> Asker | None:
        """Two people may have one number: who rang us is whose PIN was right."""
        if not actor.heard:
            return self.asker_of(actor)
        async with self.engine.store.reading() as tx:
            row = await tx.notification(actor.heard)
        is_heard = row is not None and row.purpose == Purpose.CALLED_IN
        return self._of(self.engine.rules.roster.people.get(row.person or ""), actor) if row and is_heard else None

    def asker_of(self, actor: Actor) -> Asker | None:
        return self._of(self._person(actor), actor)

    def _of(self, person: Person | None, actor: Actor) -> Asker | None:
        return None if person is None else self.asker(person, actor.channel, actor.rooms)

    def asker(self, person: Person, via: str, rooms: tuple[str, ...] = ()) -> Asker:
        """Somebody of the settings, with their role there."""
        roster = self.engine.rules.roster
        role = self.roles.of(person.id, roster, rooms_named(roster, via, rooms))
        return Asker(person, via, role, self.words(person), self.zone, rooms)

    def words(self, person: Person | None) -> Words:
        language, zone = (person.language, person.zone) if person else (self.language, self.zone)
        return Words(language, zone, self.engine.clock.now)

    def words_of(self, actor: Actor) -> Words:
        """For somebody unknown: in the language that their provider says they read."""
        return Words(language_of(actor.language) or self.language, self.zone, self.engine.clock.now)

    def apology(self, numbers: Sequence[str]) -> Whisper:
        """From what is in memory alone: it is said when the store can't be reached."""
        people = (self.engine.rules.roster.person_at(PHONE, one) for one in numbers)
        words = self.words(next((one for one in people if one is not None), None))
        said = words.gettext(
            "I am sorry: Kidoku can neither read nor save anything now. What you have taken stays yours, and nothing "
            "else was taken. Goodbye."
        )
        return Whisper(words.spoken, said)

    def _person(self, actor: Actor) -> Person | None:
        roster = self.engine.rules.roster
        return roster.person_at(actor.channel, actor.address) or (
            roster.person_of(actor.email) if actor.email else None
        )

    def now(self) -> datetime:
        return self.engine.clock.now()

    # What is done for them ------------------------------------------------------------------------------------------

    async def carry_out(
        self, work: Callable[[Desk], Awaitable[str | Reply]], asker: Asker, said: tuple[str, str], kind: str, dedup: str
    ) -> Reply:
        """Do it once, however often it comes, and say what came of it; a refusal is kept in the audit trail alone."""

        async def job(desk: Desk) -> Reply:
            if dedup and not await desk.tx.first_time(kind, dedup, desk.now):
                return Reply(asker.words.gettext("That was done already."))
            try:
                said_of_it = await work(desk)
                return said_of_it if isinstance(said_of_it, Reply) else Reply(said_of_it)
            except RefusalError as error:
                if dedup:
                    # Nothing was done: in the same call another key, or the same one again, must count.
                    await desk.tx.forget_time(kind, dedup)
                await desk.tx.add_audit(asker.entry(desk.now, said[0], _outcome_of(error), said[1]))
                return Reply(asker.words.sentence(error.args[0]), is_done=False)

        try:
            return self.counted(asker.via, said[0], await self.engine.submit(job))
        except Exception:
            log.exception("A command could not be saved", channel=asker.via, verb=said[0])
            self.count(asker.via, said[0], AuditOutcome.FAILED)
            return Reply(asker.words.gettext("That could not be saved. Please try again."), is_done=False)

    def counted(self, via: str, verb: str, reply: Reply) -> Reply:
        self.count(via, verb, AuditOutcome.DONE if reply.is_done else AuditOutcome.MISTAKEN)
        return reply

    async def refuse(self, error: RefusalError, asker: Asker, verb: str, said: str) -> Reply:
        await self.keep(asker.entry(self.now(), verb, _outcome_of(error), said))
        return Reply(asker.words.sentence(error.args[0]), is_done=False)

    async def refuse_stranger(self, actor: Actor, verb: str, said: str) -> Reply:
        await self.keep(self.by_stranger(actor, verb, said))
        text = self.words_of(actor).gettext(KNOWN_NO_MORE if actor.channel == PHONE else _NOBODY)
        return Reply(text, is_done=False, is_known=False)

    def by_stranger(self, actor: Actor, verb: str, said: str) -> AuditEntry:
        return AuditEntry(
            at=self.now(),
            who=f"{actor.channel}:{actor.address}",
            via=actor.channel,
            verb=verb,
            outcome=AuditOutcome.STRANGER,
            argument=said,
        )

    async def keep(self, entry: AuditEntry) -> None:
        """A line in the audit trail, for what changed nothing: its fault is no reason not to answer."""
        self.count(entry.via, entry.verb, entry.outcome)
        try:
            await self.engine.submit(lambda desk: desk.tx.add_audit(entry))
        except Exception:
            log.exception("A command could not be kept in the audit trail", channel=entry.via, verb=entry.verb)

    def count(self, via: str, verb: str, outcome: AuditOutcome) -> None:
        if self.metrics is not None:
            self.metrics.command(via, verb, outcome)


def _outcome_of(error: RefusalError) -> AuditOutcome:
    return AuditOutcome.DENIED if isinstance(error, DeniedError) else AuditOutcome.MISTAKEN


def language_of(locale: str) -> str:
    """ "ja" of "ja", "zh" of "zh-CN"; "" if Kidoku does not speak it."""
    language = locale[:2].lower()
    return language if language in LANGUAGES else ""
