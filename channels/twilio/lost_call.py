"""Calls whose outcome was lost in a crash: Twilio is asked whether they were made.

It is asked by number and time, for a call can carry no key of ours that Twilio gives back. Two notifications to one
number within the same seconds are told apart by the SIDs that are known to belong to the other one: those of this
process, and those that the inbox reads from the store. What can't be told apart is another program that calls the same
number from the same ``from_number`` within the same half minute.
"""

from datetime import datetime
from typing import Any

from channels.base import PHONE, CantTell, NotFound, Rejected, Sent
from channels.inbox import Inbox
from channels.message import Message
from channels.twilio.account import Account, Accounts
from channels.twilio.call import SKEW, CallBook
from channels.twilio.fault import RefusedError, UnreachedError, result_of

MOST_CANDIDATES = 100


class LostCalls:
    """Finds them again."""

    def __init__(self, accounts: Accounts, book: CallBook, inbox: Inbox) -> None:
        self._accounts = accounts
        self._book = book
        self._inbox = inbox

    async def find(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """Every account that may have got it is asked; one that can't tell leaves it open whether it was sent."""
        silent: list[CantTell] = []
        for account in await self._accounts.may_have_got(since):
            answer = await self._find(account, message, since)
            if isinstance(answer, Sent):
                return answer
            silent += [answer] if isinstance(answer, CantTell) else []
        return min(silent, key=lambda one: (one.is_final, one.has_other_way), default=NotFound())

    async def _find(self, account: Account, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        try:
            calls = await self._calls_to(account, message.address, since.replace(microsecond=0) - SKEW)
        except (RefusedError, UnreachedError) as error:
            await self._accounts.failed(account, error)
            result = result_of(error)
            has_other = self._accounts.has_other(account)
            return CantTell(result.reason, is_final=isinstance(result, Rejected), has_other_way=has_other)
        refs = await self._inbox.refs_to(PHONE, message.address)
        # What joined a call has its SID too, and is no reason to take that call for another's.
        others = {ref.get("sid") for ref in refs if "key" not in ref}
        found = [one for one in calls if one.sid not in others and self._book.key_of(one.sid) in (None, message.key)]
        # To each number one call after the other is asked for: of several that nobody knows, the lost one is the first.
        found.sort(key=lambda one: (self._book.key_of(one.sid) != message.key, one.date_created))
        if not found:
            return NotFound()
        self._book.note(found[0].sid, message.key)
        return Sent({"sid": found[0].sid, **self._accounts.mark(account)}, is_final=False)

    async def _calls_to(self, account: Account, number: str, earliest: datetime) -> list[Any]:
        """Our calls to ``number`` created since. A queued call has no start time yet, so it is asked for by status,
        and first: a call that starts between the two questions is then in both answers, and not in none."""
        ends = {"to": number, "limit": MOST_CANDIDATES}
        calls = account.client.calls
        queued = await self._accounts.asked(account, lambda: calls.list_async(status="queued", **ends))
        started = await self._accounts.asked(account, lambda: calls.list_async(start_time_after=earliest, **ends))
        by_sid = {one.sid: one for one in (*queued, *started)}
        # The leg to a sender out of another call goes to whoever has this number, and tells them of nothing.
        made = [one for one in by_sid.values() if one.direction != "outbound-dial"]
        ours = [one for one in made if one._from in account.numbers]
        return [one for one in ours if one.date_created is not None and one.date_created >= earliest]
