"""The way out: starts calls, asks what became of them, and stops those that are no longer needed.

After a crash Twilio is asked for the call (``reconcile``) by number and time, for a call can carry no key of ours that
Twilio gives back. Two notifications to one number within the same seconds are told apart by the SIDs that are known to
belong to the other one: those of this process, and those that the inbox reads from the store. What can't be told apart
is another program that calls the same number from the same ``from_number`` within the same half minute.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from starlette.routing import Route
from twilio.rest.api.v2010.account.call import CallInstance

from channels.base import (
    PHONE,
    CantTell,
    Capabilities,
    Channel,
    Ended,
    FollowResult,
    HealthListener,
    NotFound,
    Now,
    Ongoing,
    Rejected,
    RetryLater,
    SendResult,
    Sent,
)
from channels.inbox import Inbox
from channels.message import Message
from channels.twilio import render
from channels.twilio.account import Account, Accounts
from channels.twilio.apology import apologetic
from channels.twilio.asking import asked
from channels.twilio.call import (
    LONGEST_LINE,
    TAKEN,
    UNDER_WAY,
    WAITING,
    CallBook,
    cost_of,
    ended_by_us,
    mark_of,
    outcome_of,
)
from channels.twilio.call_in import CallInRoutes
from channels.twilio.config import TwilioSettings
from channels.twilio.connect import LEG_PATH, WHISPER_PATH, ConnectRoutes, talk_of
from channels.twilio.fault import (
    WRONG_STATE,
    RefusedError,
    UnreachedError,
    is_gone,
    is_own,
    patient,
    put_off,
    result_of,
)
from channels.twilio.inbound import STATUS_PATH, VOICE_PATH, PhoneRoutes
from channels.twilio.leg import LegFollower
from escalation.event import Outcome

log = structlog.get_logger(__name__)

SKEW = timedelta(seconds=30)
"""How far Twilio's clock and ours may be apart when a lost call is looked for."""
MOST_CANDIDATES = 100
LONGEST_CALL = timedelta(minutes=10)
WAIT_FOR_LINE = timedelta(seconds=5)
_UNSPOKEN = frozenset({STATUS_PATH, LEG_PATH, WHISPER_PATH})
"""What is answered there is heard by nobody, or by a stranger. What could not be kept is asked for later."""
MOST_JOINED = 9
"""Other notifications that one call tells of."""
POLL_SOON = timedelta(seconds=4)
POLL_RARELY = timedelta(seconds=15)
"""With a public URL Twilio reports by itself; polling only covers a lost callback."""


