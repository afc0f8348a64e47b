"""The way out for text messages: https://www.twilio.com/docs/messaging/api/message-resource."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from twilio.rest.api.v2010.account.message import MessageInstance

from channels.base import (
    SMS,
    CantTell,
    Capabilities,
    Ended,
    FollowResult,
    NotFound,
    Now,
    Ongoing,
    Rejected,
    SendResult,
    Sent,
)
from channels.health import Health
from channels.inbox import Inbox
from channels.message import Message
from channels.twilio.asking import asked
from channels.twilio.call import cost_of
from channels.twilio.client import open_client
from channels.twilio.config import SmsSettings, TwilioSettings, WhatsAppSettings
from channels.twilio.fault import RefusedError, UnreachedError, is_gone, patient, result_of
from channels.twilio.message_fault import CODES, STOPPED, outcome_of, words_of
from channels.twilio.pace import Pace, at_once
from channels.twilio.render import clean
from channels.twilio.segment import fitted
from channels.twilio.sms_inbound import SMS_STATUS_PATH
from escalation.event import Outcome
from escalation.phrase import N_

NAME = SMS
SKEW = timedelta(seconds=30)
MOST_CANDIDATES = 50
POLL_SOON = timedelta(seconds=20)
POLL_RARELY = timedelta(minutes=2)
"""With a public URL Twilio reports by itself; polling only covers a lost callback."""
WAITS_FOR = timedelta(hours=1)
"""For word of the delivery. Some operators never give it."""

Sender = SmsSettings | WhatsAppSettings

ASKED_TO_STOP = N_("this person has asked for no text messages; START from their phone takes it back")


def body_of(message: Message, most_segments: int, *, can_answer: bool) -> str:
    """The text: how it stands and whose subject, the number of the alert, and how to answer where that works."""
    tail = [clean(message.footer), clean(message.how) if can_answer else ""]
    return fitted(clean(message.summary), "\n".join(one for one in tail if one), most_segments)


class SmsNotifier:
    """Implements ``channels.base.Notifier``. ``ref`` is {"sid": "SM…"}."""

    name = NAME
    status_path = SMS_STATUS_PATH

    def __init__(self, settings: TwilioSettings, sender: Sender, inbox: Inbox, health: Health, now: Now) -> None:
        concurrency = at_once(sender.messages_per_second)
        self.capabilities = Capabilities(can_reconcile=True, concurrency=concurrency, is_alone=True)
        self._settings = settings
        self._sender = sender
        self._client = open_client(settings)
        self._health = health
        self._inbox = inbox
        self._now = now
        self._pace = Pace(sender.messages_per_second)
        self.account = settings.account_sid

    async def send(self, message: Message) -> SendResult:
        try:
            return await self.sent(message)
        except (RefusedError, UnreachedError) as error:
            return await self.refused(error, message)

    async def sent(self, message: Message) -> SendResult:
        """The outcome if the account can be used. Raises RefusedError and UnreachedError."""
        if await self._inbox.has_stopped(self.name, message.address):
            return Rejected(ASKED_TO_STOP)
        return await self._sent(message)

    async def _sent(self, message: Message) -> SendResult:
        return Sent({"sid": await self._create(self._order(message))}, is_final=False)

    async def _create(self, order: Mapping[str, object]) -> str:
        """The SID of the new message. Raises RefusedError and UnreachedError."""
        await self._pace.turn()
        sent = await self._asked(lambda: self._client.messages.create_async(**order))
        return str(sent.sid)

    async def refused(self, error: RefusedError | UnreachedError, message: Message) -> SendResult:
        if isinstance(error, RefusedError) and error.code == STOPPED:
            await self._inbox.stop(self.name, message.address, is_asked=False)
        return result_of(error, CODES)

    def _order(self, message: Message) -> dict[str, object]:
        public_url = self._settings.public_url
        most = self._sender.most_segments if isinstance(self._sender, SmsSettings) else 1
        body = body_of(message, most, can_answer=public_url is not None)
        return {**self._addressed(message), "body": body}

    def _addressed(self, message: Message) -> dict[str, object]:
        """Whom it goes to, from where, and who hears how it fares."""
        order: dict[str, object] = {"to": self._to(message.address)}
        if self._sender.messaging_service_sid is not None:
            order["messaging_service_sid"] = self._sender.messaging_service_sid
        else:
            order["from_"] = self._to(self._sender.from_number or self._settings.from_number)
        if self._settings.public_url is not None:
            order["status_callback"] = self._settings.public_url + self.status_path.format(key=message.key)
        return order

    def _to(self, number: str) -> str:
        """A number as Twilio wants it for this channel."""
        return number

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        try:
            found = await self._asked(lambda: self._client.messages(ref["sid"]).fetch_async())
        except RefusedError as error:
            if is_gone(error):
                return Ended(Outcome.ENDED, N_("Twilio no longer knows the message"))
            return patient(result_of(error, CODES))
        except UnreachedError as error:
            return patient(result_of(error))
        outcome = outcome_of(str(found.status))
        if outcome is not None:
            return Ended(outcome, words_of(str(found.status), str(found.error_code or "")), cost_of(found))
        if found.date_created is not None and self._now() - found.date_created > WAITS_FOR:
            return Ended(Outcome.ENDED, N_("no word of its delivery came"))
        return Ongoing(POLL_SOON if self._settings.public_url is None else POLL_RARELY)

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """What was sent stays as it is."""
        return Sent(ref, is_final=False)

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """The first message to this number since then that is about this alert and nobody else's."""
        try:
            return await self.found(message, since)
        except (RefusedError, UnreachedError) as error:
            result = result_of(error, CODES)
            return CantTell(result.reason, is_final=isinstance(result, Rejected))

    async def found(self, message: Message, since: datetime) -> Sent | NotFound:
        """The same. Raises RefusedError and UnreachedError."""
        earliest = since.replace(microsecond=0) - SKEW
        # Without a date: a message that is still queued has no DateSent yet. The newest come first.
        to = self._to(message.address)
        listed = await self._asked(lambda: self._client.messages.list_async(to=to, limit=MOST_CANDIDATES))
        others = {ref.get("sid") for ref in await self._inbox.refs_to(self.name, message.address)}
        mark = clean(message.footer)
        found = [one for one in listed if one.sid not in others and self._is_ours(one, earliest, mark)]
        found.sort(key=lambda one: one.date_created)
        return Sent({"sid": found[0].sid}, is_final=False) if found else NotFound()

    async def _asked(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        answer = await asked(ask, self._health, CODES)
        if isinstance(answer, MessageInstance) and not (answer.sid and answer.status):
            raise UnreachedError(N_("Twilio's answer tells of no message"), maybe_sent=True)
        return answer

    def _is_ours(self, one: Any, earliest: datetime, mark: str) -> bool:
        is_recent = one.date_created is not None and one.date_created >= earliest
        return is_recent and str(one.direction).startswith("outbound-api") and self._has_mark(str(one.body), mark)

    def _has_mark(self, body: str, mark: str) -> bool:
        """Whether a message is about what has this mark, which stands in a line of its own."""
        return mark in body.splitlines()

    async def is_active(self) -> bool:
        """Whether Twilio says so of the account."""
        try:
            found = await self._asked(lambda: self._client.api.v2010.accounts(self.account).fetch_async())
        except (RefusedError, UnreachedError):
            return False
        return str(found.status) == "active"

    async def close(self) -> None:
        await self._client.http_client.close()
