"""The demo's prompt, for the user's own tries."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import view
from bot.app import App
from bot.chatops.order import Order
from bot.demo.keyboard import Keyboard
from bot.demo.mail import mail_of
from bot.demo.mail_server import EmbeddedImap
from bot.demo.screen import Screen
from bot.demo.standin import PhoneStandIn
from bot.language import Words
from bot.office import Office
from bot.wanted import Wanted
from channels.message import Verb

LEFT = 26
"""Cells of the help's left column."""

NARROW = 60
"""Cells; in a narrower terminal what a command does stands below it."""


class MistypedError(Exception):
    """What was typed can't be done; the text says what to type instead."""


@dataclass(slots=True)
class Prompt:
    """Carries out lines from the terminal until quit, Ctrl+D or Ctrl+C."""

    app: App
    imap: EmbeddedImap
    screen: Screen
    phone: PhoneStandIn
    words: Words
    port: int

    def help(self) -> None:
        words, alice, bob = self.words, self._who("alice"), self._who("bob")
        rows = [
            ("mail [SUBJECT]", words.gettext("an urgent mail comes to %(name)s") % {"name": alice}),
            (
                "read alice|bob",
                words.gettext("%(first)s or %(second)s reads all mail") % {"first": alice, "second": bob},
            ),
            ("ack ID", words.gettext("%(name)s takes an alert, as if by the button") % {"name": alice}),
            ("snooze ID 15m", words.gettext("silence for a while")),
            ("escalate ID", words.gettext("the next step goes out now")),
            ("resolve ID [WHY]", words.gettext("the incident is over: the alert is closed")),
            ("press DIGIT", words.gettext("press a key on the phone that rings")),
            ("list · status ID · why ID", words.gettext("look at the alerts")),
            ("quit", words.gettext("end the demo")),
        ]
        is_narrow = self.screen.console.width < NARROW
        for command, text in rows:
            if is_narrow:
                self.screen.command(f"  {command}")
            self.screen.line(text, lead="    " if is_narrow else f"  {command:<{LEFT}} ")
        self.screen.line(words.gettext("From another terminal, by SMTP:"))
        self.screen.command(f"  .venv/bin/kidoku demo --send '【緊急】 test' --port {self.port}")

    def _who(self, id: str) -> str:
        """ "alice (田中)": what one types, and who that is in the boxes."""
        name = self.app.settings.document.people[id].name
        return id if name.lower() == id else self.words.gettext("%(id)s (%(name)s)") % {"id": id, "name": name}

    async def run(self, keyboard: Keyboard) -> None:
        self.screen.gap()
        self.screen.line(self.words.gettext("Now it is yours. What you can type:"), "bold yellow")
        self.help()
        while (line := await keyboard.ask()) is not None and line.strip() not in ("quit", "exit", "q"):
            await self.obey(line.split())

    async def obey(self, typed: list[str]) -> None:
        """Carry out one line, as its words."""
        verbs: dict[str, Callable[[list[str]], Awaitable[object]]] = {
            "mail": self._mail,
            "read": self._read,
            "press": self._press,
            "ack": lambda rest: self._order(Verb.ACK, rest),
            "resolve": lambda rest: self._order(Verb.RESOLVE, rest),
            "escalate": lambda rest: self._order(Verb.ESCALATE, rest),
            "snooze": self._snooze,
            "list": lambda rest: view.list_alerts(self._office, Wanted(everything=True, limit=20), False),
            "status": lambda rest: self._look(view.status, "status ID", rest),
            "why": lambda rest: self._look(view.why, "why ID", rest),
        }
        if not typed:
            return
        if typed[0] not in verbs:
            self._explain(typed[0])
            return
        try:
            await verbs[typed[0]](typed[1:])
        except (MistypedError, view.NotOneError) as error:
            self.screen.line(str(error), "red")

    def _explain(self, word: str) -> None:
        """What to type instead of this."""
        if word.isdecimal():
            form = self.words.gettext("To press it on the phone that rings, type: press %(digit)s")
            self.screen.line(form % {"digit": word}, "red")
            return
        if word not in ("help", "?"):
            self.screen.line(self.words.gettext("There is no command “%(text)s” here:") % {"text": word[:40]}, "red")
        self.help()

    @property
    def _office(self) -> Office:
        return Office(self.app.settings, self.app.store, self.app.engine, self.app.clock, self.words)

    async def _mail(self, rest: list[str]) -> None:
        subject = " ".join(rest) or "test"
        await self.imap.append("alice", mail_of(f"【緊急】 {subject}", "alice@team.example"))

    async def _read(self, rest: list[str]) -> None:
        user = rest[0] if rest else "alice"
        if user not in self.imap.users:
            values = {"people": "|".join(self.imap.users)}
            raise MistypedError(self.words.gettext("Who reads? Type: read %(people)s") % values)
        await self.imap.read(user)
        self.screen.line(self.words.gettext("%(name)s has read all mail.") % {"name": self._who(user)})

    async def _press(self, rest: list[str]) -> None:
        if not rest:
            raise MistypedError(self.words.gettext("Which key? Type: press DIGIT"))
        if not await self.phone.press(rest[0]):
            raise MistypedError(self.words.gettext("No phone rings."))

    async def _look(self, look: Callable[[Office, int, bool], Awaitable[int]], usage: str, rest: list[str]) -> None:
        await look(self._office, await self._alert(usage, rest), False)

    async def _snooze(self, rest: list[str]) -> None:
        if len(rest) == 1:
            await self._alert("snooze ID 15m", rest)
            raise MistypedError(self.words.gettext("For how long? Type: snooze ID 15m, or 2h, 1d, morning"))
        await self._order(Verb.SNOOZE, rest)

    async def _order(self, verb: Verb, rest: list[str]) -> None:
        alert_id = await self._alert(f"{verb.value} ID", rest)
        order = Order(verb, alert_id, "alice", "console", " ".join(rest[1:]))
        await view.carry_out(self._office, order, False, running=True)

    async def _alert(self, usage: str, rest: list[str]) -> int:
        """The alert that is meant. Raises MistypedError, in the words of this prompt, not of the command line."""
        if not rest:
            raise MistypedError(
                self.words.gettext("Which alert? Type: %(usage)s. “list” shows them all.") % {"usage": usage}
            )
        async with self.app.store.reading() as tx:
            found = await tx.find_alerts(rest[0])
        if not found:
            raise MistypedError(
                self.words.gettext("No alert matches “%(text)s”. “list” shows them all.") % {"text": rest[0]}
            )
        return await view.one_alert(self._office, rest[0])
