"""What a mail says, for who asks for it on the phone. What came in is fetched anew, and never kept."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import timedelta

import structlog
from imapclient.exceptions import IMAPClientError

from bot.clock import Clock
from bot.language import N_, Words
from bot.store.record import MailCopy
from bot.store.store import Store
from bot.translation.translations import Translations
from bot.wording.name import NEUTRAL_SUBJECT
from bot.wording.spoken import spoken_text
from channels.imap.config import ImapAccount
from channels.imap.peek import peek
from escalation.alert import Alert

log = structlog.get_logger(__name__)

MOST_TIME = 8.0
"""Seconds for all of a mail's mailboxes: Twilio waits 15 for an answer."""
MOST_SILENCE = timedelta(seconds=2)
"""How long whoever is on the phone waits for a translation before they hear the original."""
UNREADABLE = N_("The mailbox can't be read now. Please look at the mail itself.")


class UnreadableError(Exception):
    """None of the mailboxes that the mail is in can be read now."""


class MailTexts:
    """Reads texts of mails, in the words of who will hear them."""

    def __init__(
        self, store: Store, clock: Clock, accounts: Mapping[str, ImapAccount], pool: Executor, *, is_allowed: bool
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._pool = pool
        self.is_allowed = is_allowed
        self.translations: Translations | None = None

    async def said(self, alert: Alert, words: Words) -> str:
        """The text, ready to be read out; or why it can't be. Nothing of a confidential mail is ever said."""
        if not self.is_allowed or alert.mail.subject == NEUTRAL_SUBJECT:
            return words.gettext("The text of this mail is not read out on the phone.")
        try:
            text = await self.text(alert)
        except UnreadableError:
            return words.gettext(UNREADABLE)
        translated = ""
        if self.translations is not None:
            translated = await self._translated(self.translations, alert, text, words)
        said = spoken_text(translated, words, is_translated=True) or spoken_text(text, words)
        return said or words.gettext("The mail has no text.")

    async def _translated(self, translations: Translations, alert: Alert, text: str, words: Words) -> str:
        """ "" if there is none in time: the original is read out then."""
        try:
            return await translations.text_within(alert, text, words.language, MOST_SILENCE) or ""
        except Exception:
            log.exception("A mail's text could not be translated", alert_id=alert.id)
            return ""

    async def text(self, alert: Alert) -> str:
        """The text as it was written; "" for none, and for that of a confidential mail. Raises UnreadableError."""
        try:
            async with asyncio.timeout(MOST_TIME):
                return await self._text(alert)
        except (TimeoutError, OSError, IMAPClientError) as error:
            log.warning("The text of a mail could not be fetched", alert_id=alert.id, fault=type(error).__name__)
            raise UnreadableError from error

    async def _text(self, alert: Alert) -> str:
        async with self._store.reading() as tx:
            outgoing = await tx.outgoing(alert.id)
            copies = await tx.find_copies(alert.mail.message_id) if outgoing is None else []
        if outgoing is not None:
            return "" if outgoing.is_confidential else outgoing.text
        return await self._fetched(copies)

    async def _fetched(self, copies: list[MailCopy]) -> str:
        fault: Exception | None = None
        for copy in copies:
            account = self._accounts.get(copy.account)
            if account is None:
                continue
            try:
                text = await peek(account, self._pool, copy.folder, copy.message_id, self._clock.now())
            except (OSError, IMAPClientError) as error:
                fault = error
                continue
            if text:
                return text
        if fault is not None:
            raise fault
        return ""
