"""The subjects and texts of alerts in their readers' languages, as far as that is wanted.

No wording ever waits here: it takes what is known, and if nothing is, the original goes out. The service is asked
beside it, and what was posted meanwhile is brought up to date where the channel can do that.
"""

import asyncio
from collections.abc import Collection, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from bot.desk import Desk
from bot.engine import Committed, Engine
from bot.language import LANGUAGES
from bot.metrics import Metrics
from bot.settings import Settings
from bot.tame import plain
from bot.translation.interpreter import Interpreter
from bot.translation.script import needs_none
from bot.wording.name import NEUTRAL_SUBJECT
from bot.wording.spoken import unquoted
from channels.translation import build
from channels.translation.config import Exceptions
from escalation.alert import Alert

log = structlog.get_logger(__name__)

SUBJECT_KEPT = timedelta(days=1)
"""The shortest retention there is: nothing outlives its alert by more."""
TEXT_KEPT = timedelta(minutes=15)
"""The text itself is never kept: so long as somebody may ask for it twice."""
MOST_SUBJECT = 300
MOST_TEXT = 1_500
"""Characters of a mail's text that are sent to the service."""
MOST_TASKS = 100
MOST_OWED = 1_000


@dataclass(slots=True)
class _Owed:
    """A subject that is asked for now: in which languages still, with the notifications that are brought up to date
    then; and alerts that have it, until one is found of which it may be sent."""

    alerts: dict[int, Alert] = field(default_factory=dict)
    rows: dict[str, set[str]] = field(default_factory=dict)


