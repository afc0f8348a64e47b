"""The way out by WhatsApp: Twilio's Messages with other addresses (https://www.twilio.com/docs/whatsapp/api).

Within 24 hours after somebody's message WhatsApp takes free text; else only an approved content template
(https://www.twilio.com/docs/api/errors/63016). When they wrote last is kept in the store; where WhatsApp says that it
was longer ago, it is believed.
"""

import json
import re
from datetime import datetime, timedelta

from channels.base import WHATSAPP, Now, Rejected, SendResult, Sent
from channels.cut import cut
from channels.health import Health
from channels.inbox import Inbox
from channels.message import Message
from channels.twilio.config import TwilioSettings, WhatsAppSettings
from channels.twilio.fault import RefusedError
from channels.twilio.message_fault import NO_TEMPLATE, OUTSIDE
from channels.twilio.render import clean
from channels.twilio.sms import SmsNotifier
from channels.twilio.sms_inbound import SmsRoutes

PATH = "/twilio/whatsapp"
STATUS_PATH = "/twilio/whatsapp/status/{key}"
PREFIX = "whatsapp:"
SESSION = timedelta(hours=24) - timedelta(minutes=5)
"""Somewhat less than WhatsApp's: a message may be on its way for a while."""
MOST_VALUE = 255
"""Characters of a placeholder's value (https://www.twilio.com/docs/content/using-variables-with-content-api)."""
MOST_SUMMARY = 1_000
"""Characters; with the rest far below the 1,600 of a message."""


def session_key(number: str, account: str = "") -> str:
    """Under which the store has when somebody wrote last: to the first account, or to the one with this SID. Each
    sender has 24 hours of its own."""
    return ":".join(one for one in ("whatsapp", account, number) if one)


def body_of(message: Message, *, can_answer: bool) -> str:
    """Free text: how it stands and whose subject, the number of the alert, and how to answer where that works."""
    lines = [cut(clean(message.summary), MOST_SUMMARY), clean(message.footer)]
    return "\n".join(one for one in (*lines, clean(message.how) if can_answer else "") if one)


def values_of(message: Message, variables: dict[str, str], *, can_answer: bool) -> str:
    """The ContentVariables: no value is empty, has a line break or more than one space (error 63013), and none looks
    like a placeholder (21656)."""
    texts = {"summary": message.summary, "number": message.footer, "how": message.how if can_answer else ""}
    return json.dumps({name: _value(texts[kind]) for name, kind in variables.items()}, ensure_ascii=False)


def _value(text: str) -> str:
    return cut(re.sub(r"\{+", "{", re.sub(r"\}+", "}", clean(text))), MOST_VALUE) or "–"


class WhatsAppNotifier(SmsNotifier):
    """Implements ``channels.base.Notifier``. ``ref`` is {"sid": "SM…"}."""

    name = WHATSAPP
    status_path = STATUS_PATH

    def __init__(
        self,
        settings: TwilioSettings,
        whatsapp: WhatsAppSettings,
        inbox: Inbox,
        health: Health,
        now: Now,
        *,
        is_first: bool = True,
    ) -> None:
        super().__init__(settings, whatsapp, inbox, health, now)
        self._whatsapp = whatsapp
        self._of = "" if is_first else self.account
        self._templates = "twilio.whatsapp.templates" if is_first else "twilio.fallback.whatsapp.templates"

    async def _sent(self, message: Message) -> SendResult:
        if await self._is_open(message.address):
            try:
                return await super()._sent(message)
            except RefusedError as error:
                if error.code != OUTSIDE:
                    raise
            await self._inbox.keep(self._session(message.address), "")
        template = self._whatsapp.templates.get(message.language)  # type: ignore[call-overload]
        if template is None:
            return Rejected(NO_TEMPLATE % {"setting": self._templates})
        values = values_of(message, dict(self._whatsapp.variables), can_answer=self._can_answer)
        order = {**self._addressed(message), "content_sid": template, "content_variables": values}
        return Sent({"sid": await self._create(order)}, is_final=False)

    def _session(self, number: str) -> str:
        return session_key(number, self._of)

    async def _is_open(self, number: str) -> bool:
        """Whether they wrote within the last 24 hours."""
        kept = await self._inbox.recall(self._session(number))
        return bool(kept) and self._now() - datetime.fromisoformat(kept) < SESSION

    @property
    def _can_answer(self) -> bool:
        return self._settings.public_url is not None

    def _order(self, message: Message) -> dict[str, object]:
        return {**self._addressed(message), "body": body_of(message, can_answer=self._can_answer)}

    def _to(self, number: str) -> str:
        return PREFIX + number

    def _has_mark(self, body: str, mark: str) -> bool:
        """In a template the number has no line of its own; a subject may hold another, and stands before it."""
        found = re.findall(r"Kidoku #[0-9]+", body)
        return found[-1:] == [mark] if re.fullmatch(r"Kidoku #[0-9]+", mark) else mark in body


class WhatsAppRoutes(SmsRoutes):
    """What people write by WhatsApp: the same answers as to a text message."""

    name = WHATSAPP
    path = PATH
    status_path = STATUS_PATH
    prefix = PREFIX
    stops_of_twilio = frozenset[str]()
    """Here Twilio answers only where it says so (OptOutType)."""

    def __init__(self, settings: TwilioSettings, inbox: Inbox, now: Now) -> None:
        super().__init__(settings, inbox)
        self._now = now

    async def _heard(self, number: str, account: str, sid: str) -> None:
        """A request that somebody repeats later opens no 24 hours anew."""
        if not sid or not await self._inbox.is_new("whatsapp:heard", sid):
            return
        await self._inbox.keep(session_key(number, account), self._now().isoformat())

    async def _lost(self, number: str, account: str, code: str) -> None:
        if code == str(OUTSIDE):
            await self._inbox.keep(session_key(number, account), "")
