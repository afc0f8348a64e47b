"""Asks the service: once for the same text, a few at a time, and not while it fails.

1. Whoever waits has a limit of their own; an answer that comes later is remembered for the next one.
2. After ``MOST_FAILURES`` failures in a row, or when the service says so (Retry-After), it is left alone for a while;
   after what somebody must mend (a key, a quota, ``MOST_REFUSED`` texts refused and none translated) for longer.
3. Nothing here is told as a fault of a page: the log and a metric have it.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.metrics import Metrics
from bot.tame import cut
from bot.translation.memory import Key, Memory
from channels.translation.service import MOST_TEXT, Outcome, Refused, Translated, Translator, Unavailable

log = structlog.get_logger(__name__)

MOST_FAILURES = 3
MOST_REFUSED = 5
FIRST_PAUSE = timedelta(seconds=30)
MOST_PAUSE = timedelta(minutes=15)
LASTING_PAUSE = timedelta(hours=1)
MOST_AT_ONCE = 4
MOST_WAITING = 64
"""Texts under way or in the queue; more are not asked for."""
MOST_LONGER = 6
"""How many times as long as its original a translation may be; the rest is cut off."""
_SOURCE = "source"
"""In the memory: the language of a text itself."""
_REFUSED = "refused "
"""In the memory, before a language: that a text was refused."""


class Interpreter:
    """Translates with one service, and remembers."""

    def __init__(self, translator: Translator, clock: Clock, metrics: Metrics) -> None:
        self.name = translator.name
        self._translator = translator
        self._clock = clock
        self._metrics = metrics
        self.memory = Memory(clock)
        self._under_way: dict[Key, asyncio.Task[str | None]] = {}
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._failures = 0
        self._refused = 0
        self._shut_until: datetime | None = None

    @property
    def is_shut(self) -> bool:
        """Whether the service is left alone now."""
        return self._shut_until is not None and self._clock.now() < self._shut_until

    def known(self, text: str, language: str) -> str | None:
        """What is known by now: "" for a text that needs no translation, None if nobody has asked."""
        return "" if self.memory.get((text, _SOURCE)) == language else self.memory.get((text, language))

    def is_refused(self, text: str, language: str) -> bool:
        """Whether the service will not translate this text, or any, for as far as is known."""
        if self.memory.get((text, _REFUSED + language)) is not None:
            return True
        return self._refused >= MOST_REFUSED and self.known(text, language) is None

    async def translated(
        self, text: str, language: str, kept: timedelta, within: timedelta | None = None
    ) -> str | None:
        """The translation; "" if there is none to show, None if none came in time. ``kept``: how long it is known."""
        found = self.known(text, language)
        if found is not None:
            return found
        asked = self._asked(text, language, kept)
        if asked is None:
            return None
        done, _ = await asyncio.wait({asked}, timeout=None if within is None else within.total_seconds())
        return None if not done or asked.cancelled() or asked.exception() is not None else asked.result()

    async def close(self) -> None:
        asked = list(self._under_way.values())
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await self._translator.close()

    def _asked(self, text: str, language: str, kept: timedelta) -> asyncio.Task[str | None] | None:
        key = (text, language)
        if key in self._under_way:
            return self._under_way[key]
        if self.is_shut or len(self._under_way) >= MOST_WAITING:
            return None
        asked = asyncio.create_task(self._ask(text, language, kept), name="translation")
        self._under_way[key] = asked
        asked.add_done_callback(lambda _: self._under_way.pop(key, None))
        return asked

    async def _ask(self, text: str, language: str, kept: timedelta) -> str | None:
        async with self._room:
            # What waited its turn may be known by now, and the service may have failed.
            found = self.known(text, language)
            if found is not None or self.is_shut:
                return found
            try:
                outcome: Outcome = await self._translator.translate(text[:MOST_TEXT], language)
            except Exception as error:
                log.exception("The translation service could not be asked", service=self.name)
                outcome = Unavailable(type(error).__name__)
        return self._taken(outcome, text, language, kept)

    def _taken(self, outcome: Outcome, text: str, language: str, kept: timedelta) -> str | None:
        match outcome:
            case Translated(translation, source):
                self._works()
                is_same = source == language or translation.strip().casefold() == text.strip().casefold()
                found = "" if is_same else cut(translation, len(text) * MOST_LONGER + 100)
                self.memory.put((text, language), found, kept)
                if source:
                    self.memory.put((text, _SOURCE), source, kept)
                self._metrics.translation("same" if is_same else "translated")
                return found
            case Refused(reason):
                # Asked again, it would be refused again.
                log.warning(
                    "The translation service refuses a text: too long, a language that it lacks, or a missing key",
                    service=self.name,
                    reason=reason,
                )
                for key in ((text, language), (text, _REFUSED + language)):
                    self.memory.put(key, "", min(kept, MOST_PAUSE))
                self._metrics.translation("refused")
                self._refused += 1
                if self._refused >= MOST_REFUSED:
                    self._leave_alone(LASTING_PAUSE, f"it refuses every text ({reason})")
                return ""
            case Unavailable():
                self._metrics.translation("failed")
                self._failures += 1
                self._leave_alone(self._pause(outcome), outcome.reason)
                return None

    def _works(self) -> None:
        if self._shut_until is not None:
            log.info("The translation service answers again", service=self.name)
        self._failures, self._refused, self._shut_until = 0, 0, None

    def _leave_alone(self, pause: timedelta, reason: str) -> None:
        if not pause:
            return
        until = self._clock.now() + pause
        if not self.is_shut:
            log.warning(
                "The translation service is left alone for a while",
                service=self.name,
                reason=reason,
                seconds=round(pause.total_seconds()),
            )
        self._shut_until = max(until, self._shut_until or until)

    def _pause(self, outcome: Unavailable) -> timedelta:
        """At least as long as we see fit: a service that fails may say that it can be asked again at once."""
        return max(LASTING_PAUSE if outcome.is_lasting else self._back_off(), outcome.after or timedelta(0))

    def _back_off(self) -> timedelta:
        beyond = self._failures - MOST_FAILURES
        return min(MOST_PAUSE, FIRST_PAUSE * 2 ** min(beyond, 10)) if beyond >= 0 else timedelta(0)
