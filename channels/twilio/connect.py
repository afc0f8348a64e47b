"""Whoever took an alert on the phone is connected with the sender of its mail.

``<Dial><Number>`` rings the sender out of the very call (https://www.twilio.com/docs/voice/twiml/dial): no second call
is made over REST, so that nothing is left over when either side hangs up or this process ends, and Twilio's calls per
second don't count it. Its calls at once do, and so does the book.

1. The alert is taken before any of this is offered, and nothing of it changes how an alert stands: whoever answers
   there, a voicemail too, answers for nothing.
2. Nobody is rung but by a key that was pressed at the offer, and after that was kept. Asked for again, the same call is
   the same.
3. The number is that of the settings; the sender sees Kidoku's own number, never that of whoever pressed.
4. How it ends is told by the ``action`` of the dial, and by the leg's own status; the outbox asks if both are lost.
"""

import hashlib
from dataclasses import replace
from datetime import timedelta

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.base import PHONE, Now
from channels.inbox import Actor, Inbox, LegReport, SenderCall, SenderLine
from channels.message import Speech
from channels.twilio import render
from channels.twilio.call import UNDER_WAY, CallBook, name_of
from channels.twilio.config import TwilioSettings
from channels.twilio.signed import Verifier, count_of, refused, text_of, twiml
from escalation.event import Outcome

log = structlog.get_logger(__name__)

CONNECT_PATH = "/twilio/connect/{key}"
CONNECTED_PATH = "/twilio/connected/{key}"
WHISPER_PATH = "/twilio/whisper/{id}"
LEG_PATH = "/twilio/leg/{id}"
ONWARD_PATH = "/twilio/onward/{key}"
"""Where a call from us goes on; one to us does at ``ONWARD_IN_PATH``."""
ONWARD_IN_PATH = "/twilio/call-in/onward/{key}"

MOST_TRIES = 3
"""How often the sender of one mail may be rung in one call."""


def talk_of(settings: TwilioSettings) -> timedelta:
    """How much longer a call may be because its person may be connected with the sender of a mail."""
    connect = settings.connect
    return MOST_TRIES * (connect.ring + connect.longest) if connect is not None else timedelta(0)


_ENDS = {
    "completed": Outcome.ENDED,
    "answered": Outcome.ENDED,
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "failed": Outcome.REJECTED,
    "canceled": Outcome.NO_ANSWER,
}
"""Of a leg's CallStatus and of DialCallStatus alike. ``canceled``: whoever pressed did not wait for an answer."""


def end_of(status: str) -> Outcome | None:
    """What became of the call to a sender; None while it is under way."""
    return _ENDS.get(status)


def id_of(sid: str, key: str, turn: int) -> str:
    """Our name of the ``turn``-th call to the sender, about this notification, out of the call with this SID."""
    return "s" + hashlib.sha256(f"{sid}/{key}/{turn}".encode()).hexdigest()[:16]


def is_call_in(sid: str, key: str) -> bool:
    """Whether the notification was told to somebody who rang us in this call."""
    return key.startswith(f"{name_of(sid)}.")


class Connector:
    """What offers the sender, and says it in TwiML."""

    def __init__(self, settings: TwilioSettings, inbox: Inbox) -> None:
        self._base = settings.public_url or ""
        self._voices = settings.voices
        self._is_on = settings.connect is not None
        self._inbox = inbox

    async def offered(self, key: str, sid: str) -> str | None:
        """After somebody took it: thanks, and the offer; None where nothing is offered."""
        line = await self.line(key)
        return None if line is None else self.ask(line, key, sid, (line.taken, line.offer), 1)

    async def bye(self, key: str, speech: Speech) -> str:
        """What whoever took it hears at the end."""
        line = await self.line(key)
        return line.goodbye if line is not None else speech.confirmed

    async def line(self, key: str) -> SenderLine | None:
        """The sender, if there is one to call; none if that can't be read now: the alert is taken all the same."""
        try:
            return await self._inbox.sender(key) if self._is_on else None
        except Exception as error:
            log.warning("The sender is not offered", key=key, error=type(error).__name__)
            return None

    def ask(self, line: SenderLine, key: str, sid: str, texts: tuple[str, str], turn: int) -> str:
        """Wait for the digit; any other key, or none, goes on."""
        speech = replace(render.silent_speech(line.language), announcement=texts[0])
        on_digit = f"{self._base}{CONNECT_PATH.format(key=key)}?turn={turn}"
        return render.ask(speech, texts[1:], self._voices, on_digit, self.onward(key, sid))

    def onward(self, key: str, sid: str) -> str:
        path = ONWARD_IN_PATH if is_call_in(sid, key) else ONWARD_PATH
        return self._base + path.format(key=key)


