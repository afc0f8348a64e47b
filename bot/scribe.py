"""Puts a notification into its reader's words, as of now. Never fails: a page in plain words beats no page."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot import letter, missed, notice_scribe
from bot.clock import Clock
from bot.confirm import code_of
from bot.language import Words
from bot.link import Links, is_linked
from bot.mail_text import MailTexts
from bot.outcome import is_page
from bot.outgoing import relay
from bot.outgoing.preview import concerns_again
from bot.outgoing.sent_mail import SentMail, SentMails
from bot.post import Post, open_tokens
from bot.store.record import EventRow, NotificationRow, OutgoingMail
from bot.store.store import Store
from bot.tokens import Tokens
from bot.translation.translations import Translations
from bot.wording import word_alarm, word_notification
from bot.wording.approval import approval_facts
from bot.wording.check import Ways, word_check
from bot.wording.confidential import word_code
from bot.wording.name import KNOWN_NO_MORE
from bot.wording.speech import for_caller
from channels.base import MAIL, PHONE
from channels.message import Message, Tone
from escalation.alert import Alert, AlertStatus
from escalation.command import IN_OWN_WORDS, Purpose
from escalation.decided import Exhausted, Notified, RungFired
from escalation.roster import Roster

log = structlog.get_logger(__name__)

Worded = Callable[[NotificationRow], Awaitable[tuple[Message | None, Alert | None]]]
"""Words a row as of now: the message, and the alert it was worded from (None for an alarm). No message: nobody needs it
any more."""

EXPIRES_SOON = timedelta(days=30)
"""A check reminds of the end of a confirmation so long before."""
_SEALED = frozenset({"discord", "slack"})
"""Where a bot of another database may post to the same room: one key may then be two notifications'."""