class Translations:
    """``language`` is the rooms', and that of people without their own. ``has_text``: texts are translated, too."""

    def __init__(
        self, interpreter: Interpreter, engine: Engine, language: str, exceptions: Exceptions, *, has_text: bool
    ) -> None:
        self.interpreter = interpreter
        self.has_text = has_text
        self._engine = engine
        self._language = language
        self._accounts = frozenset(exceptions.accounts)
        self._rules = frozenset(exceptions.rules)
        self._owed: dict[str, _Owed] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # What wordings take ---------------------------------------------------------------------------------------------

    def subject(self, alert: Alert, language: str, key: str = "") -> str:
        """The subject in this language if it is known by now, else "". ``key`` is the notification that is worded: it
        is brought up to date when the translation comes."""
        text = self._subject(alert)
        if not text or needs_none(text, language):
            return ""
        found = self.interpreter.known(text, language)
        if found is None and not self.interpreter.is_shut:
            self._owe(alert, text, [language], key)
        return found or ""

    async def may(self, alert: Alert) -> bool:
        """Whether anything of this alert may be sent to the service at all."""
        if not self._is_wanted(alert):
            return False
        if not self._accounts:
            return True
        async with self._engine.store.reading() as tx:
            copies = await tx.find_copies(alert.mail.message_id)
        return not any(copy.account in self._accounts for copy in copies)

    async def subject_within(self, alert: Alert, language: str, within: timedelta) -> str | None:
        """The same for somebody who waits; None if it did not come in time. ``may`` was asked before."""
        text = self._subject(alert)
        if not text or needs_none(text, language):
            return ""
        return await self.interpreter.translated(text, language, SUBJECT_KEPT, within)

    async def text_within(self, alert: Alert, text: str, language: str, within: timedelta) -> str | None:
        """The beginning of the mail's text in this language: "" if there is none to show, None if it did not come in
        time."""
        excerpt = _excerpt(text)
        if not self.has_text or needs_none(excerpt, language) or not await self.may(alert):
            return ""
        return await self.interpreter.translated(excerpt, language, TEXT_KEPT, within)

    def is_refused(self, alert: Alert, text: str, language: str) -> bool:
        """Whether the service, asked for the subject and this text, refused one of them."""
        asked = (self._subject(alert), _excerpt(text) if self.has_text else "")
        return any(
            one and not needs_none(one, language) and self.interpreter.is_refused(one, language) for one in asked
        )

    # What goes on beside --------------------------------------------------------------------------------------------

    def opened(self, committed: Committed) -> None:
        """Ask for the subjects of new alerts in the languages of all who may be told, before anybody is."""
        for alert in committed.opened:
            text = self._subject(alert)
            languages = [one for one in self._languages() if not needs_none(text, one)]
            if languages and not self.interpreter.is_shut:
                self._owe(alert, text, languages)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.interpreter.close()

    async def settled(self) -> None:
        """Wait until nothing is asked for any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _owe(self, alert: Alert, text: str, languages: Iterable[str], row: str = "") -> None:
        """Ask for a subject, once for all alerts that have it."""
        if text not in self._owed and not self._go(self._look(text)):
            return
        owed = self._owed.setdefault(text, _Owed())
        owed.alerts[alert.id] = alert
        for language in languages:
            rows = owed.rows.setdefault(language, set())
            if row and len(rows) < MOST_OWED:
                rows.add(row)

    def _go(self, work: Coroutine[Any, Any, None]) -> bool:
        if len(self._tasks) >= MOST_TASKS:
            work.close()
            return False
        task = asyncio.create_task(work, name="translation of an alert")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    def _languages(self) -> set[str]:
        """Those of all people and of the rooms."""
        spoken = {one.language for one in self._engine.rules.roster.people.values()} | {self._language}
        return {one if one in LANGUAGES else "en" for one in spoken}

    async def _look(self, text: str) -> None:
        """Whatever goes wrong here is nobody's page."""
        owed = self._owed[text]
        try:
            while owed.rows and await self._may_one(owed):
                await self._ask(text, self._next(text, owed), owed)
        except Exception:
            log.exception("A subject could not be translated", alert_id=next(iter(owed.alerts), None))
        finally:
            del self._owed[text]

    async def _may_one(self, owed: _Owed) -> bool:
        """Whether it may be sent for one of its alerts: then it is, and the others show it, too."""
        while owed.alerts:
            id, alert = next(iter(owed.alerts.items()))
            if await self.may(alert):
                return True
            del owed.alerts[id]
        return False

    def _next(self, text: str, owed: _Owed) -> str:
        """The language that is asked for next: the rooms' first; English last where it may be the text's own, as the
        service tells by the first answer what that is."""
        return min(owed.rows, key=lambda one: (one == "en" and text.isascii(), one != self._language, one))

    async def _ask(self, text: str, language: str, owed: _Owed) -> None:
        found = await self.interpreter.translated(text, language, SUBJECT_KEPT)
        rows = owed.rows.pop(language)
        if found and rows:
            await self._bring_up_to_date(rows)

    async def _bring_up_to_date(self, keys: Collection[str]) -> None:
        async def job(desk: Desk) -> None:
            desk.refresh(keys)

        try:
            await self._engine.submit(job)
        except Exception:
            log.exception("What was posted could not be brought up to date with its translation")

    def _subject(self, alert: Alert) -> str:
        return plain(alert.mail.subject)[:MOST_SUBJECT] if self._is_wanted(alert) else ""

    def _is_wanted(self, alert: Alert) -> bool:
        """Not of what is confidential, was let out by nobody, or is no mail."""
        is_secret = alert.mail.subject == NEUTRAL_SUBJECT or alert.is_unapproved
        return not is_secret and not alert.is_exercise and alert.rule not in self._rules


def _excerpt(text: str) -> str:
    return unquoted(text)[:MOST_TEXT].strip()


def open_translations(settings: Settings, engine: Engine, metrics: Metrics) -> Translations | None:
    """None where the settings have no translation service."""
    if settings.translation is None:
        return None
    interpreter = Interpreter(build(settings.translation, engine.clock.now), engine.clock, metrics)
    has_text = settings.translation.text
    return Translations(interpreter, engine, settings.language, settings.translation.exceptions, has_text=has_text)
