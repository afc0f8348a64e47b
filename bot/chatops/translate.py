"""What a mail says in the language of whoever asks: ``translate 42``. Who asks may wait; no page does."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.language import Words
from bot.mail_text import UNREADABLE, MailTexts, UnreadableError
from bot.refusal import BadArgumentError
from bot.tame import cut, plain
from bot.translation.translations import Translations
from bot.wording.name import subject_of
from escalation.alert import Alert

MOST_WAIT = timedelta(seconds=8)
MOST_SHOWN = 2_000
MARK = "│ "
"""Before each line of the mail's: a stranger's words can't pass for Kidoku's own."""


@dataclass(frozen=True, slots=True)
class Translating:
    """Where texts come from, and who translates them."""

    texts: MailTexts
    translations: Translations

    async def lines(self, alert: Alert, words: Words) -> list[str]:
        """The subject beside its translation, and the beginning of the text translated. Raises BadArgumentError if
        there is nothing to show."""
        if not await self.translations.may(alert):
            raise BadArgumentError(words.gettext("This mail is not given to a translation service."))
        original, unreadable = await self._original(alert, words)
        subject, text = await asyncio.gather(
            self.translations.subject_within(alert, words.language, MOST_WAIT),
            self.translations.text_within(alert, original, words.language, MOST_WAIT),
        )
        is_refused = self.translations.is_refused(alert, original, words.language)
        faults = _faults(is_refused, subject is None or text is None, unreadable, words)
        if not subject and not text:
            nothing = words.gettext("There is nothing to translate: it is in your language already, or says nothing.")
            raise BadArgumentError([*faults, nothing][0])
        name = {"service": self.translations.interpreter.name}
        lines = [f"#{alert.id} {subject_of(alert.mail, words)}"]
        if subject:
            lines += [words.gettext("The subject, translated by machine (%(service)s):") % name, *_marked(subject)]
        if text:
            lines += [words.gettext("How the mail begins, translated by machine (%(service)s):") % name, *_marked(text)]
        return [*lines, *faults, words.gettext("It may be wrong: what counts is the mail itself.")]

    async def _original(self, alert: Alert, words: Words) -> tuple[str, str]:
        """The mail's text, and why it can't be had, in words."""
        if not self.translations.has_text:
            return "", ""
        try:
            return await self.texts.text(alert), ""
        except UnreadableError:
            return "", words.gettext(UNREADABLE)


def _faults(is_refused: bool, is_late: bool, unreadable: str, words: Words) -> list[str]:
    """Why something is not shown, in words; what tells most comes first."""
    found = []
    if is_refused:
        found.append(words.gettext("The translation service refuses this. What it answered is in Kidoku's log."))
    if is_late:
        found.append(words.gettext("The translation service does not answer now. Please try again later."))
    return [*found, unreadable] if unreadable else found


def _marked(text: str) -> list[str]:
    lines = (plain(line) for line in cut(text, MOST_SHOWN).splitlines())
    return [f"{MARK}{line}" for line in lines if line]
