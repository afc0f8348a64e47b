"""The telephone accounts: calls go by the first, and by the second while the first can't be used.

1. The first can't be used: it refuses for a reason that somebody must mend (token, suspension, balance), which counts
   at once; or it does not answer, or with errors of its own, for longer than ``fallback.after``.
2. Which account is used since when is kept before the first call goes by another: what was begun before may be at
   either, what was begun later is at that one alone. So an outcome that was lost is asked for where it can be.
3. Back to the first: not within ``STAY``, and once it says that it is active. Where it said so all the time and took no
   call, it is only told to be back when it has taken one.
4. What the used one refuses for a reason of its own (it can't be used; it may not call this country) the other makes,
   this one time, before it is told that nobody can be called. That it may have is kept before, as in rule 2. If it was
   the first that took it, calls go by the first again.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from twilio.rest.api.v2010.account.call import CallInstance

from channels.base import FIRST_ACCOUNT, PHONE, HealthListener, Now
from channels.health import Health, JointHealth
from channels.inbox import Inbox
from channels.twilio.asking import asked
from channels.twilio.client import open_client
from channels.twilio.config import TwilioSettings
from channels.twilio.fault import RefusedError, UnreachedError
from channels.twilio.pace import Pace
from channels.twilio.trouble import Trouble
from escalation.phrase import N_

log = structlog.get_logger(__name__)

KEPT = "twilio.account"
KEPT_LENT = "twilio.lent"
LOOK_EVERY = timedelta(minutes=1)
STAY = timedelta(minutes=5)


@dataclass(slots=True)
class Account:
    """One account, and how it fares."""

    sid: str
    client: Any
    numbers: tuple[str, ...]
    pace: Pace
    health: Health
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store knows, of this node or another: by which account calls go, since when, and when the other one was
    asked last to make a call."""

    used: Account | None
    since: datetime | None
    lent_at: datetime | None


