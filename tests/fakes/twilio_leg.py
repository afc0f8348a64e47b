"""The second leg of a call: whom Twilio rings because the first one's TwiML says ``<Dial><Number>``.

https://www.twilio.com/docs/voice/twiml/dial and https://www.twilio.com/docs/voice/twiml/number. The test decides what
happens at the other side; the first leg waits meanwhile, and hears nothing.
"""

import asyncio
from collections.abc import Collection, Mapping
from xml.etree import ElementTree

from tests.fakes.twilio_phone import Network, Phone

_DIAL = {"action", "method", "callerId", "timeout", "timeLimit", "hangupOnStar"}
_NUMBER = {"url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod"}


class Leg(Phone):
    """``said`` is what whoever was rung heard before they were connected; ``timeout`` and ``time_limit`` in seconds."""

    def __init__(self, twilio: Network, parent: Phone, sid: str, dial: ElementTree.Element) -> None:
        [number] = dial
        assert number.tag == "Number" and set(number.attrib) <= _NUMBER and set(dial.attrib) <= _DIAL
        form: dict[str, list[str]] = {
            "To": [number.text or ""],
            "From": [dial.get("callerId", parent.order["From"])],
            "StatusCallbackEvent": number.get("statusCallbackEvent", "completed").split(),
        }
        form |= {"Url": [number.attrib["url"]]} if "url" in number.attrib else {}
        form |= {"StatusCallback": [number.attrib["statusCallback"]]} if "statusCallback" in number.attrib else {}
        super().__init__(twilio, sid, form)
        self.parent = parent
        self.timeout, self.time_limit = int(dial.get("timeout", "30")), int(dial.get("timeLimit", "14400"))
        assert 5 <= self.timeout <= 600 and self.time_limit > 0
        self.hangs_up_on_star = dial.get("hangupOnStar") == "true"
        self.is_bridged = False
        self.seconds = 0
        self.is_told = True

    def json(self) -> dict[str, object]:
        seconds = str(self.seconds) if self.seconds else None
        more = {"direction": "outbound-dial", "parent_call_sid": self.parent.sid, "duration": seconds}
        return {**super().json(), **more}

    def parameters(self) -> dict[str, str]:
        return {**super().parameters(), "Direction": "outbound-dial", "ParentCallSid": self.parent.sid}

    async def ring(self) -> None:
        """Dialled."""
        self.started_at = self.twilio.now
        await self._become("initiated", "initiated")
        await self._become("ringing", "ringing")

    async def answers(self) -> None:
        """Somebody, or something, answers, hears what is said, and is connected."""
        await self._become("in-progress", "answered")
        document = (await self.twilio.post(self.order["Url"], self.parameters())).body if "Url" in self.order else ""
        for verb in ElementTree.fromstring(document or "<Response/>"):
            assert verb.tag == "Say", f"{verb.tag} before they are connected"
            self._say(verb)
        self.is_bridged = not self.is_over.is_set()

    async def hangs_up(self, seconds: int = 90) -> None:
        """Either side ends the talk, or whoever answered does not wait to be connected."""
        self.seconds = seconds
        await self.end("completed", CallDuration=str(seconds), Duration="2")

    async def end(self, status: str, **more: str) -> None:
        if not self.is_over.is_set():
            await super().end(status, **more)

    async def _become(self, status: str, event: str, **more: str) -> None:
        if self.is_told:
            await super()._become(status, event, **more)
        self.status = status

    async def given_up(self) -> None:
        """Whoever is in the first leg does not want it any more."""
        await (self.hangs_up() if self.status == "in-progress" else self.end("canceled"))

    @property
    def outcome(self) -> Mapping[str, str]:
        """The parameters of the dial's ``action``."""
        form = {"DialCallStatus": self.status, "DialCallSid": self.sid, "DialBridged": str(self.is_bridged).lower()}
        return form | ({"DialCallDuration": str(self.seconds)} if self.seconds else {})


async def until_over(leg: Leg, keys: "asyncio.Queue[str]", ends: Collection[str]) -> str:
    """Wait for the leg's end; the key of the first leg that brought it about, "" if none did."""
    over = asyncio.ensure_future(leg.is_over.wait())
    try:
        while not leg.is_over.is_set():
            key = asyncio.ensure_future(keys.get())
            await asyncio.wait({over, key}, return_when=asyncio.FIRST_COMPLETED)
            if not key.done():
                key.cancel()
                return ""
            if key.result() in ends:
                await leg.given_up()
                return key.result()
        return ""
    finally:
        over.cancel()
