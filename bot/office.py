"""What a command needs to work on the store beside a running bot: settings, store and an engine that runs one job."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.calendars.known import KnownCalendars
from bot.clock import Clock, SystemClock
from bot.desk import Rules
from bot.engine import Engine
from bot.language import Words
from bot.settings import Settings, load
from bot.store.dialect import parse, path_of
from bot.store.record import StoreError
from bot.store.store import Store
from escalation.phrase import Phrase, advice
from escalation.policy import EscalationPolicy

_NO_DATABASE = Phrase(
    "run the command in the folder where the bot runs, or write the whole path: database: /…, or KIDOKU_DATABASE. "
    "A bot that never ran has none yet."
)
UPDATING = frozenset({"slack", "discord", "phone", "console", "apprise"})
"""Channels whose messages a running bot can bring up to date: a command asks for it, the bot does it."""


class SettingsError(Exception):
    """The settings can't be used; the text has a line for every error."""


class DatabaseError(Exception):
    """The database can't be used; the text says so in the language of the settings."""


@contextmanager
def database_words(words: Words) -> Iterator[None]:
    """What befalls the store within is said in these words: raises DatabaseError."""
    try:
        yield
    except StoreError as error:
        raise DatabaseError(words.gettext("The database: %(why)s") % {"why": words.said(error.why)}) from error


@dataclass(frozen=True, slots=True)
class Office:
    """A command's view of the bot."""

    settings: Settings
    store: Store
    engine: Engine
    clock: Clock
    words: Words
    known: KnownCalendars | None = None

    @property
    def policies(self) -> dict[str, EscalationPolicy]:
        """The policies of now: their windows have the days that calendars give."""
        return (self.known.settings if self.known else self.settings).escalation_policies()

    def aware(self, at: datetime | None) -> datetime | None:
        """An instant as somebody typed it: without an offset it is in the zone of the settings."""
        return at.replace(tzinfo=ZoneInfo(self.settings.zone)) if at is not None and at.tzinfo is None else at


def settings_of(config: Path, environ: Mapping[str, str], *, needs_secrets: bool = True) -> Settings:
    """The settings of a file. Raises SettingsError with every error."""
    loaded = load(config, environ, needs_secrets=needs_secrets)
    if loaded.settings is None:
        raise SettingsError(loaded.worded_errors())
    return loaded.settings


def refuse_missing(settings: Settings) -> None:
    """A command in the wrong folder must not make an empty database and say that all is well. Raises SettingsError."""
    path = path_of(parse(settings.database_url))
    if path is not None and not path.exists():
        what = Phrase("there is no database at %(path)s", path=str(path.absolute()))
        raise SettingsError(Words(settings.language, settings.zone).sentence(advice(what, _NO_DATABASE)))


@asynccontextmanager
async def open_office(config: Path, environ: Mapping[str, str], clock: Clock | None = None) -> AsyncIterator[Office]:
    """Open the store of these settings, and close it again. Raises SettingsError, and DatabaseError."""
    settings = settings_of(config, environ, needs_secrets=False)
    clock = clock or SystemClock()
    words = Words(settings.language, settings.zone, clock.now)
    with database_words(words):
        refuse_missing(settings)
        store = await Store.open(settings.database_url, clock.now())
        try:
            engine = Engine(store, clock, Rules(settings.roster(), settings.alarm_actions(), UPDATING))
            known = KnownCalendars(settings)
            engine.base = known.roster
            await engine.refresh()
            yield Office(known.settings, store, engine, clock, words, known)
        finally:
            await store.close()
