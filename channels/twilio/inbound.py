"""What Twilio asks and tells while a call goes on. Nothing is done that is not signed with the account's auth token.

``/twilio/voice/KEY`` says the announcement and waits for a digit, ``/twilio/digit/KEY`` takes it, and
``/twilio/status/KEY`` hears how the call goes. How often the caller was silent or wrong is in the query, which is
signed too, so that a call survives a restart.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.base import PHONE
from channels.inbox import WRONG_KEYS, Actor, Bundle, CallReport, Inbox, Press
from channels.message import Message, Speech, Verb
from channels.twilio import render
from channels.twilio.call import TAKEN, UNDER_WAY, CallBook, detail_of, ended_by_us, is_machine, mark_of, outcome_of
from channels.twilio.config import TwilioSettings
from channels.twilio.connect import ONWARD_PATH, Connector
from channels.twilio.signed import Verifier, count_of, refused, text_of, twiml
from escalation.event import Outcome

log = structlog.get_logger(__name__)

VOICE_PATH = "/twilio/voice/{key}"
DIGIT_PATH = "/twilio/digit/{key}"
STATUS_PATH = "/twilio/status/{key}"
REST_PATH = "/twilio/rest/{key}"

MOST_SAID = 3
"""How often the announcement is said to a silent caller."""
MOST_WRONG = 3


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of Twilio whose signature is right."""

    key: str
    form: FormData
    silent: int
    wrong: int

    def text(self, name: str) -> str:
        return text_of(self.form, name)

    @property
    def sid(self) -> str:
        return self.text("CallSid")


