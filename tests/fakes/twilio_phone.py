"""A phone that Twilio calls: it goes through the TwiML as Twilio does, and the test decides what its owner does."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urljoin
from xml.etree import ElementTree

from tests.fakes.patience import PATIENCE

ACCOUNT = "AC" + "0123456789abcdef" * 2
HANG_UP = "hang up"
SILENCE = ""


@dataclass(frozen=True)
class Callback:
    """One request of Twilio to us, and what we answered."""

    url: str
    form: Mapping[str, str]
    signature: str
    status: int
    body: str


class Network(Protocol):
    """What a phone needs of Twilio: its clock, and signed requests to us."""

    now: datetime
    account: str

    async def post(self, url: str, form: Mapping[str, str]) -> Callback: ...

    async def dial(self, phone: "Phone", dial: ElementTree.Element) -> str:
        """Ring whom a call's TwiML names, and wait for the end; what comes after it, "" if the call is over."""
        ...


class Phone:
    """One call. ``said`` is what the called person heard, in order."""

    def __init__(self, twilio: Network, sid: str, form: Mapping[str, list[str]]) -> None:
        self.twilio = twilio
        self.sid = sid
        self.order = {name: values[-1] for name, values in form.items()}
        self.events = form.get("StatusCallbackEvent", ["completed"])
        self.created_at = twilio.now
        self.started_at: datetime | None = None
        self.status = "queued"
        self.answered_by = ""
        self.price: str | None = None
        self.said: list[str] = []
        self.is_listening = asyncio.Event()
        self.is_over = asyncio.Event()
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self._redirect: str | None = None
        self._sequence = 0
        self.is_inbound = False

    def json(self) -> dict[str, object]:
        """The Call resource."""
        uri = f"/2010-04-01/Accounts/{self.twilio.account}/Calls/{self.sid}.json"
        return {
            "sid": self.sid,
            "account_sid": self.twilio.account,
            "to": self.order["To"],
            "from": self.order["From"],
            "status": "queued" if self.status == "initiated" else self.status,
            "direction": "inbound" if self.is_inbound else "outbound-api",
            "api_version": "2010-04-01",
            "answered_by": self.answered_by or None,
            "date_created": format_datetime(self.created_at),
            "date_updated": format_datetime(self.created_at),
            "start_time": format_datetime(self.started_at) if self.started_at else None,
            "end_time": None,
            "duration": "30" if self.status == "completed" else None,
            "price": self.price,
            "price_unit": "USD",
            "uri": uri,
            "subresource_uris": {"events": uri.replace(".json", "/Events.json")},
        }

    @property
    def ack_digit(self) -> str:
        """The digit that the newest menu (in English) says takes it."""
        menu = next(text for text in reversed(self.said) if text.startswith("To take it, press"))
        return next(char for char in menu if char.isdigit())

    # What the test lets happen ---------------------------------------------------------------------------------------

    async def ring(self) -> None:
        """Dialled, and the phone rings."""
        self.started_at = self.twilio.now
        await self._become("initiated", "initiated")
        await self._become("ringing", "ringing")

    async def busy(self) -> None:
        await self.end("busy", SipResponseCode="486")

    async def no_answer(self) -> None:
        await self.end("no-answer", SipResponseCode="487")

    async def fail(self, sip: str = "404", code: str = "13224") -> None:
        await self.end("failed", SipResponseCode=sip, ErrorCode=code)

    async def answer(self, *keys: str, answered_by: str = "") -> list[str]:
        """Somebody answers, presses these keys, one at each question, is silent from then on, and hears it out."""
        for key in keys:
            self.keys.put_nowait(key)
        await self.pick_up(answered_by, is_patient=False)
        return self.said

    async def pick_up(self, answered_by: str = "", *, is_patient: bool = True) -> None:
        """Somebody answers; where ``is_patient``, each question waits for ``press``, ``SILENCE`` or ``HANG_UP``."""
        self.started_at = self.started_at or self.twilio.now
        if "MachineDetection" in self.order:
            self.answered_by = answered_by or "human"
        await self._become("in-progress", "answered")
        await self._talk(is_patient)
        await self.end("completed", SipResponseCode="200", CallDuration="30")

    def press(self, key: str) -> None:
        self.is_listening.clear()
        self.keys.put_nowait(key)

    async def listening(self) -> None:
        """Until a question waits for a key."""
        async with asyncio.timeout(PATIENCE):
            await self.is_listening.wait()

    async def end(self, status: str, **more: str) -> None:
        await self._become(status, "completed", **more)
        self.is_over.set()

    async def redirect(self, twiml: str) -> None:
        """By the API, in mid-call."""
        self._redirect = twiml
        self.keys.put_nowait(SILENCE)

    async def _become(self, status: str, event: str, **more: str) -> None:
        self.status = status
        url = self.order.get("StatusCallback")
        if url and event in self.events:
            number, self._sequence = self._sequence, self._sequence + 1
            extra = {"CallbackSource": "call-progress-events", "SequenceNumber": str(number), **more}
            await self.twilio.post(url, {**self.parameters(), **extra})

    def parameters(self) -> dict[str, str]:
        """What each request of Twilio holds (https://www.twilio.com/docs/voice/twiml#request-parameters)."""
        to, caller = self.order["To"], self.order["From"]
        form = {
            "CallSid": self.sid,
            "AccountSid": self.twilio.account,
            "To": to,
            "Called": to,
            "From": caller,
            "Caller": caller,
        }
        direction = "inbound" if self.is_inbound else "outbound-api"
        form |= {"CallStatus": self.status, "Direction": direction, "ApiVersion": "2010-04-01", "ToCity": ""}
        return form | ({"AnsweredBy": self.answered_by} if self.answered_by else {})

    # TwiML -----------------------------------------------------------------------------------------------------------

    async def _talk(self, is_patient: bool) -> None:
        url = self.order.get("Url", "")
        document: str | None = self.order.get("Twiml") or (await self.twilio.post(url, self.parameters())).body
        for _ in range(40):
            if document is None:
                return
            document = await self._hear(document, url, is_patient)
        raise AssertionError("this call never ends")

    async def _hear(self, document: str, base: str, is_patient: bool) -> str | None:
        """Go through one document; returns the next one, None if the call is over."""
        root = ElementTree.fromstring(document)
        assert root.tag == "Response", document
        for verb in root:
            if self.is_redirected():
                return self._redirected()
            match verb.tag:
                case "Say" | "Pause":
                    self._listen(verb)
                case "Hangup":
                    return None
                case "Redirect":
                    return (await self.twilio.post(urljoin(base, verb.text or ""), self.parameters())).body
                case "Dial":
                    return await self.twilio.dial(self, verb) or self._redirected()
                case "Gather":
                    key = await self._gather(verb, is_patient)
                    if key == HANG_UP or self.is_redirected():
                        return self._redirected()
                    if key != SILENCE:
                        return await self._act(verb, base, key)
                case other:
                    raise AssertionError(f"no such verb: {other}")
        return None

    async def _act(self, gather: ElementTree.Element, base: str, key: str) -> str:
        form = {**self.parameters(), "Digits": key, "msg": "Gather End", "FinishedOnKey": ""}
        return (await self.twilio.post(urljoin(base, gather.get("action", "")), form)).body

    def is_redirected(self) -> bool:
        return self._redirect is not None

    def _redirected(self) -> str | None:
        document, self._redirect = self._redirect, None
        return document

    async def _gather(self, gather: ElementTree.Element, is_patient: bool) -> str:
        kind = (gather.get("numDigits"), gather.get("finishOnKey"))
        assert kind in (("1", ""), ("13", "#")), "a key, or a PIN that ends with #"
        for verb in gather:
            assert verb.tag == "Say", "only Say is understood in Gather"
            self._say(verb)
        if not is_patient and self.keys.empty():
            return SILENCE
        self.is_listening.set()
        async with asyncio.timeout(PATIENCE):
            key = await self.keys.get()
        self.is_listening.clear()
        return key

    def _listen(self, verb: ElementTree.Element) -> None:
        if verb.tag == "Say":
            self._say(verb)
        else:
            assert int(verb.get("length", "1")) > 0

    def _say(self, say: ElementTree.Element) -> None:
        assert not list(say), "markup inside Say"
        text = say.text or ""
        assert 0 < len(text.encode()) <= 3_000
        self.said += [text] * int(say.get("loop", "1"))
