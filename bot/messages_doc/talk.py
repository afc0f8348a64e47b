"""A conversation in chat, from the first question to the last answer: every command is typed, and the bot answers."""

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial

from bot.chatops.translate import Translating
from bot.mail_text import MailTexts
from bot.messages_doc.cast import POLICY, Cast
from bot.messages_doc.lines import line
from bot.messages_doc.live import Bot, played
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import of_answer, of_slack, of_window
from bot.translation.interpreter import Interpreter
from bot.translation.translations import Translations
from channels.inbox import Reply
from channels.message import Message
from channels.translation.config import Exceptions
from channels.translation.service import Translated
from escalation.alert import Alert

GUEST = "guest@partner.example"


class Talk:
    """What was typed and answered so far, by section."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.shown: dict[str, list[Shown]] = {}

    def show(self, section: str, shown: Shown) -> None:
        self.shown.setdefault(section, []).append(shown)

    async def types(self, section: str, *names: str, person: str = "alice") -> Reply:
        """Lines, by name, one after the other; returns the last answer."""
        reply = Reply("")
        for name in names:
            typed = line(name, self.bot.cast)
            reply = await self.bot.types(typed, person)
            self.show(section, Shown("", [self._typed(typed, person), *answered(reply)]))
        return reply

    def _typed(self, typed: str, person: str) -> str:
        who = "" if person == "alice" else f"   ({self.bot.cast.names.get(person, person)})"
        return f"> /kidoku {typed}{who}"

    def told(self, person: str, channel: str = "slack") -> Message:
        """What somebody got last."""
        address = self.bot.actor(person, channel).address
        return next(one for one in reversed(self.bot.channels[channel].sent) if one.address == address)


def answered(reply: Reply) -> list[str]:
    """The window that opens, with what is wrong in it; or the answer."""
    if reply.dialog is not None:
        return of_window(reply.dialog, reply.faults)
    return of_answer(reply.text)


class _Texts(MailTexts):
    """The text of every mail is the foreign one of the examples."""

    def __init__(self, cast: Cast) -> None:
        self._foreign = cast.foreign_text

    async def text(self, alert: Alert) -> str:
        return self._foreign


class _Service:
    """A translation service that knows the mail of the examples."""

    name = "DeepL"

    def __init__(self, cast: Cast) -> None:
        self._known = {cast.foreign_subject: cast.subject, cast.foreign_text: cast.text}

    async def translate(self, text: str, target: str) -> Translated:
        return Translated(self._known[text])

    async def close(self) -> None:
        return None


def translating(bot: Bot) -> Translating:
    cast, app = bot.cast, bot.app
    interpreter = Interpreter(_Service(cast), bot.clock, app.metrics)
    translations = Translations(interpreter, app.engine, cast.language, Exceptions(), has_text=True)
    return Translating(_Texts(cast), translations)


async def _talked(bot: Bot) -> Mapping[str, list[Shown]]:
    talk = Talk(bot)
    await bot.arrives()
    await bot.passes(6)
    await talk.types("look", "status", "status by words", "list", "list unread", "who")
    await _works_on(talk)
    await _looks_back(talk)
    await _silences(talk)
    bot.app.inbox.requests.translating = translating(bot)
    await bot.arrives(bot.cast.foreign_subject, "3")
    await talk.types("translate", "translate")
    await _duties(talk)
    await _sends(talk)
    await talk.types("simulate", "simulate")
    await talk.types("report", "report")
    await talk.types("language", "lang")
    await talk.types("help", "help", person="carol")
    await talk.types("help", "help of one")
    return talk.shown


async def _works_on(talk: Talk) -> None:
    """Alice is woken, and works on it; Bob follows it."""
    await talk.types("follow", "subscribe", person="bob")
    await talk.types("do", "note", "remind", "snooze", "escalate to", "escalate", "ack")
    await talk.types("do", "ack", person="bob")
    await talk.types("wrong", "no alert", "no time", "no words", "no person", "misspelt", "not swallowed")
    await talk.types("wrong", "ack", person="dave")
    await talk.types("wrong", "ack", person="U0STRANGER")
    await talk.types("do", "resolve")
    await talk.types("wrong", "nothing left")
    talk.show("follow", Shown("In Slack", of_slack(talk.told("bob"))))
    await talk.types("follow", "unsubscribe", person="bob")


async def _looks_back(talk: Talk) -> None:
    await talk.types("why", "why")
    await talk.types("look", "list mine", "list resolved", "list all")


async def _silences(talk: Talk) -> None:
    await talk.types("silence", "silence")
    await talk.bot.arrives(name="2")
    await talk.types("silence", "silences", "silences 1", "unsilence", "silences")
    await talk.bot.arrives(name="4")


async def _duties(talk: Talk) -> None:
    await talk.types("override", "override", "override others")
    await talk.types("swap", "swap", "swaps")
    await talk.types("swap", "swap accept", person="bob")


async def _sends(talk: Talk) -> None:
    """To a guest: a second person must approve it. One that is sent then is recalled before."""
    cast = talk.bot.cast
    answers = {"to": f"bob, {GUEST}", "subject": cast.own_subject, "body": cast.own_text, "policy": "notice"}
    opened = await talk.types("send", "send")
    assert opened.dialog is not None
    wrong = await talk.bot.answers(opened.dialog.key, answers | {"to": "nobody", "deadline": "soon"})
    talk.show("send", Shown("What is wrong stands beside its field", answered(wrong)))
    preview = await talk.bot.answers(opened.dialog.key, answers | {"deadline": "2h"})
    assert preview.dialog is not None
    talk.show("send", Shown("Before it leaves", answered(preview)))
    sent = await talk.bot.answers(preview.dialog.key)
    talk.show("send", Shown("Once it is sent", answered(sent)))
    again = await talk.bot.answers(preview.dialog.key)
    talk.show("send", Shown("The same once more", answered(again)))
    await talk.types("approve", "approve")
    await talk.types("approve", "approve", person="bob")
    await talk.types("approve", "status of sent")
    await talk.types("approve", "recall late")


@lru_cache
def talked(language: str) -> Mapping[str, list[Shown]]:
    from bot.messages_doc.cast import CASTS

    return played(CASTS[language], _talked)