class PhoneRoutes:
    """The Starlette routes of the phone, below ``public_url``."""

    def __init__(self, settings: TwilioSettings, inbox: Inbox, book: CallBook) -> None:
        self._base = settings.public_url or ""
        self._voices = settings.voices
        self._reads_text = settings.read_text
        self._verifier = Verifier(settings)
        self._connector = Connector(settings, inbox)
        self._inbox = inbox
        self._book = book

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(VOICE_PATH, self.voice, methods=["POST"]),
            Route(DIGIT_PATH, self.digit, methods=["POST"]),
            Route(STATUS_PATH, self.status, methods=["POST"]),
            Route(REST_PATH, self.rest, methods=["POST"]),
            Route(ONWARD_PATH, self.onward, methods=["POST"]),
        )

    async def voice(self, request: Request) -> Response:
        """Somebody answered, or was silent and hears it again."""
        signed = await self._signed(request)
        if signed is None:
            return refused()
        leader = self._leader(signed)
        self._book.answered(signed.sid)
        if is_machine(signed.text("AnsweredBy")):
            return twiml(render.hang_up())
        message = await self._inbox.message(signed.key)
        if message is None:
            return twiml(render.hang_up())
        before = ""
        if signed.key == leader and not signed.silent and not signed.wrong and message.alert_id is not None:
            before = (await self._bundle(leader, signed.sid)).intro
        return twiml(await self._said(message, signed, before))

    def _leader(self, signed: Signed) -> str:
        """The notification that this call was made for: Twilio asks for it before any other."""
        if self._book.key_of(signed.sid) is None:
            self._book.note(signed.sid, signed.key)
        return self._book.key_of(signed.sid) or signed.key

    def _mark(self, signed: Signed) -> str:
        return mark_of(signed.sid, signed.key)

    async def _bundle(self, leader: str, sid: str) -> Bundle:
        return await self._inbox.bundle(leader, {"sid": sid})

    async def _more(self, signed: Signed) -> tuple[str, str] | None:
        """The next notification that this call has to tell, and what is said before it; None: no more."""
        leader = self._leader(signed)
        bundle = await self._bundle(leader, signed.sid)
        keys = [leader, *bundle.keys]
        place = keys.index(signed.key) if signed.key in keys else len(keys)
        for key, offer in list(zip(bundle.keys, bundle.offers, strict=True))[place:]:
            message = await self._inbox.message(key)
            if (
                message is not None
                and message.tone not in TAKEN
                and self._book.pressed(mark_of(signed.sid, key)) is None
            ):
                return key, offer
        return None

    async def _done(self, speech: Speech, signed: Signed, verb: Verb) -> str:
        """A press was carried out: say so, and offer the sender to whoever took it, else what else there is."""
        offered = await self._connector.offered(signed.key, signed.sid) if verb is Verb.ACK else None
        return offered or await self._next(speech, signed, _answer(speech, verb))

    async def onward(self, request: Request) -> Response:
        """Nobody wants to be connected with the sender, or has been."""
        signed = await self._signed(request)
        if signed is None:
            return refused()
        message = await self._inbox.message(signed.key)
        if message is None:
            return twiml(render.hang_up())
        speech = render.speech_of(message)
        return twiml(await self._next(speech, signed, await self._connector.bye(signed.key, speech)))

    async def _next(self, speech: Speech, signed: Signed, said: str) -> str:
        """Go on with what else the call tells of; without any say this, and end it. What was pressed stands, and is
        said, even if what else there is can't be read: nobody has taken that, and its ladder goes on."""
        try:
            more = await self._more(signed)
        except Exception as error:
            log.warning("A call ends before all is told", key=signed.key, error=type(error).__name__)
            more = None
        if more is None:
            return self._tell(speech, said)
        key, offer = more
        on_digit = f"{self._base}{REST_PATH.format(key=key)}"
        on_silence = f"{self._base}{VOICE_PATH.format(key=key)}"
        return render.ask(replace(speech, announcement=offer), (), self._voices, on_digit, on_silence)

    async def rest(self, request: Request) -> Response:
        """A key was pressed when more was offered: the one that takes all that is left, or any other to hear it."""
        return await self._when_known(request, self._rest)

    async def _rest(self, message: Message, signed: Signed) -> str:
        speech = render.speech_of(message)
        if signed.text("Digits")[:1] != speech.ack_digit:
            return await self._said(message, signed)
        return await self._take_all(speech, signed)

    async def _take_all(self, speech: Speech, signed: Signed) -> str:
        bundle = await self._bundle(self._leader(signed), signed.sid)
        place = bundle.keys.index(signed.key) if signed.key in bundle.keys else len(bundle.keys)
        for key in bundle.keys[place:]:
            message = await self._inbox.message(key)
            if message is None or message.alert_id is None or message.tone in TAKEN:
                continue
            mark = mark_of(signed.sid, key)
            self._book.press(mark, Verb.ACK)
            reply = await self._inbox.press(Press(Verb.ACK, message.alert_id, _actor(signed, message), dedup=mark))
            if not reply.is_done:
                self._book.unpress(mark)
                return self._tell(speech, reply.text, speech.goodbye)
        return self._tell(speech, speech.confirmed)

    async def _said(self, message: Message, signed: Signed, before: str = "") -> str:
        speech = render.speech_of(message)
        if message.tone in TAKEN and message.alert_id is not None:
            return await self._over(message, speech, signed)
        if message.alert_id is None or not speech.menu:
            return self._tell(speech, speech.announcement, speech.announcement)
        if signed.silent >= MOST_SAID:
            return self._tell(speech, speech.goodbye)
        return self._ask(speech, signed.key, signed.silent, signed.wrong, before)

    async def _over(self, message: Message, speech: Speech, signed: Signed) -> str:
        """Somebody else took it meanwhile: say so, and go on with what else there is."""
        self._book.tell(self._mark(signed))
        more = await self._more(signed)
        if more is None:
            return self._tell(speech, message.summary)
        onward = f"{self._base}{VOICE_PATH.format(key=more[0])}"
        return render.go_on(message.summary, speech.language, self._voices, onward)

    async def digit(self, request: Request) -> Response:
        """A key was pressed."""
        return await self._when_known(request, self._answered)

    async def _when_known(self, request: Request, work: Callable[[Message, Signed], Awaitable[str]]) -> Response:
        """What is answered to a request of Twilio's about a message of ours; a call about one that is gone ends."""
        signed = await self._signed(request)
        if signed is None:
            return refused()
        message = await self._inbox.message(signed.key)
        return twiml(render.hang_up() if message is None else await work(message, signed))

    async def _answered(self, message: Message, signed: Signed) -> str:
        speech = render.speech_of(message)
        done = self._book.pressed(self._mark(signed))
        if done is not None:
            return await self._done(speech, signed, done)
        if (message.tone in TAKEN and message.alert_id is not None) or message.alert_id is None:
            return await self._said(message, signed)
        digit = signed.text("Digits")[:1]
        if digit == "*":
            return self._ask(speech, signed.key, 0, signed.wrong)
        if digit and digit == speech.text_digit and self._reads_text:
            return await self._read_out(speech, signed)
        verb = _verbs(speech).get(digit)
        if verb is None or not digit:
            return self._wrong(speech, signed, speech.wrong)
        return await self._press(
            speech, signed, Press(verb, message.alert_id, _actor(signed, message), dedup=self._mark(signed))
        )

    async def _read_out(self, speech: Speech, signed: Signed) -> str:
        """The mail's text in place of the announcement, and the menu again."""
        text = await self._inbox.text_of(signed.key)
        return self._ask(replace(speech, announcement=text), signed.key, 0, signed.wrong)

    async def _press(self, speech: Speech, signed: Signed, press: Press) -> str:
        # Noted first: the alert is taken, and the outbox may want to stop this call, before the inbox returns.
        mark = self._mark(signed)
        self._book.press(mark, press.verb)
        try:
            reply = await self._inbox.press(press)
        except BaseException:
            self._book.unpress(mark)
            raise
        if reply.is_done:
            return await self._done(speech, signed, press.verb)
        self._book.unpress(mark)
        if not reply.is_known:
            return self._tell(speech, reply.text, speech.goodbye)
        return self._wrong(speech, signed, reply.text)

    def _wrong(self, speech: Speech, signed: Signed, words: str) -> str:
        wrong = signed.wrong + 1
        if wrong >= MOST_WRONG:
            self._book.give_up(signed.sid)
            return self._tell(speech, words, speech.goodbye)
        return self._ask(speech, signed.key, signed.silent, wrong, words)

    async def status(self, request: Request) -> Response:
        """How the call goes. Only its end is reported; hearing of it twice, late or out of order changes nothing."""
        signed = await self._signed(request)
        if signed is None:
            return refused()
        self._book.note(signed.sid, signed.key)
        self._heard(signed)
        was_pressed = self._book.pressed(self._mark(signed)) is not None
        outcome = outcome_of(signed.text("CallStatus"), signed.text("AnsweredBy"), was_pressed=was_pressed)
        if outcome is not None:
            was_told = self._book.was_told(signed.sid, signed.key)
            outcome, by_us = ended_by_us(signed.text("CallStatus"), outcome, was_told=was_told)
            has_given_up = outcome is Outcome.HUNG_UP and self._book.has_given_up(signed.sid)
            detail = by_us or detail_of(signed.text("SipResponseCode"), signed.text("ErrorCode"))
            detail = WRONG_KEYS if has_given_up else detail
            await self._inbox.report(CallReport(signed.key, outcome, detail))
        return Response(status_code=204)

    def _heard(self, signed: Signed) -> None:
        """Whether the line is still held."""
        if signed.text("CallStatus") not in UNDER_WAY:
            self._book.end(signed.sid)

    def _ask(self, speech: Speech, key: str, silent: int, wrong: int, before: str = "") -> str:
        on_digit = f"{self._base}{DIGIT_PATH.format(key=key)}?silent={silent}&wrong={wrong}"
        on_silence = f"{self._base}{VOICE_PATH.format(key=key)}?silent={silent + 1}&wrong={wrong}"
        menu = (speech.menu, speech.text_menu if self._reads_text else "", speech.later_menu)
        return render.ask(speech, menu, self._voices, on_digit, on_silence, before)

    def _tell(self, speech: Speech, *texts: str) -> str:
        return render.tell(texts, speech.language, self._voices)

    async def _signed(self, request: Request) -> Signed | None:
        """The request if Twilio signed it."""
        form = await self._verifier.form(request)
        if form is None:
            return None
        key = str(request.path_params["key"])
        return Signed(key, form, count_of(request, "silent"), count_of(request, "wrong"))


def _actor(signed: Signed, message: Message) -> Actor:
    """Whoever hears it; the language is the call's, if the settings know nobody there any more."""
    return Actor(PHONE, signed.text("To"), language=message.language)


def _verbs(speech: Speech) -> dict[str, Verb]:
    """What each key does; "" is none."""
    return {
        speech.later_digit: Verb.CALL_BACK,
        speech.pass_digit: Verb.PASS_ON,
        speech.ack_digit: Verb.ACK,
    }


def _answer(speech: Speech, verb: Verb) -> str:
    answers = {Verb.ACK: speech.confirmed, Verb.CALL_BACK: speech.called_back}
    return answers.get(verb, speech.passed_on)