class Accounts:
    """Which account is called by. Without a ``fallback`` it is always the first."""

    def __init__(self, settings: TwilioSettings, inbox: Inbox, on_health: HealthListener, now: Now) -> None:
        self._inbox = inbox
        self._on_health = on_health
        self._now = now
        fallback = settings.fallback
        self._trouble = Trouble(fallback.after if fallback is not None else timedelta(0), now)
        self._health = JointHealth(PHONE, on_health, len(settings.accounts))
        self.all = tuple(self._account(settings, own) for own in settings.accounts)
        self._used = self.all[0]
        self._since: datetime | None = None
        self._looked_at: datetime | None = None
        self._needs_call = False
        self._is_read = fallback is None
        self._switching = asyncio.Lock()

    def _account(self, settings: TwilioSettings, own: TwilioSettings) -> Account:
        sid, pace = own.account_sid, Pace(settings.calls_per_second)
        return Account(sid, open_client(own), own.numbers, pace, self._health.of(sid), is_first=own is settings)

    # Which one ------------------------------------------------------------------------------------------------------

    def of(self, ref: Mapping[str, str]) -> Account:
        """The account that a call was made by; the first where the ref is of a time without a second."""
        return next((one for one in self.all if one.sid == ref.get("account")), self.all[0])

    def mark(self, account: Account) -> dict[str, str]:
        """What goes into the ref of a call."""
        return {"account": account.sid} if len(self.all) > 1 else {}

    async def current(self) -> Account:
        """The one to call by now."""
        await self._read()
        # Rule 2: whatever began after a switch goes by the new one.
        async with self._switching:
            return self._used

    async def may_have_got(self, since: datetime) -> Sequence[Account]:
        """Where a call may be that was begun at ``since`` (rule 2); the likeliest first."""
        await self._read()
        if len(self.all) == 1:
            return self.all
        kept = await self._kept()
        if kept.used in (None, self._used) and all(since > at for at in (kept.since, kept.lent_at) if at is not None):
            return (self._used,)
        return sorted(self.all, key=lambda one: one is not self._used)

    def has_other(self, account: Account) -> bool:
        """Whether calls go by another account than this, or will in a moment: its trouble is not the phone's."""
        if account is not self._used:
            return True
        return account.is_first and len(self.all) > 1 and self._trouble.is_new

    def worked(self, account: Account) -> None:
        """It has taken a call."""
        if account.is_first and self._since is not None:
            self._on_health(FIRST_ACCOUNT, True, "")

    async def failed(self, account: Account, error: RefusedError | UnreachedError) -> Account | None:
        """It refused or did not answer: the account to use from now on, if that is another one (rule 1)."""
        if len(self.all) == 1 or not account.is_first:
            return None
        words = self._trouble.why_unusable(error)
        if not words:
            return None
        if self._used.is_first:
            self._needs_call = isinstance(error, RefusedError) and error.status not in (401, 403)
            await self._use(self.all[1], words)
        return self.all[1]

    async def lend(self, account: Account) -> Account | None:
        """The other one, for a call that this one refuses for a reason of its own (rule 4); None if there is none."""
        if len(self.all) == 1:
            return None
        await self._inbox.keep(KEPT_LENT, self._now().isoformat())
        return next(one for one in self.all if one is not account)

    async def lent(self, account: Account) -> None:
        """The other one has taken the call."""
        if account.is_first and account is not self._used:
            await self._use(account)

    async def _use(self, account: Account, words: str = "") -> None:
        async with self._switching:
            if account is self._used:
                return
            now = self._now()
            await self._inbox.keep(KEPT, json.dumps({"sid": account.sid, "since": now.isoformat()}))
            self._used, self._since, self._looked_at = account, now, now
            self._trouble.answered()
        log.warning("Calls go by another account from now on", is_first=account.is_first, reason=words)
        if words:
            self._on_health(FIRST_ACCOUNT, False, words)

    async def _read(self) -> None:
        """What was kept before a restart."""
        if self._is_read:
            return
        kept = await self._kept()
        if self._is_read:
            return
        self._is_read = True
        if kept.used is None:
            return
        self._used, self._since = kept.used, kept.since
        words = "" if self._used.is_first else N_("it could not be used before the last restart")
        self._on_health(FIRST_ACCOUNT, self._used.is_first, words)

    async def _kept(self) -> Kept:
        kept = json.loads(await self._inbox.recall(KEPT) or "{}")
        lent_at = await self._inbox.recall(KEPT_LENT)
        used = next((one for one in self.all if one.sid == kept.get("sid")), None)
        since = datetime.fromisoformat(kept["since"]) if used is not None else None
        return Kept(used, since, datetime.fromisoformat(lent_at) if lent_at else None)

    # Asked of one ---------------------------------------------------------------------------------------------------

    async def fetch(self, account: Account, sid: str) -> Any:
        """The Call. Raises RefusedError or UnreachedError, nothing else."""
        return await self.asked(account, lambda: account.client.calls(sid).fetch_async())

    async def asked(self, account: Account, ask: Callable[[], Awaitable[Any]]) -> Any:
        """One request. Raises RefusedError or UnreachedError, nothing else; keeps the account's health."""
        answer = await asked(ask, account.health)
        if account.is_first:
            self._trouble.answered()
        if isinstance(answer, CallInstance) and not (answer.sid and answer.status):
            raise UnreachedError(N_("Twilio's answer tells of no call"), maybe_sent=True)
        return answer

    # Back again -----------------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Go back to the first account if it can be used again (rule 3)."""
        now = self._now()
        if self._used.is_first or self._since is None or now - self._since < STAY:
            return
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        first = self.all[0]
        try:
            found = await asked(lambda: first.client.api.v2010.accounts(first.sid).fetch_async(), first.health)
        except (RefusedError, UnreachedError):
            self._needs_call = False
            return
        if str(found.status) != "active":
            return
        await self._use(first)
        if not self._needs_call:
            self._on_health(FIRST_ACCOUNT, True, "")

    async def run(self) -> None:
        """Look again and again, for ever; implements ``channels.base.Service``."""
        await self._read()
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            await self.look()

    async def close(self) -> None:
        for one in self.all:
            await one.client.http_client.close()
