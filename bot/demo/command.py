"""``kidoku demo``: starts the embedded parts and the real bot, plays the story, then hands over to the user."""

import asyncio
import contextlib
import os
import re
import signal
import smtplib
import sys
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console

from bot.app import App, Parts
from bot.clock import FastClock
from bot.demo.keyboard import Keyboard
from bot.demo.mail import send as send_mail
from bot.demo.mail_server import EmbeddedImap, SmtpDoor
from bot.demo.prompt import Prompt
from bot.demo.screen import Screen, Terminal
from bot.demo.standin import ChatStandIn, PhoneStandIn
from bot.demo.story import Story, StoryError
from bot.health import Board
from bot.inbox import BotInbox
from bot.language import LANGUAGES, Words, language_of
from bot.logs import LogFormat, set_up
from bot.settings import Settings
from bot.settings.load import load_bytes
from channels.base import Channel
from escalation.phrase import Phrase
from escalation.urgency import urgent_prefix

PORT = 2525
PASSWORD = "demo"  # noqa: S105 - of mailboxes that live in this process
NAMES = {"en": ("Alice", "Bob"), "ja": ("田中", "佐藤"), "zh": ("小李", "小王")}
ZONES = {"en": "UTC", "ja": "Asia/Tokyo", "zh": "Asia/Shanghai"}


def demo_command(*, send: str, to: str, speed: float, language: str, port: int = PORT) -> int:
    """Play the demo, or with ``send`` send one mail to a demo that runs. Returns the exit code."""
    spoken = _language(language)
    if spoken is None:
        words = Words(language_of(os.environ), "UTC")
        refusal = Phrase("“%(text)s” is no language of Kidoku; write ja, en or zh", text=language)
        print(words.said(refusal), file=sys.stderr)
        return 2
    if send:
        return _send(port, send, to, Words(spoken, ZONES[spoken]))
    set_up(LogFormat.QUIET)
    try:
        return asyncio.run(play(spoken, speed))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0


def _send(port: int, subject: str, to: str, words: Words) -> int:
    try:
        send_mail(port, subject, to)
    except smtplib.SMTPException as error:
        print(words.gettext("The demo refused the mail: %(error)s") % {"error": error}, file=sys.stderr)
        return 2
    except OSError:
        print(
            words.gettext("No demo listens on port %(port)d. Start one with “make demo”; it prints its port.")
            % {"port": port},
            file=sys.stderr,
        )
        return 2
    print(words.gettext("Sent to %(name)s: %(subject)s") % {"name": to, "subject": subject})
    if not urgent_prefix(subject):
        print(
            words.gettext("It is not urgent, so nothing comes of it: the subject must begin with [URGENT] or 【緊急】.")
        )
    return 0


def _language(wanted: str) -> str | None:
    """The demo's language, "ja" for "ja_JP.UTF-8" too; None if it has no such one."""
    name = re.split(r"[-_.]", wanted.lower())[0] if wanted else language_of(os.environ)
    return name if name in LANGUAGES else None


def _settings(language: str, imap_port: int, folder: str) -> Settings:
    text = (Path(__file__).parent / "demo.yaml").read_text("utf-8")
    alice, bob = NAMES[language]
    values = {"LANGUAGE": language, "ZONE": ZONES[language], "ALICE": alice, "BOB": bob, "PORT": str(imap_port)}
    for name, value in values.items():
        text = text.replace(name, value)
    text += f'database: "{folder}/demo.sqlite3"\n'
    stand_ins = {
        "KIDOKU_SLACK__BOT_TOKEN": "xoxb-demo",
        "KIDOKU_SLACK__APP_TOKEN": "xapp-demo",
        "KIDOKU_DISCORD__BOT_TOKEN": "demo",
        "KIDOKU_TWILIO__AUTH_TOKEN": "demo",
        "KIDOKU_IMAP__ALICE__PASSWORD": PASSWORD,
        "KIDOKU_IMAP__BOB__PASSWORD": PASSWORD,
    }
    loaded = load_bytes(text.encode(), "demo.yaml", stand_ins, datetime.now(UTC).date())
    if loaded.settings is None:
        raise StoryError(loaded.worded_errors())
    return loaded.settings