class TwilioNotifier:
    """Implements ``channels.base.Notifier``. ``ref`` is {"sid": "CA…"}, and with two accounts the "account"."""

    name = PHONE
    capabilities = Capabilities(can_update=True, can_reconcile=True, can_follow=True, has_price=True, concurrency=1)

    def __init__(self, settings: TwilioSettings, inbox: Inbox, accounts: Accounts, book: CallBook, now: Now) -> None:
        self._settings = settings
        self._accounts = accounts
        self._book = book
        self._inbox = inbox
        self._now = now
        self._legs = LegFollower(accounts, self._asked)

    async def send(self, message: Message) -> SendResult:
        account = await self._accounts.current()
        try:
            return await self._send_by(account, message)
        except (RefusedError, UnreachedError) as error:
            other = await self._accounts.failed(account, error)
            result, refusal = self._result_of(error, account), error
        if isinstance(result, RetryLater) and result.maybe_sent:
            return result
        if other is None:
            return await self._lent(account, message, refusal) if is_own(refusal) else result
        try:
            return await self._send_by(other, message)
        except (RefusedError, UnreachedError) as error:
            if isinstance(result, RetryLater) and is_own(error):
                return put_off(result, error)
            return self._result_of(error, other)

    async def _lent(self, account: Account, message: Message, refusal: RefusedError | UnreachedError) -> SendResult:
        """By the other account, before it is told that this one refuses."""
        other = await self._accounts.lend(account)
        if other is None:
            return self._result_of(refusal, account)
        try:
            result = await self._send_by(other, message)
        except (RefusedError, UnreachedError) as error:
            failed = result_of(error)
            return put_off(failed, refusal) if isinstance(failed, RetryLater) else self._result_of(refusal, account)
        if isinstance(result, Sent) and "key" not in result.ref:
            await self._accounts.lent(other)
        return result

    def _result_of(self, error: RefusedError | UnreachedError, account: Account) -> RetryLater | Rejected:
        result = result_of(error)
        if isinstance(result, RetryLater) and self._accounts.has_other(account):
            return replace(result, has_other_way=True)
        return result

    async def _send_by(self, account: Account, message: Message) -> SendResult:
        """Raises RefusedError and UnreachedError."""
        if (instead := await self._instead(account, message)) is not None:
            return instead
        order = self._order(account, message)
        async with account.pace:
            call = await self._asked(account, lambda: account.client.calls.create_async(**order))
        self._accounts.worked(account)
        self._book.note(call.sid, message.key)
        can_lead = message.alert_id is not None
        self._book.begin(call.sid, message.address, self._now(), can_lead=can_lead, account=account.sid)
        return Sent({"sid": call.sid, **self._accounts.mark(account)}, is_final=False)

    async def _instead(self, account: Account, message: Message) -> SendResult | None:
        """What happens in place of a call of its own. A phone that rings already rings for this notification too: it is
        told in the same call. A person who is on the phone with us would be busy, so this waits; the lane brings the
        most urgent first whenever it tries again. Raises RefusedError and UnreachedError."""
        there = [sid for sid, one in self._book.lines(self._now()).items() if one.number == message.address]
        for sid in there:
            if (status := await self._status(account, sid)) is not None:
                return self._joined(message, sid, is_waiting=status in WAITING)
        most = self._settings.concurrent_calls
        if most is not None and await self._count(account, most) >= most:
            return RetryLater("the account holds as many calls as it may", WAIT_FOR_LINE, is_channel_wide=True)
        return None

    async def _count(self, account: Account, most: int) -> int:
        """How many calls are under way. Twilio is asked only where the book has as many as there may be."""
        lines = [sid for sid, one in self._book.lines(self._now()).items() if one.account in ("", account.sid)]
        if len(lines) < most:
            return len(lines)
        return len([sid for sid in lines if await self._status(account, sid) is not None])

    async def _status(self, account: Account, sid: str) -> str | None:
        """How a call that the book has under way is; None if it is over. The book may not know: another node may have
        heard of the end, or Twilio's word of it is still on its way. Raises RefusedError and UnreachedError where it
        was made by ``account``; another that can't be asked holds up no call for longer than a phone rings."""
        line = self._book.lines(self._now()).get(sid)
        own = self._accounts.of({"account": line.account if line is not None else ""})
        try:
            status = str((await self._fetch(own, sid)).status)
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
            return RetryLater("a call to this number is under way", WAIT_FOR_LINE)
        line.joined += 1
        mark = self._accounts.mark(self._accounts.of({"account": line.account}))
        return Sent({"sid": sid, "key": message.key, **mark}, is_final=False)

    def _order(self, account: Account, message: Message) -> dict[str, object]:
        """The parameters of https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource."""
        settings, numbers = self._settings, account.numbers
        order: dict[str, object] = {
            "to": message.address,
            "from_": numbers[message.turn % len(numbers)],
            "timeout": round((message.ring or settings.ring_timeout).total_seconds()),
            "time_limit": round((LONGEST_CALL + talk_of(settings)).total_seconds()),
        }
        if settings.machine_detection:
            order["machine_detection"] = "Enable"
        if settings.public_url is None:
            return {**order, "twiml": render.announce(render.speech_of(message), settings.voices)}
        return {
            **order,
            "url": settings.public_url + VOICE_PATH.format(key=message.key),
            "method": "POST",
            "status_callback": settings.public_url + STATUS_PATH.format(key=message.key),
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "status_callback_method": "POST",
        }

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        if "parent" in ref:
            return await self._legs.follow(ref)
        sid, account = ref["sid"], self._accounts.of(ref)
        try:
            call = await self._fetch(account, sid)
        except (RefusedError, UnreachedError) as error:
            if isinstance(error, RefusedError) and is_gone(error):
                return Ended(Outcome.NO_ANSWER, "Twilio no longer knows the call")
            await self._accounts.failed(account, error)
            return patient(result_of(error))
        key = ref.get("key") or self._book.key_of(sid) or ""
        was_pressed = self._book.pressed(mark_of(sid, key)) is not None
        outcome = outcome_of(call.status, call.answered_by or "", was_pressed=was_pressed)
        if outcome is not None:
            self._book.end(sid)
            was_told = "told" in ref or self._book.was_told(sid, key)
            outcome, detail = ended_by_us(call.status, outcome, was_told=was_told)
            return Ended(outcome, detail, cost={} if "key" in ref else cost_of(call))
        if call.status not in UNDER_WAY:
            log.warning("Twilio tells an unknown status of a call", status=str(call.status)[:20])
        is_told = self._settings.public_url is not None
        return Ongoing(POLL_RARELY if is_told else POLL_SOON)

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """End a call that nobody needs any more; one that talks is told so, once. An alarm is still needed."""
        if "parent" in ref:
            return Sent(ref, is_final=False)
        if "told" not in ref and await self._is_over(message, ref):
            try:
                if await self._stop(message, self._accounts.of(ref), ref["sid"]):
                    ref = {**ref, "told": "yes"}
            except RefusedError as error:
                if not is_gone(error) and error.code != WRONG_STATE:
                    return result_of(error)
            except UnreachedError as error:
                return result_of(error)
        return Sent(ref, is_final=False)

    async def _is_over(self, message: Message, ref: Mapping[str, str]) -> bool:
        """Whether nothing that this call tells is needed any more, and nobody has just said so in this very call."""
        sid = ref["sid"]
        if message.tone not in TAKEN or self._book.has_pressed(sid) or await self._is_connected(sid):
            return False
        others = [await self._inbox.message(key) for key in (await self._inbox.bundle(message.key, ref)).keys]
        return all(one is None or one.tone in TAKEN for one in others)

    async def _is_connected(self, sid: str) -> bool:
        """What was pressed in this call may be forgotten, or known to another node; its talk must not be cut off."""
        return self._settings.connect is not None and await self._inbox.is_connected(PHONE, {"parent": sid})

    async def _stop(self, message: Message, account: Account, sid: str) -> bool:
        """True if somebody listened and was told."""
        call, resource = await self._fetch(account, sid), account.client.calls(sid)
        if call.status in WAITING:
            # "canceled" ends only what still waits or rings; a call answered meanwhile goes on, and is told below.
            call = await self._asked(account, lambda: resource.update_async(status="canceled"))
        if call.status == "in-progress":
            speech = render.speech_of(message)
            twiml = render.tell_inline(message.summary, speech.language, self._settings.voices)
            await self._asked(account, lambda: resource.update_async(twiml=twiml))
            self._book.tell(sid)
            return True
        return False

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """Every account that may have got it is asked; one that can't tell leaves it open whether it was sent."""
        silent: list[CantTell] = []
        for account in await self._accounts.may_have_got(since):
            answer = await self._reconcile(account, message, since)
            if isinstance(answer, Sent):
                return answer
            silent += [answer] if isinstance(answer, CantTell) else []
        return min(silent, key=lambda one: (one.is_final, one.has_other_way), default=NotFound())

    async def _reconcile(self, account: Account, message: Message, since: datetime) -> Sent | NotFound | CantTell:
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
        # The lane sends one at a time: of several that nobody knows, the lost one is the first.
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
        queued = await self._asked(account, lambda: calls.list_async(status="queued", **ends))
        started = await self._asked(account, lambda: calls.list_async(start_time_after=earliest, **ends))
        by_sid = {one.sid: one for one in (*queued, *started)}
        # The leg to a sender out of another call goes to whoever has this number, and tells them of nothing.
        made = [one for one in by_sid.values() if one.direction != "outbound-dial"]
        ours = [one for one in made if one._from in account.numbers]
        return [one for one in ours if one.date_created is not None and one.date_created >= earliest]

    async def _fetch(self, account: Account, sid: str) -> Any:
        return await self._asked(account, lambda: account.client.calls(sid).fetch_async())

    async def _asked(self, account: Account, ask: Callable[[], Awaitable[Any]]) -> Any:
        """One request. Raises RefusedError or UnreachedError, nothing else; keeps the account's health."""
        answer = await asked(ask, account.health)
        self._accounts.answered(account)
        if isinstance(answer, CallInstance) and not (answer.sid and answer.status):
            raise UnreachedError("Twilio's answer tells of no call", maybe_sent=True)
        return answer

    async def close(self) -> None:
        await self._accounts.close()


def wire(settings: TwilioSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """The channel; see ``channels.twilio.build``."""
    book = CallBook(LONGEST_LINE + talk_of(settings))
    accounts = Accounts(settings, inbox, on_health, now)
    notifier = TwilioNotifier(settings, inbox, accounts, book, now)
    services = (accounts,) if settings.fallback is not None else ()
    return Channel(PHONE, notifier, services=services, routes=_routes(settings, inbox, book, now))


def _routes(settings: TwilioSettings, inbox: Inbox, book: CallBook, now: Now) -> tuple[Route, ...]:
    """Nothing comes in where there is no ``public_url``; people ring us only where that is set up."""
    if settings.public_url is None:
        return ()
    ringing = CallInRoutes(settings, inbox, book, now).routes() if settings.call_in is not None else ()
    connecting = ConnectRoutes(settings, inbox, book, now).routes() if settings.connect is not None else ()
    routes = (*PhoneRoutes(settings, inbox, book).routes(), *ringing, *connecting)
    return tuple(one if one.path in _UNSPOKEN else apologetic(one, inbox, settings.voices) for one in routes)
