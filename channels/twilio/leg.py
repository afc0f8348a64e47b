"""What became of the call to a sender, where nobody told us: a lost callback, or a restart in the middle of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels.base import Ended, FollowResult, Ongoing
from channels.twilio.account import Account, Accounts
from channels.twilio.call import UNDER_WAY, cost_of
from channels.twilio.connect import end_of
from channels.twilio.fault import RefusedError, UnreachedError, is_gone, patient, result_of
from escalation.event import Outcome
from escalation.phrase import N_

ASK_AGAIN = timedelta(seconds=15)
_NOT_MADE = Ended(Outcome.REJECTED, N_("the call was not made"))


class LegFollower:
    """Asks Twilio. A ``ref`` is {"parent": "CA…"} and, once it is known, "sid"; with two accounts the "account"."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        account = self._accounts.of(ref)
        try:
            return await self._follow(account, ref)
        except (RefusedError, UnreachedError) as error:
            if isinstance(error, RefusedError) and is_gone(error):
                return _NOT_MADE
            await self._accounts.failed(account, error)
            return patient(result_of(error))

    async def _follow(self, account: Account, ref: Mapping[str, str]) -> FollowResult:
        leg = await self._leg(account, ref)
        if leg is None:
            return Ongoing(ASK_AGAIN) if await self._goes_on(account, ref) else _NOT_MADE
        outcome = end_of(leg.status)
        if outcome is None:
            return Ongoing(ASK_AGAIN)
        # Whether they were connected, the end of the dial tells before its call goes on; long before there is a price.
        if outcome is Outcome.ENDED and leg.price is None and await self._goes_on(account, ref):
            return Ongoing(ASK_AGAIN)
        return Ended(outcome, cost=cost_of(leg))

    async def _goes_on(self, account: Account, ref: Mapping[str, str]) -> bool:
        """Whether the call that it was dialled out of is under way."""
        try:
            parent = await self._accounts.fetch(account, ref["parent"])
        except RefusedError as error:
            if is_gone(error):
                return False
            raise
        return parent.status in UNDER_WAY

    async def _leg(self, account: Account, ref: Mapping[str, str]) -> Any:
        """The Call of the leg; of several whose SIDs nobody told, the newest. None if none was dialled."""
        calls = account.client.calls
        if "sid" in ref:
            return await self._accounts.fetch(account, ref["sid"])
        found = await self._accounts.asked(account, lambda: calls.list_async(parent_call_sid=ref["parent"], limit=20))
        return max(found, key=lambda one: one.date_created, default=None)
