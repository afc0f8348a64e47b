"""A conversation in chat, from the first question to the last answer: every command is typed, and the bot answers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

from bot.chatops.dialog import ASKING
from bot.chatops.perform import ABOUT_ALERT
from bot.chatops.translate import Translating
from bot.mail_text import MailTexts
from bot.messages_doc import discord_transcript as discord
from bot.messages_doc.cast import CASTS, Cast
from bot.messages_doc.lines import line
from bot.messages_doc.live import Bot, played
from bot.messages_doc.section import Shown, of_play
from bot.messages_doc.transcript import of_answer, of_window
from bot.translation.interpreter import Interpreter
from bot.translation.translations import Translations
from channels.inbox import Reply
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
        who = "" if person == "alice" else f"{self.bot.cast.names.get(person, person)} "
        return f"{who}> /kidoku {typed}"


def answered(reply: Reply) -> list[str]:
    """The window that opens, with what is wrong in it; or the answer."""
    if reply.dialog is not None:
        return of_window(reply.dialog, reply.faults)
    return of_answer(reply.text)


class _Texts(MailTexts):
    """The text of every mail is the foreign one of the examples."""

    def __init__(self, cast: Cast) -> None:
        self.is_allowed = True
        self.translations = None
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
    await _in_discord(talk)
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
    await talk.types("confirm", "confirm", "confirm phone", "confirm code")
    await talk.types("language", "lang")
    await talk.types("help", "help", person="carol")
    await talk.types("help", "help of one")
    return talk.shown


async def _works_on(talk: Talk) -> None:
    """Alice is woken, and works on it; Bob follows it."""
    await talk.types("follow", "subscribe", "unsubscribe", person="bob")
    await talk.types("do", "note", "remind", "snooze", "escalate to", "escalate", "ack")
    await talk.types("do", "ack", person="bob")
    await talk.types("wrong", "no alert", "no time", "no words", "no person", "misspelt", "not swallowed")
    await talk.types("wrong", "ack", person="dave")
    await talk.types("wrong", "ack", person="U0STRANGER")
    await talk.types("do", "resolve")
    await talk.types("wrong", "nothing left")


async def _looks_back(talk: Talk) -> None:
    await talk.types("why", "why")
    await talk.types("look", "list mine", "list resolved", "list all")


async def _silences(talk: Talk) -> None:
    await talk.types("silence", "silence")
    await talk.bot.arrives(name="2")
    await talk.types("silence", "silences", "silences 1", "unsilence", "silences")
    await talk.bot.arrives(name="4")


async def _duties(talk: Talk) -> None:
    await talk.types("override", "override others", "override")
    await talk.types("swap", "swap", "swaps")
    await talk.types("swap", "swap accept", person="bob")


async def _in_discord(talk: Talk) -> None:
    """The same there: an answer, the window of a mail, what is wrong in it, and its preview."""
    bot, cast = talk.bot, talk.bot.cast
    for name in ("status", "list", "who"):
        typed = line(name, cast)
        reply = await bot.types(typed, via="discord")
        talk.show("discord", Shown("", [f"> /kidoku {typed}", *discord.of_answer(reply.text)]))
    opened = await bot.types(line("send", cast), via="discord")
    assert opened.dialog is not None
    talk.show("discord", Shown("The window of a mail, page by page", discord.of_window(opened)))
    answers = {"to": "nobody", "subject": cast.own_subject, "body": cast.own_text, "policy": "notice"}
    wrong = await bot.answers(opened.dialog.key, answers, via="discord")
    talk.show("discord", Shown("What is wrong", discord.of_window(wrong)))
    preview = await bot.answers(opened.dialog.key, answers | {"to": f"bob, {GUEST}"}, via="discord")
    talk.show("discord", Shown("Before it leaves", discord.of_window(preview)))
    for verb in ASKING:
        window = await bot.wishes(verb, 1 if verb in ABOUT_ALERT else 0, via="discord")
        talk.show("discord", Shown("Another window", discord.of_window(window)))
    forms = [
        f"/kidoku {one.verb}: {one.about[cast.language]}" for one in bot.app.inbox.forms() if not one.is_on_message
    ]
    talk.show("discord", Shown("The menu of its commands", forms))


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
    again = await talk.bot.types(line("send", cast))
    assert again.dialog is not None
    preview = await talk.bot.answers(again.dialog.key, answers)
    assert preview.dialog is not None
    await talk.bot.answers(preview.dialog.key)
    await talk.types("approve", "recall")


@lru_cache
def talked(language: str) -> Mapping[str, Sequence[Shown]]:
    return played(CASTS[language], _talked)


_of = partial(of_play, talked)


SECTIONS = (
    _of("look", "Looking", "Private, unless share is added."),
    _of("do", "Doing", "The answer is for whoever typed; the message of the alert changes for everybody."),
    _of("follow", "Following one alert", "News of it come in private, and ring nobody."),
    _of("why", "Why", "Its story in sentences."),
    _of("silence", "Silences", "So that planned work wakes nobody. What is kept quiet is counted."),
    _of("translate", "Translating a mail", "With translation: in the settings. Never shared."),
    _of("override", "Giving somebody the duty for a time", "One's own; those of others need a manager."),
    _of("swap", "Swapping shifts", "The other side is asked, and answers."),
    _of("send", "Sending an urgent mail", "A window opens; nothing leaves before it is confirmed."),
    _of("approve", "Approving and taking back a mail", "Where sending.approval: asks for a second person."),
    _of("simulate", "A simulation", "Whom a policy would tell when; nobody is told."),
    _of("report", "A report", "How a shift or a week went."),
    _of("confirm", "Contacts, and the code that came", "Of one's own alone, and never shared."),
    _of("language", "The language", "From the next answer on."),
    _of("help", "Help", "What may be typed, by role."),
    _of("wrong", "What was not understood, or may not be", "It says what to type instead."),
    _of("discord", "In Discord", "The same answers as Discord draws them, and its windows."),
)