async def play(language: str, speed: float, console: Console | None = None) -> int:
    """Start everything, play the story, hand over to the user if there is a terminal. Returns the exit code."""
    words = Words(language, ZONES[language])
    clock = FastClock(speed)
    terminal = Terminal() if console is None else None
    screen = Screen(lambda: words.clock(clock.now()), terminal or console or Console())
    imap = EmbeddedImap(("alice", "bob"), PASSWORD, clock.now)
    await imap.start()
    door = SmtpDoor(imap)
    await _open(door)
    phones: list[PhoneStandIn] = []

    def channels(inbox: BotInbox, board: Board) -> Sequence[Channel]:
        phones.append(PhoneStandIn(screen, inbox, [False, True], words, clock.now, partial(_who, settings, words)))
        chats = [ChatStandIn(name, screen) for name in ("slack", "discord")]
        return [*(Channel(chat.name, chat) for chat in chats), Channel("phone", phones[0])]

    with tempfile.TemporaryDirectory(prefix="kidoku-demo-") as folder, _ends_on_signals():
        settings = _settings(language, imap.port, folder)
        app = await App.build(settings, clock, Parts(channels, serves_web=False))
        await app.start()
        try:
            story = Story(app, imap, screen, words, speed)
            prompt = Prompt(app, imap, screen, phones[0], words, door.port)
            return await _until_gone(_perform(story, prompt), terminal)
        finally:
            await app.close()
            door.stop()
            await imap.stop()


async def _perform(story: Story, prompt: Prompt) -> int:
    screen, words = story.screen, story.words
    is_shared = isinstance(screen.console, Terminal) and sys.stdin.isatty() and sys.stdout.isatty()
    with Keyboard(screen.console) if is_shared else contextlib.nullcontext() as screen.keyboard:
        try:
            _introduce(screen, words, story.speed)
            await _mailboxes_are_up(story.app)
            await story.play()
        except StoryError as error:
            screen.gap()
            screen.line(f"✗ {error}", "bold red")
            return 1
        if screen.keyboard is not None:
            await prompt.run(screen.keyboard)
        screen.gap()
        screen.line(words.gettext("The demo has ended. All went as it should."), "bold green")
        return 0


async def _until_gone(work: Coroutine[None, None, int], terminal: Terminal | None) -> int:
    """The work's result; 0 if nobody looks any more (``kidoku demo | head``)."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task((terminal.gone if terminal else asyncio.Event()).wait())
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        return 0 if leaving.done() else working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


@contextlib.contextmanager
def _ends_on_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demo as Ctrl+C does: the terminal is set back, and nothing is left."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for one in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(one, task.cancel)
    try:
        yield
    finally:
        for one in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(one)


def _who(settings: Settings, words: Words, phone: str) -> str:
    """Who has this phone number, as one writes of them."""
    person = settings.roster().person_at("phone", phone)
    return words.name(person.name) if person else phone


async def _open(door: SmtpDoor) -> None:
    try:
        await door.start(PORT)
    except OSError:
        await door.start()


async def _mailboxes_are_up(app: App) -> None:
    ready = asyncio.Event()
    app.board.listeners.append(lambda name, state: ready.set() if app.board.is_ready else None)
    if not app.board.is_ready:
        async with asyncio.timeout(30):
            await ready.wait()


def _introduce(screen: Screen, words: Words, speed: float) -> None:
    screen.line(words.gettext("Kidoku demo"), "bold")
    screen.line(
        words.gettext("Time runs %(speed)g times faster than the policy says: five minutes take %(seconds)g s.")
        % {"speed": speed, "seconds": round(300 / speed, 1)}
    )
    screen.line(
        words.gettext(
            "Mailboxes, database and ladder are real. The boxes show what Slack, Discord and the phone would."
        )
    )
