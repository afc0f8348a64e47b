"""The way out: starts calls, asks what became of them, and stops those that are no longer needed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from channels.base import (
    PHONE,
    CantTell,
    Capabilities,
    Ended,
    FollowResult,
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
from channels.twilio.call import (
    TAKEN,
    UNDER_WAY,
    WAITING,
    CallBook,
    cost_of,
    ended_by_us,
    mark_of,
    outcome_of,
)
from channels.twilio.config import TwilioSettings
from channels.twilio.connect import talk_of
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
from channels.twilio.inbound import STATUS_PATH, VOICE_PATH
from channels.twilio.leg import LegFollower
from channels.twilio.line import Lines
from channels.twilio.lost_call import LostCalls
from channels.twilio.pace import at_once
from escalation.event import Outcome
from escalation.phrase import N_

log = structlog.get_logger(__name__)

LONGEST_CALL = timedelta(minutes=10)
POLL_SOON = timedelta(seconds=4)
POLL_RARELY = timedelta(seconds=15)
"""With a public URL Twilio reports by itself; polling only covers a lost callback."""


class TwilioNotifier:
    """Implements ``channels.base.Notifier``. ``ref`` is {"sid": "CA…"}, and with two accounts the "account"."""

    name = PHONE

    def __init__(self, settings: TwilioSettings, inbox: Inbox, accounts: Accounts, book: CallBook, now: Now) -> None:
        concurrency = at_once(settings.calls_per_second)
        self.capabilities = Capabilities(can_update=True, can_reconcile=True, concurrency=concurrency, is_alone=True)
        self._settings = settings
        self._accounts = accounts
        self._book = book
        self._inbox = inbox
        self._now = now
        self._lines = Lines(settings, accounts, book, now)
        self._lost = LostCalls(accounts, book, inbox)
        self._legs = LegFollower(accounts)

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
        async with self._lines.placing(account, message) as instead:
            if instead is not None:
                return instead
            order = self._order(account, message)
            await account.pace.turn()
            call = await self._accounts.asked(account, lambda: account.client.calls.create_async(**order))
            self._accounts.worked(account)
            self._book.note(call.sid, message.key)
            can_lead = message.alert_id is not None
            self._book.begin(call.sid, message.address, self._now(), can_lead=can_lead, account=account.sid)
            return Sent({"sid": call.sid, **self._accounts.mark(account)}, is_final=False)

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
            call = await self._accounts.fetch(account, sid)
        except (RefusedError, UnreachedError) as error:
            if isinstance(error, RefusedError) and is_gone(error):
                return Ended(Outcome.NO_ANSWER, N_("Twilio no longer knows the call"))
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
        call, resource = await self._accounts.fetch(account, sid), account.client.calls(sid)
        if call.status in WAITING:
            # "canceled" ends only what still waits or rings; a call answered meanwhile goes on, and is told below.
            call = await self._accounts.asked(account, lambda: resource.update_async(status="canceled"))
        if call.status == "in-progress":
            speech = render.speech_of(message)
            twiml = render.tell_inline(message.summary, speech.language, self._settings.voices)
            await self._accounts.asked(account, lambda: resource.update_async(twiml=twiml))
            self._book.tell(sid)
            return True
        return False

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        return await self._lost.find(message, since)

    async def close(self) -> None:
        await self._accounts.close()
