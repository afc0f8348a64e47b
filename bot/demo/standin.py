"""Stand-ins for Slack, Discord and the phone: they show exactly what would be posted or said."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.screen import STYLES, Screen, Shown
from bot.language import N_, Words
from channels.base import Capabilities, Ended, FollowResult, NotFound, Now, Ongoing, SendResult, Sent
from channels.console.render import printable, render
from channels.inbox import Actor, Inbox, Press
from channels.message import Message, Speech, Tone, Verb
from escalation.event import Outcome

RINGS_OUT = timedelta(minutes=7, seconds=30)
"""How long a call rings: less than until the policy's next. Far longer than a real one, for minutes are seconds here
and somebody at the terminal needs time to read the digit and press it."""

LOOK_AGAIN = timedelta(seconds=5)
_INNER = str.maketrans("「」", "『』")


class ChatStandIn:
    """Shows what would be posted, and what a posted message would become."""

    capabilities = Capabilities(can_update=True)

    def __init__(self, name: str, screen: Screen) -> None:
        self.name = name
        self._screen = screen

    async def send(self, message: Message) -> SendResult:
        self._show(message, "post")
        return Sent({"key": message.key, "title": message.title})

    async def reconcile(self, message: Message, since: datetime) -> NotFound:
        return NotFound()

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """Shown only if the headline says something new: a terminal can't change what it printed."""
        state = f"{message.tone}"
        if ref.get("state", Tone.OPEN) != state:
            lines = [printable(f"↻ {message.title}"), *(printable(f"· {line}") for line in message.timeline[-3:])]
            shown = Shown(self.name, "update", message.alert_id, message.title)
            self._screen.box(self.name, self._where(message), lines, shown)
        return Sent({**ref, "state": state})

    def _show(self, message: Message, kind: str) -> None:
        self._screen.box(self.name, self._where(message), render(message), Shown(self.name, kind, message.alert_id))

    def _where(self, message: Message) -> str:
        return "#noc" if message.address.isdecimal() else message.address

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        return Ended(Outcome.ENDED)

    async def close(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Call:
    """A call that rings since an instant."""

    message: Message
    speech: Speech
    alert_id: int
    rang_at: datetime

    def meaning(self, digit: str) -> Verb | None:
        """What the digit does on this phone."""
        return {self.speech.ack_digit: Verb.ACK, self.speech.pass_digit: Verb.PASS_ON}.get(digit)


class PhoneStandIn:
    """Shows what a call would say. ``answers`` are what the called people do, call after call: True picks up and
    presses the spoken digit, False lets it ring. After those, whoever sits at the terminal may press. ``named`` is
    who has a phone number."""

    name = "phone"
    capabilities = Capabilities(can_update=True)

    def __init__(
        self,
        screen: Screen,
        inbox: Inbox,
        answers: list[bool],
        words: Words,
        now: Now,
        named: Callable[[str], str],
    ) -> None:
        self.answers = answers
        self.ringing: dict[str, Call] = {}
        self._screen = screen
        self._inbox = inbox
        self._words = words
        self._now = now
        self._named = named
        self._outcomes: dict[str, Outcome] = {}
        self._tasks: set[asyncio.Task[bool]] = set()

    async def send(self, message: Message) -> SendResult:
        for other in [one for one in self.ringing.values() if one.message.address == message.address]:
            self._ring_out(other)
        speech, alert_id = message.speech, message.alert_id
        said = [speech.announcement, speech.menu] if speech else []
        lines = [self._words.gettext("The phone rings."), *(printable(self._quoted(text)) for text in said if text)]
        where = f"{self._named(message.address)} {message.address}"
        self._screen.box("phone", where, lines, Shown("phone", "ring", alert_id, speech.ack_digit if speech else ""))
        if speech is not None and alert_id is not None:
            self._ring(Call(message, speech, alert_id, self._now()))
        return Sent({"key": message.key}, is_final=False)

    def _ring(self, call: Call) -> None:
        self.ringing[call.message.key] = call
        if self.answers and self.answers.pop(0):
            task = asyncio.get_running_loop().create_task(self._take(call, call.speech.ack_digit))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def press(self, digit: str) -> bool:
        """Press a key: on the newest call that rings and offers this digit, or else the newest. False if none does."""
        calls = list(reversed(self.ringing.values()))
        call = next((one for one in calls if one.meaning(digit)), calls[0] if calls else None)
        return call is not None and await self._take(call, digit)

    async def _take(self, call: Call, digit: str) -> bool:
        verb = call.meaning(digit)
        if verb is None:
            self._pressed(call, digit, call.speech.wrong)
            return True
        self._end(call, Outcome.ENDED)
        reply = await self._inbox.press(Press(verb, call.alert_id, Actor("phone", call.message.address)))
        said = call.speech.confirmed if verb is Verb.ACK else call.speech.passed_on
        self._pressed(call, digit, said if reply.is_done else reply.text)
        self._screen.note(Shown("phone", "answered", call.alert_id, digit))
        return True

    def _pressed(self, call: Call, digit: str, said: str) -> None:
        self._line(call, N_("%(name)s pressed %(digit)s: %(said)s"), digit=digit, said=self._quoted(said))

    def _line(self, call: Call, form: str, **values: str) -> None:
        values["name"] = self._named(call.message.address)
        self._screen.line(printable(self._words.gettext(form) % values), STYLES["phone"], lead="  ☎ ")

    def _quoted(self, text: str) -> str:
        """As speech. What a Japanese quotation quotes stands in 『』."""
        form = self._words.gettext("“%(text)s”")
        return form % {"text": text.translate(_INNER) if form.startswith("「") else text}

    def _ring_out(self, call: Call) -> None:
        self._end(call, Outcome.NO_ANSWER)
        self._line(call, N_("%(name)s: no answer"))
        self._screen.note(Shown("phone", "no_answer", call.alert_id))

    def _end(self, call: Call, outcome: Outcome) -> None:
        self._outcomes[call.message.key] = outcome
        self.ringing.pop(call.message.key, None)

    async def reconcile(self, message: Message, since: datetime) -> NotFound:
        return NotFound()

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        call = self.ringing.get(message.key)
        if call is not None and message.tone in (Tone.TAKEN, Tone.CLOSED):
            self._end(call, Outcome.ENDED)
            self._line(call, N_("%(name)s: stops ringing"))
        return Sent(ref)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        call = self.ringing.get(ref["key"])
        if call is not None and self._now() - call.rang_at < RINGS_OUT:
            return Ongoing(LOOK_AGAIN)
        if call is not None:
            self._ring_out(call)
        return Ended(self._outcomes.get(ref["key"], Outcome.NO_ANSWER))

    async def close(self) -> None:
        return None
