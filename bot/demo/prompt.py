"""The demo's prompt, for the user's own tries."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import view
from bot.app import App
from bot.chatops import Order
from bot.demo.mail import mail_of
from bot.demo.mail_server import EmbeddedImap
from bot.demo.screen import Screen
from bot.demo.standin import PhoneStandIn
from bot.language import Words
from bot.office import Office
from channels.base import Verb


@dataclass(slots=True)
class Prompt:
    """Reads lines from the terminal until quit, Ctrl+D or Ctrl+C."""

    app: App
    imap: EmbeddedImap
    screen: Screen
    phone: PhoneStandIn
    words: Words
    port: int

    def help(self) -> None:
        words = self.words
        rows = [
            ("mail [SUBJECT]", words.gettext("an urgent mail comes to alice")),
            ("read alice|bob", words.gettext("they read everything in their mailbox")),
            ("ack ID", words.gettext("alice takes an alert, as if by the button")),
            ("snooze ID 15m", words.gettext("silence for a while")),
            ("press DIGIT", words.gettext("press a key on the phone that rings")),
            ("list · status ID · why ID", words.gettext("look at the alerts")),
            ("quit", words.gettext("end the demo")),
        ]
        for command, text in rows:
            self.screen.line(f"  {command:<26} {text}")
        self.screen.line(words.gettext("From another terminal, by SMTP:"))
        self.screen.line(f"  .venv/bin/kidoku demo --send '【緊急】 test' --port {self.port}", "bold")

    async def run(self) -> None:
        self.screen.line("\n" + self.words.gettext("Now it is yours. What you can type:"), "bold yellow")
        self.help()
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while True:
            self.screen.console.print("kidoku> ", end="")
            line = await reader.readline()
            if not line or line.strip() in (b"quit", b"exit", b"q"):
                return
            await self._obey(line.decode("utf-8", "replace").split())

    async def _obey(self, typed: list[str]) -> None:
        if not typed:
            return
        verbs: dict[str, Callable[[list[str]], Awaitable[object]]] = {
            "mail": self._mail,
            "read": self._read,
            "press": self._press,
            "ack": lambda rest: self._order(Verb.ACK, rest),
            "resolve": lambda rest: self._order(Verb.RESOLVE, rest),
            "escalate": lambda rest: self._order(Verb.ESCALATE, rest),
            "snooze": lambda rest: self._order(Verb.SNOOZE, rest),
            "list": lambda rest: view.list_alerts(self._office, view.Wanted(everything=True, limit=20), False),
            "status": lambda rest: view.status(self._office, " ".join(rest), False),
            "why": lambda rest: view.why(self._office, " ".join(rest), False),
        }
        verb = verbs.get(typed[0])
        if verb is None:
            self.help()
            return
        try:
            await verb(typed[1:])
        except view.NotOneError as error:
            self.screen.line(str(error), "red")

    @property
    def _office(self) -> Office:
        return Office(self.app.settings, self.app.store, self.app.engine, self.app.clock, self.words)

    async def _mail(self, rest: list[str]) -> None:
        subject = " ".join(rest) or "test"
        await self.imap.append("alice", mail_of(f"【緊急】 {subject}", "alice@team.example"))

    async def _read(self, rest: list[str]) -> None:
        user = rest[0] if rest else "alice"
        if user in self.imap.users:
            await self.imap.read(user)
        else:
            self.screen.line(f"read {'|'.join(self.imap.users)}", "red")

    async def _press(self, rest: list[str]) -> None:
        if not rest or not await self.phone.press(rest[0]):
            self.screen.line(self.words.gettext("No phone rings."), "red")

    async def _order(self, verb: Verb, rest: list[str]) -> None:
        alert_id = await view.one_alert(self._office, rest[0] if rest else "")
        argument = " ".join(rest[1:])
        await view.carry_out(self._office, Order(verb, alert_id, "alice", "console", argument), False, running=True)
