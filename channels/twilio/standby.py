"""Messages go by a second account's own sender while the first account can't be used.

1. The first is tried, and what it can't take is sent by the second at once, unless it may have taken it. When it can't
   be used stands in ``trouble.py``.
2. It is left for a minute then; after that it is tried again, if Twilio says that it is active. Nothing of that
   outlives a restart: the first is tried again. What it refuses for a reason of its own (a country, a template) the
   second sends, this one time; what it refuses because of whom it is for (STOP, no such number) nobody does.
3. What the second refuses for a reason of its own waits for the first, if that one only did not answer.
4. A message whose outcome was lost is asked for at every account that may have it: at the second only if that was
   asked to send anything since. When it was is kept before.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from channels.base import (
    CantTell,
    FollowResult,
    HealthListener,
    NotFound,
    Now,
    Rejected,
    RetryLater,
    SendResult,
    Sent,
    first_account,
)
from channels.inbox import Inbox
from channels.message import Message
from channels.twilio.fault import RefusedError, UnreachedError, is_own, put_off, result_of
from channels.twilio.message_fault import CODES, CROWDED
from channels.twilio.sms import ASKED_TO_STOP, SKEW, SmsNotifier
from channels.twilio.trouble import Trouble

log = structlog.get_logger(__name__)

LEFT_FOR = timedelta(minutes=1)


class Standby:
    """Implements ``channels.base.Notifier``. ``ref`` is {"sid": "SM…", "account": "AC…"}."""

    def __init__(
        self,
        first: SmsNotifier,
        second: SmsNotifier,
        inbox: Inbox,
        after: timedelta,
        now: Now,
        on_health: HealthListener,
    ) -> None:
        self.name = first.name
        self.capabilities = first.capabilities
        self._first = first
        self._second = second
        self._inbox = inbox
        self._now = now
        self._on_health = on_health
        self._trouble = Trouble(after, now, CODES, CROWDED)
        self._left_at: datetime | None = None
        self._later: RetryLater | None = None
        """Why the first was left, if it may work again by itself."""
        self._has_worked = False
        self._kept = f"twilio.second.{first.name}"

    async def send(self, message: Message) -> SendResult:
        if not await self._is_first_used():
            return await self._by_second(message)
        left_at = self._left_at
        try:
            result = await self._first.sent(message)
        except (RefusedError, UnreachedError) as error:
            is_left = self._failed(error)
            refused = await self._first.refused(error, message)
            may_second = is_left or is_own(error, CODES)
            if not may_second or (isinstance(refused, RetryLater) and refused.maybe_sent):
                return self._patient(refused)
            return await self._by_second(message)
        if isinstance(result, Rejected) and result.reason != ASKED_TO_STOP:
            return await self._by_second(message)
        # One that was under way when the first was left, because of another, says nothing of how it is since.
        if isinstance(result, Sent) and self._left_at == left_at:
            self._worked()
        return _marked(result, self._first)

    async def _by_second(self, message: Message) -> SendResult:
        await self._inbox.keep(self._kept, self._now().isoformat())
        try:
            result = await self._second.sent(message)
        except (RefusedError, UnreachedError) as error:
            refused = await self._second.refused(error, message)
            return put_off(self._later, error, CODES) if self._later and is_own(error, CODES) else refused
        if self._later and isinstance(result, Rejected) and result.reason != ASKED_TO_STOP:
            return self._later
        return _marked(result, self._second)

    async def _is_first_used(self) -> bool:
        if self._left_at is None:
            return True
        if self._now() - self._left_at < LEFT_FOR:
            return False
        if await self._first.is_active():
            return True
        self._left_at = self._now()
        return False

    def _failed(self, error: RefusedError | UnreachedError) -> bool:
        """The first refused or did not answer; whether it is left."""
        words = self._trouble.why_unusable(error)
        if not words:
            return False
        if self._left_at is None:
            log.warning("Messages go by another account from now on", channel=self.name, reason=words)
            self._on_health(first_account(self.name), False, words)
        self._left_at = self._now()
        result = result_of(error, CODES)
        self._later = RetryLater(result.reason) if isinstance(result, RetryLater) else None
        return True

    def _worked(self) -> None:
        self._trouble.answered()
        # The alarm of before a restart may stand yet.
        if self._left_at is not None or not self._has_worked:
            self._left_at, self._later, self._has_worked = None, None, True
            self._on_health(first_account(self.name), True, "")

    def _patient(self, result: SendResult) -> SendResult:
        """The first one's trouble is not the channel's while the second steps in."""
        return replace(result, has_other_way=True) if isinstance(result, RetryLater) and self._has_other else result

    @property
    def _has_other(self) -> bool:
        return self._left_at is not None or self._trouble.is_new

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        silent: list[CantTell] = []
        asked_at = await self._inbox.recall(self._kept)
        may_second = bool(asked_at) and since - SKEW <= datetime.fromisoformat(asked_at)
        for one in (self._first, self._second) if may_second else (self._first,):
            try:
                found = await one.found(message, since)
            except (RefusedError, UnreachedError) as error:
                silent.append(self._cant_tell(one, error))
                continue
            if one is self._first:
                self._trouble.answered()
            if isinstance(found, Sent):
                return replace(found, ref={**found.ref, "account": one.account})
        return min(silent, key=lambda one: (one.is_final, one.has_other_way), default=NotFound())

    def _cant_tell(self, one: SmsNotifier, error: RefusedError | UnreachedError) -> CantTell:
        is_first = one is self._first
        if is_first:
            self._failed(error)
        result = result_of(error, CODES)
        is_final = isinstance(result, Rejected)
        return CantTell(result.reason, is_final=is_final, has_other_way=is_first and self._has_other)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        """Where it was sent; at the first where the ref is of a time without a second."""
        return await (self._second if ref.get("account") == self._second.account else self._first).follow(ref)

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        return await self._first.update(message, ref)

    async def close(self) -> None:
        await self._first.close()
        await self._second.close()


def _marked(result: SendResult, by: SmsNotifier) -> SendResult:
    return replace(result, ref={**result.ref, "account": by.account}) if isinstance(result, Sent) else result
