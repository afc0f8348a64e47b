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
        subject, (text, fault) = await asyncio.gather(
            self.translations.subject_within(alert, words.language, MOST_WAIT), self._text(alert, words)
        )
        if not subject and not text:
            raise BadArgumentError(_why(subject is None or text is None, fault, words))
        name = {"service": self.translations.interpreter.name}
        lines = [f"#{alert.id} {subject_of(alert.mail, words)}"]
        if subject:
            lines += [words.gettext("The subject, translated by machine (%(service)s):") % name, *_marked(subject)]
        if text:
            lines += [words.gettext("How the mail begins, translated by machine (%(service)s):") % name, *_marked(text)]
        lines += [fault] if fault else []
        return [*lines, words.gettext("It may be wrong: what counts is the mail itself.")]

    async def _text(self, alert: Alert, words: Words) -> tuple[str | None, str]:
        """The translation as that of a subject, and why there is none, in words."""
        if not self.translations.has_text:
            return "", ""
        try:
            text = await self.texts.text(alert)
        except UnreadableError:
            return "", words.gettext(UNREADABLE)
        return await self.translations.text_within(alert, text, words.language, MOST_WAIT), ""


def _why(is_late: bool, fault: str, words: Words) -> str:
    if is_late:
        return words.gettext("The translation service does not answer now. Please try again later.")
    return fault or words.gettext("There is nothing to translate: it is in your language already, or says nothing.")


def _marked(text: str) -> list[str]:
    lines = (plain(line) for line in cut(text, MOST_SHOWN).splitlines())
    return [f"{MARK}{line}" for line in lines if line]
