"""Phones that ring or talk with us already: a notification to one of them is told there, or waits."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from channels.base import Now, Rejected, RetryLater, SendResult, Sent
from channels.message import Message
from channels.twilio.account import Account, Accounts
from channels.twilio.call import SKEW, UNDER_WAY, WAITING, CallBook
from channels.twilio.config import TwilioSettings
from channels.twilio.fault import RefusedError, UnreachedError, is_gone
from escalation.phrase import N_

WAIT_FOR_LINE = timedelta(seconds=5)
HELD_BACK = N_("this phone has rung as often as it may of late")
MOST_JOINED = 9
"""Other notifications that one call tells of."""


class Lines:
    """Knows which calls are under way by the book, and asks Twilio of those."""

    def __init__(self, settings: TwilioSettings, accounts: Accounts, book: CallBook, now: Now) -> None:
        self._settings = settings
        self._accounts = accounts
        self._book = book
        self._now = now
        self._counting = asyncio.Lock()
        self._placed = Counter[str]()
        """By account: calls that are being asked for, and are not in the book yet."""

    @asynccontextmanager
    async def placing(self, account: Account, message: Message) -> AsyncIterator[SendResult | None]:
        """Around asking for a call: None, or what happens in place of one. Raises RefusedError and UnreachedError."""
        if (instead := await self._instead(account, message)) is not None:
            yield instead
            return
        try:
            yield None
        finally:
            self._placed[account.sid] -= 1

    async def _instead(self, account: Account, message: Message) -> SendResult | None:
        """What happens in place of a call of its own. A phone that rings already rings for this notification too: it is
        told in the same call. A person who is on the phone with us would be busy, so this waits; the lane brings the
        most urgent first whenever it tries again. What may only join a call goes elsewhere where it can't. None: it
        has a place among the account's calls."""
        there = [sid for sid, one in self._book.lines(self._now()).items() if one.number == message.address]
        for sid in there:
            if (status := await self._status(account, sid)) is not None:
                return self._joined(message, sid, is_waiting=status in WAITING)
        if message.joins_only:
            return Rejected(HELD_BACK, is_held_back=True)
        async with self._counting:
            if not await self._has_room(account):
                return RetryLater(N_("the account holds as many calls as it may"), WAIT_FOR_LINE, is_channel_wide=True)
            self._placed[account.sid] += 1
        return None

    async def _has_room(self, account: Account) -> bool:
        """For one more call. Twilio is asked only where the book has as many as there may be."""
        if self._settings.concurrent_calls is None:
            return True
        most = self._settings.concurrent_calls - self._placed[account.sid]
        lines = [sid for sid, one in self._book.lines(self._now()).items() if one.account in ("", account.sid)]
        if len(lines) >= most:
            lines = [sid for sid in lines if await self._status(account, sid) is not None]
        return len(lines) < most

    async def _status(self, account: Account, sid: str) -> str | None:
        """How a call that the book has under way is; None if it is over. The book may not know: another node may have
        heard of the end, or Twilio's word of it is still on its way. Raises RefusedError and UnreachedError where it
        was made by ``account``; another that can't be asked holds up no call for longer than a phone rings."""
        line = self._book.lines(self._now()).get(sid)
        own = self._accounts.of({"account": line.account if line is not None else ""})
        try:
            status = str((await self._accounts.fetch(own, sid)).status)
        except (RefusedError, UnreachedError) as error:
            is_over = isinstance(error, RefusedError) and is_gone(error)
            if not is_over and own is account:
                raise
            if not is_over:
                rings = line is not None and self._now() - line.began_at < self._settings.ring_timeout + SKEW
                return "in-progress" if rings else None
            status = "gone"
        if status in UNDER_WAY:
            return status
        self._book.end(sid)
        return None

    def _joined(self, message: Message, sid: str, *, is_waiting: bool) -> SendResult:
        line = self._book.lines(self._now()).get(sid)
        can_tell = self._settings.public_url is not None and message.alert_id is not None
        is_open = line is not None and line.can_lead and not line.is_answered and line.joined < MOST_JOINED
        if line is None or not (can_tell and is_waiting and is_open and self._book.key_of(sid) != message.key):
            if message.joins_only:
                return Rejected(HELD_BACK, is_held_back=True)
            return RetryLater(N_("a call to this number is under way"), WAIT_FOR_LINE)
        line.joined += 1
        mark = self._accounts.mark(self._accounts.of({"account": line.account}))
        return Sent({"sid": sid, "key": message.key, **mark}, is_final=False)