class Scribe:
    """Words rows; ``roster`` gives the people as they stand now, ``language`` and ``zone`` are for rooms and for people
    without their own. Without a ``post`` there is no mail to be sent; without ``links`` messages have none."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        roster: Callable[[], Roster],
        language: str,
        zone: str,
        post: Post | None = None,
        texts: MailTexts | None = None,
        links: Links | None = None,
        confirmed_for: timedelta = timedelta(days=365),
    ) -> None:
        self.store = store
        self.clock = clock
        self.roster = roster
        self.language = language
        self.zone = zone
        self.post = post
        self.texts = texts
        self.links = links
        self.confirmed_for = confirmed_for
        self.translations: Translations | None = None
        self._tokens: Tokens | None = None
        self._sent_mails = SentMails(store, clock)

    async def word(self, row: NotificationRow) -> tuple[Message | None, Alert | None]:
        """The message, and the alert it was worded from (None for an alarm about Kidoku, for relayed mail, and around a
        shift). Without a message nobody needs it any more."""
        message, alert = await self._worded(row)
        if message is not None and row.channel in _SEALED:
            seal = (await self._own_tokens()).seal(row.key)
            message = replace(message, seal=seal, under=await self._under(row))
        return message, alert

    async def _under(self, row: NotificationRow) -> Mapping[str, str]:
        """What has told its room of the alert before. What has left stays where it is."""
        if row.alert_id is None or row.person is not None or row.send_at is None or not is_page(row):
            return {}
        async with self.store.reading() as tx:
            return await tx.first_posted(row.alert_id, row.channel, row.address)

    async def _own_tokens(self) -> Tokens:
        if self._tokens is None:
            self._tokens = await open_tokens(self.store)
        return self._tokens

    async def _worded(self, row: NotificationRow) -> tuple[Message | None, Alert | None]:
        if row.purpose == Purpose.RELAY:
            return await relay.message(self.store, row, self.language), None
        words = self.words_for(row.person)
        if row.purpose == Purpose.CHECK:
            return await self._check(row, words), None
        if row.purpose == Purpose.MISSED:
            return await self._missed(row, words), None
        if row.purpose == Purpose.DUTY:
            return await self._duty(row, words), None
        if row.alert_id is None:
            return self._posted(self._alarm(row, words), row, words), None
        if (sent := await self._sent_mail(row, row.alert_id)) is not None:
            return self._letter(row, words, sent), sent.alert
        async with self.store.reading() as tx:
            alert = (await tx.alerts([row.alert_id]))[row.alert_id]
            events = await tx.events(row.alert_id)
            if row.purpose == Purpose.CODE and self.post is not None:
                return self._code(row, words, self.post), alert
            asked = await tx.outgoing(row.alert_id) if _is_question(row, alert) else None
        message = self._notification(alert, row, words, events)
        if asked is not None:
            message = self._question(message, alert, row, asked, words)
        return self._posted(message, row, words), alert

    async def word_key(self, key: str) -> Message | None:
        """The message with this key, for a provider that asks what to say; None if there is none."""
        async with self.store.reading() as tx:
            row = await tx.notification(key)
        return None if row is None else (await self.word(row))[0]

    async def text_of(self, key: str) -> str:
        """What the mail of this notification says, for the ear of whoever was called; "" if there is no such one."""
        async with self.store.reading() as tx:
            row = await tx.notification(key)
            alerts = await tx.alerts([row.alert_id]) if row is not None and row.alert_id is not None else {}
        if row is None or row.alert_id not in alerts or self.texts is None:
            return ""
        words = self.words_for(row.person)
        if not self._may_still_hear(row):
            return words.gettext(KNOWN_NO_MORE)
        return await self.texts.said(alerts[row.alert_id], words)

    def _may_still_hear(self, row: NotificationRow) -> bool:
        """Not somebody who was taken out of the settings while the call goes on, or whose number it was. Whoever called
        in may do so from any number."""
        person = self.roster().people.get(row.person or "")
        if person is None:
            return row.person is None
        return row.purpose == Purpose.CALLED_IN or row.address in person.addresses_on(row.channel)

    def words_for(self, person: str | None) -> Words:
        found = self.roster().people.get(person) if person else None
        language, zone = (found.language, found.zone) if found else (self.language, self.zone)
        return Words(language, zone, self.clock.now)

    def _notification(self, alert: Alert, row: NotificationRow, words: Words, events: Sequence[EventRow]) -> Message:
        listed = [(one.event, one.at) for one in events]
        mentions = _named_with(row, [event for event, _ in listed])
        now, translated = self.clock.now(), self._translated(alert, row, words)
        try:
            message = word_notification(alert, row, words, self.roster(), now, listed, mentions, translated)
            if row.purpose == Purpose.CALLED_IN and message.speech is not None:
                message = replace(message, speech=for_caller(message.speech, alert, words, now, translated))
            return message if self.links is None else self.links.with_link(message, row, words)
        except Exception:
            log.exception("A notification could not be worded; it goes out in plain words", key=row.key)
            return _plain(row, words, alert.mail.subject, alert.id, now)

    def _question(
        self, message: Message, alert: Alert, row: NotificationRow, mail: OutgoingMail, words: Words
    ) -> Message:
        """With why the mail waits for a second person, and how to let it leave; nothing of what it says."""
        if self.post is None:
            return message
        concerns, who = concerns_again(mail, alert.recipients, self.post), row.person or ""
        asked = approval_facts(alert.id, self.post.care.approval, concerns, row.channel, who, words, message.link)
        return replace(message, facts=(*message.facts, *asked))

    def _translated(self, alert: Alert, row: NotificationRow, words: Words) -> str:
        """The subject in the reader's language, if that is known by now: a page waits for no translation."""
        if self.translations is None:
            return ""
        try:
            return self.translations.subject(alert, words.language, row.key)
        except Exception:
            log.exception("A subject could not be translated", alert_id=alert.id)
            return ""

    async def _sent_mail(self, row: NotificationRow, alert_id: int) -> SentMail | None:
        """The team's own mail, if this row is a recipient's, or a reminder of it: all that it says is the letter."""
        if row.channel != MAIL or row.purpose in IN_OWN_WORDS or self.post is None:
            return None
        sent = await self._sent_mails.of(alert_id, row.claimed_at or self.clock.now())
        # A step may tell others by mail, too: they get no recipient's own link, and nothing of the mail.
        return sent if sent is not None and row.address in sent.addresses else None

    def _letter(self, row: NotificationRow, words: Words, sent: SentMail) -> Message:
        assert self.post is not None
        tracking = sent.tracking_of(row.address)
        found = letter.of_outgoing(sent.mail, sent.alert, row, words, self.post, self.clock.now(), tracking)
        return Message(
            key=row.key,
            address=row.address,
            language=words.language,
            title=found.subject,
            summary=found.subject,
            alert_id=sent.alert.id,
            letter=found,
        )

    async def _duty(self, row: NotificationRow, words: Words) -> Message | None:
        try:
            found = await notice_scribe.message(self.store, row, words, self.roster(), self.clock.now())
        except (KeyError, ValueError):
            log.exception("What is told around a shift could not be worded", key=row.key)
            return None
        return None if found is None else self._calm(found, row, words)

    async def _missed(self, row: NotificationRow, words: Words) -> Message | None:
        try:
            return await missed.message(self.store, row, words, self.roster(), self.clock.now())
        except (KeyError, ValueError):
            log.exception("What a room missed could not be worded", key=row.key)
            return None

    def _calm(self, message: Message, row: NotificationRow, words: Words) -> Message:
        """With a letter that says nothing of being urgent."""
        posted = self._posted(message, row, words)
        return replace(posted, letter=replace(posted.letter, is_urgent=False)) if posted.letter else posted

    async def _check(self, row: NotificationRow, words: Words) -> Message | None:
        """Nobody needs one that was answered, or lapsed, before it left."""
        now = self.clock.now()
        async with self.store.reading() as tx:
            one = await tx.check(json.loads(row.text)["id"])
            proofs = await tx.proofs([one.person]) if one is not None else []
        if one is None or (row.send_at is not None and not one.is_open(now)):
            return None
        tokens = await self._own_tokens()
        place = (one.channel, one.address)
        ends = [each.confirmed_at + self.confirmed_for for each in proofs if (each.channel, each.address) == place]
        soon = next((at for at in ends if at - now < EXPIRES_SOON), None)
        ways = Ways(
            has_link=self.links is not None and is_linked(row),
            is_reply_read=self.post is not None and self.post.is_heard,
        )
        message = word_check(one, row, code_of(one, tokens), words, now, soon, ways)
        if self.links is not None:
            message = self.links.with_link(message, row, words)
        return self._answerable(self._calm(message, row, words), row)

    def _answerable(self, message: Message, row: NotificationRow) -> Message:
        """An answer to its letter comes to where receipts are read."""
        if message.letter is None or self.post is None or not self.post.is_heard:
            return message
        return replace(message, letter=replace(message.letter, reply_to=self.post.envelope_sender(row.key)))

    def _posted(self, message: Message, row: NotificationRow, words: Words) -> Message:
        """With its letter, if it goes by mail; with how often and how long it rings, if it is a call."""
        if row.channel == PHONE:
            person = self.roster().people.get(row.person or "")
            return replace(message, turn=row.turn, ring=person.ring if person else None)
        if row.channel != MAIL or self.post is None:
            return message
        return replace(message, letter=letter.as_mail(message, row, self.post))

    def _code(self, row: NotificationRow, words: Words, post: Post) -> Message:
        message = word_code(letter.code_of(row, post), row.key, row.address, words)
        return replace(message, letter=letter.of_code(row, words, post)) if row.channel == MAIL else message

    def _alarm(self, row: NotificationRow, words: Words) -> Message:
        try:
            return word_alarm(row, words)
        except Exception:
            log.exception("An alarm could not be worded; it goes out in plain words", key=row.key)
            return _plain(row, words, str(json.loads(row.text)), None, self.clock.now())


def _is_question(row: NotificationRow, alert: Alert) -> bool:
    """Whether somebody is asked to let this mail leave, and nobody has by now."""
    return row.purpose == Purpose.APPROVAL and alert.status is AlertStatus.HELD


def _plain(row: NotificationRow, words: Words, text: str, alert_id: int | None, now: datetime) -> Message:
    return Message(
        key=row.key,
        address=row.address,
        language=words.language,
        title=f"Kidoku: {text}"[:200],
        summary=f"{text}"[:500],
        alert_id=alert_id,
        footer=now.isoformat(timespec="minutes"),
        tone=Tone.ALARM,
    )


def _named_with(row: NotificationRow, events: Sequence[object]) -> tuple[str, ...]:
    """Whom the step names beside this room, on the same channel: only they may be pinged in it."""
    if row.person is not None:
        return ()
    for event in events:
        if isinstance(event, RungFired | Exhausted) and any(one.key == row.key for one in event.notified):
            return tuple(one.address for one in event.notified if _is_person_on(one, row.channel))
    return ()


def _is_person_on(one: Notified, channel: str) -> bool:
    return one.person is not None and one.channel == channel
