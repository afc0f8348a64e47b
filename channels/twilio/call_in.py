"""People ring us: the PIN, then what waits for them, mail by mail. Nothing is done that is not signed by Twilio.

``/twilio/call-in`` is the webhook of a number for incoming calls. Where a call stands is in the URLs that we give out,
which are signed too, and what it tells is in the store: a call survives a restart. A PIN comes in a request's body,
never in a URL.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.base import PHONE, Now
from channels.inbox import Actor, Admission, Door, Inbox, PinEntry, Press
from channels.message import Message, Speech, Verb
from channels.twilio import render
from channels.twilio.call import TAKEN, CallBook, mark_of, name_of
from channels.twilio.config import TwilioSettings
from channels.twilio.connect import ONWARD_IN_PATH, Connector
from channels.twilio.pin import MOST_DIGITS
from channels.twilio.signed import Verifier, count_of, refused, text_of, twiml

CALL_IN_PATH = "/twilio/call-in"
PIN_PATH = "/twilio/call-in/pin"
MAIL_PATH = "/twilio/call-in/mail/{key}"
KEY_PATH = "/twilio/call-in/key/{key}"
ALL_PATH = "/twilio/call-in/all/{key}"

MOST_ASKED = 3
"""How often the PIN is asked for: of a silent caller, and after a wrong one."""
MOST_SAID = 2
"""How often one mail is told to somebody who presses nothing, before the next."""
MOST_WRONG = 3
MOST_MAILS = 10


@dataclass(frozen=True, slots=True)
class Ringing:
    """A request of Twilio about an incoming call; ``key`` is the mail it is about, "" for none."""

    form: FormData
    sid: str
    number: str
    key: str
    silent: int
    wrong: int
    turn: int

    @property
    def call(self) -> str:
        return name_of(self.sid)

    @property
    def digit(self) -> str:
        return text_of(self.form, "Digits")[:1]

    @property
    def next_key(self) -> str:
        call, _, number = self.key.rpartition(".")
        return f"{call}.{int(number) + 1}"


Answer = Callable[[Ringing], Awaitable[str]]


class CallInRoutes:
    """The Starlette routes for incoming calls, below ``public_url``."""

    def __init__(self, settings: TwilioSettings, inbox: Inbox, book: CallBook, now: Now) -> None:
        self._base = settings.public_url or ""
        self._voices = settings.voices
        self._reads_text = settings.read_text
        self._verifier = Verifier(settings)
        self._connector = Connector(settings, inbox)
        self._inbox = inbox
        self._book = book
        self._now = now

    def routes(self) -> tuple[Route, ...]:
        answers: tuple[tuple[str, Answer], ...] = (
            (CALL_IN_PATH, self.rung),
            (PIN_PATH, self.pin),
            (MAIL_PATH, self.mail),
            (KEY_PATH, self.pressed),
            (ALL_PATH, self.all),
            (ONWARD_IN_PATH, self.onward),
        )
        return tuple(Route(path, self._signed(answer), methods=["POST"]) for path, answer in answers)

    def _signed(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """``answer``, asked only for what Twilio signed, about a call and a mail that belong together."""

        async def answered(request: Request) -> Response:
            form = await self._verifier.form(request)
            if form is None:
                return refused()
            key = str(request.path_params.get("key", ""))
            counts = [count_of(request, name) for name in ("silent", "wrong", "turn")]
            ringing = Ringing(form, text_of(form, "CallSid"), text_of(form, "From")[:64], key, *counts)
            if key and key not in [f"{ringing.call}.{number}" for number in range(MOST_MAILS)]:
                return twiml(render.hang_up())
            if key:
                self._hold(ringing)
            return twiml(await answer(ringing))

        return answered

    # The PIN --------------------------------------------------------------------------------------------------------

    async def rung(self, ringing: Ringing) -> str:
        """Somebody rings, or was silent and is asked again."""
        admission = await self._inbox.rung(ringing.number)
        if admission.door is Door.SHUT or ringing.silent >= MOST_ASKED:
            return self._tell(admission, "" if admission.door is Door.ASKED else admission.text)
        return self._ask_pin(admission, admission.text, turn=max(1, ringing.turn), silent=ringing.silent + 1)

    async def pin(self, ringing: Ringing) -> str:
        """Digits were entered."""
        turn = max(1, ringing.turn)
        if turn > MOST_ASKED:
            return render.hang_up()
        typed = text_of(ringing.form, "Digits")[: MOST_DIGITS + 1]
        entry = PinEntry(ringing.number, ringing.sid, ringing.call, turn, typed)
        admission = await self._inbox.enter(entry)
        if admission.door is Door.OPEN:
            self._hold(ringing)
            return self._welcome(admission)
        if admission.door is Door.SHUT or turn == MOST_ASKED:
            return self._tell(admission, admission.text)
        again = await self._inbox.rung(ringing.number)
        if again.door is not Door.ASKED:
            return self._tell(again, again.text)
        return self._ask_pin(again, admission.text, again.text, turn=turn + 1, silent=1)

    def _hold(self, ringing: Ringing) -> None:
        """While they are on the phone with us a call to this number would find it busy. Only after the PIN: till
        then it may be anybody with a forged number, who must hold up no call. With each mail again, as a restart
        forgets it."""
        account = text_of(ringing.form, "AccountSid")
        self._book.begin(ringing.sid, ringing.number, self._now(), can_lead=False, account=account)

    def _ask_pin(self, admission: Admission, *texts: str, turn: int, silent: int) -> str:
        on_pin = f"{self._base}{PIN_PATH}?turn={turn}"
        on_silence = f"{self._base}{CALL_IN_PATH}?silent={silent}&turn={turn}"
        return render.ask_pin(texts, admission.language, self._voices, on_pin, on_silence)

    def _welcome(self, admission: Admission) -> str:
        if not admission.first:
            return self._tell(admission, admission.text)
        onward = self._url(MAIL_PATH, admission.first)
        if not admission.offer:
            return render.go_on(admission.text, admission.language, self._voices, onward)
        speech = replace(render.silent_speech(admission.language), announcement=admission.text, menu=admission.offer)
        return render.ask(speech, (admission.offer,), self._voices, self._url(ALL_PATH, admission.first), onward)

    # The mails ------------------------------------------------------------------------------------------------------

    async def mail(self, ringing: Ringing) -> str:
        """One mail is told; to somebody who presses nothing it is told again, and then the next one."""
        return await self._while_open(ringing, self._told)

    async def _told(self, ringing: Ringing, message: Message, speech: Speech) -> str:
        if ringing.silent >= MOST_SAID:
            return await self._go_on(ringing, speech, "")
        return self._ask(ringing, speech)

    async def pressed(self, ringing: Ringing) -> str:
        """A key was pressed while a mail was told."""
        return await self._while_open(ringing, self._answered)

    async def _while_open(self, ringing: Ringing, work: Callable[[Ringing, Message, Speech], Awaitable[str]]) -> str:
        """Of a mail that somebody else has taken meanwhile only that is said."""
        message = await self._inbox.message(ringing.key)
        if message is None:
            return render.hang_up()
        speech = render.speech_of(message)
        if _is_over(message):
            return await self._go_on(ringing, speech, message.summary)
        return await work(ringing, message, speech)

    async def _answered(self, ringing: Ringing, message: Message, speech: Speech) -> str:
        if ringing.digit == "*":
            return self._ask(replace(ringing, silent=0), speech)
        if ringing.digit and ringing.digit == speech.later_digit:
            return await self._go_on(ringing, speech, "")
        if ringing.digit and ringing.digit == speech.text_digit and self._reads_text:
            text = await self._inbox.text_of(ringing.key)
            return self._ask(replace(ringing, silent=0), replace(speech, announcement=text))
        return await self._verb(ringing, message, speech)

    async def _verb(self, ringing: Ringing, message: Message, speech: Speech) -> str:
        verbs = {speech.pass_digit: Verb.PASS_ON, speech.ack_digit: Verb.ACK}
        verb = verbs.get(ringing.digit) if ringing.digit else None
        if verb is None or message.alert_id is None:
            return self._wrong(ringing, speech, speech.wrong)
        reply = await self._inbox.press(_press(ringing.sid, ringing.key, message, verb))
        if not reply.is_known:
            return render.tell((reply.text, speech.goodbye), speech.language, self._voices)
        if not reply.is_done:
            return self._wrong(ringing, speech, reply.text)
        offered = await self._connector.offered(ringing.key, ringing.sid) if verb is Verb.ACK else None
        said = speech.confirmed if verb is Verb.ACK else speech.passed_on
        return offered or await self._go_on(ringing, speech, said)

    async def onward(self, ringing: Ringing) -> str:
        """Nobody wants to be connected with the sender, or has been."""
        message = await self._inbox.message(ringing.key)
        if message is None:
            return render.hang_up()
        speech = render.speech_of(message)
        return await self._go_on(ringing, replace(speech, goodbye=await self._connector.bye(ringing.key, speech)), "")

    def _wrong(self, ringing: Ringing, speech: Speech, words: str) -> str:
        if ringing.wrong + 1 >= MOST_WRONG:
            return render.tell((words, speech.goodbye), speech.language, self._voices)
        return self._ask(replace(ringing, wrong=ringing.wrong + 1), speech, words)

    async def all(self, ringing: Ringing) -> str:
        """A key was pressed at the offer: the one that takes all, or any other to hear them."""
        first = await self._inbox.message(ringing.key)
        if first is None:
            return render.hang_up()
        speech = render.speech_of(first)
        if not ringing.digit or ringing.digit != speech.ack_digit:
            return render.go_on("", speech.language, self._voices, self._url(MAIL_PATH, ringing.key))
        for number in range(MOST_MAILS):
            key = f"{ringing.call}.{number}"
            message = await self._inbox.message(key)
            if message is None:
                break
            if _is_over(message):
                continue
            reply = await self._inbox.press(_press(ringing.sid, key, message, Verb.ACK))
            if not reply.is_done:
                return render.tell((reply.text, speech.goodbye), speech.language, self._voices)
        return render.tell((speech.confirmed, speech.goodbye), speech.language, self._voices)

    async def _go_on(self, ringing: Ringing, speech: Speech, said: str) -> str:
        """Say it, and go on with the next mail if there is one."""
        if await self._inbox.message(ringing.next_key) is None:
            return render.tell((said, speech.goodbye), speech.language, self._voices)
        return render.go_on(said, speech.language, self._voices, self._url(MAIL_PATH, ringing.next_key))

    def _ask(self, ringing: Ringing, speech: Speech, before: str = "") -> str:
        silent, wrong = ringing.silent, ringing.wrong
        on_digit = f"{self._url(KEY_PATH, ringing.key)}?silent={silent}&wrong={wrong}"
        on_silence = f"{self._url(MAIL_PATH, ringing.key)}?silent={silent + 1}&wrong={wrong}"
        menu = (speech.menu, speech.text_menu if self._reads_text else "", speech.later_menu)
        return render.ask(speech, menu, self._voices, on_digit, on_silence, before)

    def _tell(self, admission: Admission, text: str) -> str:
        return render.tell((text, admission.goodbye), admission.language, self._voices)

    def _url(self, path: str, key: str) -> str:
        return self._base + path.format(key=key)


def _is_over(message: Message) -> bool:
    return message.tone in TAKEN or message.alert_id is None


def _press(sid: str, key: str, message: Message, verb: Verb) -> Press:
    """By the person of this notification: their PIN was right."""
    assert message.alert_id is not None
    return Press(
        verb,
        message.alert_id,
        Actor(PHONE, message.address, language=message.language, heard=key),
        dedup=mark_of(sid, key),
    )
