"""The story that the demo plays by itself, and checks as it goes."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.app import App
from bot.demo.mail import mail_of
from bot.demo.mail_server import EmbeddedImap
from bot.demo.screen import Screen
from bot.language import Words
from bot.wording.name import channel_name
from bot.wording.status import word_of
from escalation.alert import AlertStatus

PATIENCE = 25.0
"""Seconds of real time for each turn of the story, and as many as the longest of them takes by the policy."""
LONGEST_TURN = timedelta(minutes=10)


class StoryError(Exception):
    """The story went otherwise than it must; the text says where."""


@dataclass(slots=True)
class Story:
    """Plays on a running bot."""

    app: App
    imap: EmbeddedImap
    screen: Screen
    words: Words
    speed: float

    async def play(self) -> None:
        """Raises StoryError if something does not come, or comes that must not."""
        await self._nobody_reads()
        await self._somebody_reads()

    def _say(self, text: str) -> None:
        self.screen.gap()
        self.screen.line(f"▶ {text}", "bold yellow")

    async def _nobody_reads(self) -> None:
        words = self.words
        self._say(words.gettext("1. An urgent mail comes in. Nobody reads it."))
        subject = words.gettext("【URGENT】 Tokyo–Osaka line is down")
        await self.imap.append("alice", mail_of(subject, "alice@team.example", words.gettext("Carrier NOC")))
        await self._expect("slack", "post", 1)
        await self._expect("discord", "post", 1)
        await self._expect("phone", "ring", 1)
        await self._expect("phone", "no_answer", 1)
        self._say(words.gettext("The phone was not answered. It rings once more, and is answered this time."))
        await self._expect("phone", "answered", 1)
        await self._expect("slack", "update", 1)
        await self._expect("discord", "update", 1)
        await self._must_be(1, AlertStatus.ACKNOWLEDGED)
        self._say(words.gettext("The digit was pressed: everything stops. Nothing rings again."))

    async def _somebody_reads(self) -> None:
        words = self.words
        self._say(words.gettext("2. Another urgent mail. This time somebody reads it, in any mail program."))
        subject = words.gettext("【URGENT】 Disk of db-3 is nearly full")
        await self.imap.append("bob", mail_of(subject, "bob@team.example", words.gettext("Monitoring")))
        await self._expect("slack", "post", 2)
        await self.imap.read("bob")
        await self._expect("slack", "update", 2)
        await self._must_be(2, AlertStatus.ACKNOWLEDGED)
        before = len(self.screen.shown)
        # Long enough for the next step to come if it were still to come.
        await asyncio.sleep(360 / self.speed)
        late = [one for one in self.screen.shown[before:] if one.kind in ("post", "ring")]
        if late:
            raise StoryError(
                words.gettext("%(channel)s was told although the mail had been read")
                % {"channel": channel_name(late[0].channel, words)}
            )
        self._say(words.gettext("It was read in the mailbox: Discord and the phone stay silent."))

    async def _expect(self, channel: str, kind: str, alert_id: int) -> None:
        seconds = PATIENCE + LONGEST_TURN.total_seconds() / self.speed
        try:
            await self.screen.wait_for(channel, kind, alert_id, seconds)
        except TimeoutError as error:
            values = {"channel": channel_name(channel, self.words), "kind": kind, "id": alert_id}
            form = self.words.gettext("nothing happened on %(channel)s within %(span)s (%(kind)s, alert #%(id)s)")
            raise StoryError(form % {**values, "span": self.words.duration(timedelta(seconds=seconds))}) from error

    async def _must_be(self, alert_id: int, status: AlertStatus) -> None:
        async with self.app.store.reading() as tx:
            alert = (await tx.alerts([alert_id])).get(alert_id)
        if alert is None or alert.status is not status:
            found = word_of(alert.status, self.words) if alert else "–"
            form = self.words.gettext("alert #%(id)s: %(found)s; it should be: %(wanted)s")
            raise StoryError(form % {"id": alert_id, "found": found, "wanted": word_of(status, self.words)})
