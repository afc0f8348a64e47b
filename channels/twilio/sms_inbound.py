"""Text messages that people answer, and how ours fare. Nothing is done that is not signed by Twilio.

``/twilio/sms`` is the webhook of the number (or of the messaging service) for incoming messages; what comes of an
answer goes back as a message. ``/twilio/sms/status/KEY`` hears how a message fares. Twilio signs no time: what counts
once is told apart by its MessageSid, which is of one message alone
(https://www.twilio.com/docs/messaging/guides/webhook-request).
"""

import unicodedata

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.twiml.messaging_response import MessagingResponse

from channels.base import SMS
from channels.inbox import READ, Actor, CallReport, Inbox, Texted
from channels.twilio.config import TwilioSettings
from channels.twilio.message_fault import outcome_of, words_of
from channels.twilio.render import clean
from channels.twilio.signed import Verifier, refused, text_of, twiml
from escalation.event import Outcome

SMS_PATH = "/twilio/sms"
SMS_STATUS_PATH = "/twilio/sms/status/{key}"
MOST_TEXT = 500
"""Characters of an answer that are looked at."""

TWILIOS_STOPS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
"""Twilio hears these itself, answers them, and sends nothing more
(https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out)."""
STOPS = frozenset({*TWILIOS_STOPS, "停止", "配信停止", "解除", "ストップ", "退订", "停止接收"})
STARTS = frozenset({"start", "unstop", "再開", "開始", "恢复", "开始"})


def keyword_of(text: str) -> str:
    """A message that is one word, as it is compared: full-width and half-width, upper and lower case are the same."""
    return unicodedata.normalize("NFKC", clean(text)).casefold().strip(" .!。！")


class SmsRoutes:
    """The Starlette routes for text messages, below ``public_url``."""

    name = SMS
    path = SMS_PATH
    status_path = SMS_STATUS_PATH
    prefix = ""
    """What stands before a number."""
    stops_of_twilio = TWILIOS_STOPS

    def __init__(self, settings: TwilioSettings, inbox: Inbox) -> None:
        self._verifier = Verifier(settings)
        self._second = settings.fallback.account_sid if settings.fallback is not None else None
        self._inbox = inbox

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(self.path, self.text, methods=["POST"]),
            Route(self.status_path, self.status, methods=["POST"]),
        )

    async def text(self, request: Request) -> Response:
        """Somebody wrote to our number."""
        form = await self._verifier.form(request)
        if form is None:
            return refused()
        if not text_of(form, "From").startswith(self.prefix):
            # A text message, sent on by a messaging service for both: its number is more easily forged.
            return _answer("")
        number, text = text_of(form, "From").removeprefix(self.prefix), text_of(form, "Body")[:MOST_TEXT]
        sid = text_of(form, "MessageSid")
        word, is_twilios = keyword_of(text), text_of(form, "OptOutType")
        if is_twilios == "STOP" or word in STOPS:
            said = await self._inbox.stop(self.name, number, is_asked=True, dedup=sid)
            return _answer("" if is_twilios or word in self.stops_of_twilio else said)
        if is_twilios == "START" or word in STARTS:
            await self._inbox.start(self.name, number, sid)
            return _answer("")
        if is_twilios:
            return _answer("")
        reply = await self._inbox.texted(Texted(text, Actor(self.name, number), sid))
        if reply.text:
            await self._heard(number, self._account(form), sid)
        return _answer(reply.text)

    def _account(self, form: FormData) -> str:
        """The account that it is about: "" for the first."""
        account = text_of(form, "AccountSid")
        return account if account == self._second else ""

    async def _heard(self, number: str, account: str, sid: str) -> None:
        """Somebody whom the settings know has written; ``sid`` is the message's."""

    async def _lost(self, number: str, account: str, code: str) -> None:
        """A message to this number did not arrive."""

    async def status(self, request: Request) -> Response:
        """How a message fares; only its end is reported, and twice is once."""
        form = await self._verifier.form(request)
        if form is None:
            return refused()
        status, code = text_of(form, "MessageStatus"), text_of(form, "ErrorCode")
        outcome = outcome_of(status)
        if outcome is not None:
            if outcome is Outcome.REJECTED:
                await self._lost(text_of(form, "To").removeprefix(self.prefix), self._account(form), code)
            detail = READ if status == READ else words_of(status, code)
            await self._inbox.report(CallReport(str(request.path_params["key"]), outcome, detail))
        return Response(status_code=204)


def _answer(text: str) -> Response:
    response = MessagingResponse()
    if said := clean(text):
        response.message(said[:MOST_TEXT])
    return twiml(str(response))
