"""Stand-ins for Slack, Discord and the phone: they show exactly what would be posted or said."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.demo.screen import Screen, Shown
from channels.base import (
    Actor,
    Capabilities,
    Ended,
    FollowResult,
    Inbox,
    Message,
    NotFound,
    Ongoing,
    Press,
    SendResult,
    Sent,
    Tone,
    Verb,
)
from channels.console.render import printable, render
from escalation.event import Outcome

RINGS = timedelta(seconds=25)


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


class PhoneStandIn:
    """Shows what a call would say. ``answers`` are what the called people do, call after call: True picks up and
    presses the spoken digit, False lets it ring. After those, whoever sits at the terminal may press."""

    name = "phone"
    capabilities = Capabilities(can_update=True, can_follow=True)

    def __init__(self, screen: Screen, inbox: Inbox, answers: list[bool], words: Mapping[str, str]) -> None:
        self._screen = screen
        self._inbox = inbox
        self._words = words
        self.answers = answers
        self.ringing: dict[str, Message] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._tasks: set[asyncio.Task[bool]] = set()

    async def send(self, message: Message) -> SendResult:
        shown = Shown("phone", "ring", message.alert_id, message.speech.ack_digit if message.speech else "")
        said = (
            [f"“{text}”" for text in (message.speech.announcement, message.speech.menu) if text]
            if message.speech
            else []
        )
        self._screen.box("phone", message.address, [self._words["rings"], *map(printable, said)], shown)
        for other in [one for one in self.ringing.values() if one.address == message.address]:
            self._end(other, Outcome.NO_ANSWER)
        self.ringing[message.key] = message
        if self.answers and message.alert_id is not None:
            self._play(message, self.answers.pop(0))
        return Sent({"key": message.key}, is_final=False)

    def _play(self, message: Message, is_answered: bool) -> None:
        if not is_answered:
            self._outcomes[message.key] = Outcome.NO_ANSWER
            return
        assert message.speech is not None
        task = asyncio.get_running_loop().create_task(self.press(message.speech.ack_digit, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def press(self, digit: str, message: Message | None = None) -> bool:
        """Press a key on the newest call that rings; False if none does."""
        message = message or next(reversed(self.ringing.values()), None)
        if message is None or message.speech is None or message.alert_id is None:
            return False
        verbs = {message.speech.ack_digit: Verb.ACK, message.speech.pass_digit: Verb.PASS_ON}
        if digit not in verbs:
            self._screen.line(f"  ☎ {digit}: {message.speech.wrong}", "green")
            return True
        self._end(message, Outcome.ENDED)
        reply = await self._inbox.press(Press(verbs[digit], message.alert_id, Actor("phone", message.address)))
        said = message.speech.confirmed if verbs[digit] is Verb.ACK else message.speech.passed_on
        self._screen.line(f"  ☎ {self._words['pressed']} {digit}: “{said if reply.is_done else reply.text}”", "green")
        self._screen.note(Shown("phone", "answered", message.alert_id, digit))
        return True

    def _end(self, message: Message, outcome: Outcome) -> None:
        self._outcomes[message.key] = outcome
        self.ringing.pop(message.key, None)

    async def reconcile(self, message: Message, since: datetime) -> NotFound:
        return NotFound()

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        if message.tone in (Tone.TAKEN, Tone.CLOSED) and message.key in self.ringing:
            self._end(message, Outcome.ENDED)
            self._screen.line(f"  ☎ {self._words['stops']}", "green")
        return Sent(ref)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        outcome = self._outcomes.get(ref["key"])
        message = self.ringing.pop(ref["key"], None)
        if outcome is None and message is not None:
            self.ringing[ref["key"]] = message
            return Ongoing(RINGS)
        if message is not None:
            self._screen.line(f"  ☎ {self._words['no_answer']}", "green")
            self._screen.note(Shown("phone", "no_answer", message.alert_id))
        return Ended(outcome or Outcome.NO_ANSWER)

    async def close(self) -> None:
        return None
