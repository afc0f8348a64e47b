"""A verb as it is typed at the command line: understood by the grammar of chat, done, and kept in the audit trail.

What changes something is kept in the transaction that changes it. A look is answered first and kept then, as in chat: a
database that is locked, or a standby that takes no writes, must not stand between somebody and what they have to see.
That it was not kept is told on stderr; the exit code is the look's own.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from bot import view
from bot.change import VIA, keep_apart
from bot.chatops.asker import Asker
from bot.chatops.command import Command
from bot.chatops.order import Order
from bot.chatops.parse import of_words
from bot.chatops.perform import ABOUT_ALERT, ORDERS, act
from bot.chatops.role import Role
from bot.chatops.vocabulary import Name
from bot.duty_view import words_of
from bot.office import DatabaseError, Office, SettingsError, open_office
from bot.refusal import RefusalError
from bot.routes import routes_of
from bot.store.record import AuditEntry, AuditOutcome, StoreError
from bot.terminal import me, refuse_both, with_office
from bot.view import NotOneError
from escalation.roster import Person


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed: a verb, the words after it, and the options that most verbs take. ``by`` is "" for the login;
    ``instead``: the options that say the same as words, by name."""

    name: Name
    words: Sequence[str]
    config: Path
    as_json: bool
    by: str = ""
    instead: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Errand:
    """A command, and the office that speaks the language of whoever asks; ``who`` is the id of a person of the settings
    or else a login. ``alert_id`` is the alert that it turned out to be about; ``is_kept``: the audit trail has it."""

    office: Office
    command: Command
    who: str
    as_json: bool
    alert_id: int | None = None
    is_kept: bool = False

    async def alert(self) -> int:
        """The alert that is meant. Raises NotOneError."""
        self.alert_id = await view.one_alert(self.office, self.command.alert, self.command.name)
        return self.alert_id

    def doer(self) -> Asker:
        """Whoever asks, somebody of the settings. Raises NotOneError: what nobody did changes nothing."""
        return self._asker(self.office.engine.rules.roster.people[view.one_person(self.office, self.who)])

    def reader(self) -> Asker:
        """Whoever asks: to look, nobody needs to be of the settings."""
        settings, people = self.office.settings, self.office.engine.rules.roster.people
        nobody = Person(self.who, self.who, language=settings.language, zone=settings.zone)
        return self._asker(people.get(self.who, nobody))

    def _asker(self, person: Person) -> Asker:
        # Whoever has the database could write into it what they like.
        return Asker(person, VIA, Role.ADMIN, self.office.words, self.office.settings.zone)

    def entry(self, outcome: AuditOutcome, said: str = "") -> AuditEntry:
        """The line of the audit trail. ``said``: what was typed, where it was not understood."""
        named = replace(self.command, alert="") if self.alert_id is not None else self.command
        at = self.office.clock.now()
        return AuditEntry(
            at=at,
            who=self.who,
            via=VIA,
            verb=self.command.name,
            outcome=outcome,
            alert_id=self.alert_id,
            argument=said or named.said,
        )


Work = Callable[[Errand], Awaitable[int]]
"""Does it, prints what came of it, and returns the exit code. Raises NotOneError and RefusalError."""


def look(line: Line, work: Work) -> NoReturn:
    """Answer what only looks, and exit."""

    async def inside(office: Office) -> int:
        async with _errand(office, line) as errand:
            code = await work(errand)
        if not errand.is_kept:
            await keep_apart(errand.office, errand.entry(AuditOutcome.DONE))
        return code

    with_office(line.config, inside)


def do(line: Line) -> NoReturn:
    """Do what changes something, as chat does it, and exit."""

    async def inside(office: Office) -> int:
        async with _errand(office, line) as errand:
            return await _done(errand)

    with_office(line.config, inside)


async def _done(errand: Errand) -> int:
    office, command = errand.office, errand.command
    alert_id = await errand.alert() if command.name in ABOUT_ALERT else 0
    asker = errand.doer()
    if command.name in ORDERS:
        order = Order(ORDERS[command.name], alert_id, asker.id, VIA, command.argument)
        return await view.carry_out(office, order, errand.as_json)
    routes = routes_of(office.settings)
    text = await office.engine.run_now(lambda desk: act(desk, command, alert_id, asker, routes))
    view.say(text, as_json=errand.as_json)
    return 0


@asynccontextmanager
async def _errand(office: Office, line: Line) -> AsyncIterator[Errand]:
    """What was typed, as it was understood. What is not, or is refused within, is kept in the audit trail, and raises
    NotOneError, worded."""
    login = line.by or me()
    person = known(office, login)
    mine = replace(office, words=words_of(office, person))
    errand = Errand(mine, Command(line.name), person, line.as_json)
    typed = " ".join(line.words)
    try:
        if line.words:
            refuse_both(line.instead)
        errand.command = of_words(line.name, line.words)
        typed = ""
        yield errand
    except (RefusalError, NotOneError) as error:
        if not errand.is_kept:
            await keep_apart(mine, errand.entry(AuditOutcome.MISTAKEN, typed))
        if isinstance(error, NotOneError):
            raise
        raise NotOneError(mine.words.sentence(error.at_terminal)) from error


def known(office: Office, login: str) -> str:
    """The id of the person of the settings that a login, id or mail address names; else the login itself."""
    roster = office.engine.rules.roster
    return login if login in roster.people else getattr(roster.person_of(login), "id", login)


def glance(config: Path, verb: str, work: Callable[[Office], Awaitable[int]]) -> NoReturn:
    """Answer what only looks and is no verb of chat's, keep it in the audit trail, and exit."""

    async def inside(office: Office) -> int:
        code = await work(office)
        await keep_apart(office, _glanced(office, verb, ""))
        return code

    with_office(config, inside)


def keep_glance(config: Path, verb: str, said: str) -> None:
    """Keep a look in the audit trail that needed no database. A bot that never ran has none, and no trail."""

    async def inside() -> None:
        try:
            async with open_office(config, os.environ) as office:
                await keep_apart(office, _glanced(office, verb, said))
        except (SettingsError, DatabaseError, StoreError):
            return

    asyncio.run(inside())


def _glanced(office: Office, verb: str, said: str) -> AuditEntry:
    who, at = known(office, me()), office.clock.now()
    return AuditEntry(at=at, who=who, via=VIA, verb=verb, outcome=AuditOutcome.DONE, argument=said)
