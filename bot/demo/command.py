"""``kidoku demo``: starts the embedded parts and the real bot, plays the story, then hands over to the user."""

import asyncio
import os
import smtplib
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bot.app import App, Parts
from bot.clock import FastClock
from bot.demo.mail import send as send_mail
from bot.demo.mail_server import EmbeddedImap, SmtpDoor
from bot.demo.prompt import Prompt
from bot.demo.screen import Screen
from bot.demo.standin import ChatStandIn, PhoneStandIn
from bot.demo.story import Story, StoryError
from bot.health import Board
from bot.inbox import BotInbox
from bot.language import LANGUAGES, Words
from bot.logs import LogFormat, set_up
from bot.settings import Settings
from bot.settings.load import load_bytes
from channels.base import Channel

PORT = 2525
PASSWORD = "demo"  # noqa: S105 - of mailboxes that live in this process
NAMES = {"en": ("Alice", "Bob"), "ja": ("田中", "佐藤"), "zh": ("小李", "小王")}
ZONES = {"en": "UTC", "ja": "Asia/Tokyo", "zh": "Asia/Shanghai"}


def demo_command(*, send: str, to: str, speed: float, language: str, port: int = PORT) -> int:
    """Play the demo, or with ``send`` send one mail to a demo that runs. Returns the exit code."""
    if send:
        return _send(port, send, to)
    set_up(LogFormat.QUIET)
    try:
        return asyncio.run(play(_language(language), speed))
    except KeyboardInterrupt:
        return 0


def _send(port: int, subject: str, to: str) -> int:
    try:
        send_mail(port, subject, to)
    except smtplib.SMTPException as error:
        print(f"The demo refused the mail: {error}", file=sys.stderr)
        return 2
    except OSError:
        print(f"No demo listens on port {port}. Start one with `make demo`; it prints its port.", file=sys.stderr)
        return 2
    print(f"Sent to {to}: {subject}")
    return 0


def _language(wanted: str) -> str:
    name = wanted or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    return name[:2] if name[:2] in LANGUAGES else "en"


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
        raise StoryError("\n".join(str(one) for one in loaded.problems))
    return loaded.settings


async def play(language: str, speed: float, console: Console | None = None) -> int:
    """Start everything, play the story, hand over to the user if there is a terminal. Returns the exit code."""
    words = Words(language, ZONES[language])
    clock = FastClock(speed)
    screen = Screen(lambda: words.clock(clock.now()), console)
    imap = EmbeddedImap(("alice", "bob"), PASSWORD, clock.now)
    await imap.start()
    door = SmtpDoor(imap)
    await _open(door)
    phones: list[PhoneStandIn] = []

    def channels(inbox: BotInbox, board: Board) -> Sequence[Channel]:
        phones.append(PhoneStandIn(screen, inbox, [False, True], _phone_words(words)))
        chats = [ChatStandIn(name, screen) for name in ("slack", "discord")]
        return [*(Channel(chat.name, chat) for chat in chats), Channel("phone", phones[0])]

    with tempfile.TemporaryDirectory(prefix="kidoku-demo-") as folder:
        settings = _settings(language, imap.port, folder)
        app = await App.build(settings, clock, Parts(channels, serves_web=False))
        await app.start()
        try:
            _introduce(screen, words, speed)
            await _mailboxes_are_up(app)
            await Story(app, imap, screen, words, speed).play()
            if console is None and sys.stdin.isatty():
                await Prompt(app, imap, screen, phones[0], words, door.port).run()
            screen.line("\n" + words.gettext("The demo has ended. All went as it should."), "bold green")
            return 0
        except StoryError as error:
            screen.line(f"\n✗ {error}", "bold red")
            return 1
        finally:
            await app.close()
            door.stop()
            await imap.stop()


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


def _phone_words(words: Words) -> dict[str, str]:
    return {
        "rings": words.gettext("The phone rings."),
        "pressed": words.gettext("pressed"),
        "stops": words.gettext("stops ringing"),
        "no_answer": words.gettext("no answer"),
    }


def _introduce(screen: Screen, words: Words, speed: float) -> None:
    screen.line(words.gettext("Kidoku demo"), "bold")
    screen.line(
        words.gettext("Time runs %(speed)g times faster than the policy says: five minutes take %(seconds).0f seconds.")
        % {"speed": speed, "seconds": 300 / speed}
    )
    screen.line(
        words.gettext(
            "Mailboxes, database and ladder are real. The boxes show what Slack, Discord and the phone would."
        )
    )
