"""The inbox at a channel's border: keeps what came in, and saves when the test says so."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.chatops.form import forms
from channels.dialog import Form, Offer
from channels.home import Home
from channels.inbox import (
    Actor,
    Admission,
    Answered,
    Bundle,
    CallReport,
    Door,
    PinEntry,
    Press,
    Reply,
    Texted,
    Typed,
    Whisper,
    Wish,
)
from channels.message import Message
from tests.fakes.patience import PATIENCE
from tests.fakes.senders import Senders


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Commands(Senders):
    """The part of an inbox that takes what people type: it answers all the same."""

    commands: list[Typed] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    known: set[tuple[str, str]] = field(default_factory=set)
    is_sharing: bool = False
    is_refusing: bool = False
    shown: list[tuple[Actor, str]] = field(default_factory=list)
    may_show: asyncio.Event = field(default_factory=_set)
    _showed: asyncio.Event = field(default_factory=asyncio.Event)
    page: Callable[[Actor, str], Home] = lambda actor, note: Home(note or "nothing new")
    wishes: list[Wish] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    """What a wish or an answer gets, in order."""

    async def ask(self, wish: Wish) -> Reply:
        self.wishes.append(wish)
        return self.replies.pop(0)

    async def answered(self, answered: Answered) -> Reply:
        self.answers.append(answered)
        return self.replies.pop(0)

    async def typed(self, typed: Typed) -> Reply:
        self.commands.append(typed)
        text = f"answered: {typed.verb or typed.text} <!channel>\nline 2"
        return Reply(text, is_shared=not self.is_refusing and (typed.is_shared or self.is_sharing))

    async def home(self, actor: Actor, note: str = "") -> Home:
        self.shown.append((actor, note))
        self._showed.set()
        await self.may_show.wait()
        return self.page(actor, note)

    async def was_shown(self, times: int) -> None:
        """Wait until a page was asked for so often."""
        async with asyncio.timeout(PATIENCE):
            while len(self.shown) < times:
                self._showed.clear()
                await self._showed.wait()

    async def offers(self, actor: Actor, kind: str, typed: str) -> Sequence[Offer]:
        return [Offer(f"{kind}: {typed}", "#42")]

    def forms(self) -> Sequence[Form]:
        return forms()

    async def rung(self, number: str) -> Admission:
        return Admission(Door.SHUT, "en-US", "nobody is heard", "bye")

    async def enter(self, entry: PinEntry) -> Admission:
        return await self.rung(entry.number)

    async def recall(self, key: str) -> str:
        return self.kept.get(key, "")

    async def keep(self, key: str, value: str) -> None:
        self.kept[key] = value

    async def is_new(self, kind: str, id: str) -> bool:
        known = (kind, id) in self.known
        self.known.add((kind, id))
        return not known


@dataclass
class Told(Commands):
    """``messages`` by key and ``refs`` by (channel, address) are what it is asked for."""

    presses: list[Press] = field(default_factory=list)
    texts: list[Texted] = field(default_factory=list)
    stopped: dict[tuple[str, str], bool] = field(default_factory=dict)
    joined: Bundle = field(default_factory=Bundle)
    reports: list[CallReport] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    refs: dict[tuple[str, str], list[Mapping[str, str]]] = field(default_factory=dict)
    text: str = "The mail reads."

    async def texted(self, texted: Texted) -> Reply:
        self.texts.append(texted)
        return Reply("done: <b> & typed")

    async def stop(self, channel: str, address: str, *, is_asked: bool, dedup: str = "") -> str:
        if not dedup or await self.is_new("wish", dedup):
            self.stopped[channel, address] = is_asked
        return "no more"

    async def start(self, channel: str, address: str, dedup: str = "") -> None:
        if not dedup or await self.is_new("wish", dedup):
            self.stopped.pop((channel, address), None)

    async def has_stopped(self, channel: str, address: str) -> bool:
        return self.stopped.get((channel, address), False)

    async def report(self, report: CallReport) -> None:
        self.reports.append(report)

    def apology(self, numbers: Sequence[str]) -> Whisper:
        return Whisper("en-US", f"Nothing can be saved for {', '.join(numbers)}.")

    async def message(self, key: str) -> Message | None:
        return self.messages.get(key)

    async def text_of(self, key: str) -> str:
        return self.text

    async def bundle(self, key: str, ref: Mapping[str, str]) -> Bundle:
        return self.joined

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        return self.refs.get((channel, address), [])


@dataclass
class RecordingInbox(Told):
    """A press is saved once ``may_save`` is set, and fails with ``fault`` if there is one."""

    may_save: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_save.set()

    async def pressed(self) -> None:
        """Wait until the first press has come in."""
        async with asyncio.timeout(PATIENCE):
            await self._came.wait()

    async def press(self, press: Press) -> Reply:
        self.presses.append(press)
        self._came.set()
        await self.may_save.wait()
        if self.fault is not None:
            raise self.fault
        return Reply(f"done: {press.verb} <!channel>")

    async def ask(self, wish: Wish) -> Reply:
        await self.may_save.wait()
        return await super().ask(wish)

    async def answered(self, answered: Answered) -> Reply:
        await self.may_save.wait()
        return await super().answered(answered)

    async def typed(self, typed: Typed) -> Reply:
        self._came.set()
        await self.may_save.wait()
        if self.fault is not None:
            raise self.fault
        return await super().typed(typed)