class ConnectRoutes:
    """The Starlette routes of being connected, below ``public_url``."""

    def __init__(self, settings: TwilioSettings, inbox: Inbox, book: CallBook, now: Now) -> None:
        assert settings.connect is not None
        self._connect = settings.connect
        self._base = settings.public_url or ""
        self._voices = settings.voices
        self._numbers = {one.account_sid: one.numbers for one in settings.accounts}
        self._first = settings.account_sid
        self._verifier = Verifier(settings)
        self._connector = Connector(settings, inbox)
        self._inbox = inbox
        self._book = book
        self._now = now

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(CONNECT_PATH, self.pressed, methods=["POST"]),
            Route(CONNECTED_PATH, self.ended, methods=["POST"]),
            Route(WHISPER_PATH, self.whisper, methods=["POST"]),
            Route(LEG_PATH, self.leg, methods=["POST"]),
        )

    async def pressed(self, request: Request) -> Response:
        """A key was pressed at the offer."""
        form = await self._verifier.form(request)
        if form is None:
            return refused()
        key, sid, turn = str(request.path_params["key"]), text_of(form, "CallSid"), count_of(request, "turn")
        self._hold_first(form, key)
        line = await self._connector.line(key)
        if line is None or not sid:
            return twiml(render.go_on("", "en-US", self._voices, self._connector.onward(key, sid)))
        is_asked = text_of(form, "Digits")[:1] == line.digit and 1 <= turn <= MOST_TRIES
        return twiml(await self._ring(line, form, key, turn) if is_asked else self._go_on(line, key, sid))

    async def _ring(self, line: SenderLine, form: FormData, key: str, turn: int) -> str:
        sid = text_of(form, "CallSid")
        id = id_of(sid, key, turn)
        ref = {"parent": sid, **self._mark(form)}
        reply = await self._inbox.connect(SenderCall(id, key, await self._actor(form, key), ref))
        if not reply.is_done:
            return self._go_on(line, key, sid, reply.text)
        ring = render.Ring(
            number=line.number,
            caller_id=self._caller_id(form),
            timeout=round(self._connect.ring.total_seconds()),
            time_limit=round(self._connect.longest.total_seconds()),
            whisper=self._base + WHISPER_PATH.format(id=id),
            status=self._base + LEG_PATH.format(id=id),
            action=f"{self._base}{CONNECTED_PATH.format(key=key)}?turn={turn}",
        )
        return render.connect(line.calling, line.language, self._voices, ring)

    async def _actor(self, form: FormData, key: str) -> Actor:
        """Whom we called; or whose PIN it was, whatever number they rang from."""
        if not is_call_in(text_of(form, "CallSid"), key):
            return Actor(PHONE, text_of(form, "To"))
        message = await self._inbox.message(key)
        return Actor(PHONE, message.address if message is not None else "", heard=key)

    def _mark(self, form: FormData) -> dict[str, str]:
        return {"account": text_of(form, "AccountSid")} if len(self._numbers) > 1 else {}

    def _caller_id(self, form: FormData) -> str:
        """Our own number in this call. By default a sender would see that of whoever rang us."""
        ours = self._numbers.get(text_of(form, "AccountSid"), self._numbers[self._first])
        return next((one for one in (text_of(form, "From"), text_of(form, "To")) if one in ours), ours[0])

    async def ended(self, request: Request) -> Response:
        """The call to the sender is over, and whoever pressed is told so."""
        form = await self._verifier.form(request)
        if form is None:
            return refused()
        key, sid, turn = str(request.path_params["key"]), text_of(form, "CallSid"), count_of(request, "turn")
        outcome = self._outcome(form)
        leg = text_of(form, "DialCallSid")
        self._book.end(leg)
        self._hold_first(form, key)
        await self._inbox.leg(LegReport(id_of(sid, key, turn), _ref(leg), outcome, _seconds(form, "DialCallDuration")))
        line = await self._connector.line(key)
        if line is None:
            return twiml(render.go_on("", "en-US", self._voices, self._connector.onward(key, sid)))
        said = line.ended.get(outcome, "")
        if turn >= MOST_TRIES:
            return twiml(self._go_on(line, key, sid, said))
        return twiml(self._connector.ask(line, key, sid, (said, line.again), turn + 1))

    def _outcome(self, form: FormData) -> Outcome:
        """Twilio says of a dial that ended unlike any that it documents nothing but that it is over."""
        outcome = end_of(text_of(form, "DialCallStatus")) or Outcome.REJECTED
        is_apart = text_of(form, "DialBridged") == "false"
        return Outcome.HUNG_UP if outcome is Outcome.ENDED and is_apart else outcome

    def _go_on(self, line: SenderLine, key: str, sid: str, said: str = "") -> str:
        return render.go_on(said, line.language, self._voices, self._connector.onward(key, sid))

    async def whisper(self, request: Request) -> Response:
        """Somebody, or something, answered at the sender's: say who calls, before they are connected."""
        if await self._verifier.form(request) is None:
            return refused()
        try:
            said = await self._inbox.whisper(str(request.path_params["id"]))
        except Exception as error:
            log.warning("Nobody can be told who calls them, and they are not connected", error=type(error).__name__)
            said = None
        return twiml(render.whisper(said.text, said.language, self._voices) if said else render.hang_up())

    async def leg(self, request: Request) -> Response:
        """How the call to the sender goes; hearing of it twice, late or out of order changes nothing."""
        form = await self._verifier.form(request)
        if form is None:
            return refused()
        sid, outcome = text_of(form, "CallSid"), end_of(text_of(form, "CallStatus"))
        # Whether they were connected, the end of the dial tells.
        told = None if outcome is Outcome.ENDED else outcome
        report = LegReport(str(request.path_params["id"]), _ref(sid), told, _seconds(form, "CallDuration"))
        if await self._inbox.leg(report) and outcome is None and sid:
            self._hold(form, sid, "To")
        else:
            self._book.end(sid)
        return Response(status_code=204)

    def _hold_first(self, form: FormData, key: str) -> None:
        """Whoever talks, or comes back, is on the phone, for so long that the book may have forgotten it."""
        sid = text_of(form, "CallSid")
        if sid and text_of(form, "CallStatus") in UNDER_WAY:
            self._hold(form, sid, "From" if is_call_in(sid, key) else "To")

    def _hold(self, form: FormData, sid: str, name: str) -> None:
        """A call to the number in this field would find it busy."""
        account = text_of(form, "AccountSid")
        self._book.begin(sid, text_of(form, name)[:64], self._now(), can_lead=False, account=account)


def _ref(sid: str) -> dict[str, str]:
    return {"sid": sid} if sid else {}


def _seconds(form: FormData, name: str) -> int:
    text = text_of(form, name)
    return int(text[:6]) if text.isascii() and text.isdigit() else 0
