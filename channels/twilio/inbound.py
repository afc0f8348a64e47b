"""What Twilio asks and tells while a call goes on. Nothing is done that is not signed with the account's auth token.

``/twilio/voice/KEY`` says the announcement and waits for a digit, ``/twilio/digit/KEY`` takes it, and
``/twilio/status/KEY`` hears how the call goes. How often the caller was silent or wrong is in the query, which is
signed too, so that a call survives a restart.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from channels.base import Actor, CallReport, Inbox, Message, Press, Speech, Verb
from channels.twilio import render
from channels.twilio.call import TAKEN, CallBook, detail_of, is_machine, outcome_of
from channels.twilio.config import TwilioSettings

log = structlog.get_logger(__name__)

VOICE_PATH = "/twilio/voice/{key}"
DIGIT_PATH = "/twilio/digit/{key}"
STATUS_PATH = "/twilio/status/{key}"

MOST_SAID = 3
"""How often the announcement is said to a silent caller."""
MOST_WRONG = 3
MOST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of Twilio whose signature is right."""

    key: str
    form: FormData
    silent: int
    wrong: int

    def text(self, name: str) -> str:
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def sid(self) -> str:
        return self.text("CallSid")


class PhoneRoutes:
    """The Starlette routes of the phone, below ``public_url``."""

    def __init__(self, settings: TwilioSettings, inbox: Inbox, book: CallBook) -> None:
        self._base = settings.public_url or ""
        self._voices = settings.voices
        self._validator = RequestValidator(settings.auth_token.get_secret_value())
        self._inbox = inbox
        self._book = book

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(VOICE_PATH, self.voice, methods=["POST"]),
            Route(DIGIT_PATH, self.digit, methods=["POST"]),
            Route(STATUS_PATH, self.status, methods=["POST"]),
        )

    async def voice(self, request: Request) -> Response:
        """Somebody answered, or was silent and hears it again."""
        signed = await self._signed(request)
        if signed is None:
            return _refused()
        self._book.note(signed.sid, signed.key)
        if is_machine(signed.text("AnsweredBy")):
            return _twiml(render.hang_up())
        message = await self._inbox.message(signed.key)
        if message is None:
            return _twiml(render.hang_up())
        return _twiml(self._said(message, signed))

    def _said(self, message: Message, signed: Signed) -> str:
        speech = render.speech_of(message)
        if message.tone in TAKEN and message.alert_id is not None:
            return self._tell(speech, message.summary)
        if message.alert_id is None or not speech.menu:
            return self._tell(speech, speech.announcement, speech.announcement)
        if signed.silent >= MOST_SAID:
            return self._tell(speech, speech.goodbye)
        return self._ask(speech, signed.key, signed.silent, signed.wrong)

    async def digit(self, request: Request) -> Response:
        """A key was pressed."""
        signed = await self._signed(request)
        if signed is None:
            return _refused()
        self._book.note(signed.sid, signed.key)
        message = await self._inbox.message(signed.key)
        if message is None:
            return _twiml(render.hang_up())
        return _twiml(await self._answered(message, signed))

    async def _answered(self, message: Message, signed: Signed) -> str:
        speech = render.speech_of(message)
        done = self._book.pressed(signed.sid)
        if done is not None:
            return self._tell(speech, _answer(speech, done))
        if (message.tone in TAKEN and message.alert_id is not None) or message.alert_id is None:
            return self._said(message, signed)
        digit = signed.text("Digits")[:1]
        if digit == "*":
            return self._ask(speech, signed.key, 0, signed.wrong)
        verb = {speech.ack_digit: Verb.ACK, speech.pass_digit: Verb.PASS_ON}.get(digit)
        if verb is None or not digit:
            return self._wrong(speech, signed, speech.wrong)
        return await self._press(speech, signed, Press(verb, message.alert_id, _actor(signed), dedup=signed.sid))

    async def _press(self, speech: Speech, signed: Signed, press: Press) -> str:
        # Noted first: the alert is taken, and the outbox may want to stop this call, before the inbox returns.
        self._book.press(signed.sid, press.verb)
        try:
            reply = await self._inbox.press(press)
        except BaseException:
            self._book.unpress(signed.sid)
            raise
        if reply.is_done:
            return self._tell(speech, _answer(speech, press.verb))
        self._book.unpress(signed.sid)
        return self._wrong(speech, signed, reply.text)

    def _wrong(self, speech: Speech, signed: Signed, words: str) -> str:
        wrong = signed.wrong + 1
        if wrong >= MOST_WRONG:
            return self._tell(speech, words, speech.goodbye)
        return self._ask(speech, signed.key, signed.silent, wrong, words)

    async def status(self, request: Request) -> Response:
        """How the call goes. Only its end is reported; hearing of it twice, late or out of order changes nothing."""
        signed = await self._signed(request)
        if signed is None:
            return _refused()
        self._book.note(signed.sid, signed.key)
        was_pressed = self._book.pressed(signed.sid) is not None
        outcome = outcome_of(signed.text("CallStatus"), signed.text("AnsweredBy"), was_pressed=was_pressed)
        if outcome is not None:
            detail = detail_of(signed.text("SipResponseCode"), signed.text("ErrorCode"))
            await self._inbox.report(CallReport(signed.key, outcome, detail))
        return Response(status_code=204)

    def _ask(self, speech: Speech, key: str, silent: int, wrong: int, before: str = "") -> str:
        on_digit = f"{self._base}{DIGIT_PATH.format(key=key)}?silent={silent}&wrong={wrong}"
        on_silence = f"{self._base}{VOICE_PATH.format(key=key)}?silent={silent + 1}&wrong={wrong}"
        return render.ask(speech, self._voices, on_digit, on_silence, before)

    def _tell(self, speech: Speech, *texts: str) -> str:
        return render.tell(texts, speech.language, self._voices)

    async def _signed(self, request: Request) -> Signed | None:
        """The request if Twilio signed it, by https://www.twilio.com/docs/usage/security#validating-requests."""
        body = await _body(request)
        signature = request.headers.get("X-Twilio-Signature", "")
        if body is None or not signature.isascii():
            return None
        query = request.url.query
        url = self._base + request.url.path + (f"?{query}" if query else "")
        form = FormData([*parse_qsl(body, keep_blank_values=True)])
        if not self._validator.validate(url, form, signature):
            log.warning("A request without Twilio's signature was refused", path=request.url.path[:40])
            return None
        key = str(request.path_params["key"])
        return Signed(key, form, _count(request, "silent"), _count(request, "wrong"))


async def _body(request: Request) -> str | None:
    """The body, at most 64 KiB of UTF-8; None if it is anything else."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY:
            return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _count(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _actor(signed: Signed) -> Actor:
    return Actor("phone", signed.text("To"))


def _answer(speech: Speech, verb: Verb) -> str:
    return speech.confirmed if verb is Verb.ACK else speech.passed_on


def _twiml(document: str) -> Response:
    return Response(document, media_type="application/xml")


def _refused() -> Response:
    return Response(status_code=403)
