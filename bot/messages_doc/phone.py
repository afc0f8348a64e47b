"""What is special to phones: what is heard beside the announcement, calls that reach no page of ours, and answers."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from bot.messages_doc import beside, texted
from bot.messages_doc.alerts import PHONE
from bot.messages_doc.cast import CASTS, Cast, Story
from bot.messages_doc.live import Bot, played
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.talk import translating
from bot.messages_doc.transcript import of_announcement
from channels.message import Verb
from escalation.command import Purpose


async def _read_out(bot: Bot) -> list[Shown]:
    """A mail from abroad comes; whoever is called wants to hear it, with a translation and without."""
    await bot.arrives(bot.cast.foreign_subject)
    await bot.passes(10)
    [call] = bot.channels["phone"].sent
    texts = translating(bot).texts
    bot.app.scribe.texts = texts
    texts.is_allowed = True
    before = await bot.app.inbox.text_of(call.key)
    texts.translations = translating(bot).translations
    after = await bot.app.inbox.text_of(call.key)
    texts.is_allowed = False
    withheld = await bot.app.inbox.text_of(call.key)
    return [
        Shown(PHONE, [f"🗣 {before}"]),
        Shown("Where a translation service is set up", [f"🗣 {after}"]),
        Shown("Where it is not read out", [f"🗣 {withheld}"]),
    ]


def _degraded(cast: Cast) -> list[Shown]:
    message = Story.of(cast).passes(10).message(10, cast.row("phone", "alice"))
    return [Shown(PHONE, of_announcement(message), of=(Purpose.STEP,))]


async def _after_keys(bot: Bot) -> list[Shown]:
    """What a key does that needs more than the thanks of the call."""
    lines = [
        (await bot.presses(verb, 1, by, "phone")).text
        for verb, by in ((Verb.CALL_BACK, "alice"), (Verb.PASS_ON, "bob"), (Verb.PASS_ON, "bob"))
    ]
    return [Shown("", lines, of=(Verb.CALL_BACK, Verb.PASS_ON))]


async def _heard(bot: Bot) -> Mapping[str, Sequence[Shown]]:
    apology = bot.app.inbox.apology([bot.actor("alice", "phone").address]).text
    return {
        "text": await _read_out(bot),
        "keys": await _after_keys(bot),
        "apology": [Shown(PHONE, [f"🗣 {apology}"])],
    }


@lru_cache
def heard(language: str) -> Mapping[str, Sequence[Shown]]:
    return played(CASTS[language], _heard)


def _of(name: str) -> Callable[[Cast], list[Shown]]:
    return lambda cast: list(heard(cast.language)[name])


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "What else a call says",
        (
            Section(
                "What the mail says", "After the key for it. Links are named, quotations are left out.", _of("text")
            ),
            Section(
                "Without an address of ours",
                "Where web.public_url is missing: it is said twice, no key does anything, and the ladder goes on.",
                _degraded,
            ),
            Section(
                "What a key has done",
                "In the audit trail and the API; the call itself thanks, as above.",
                _of("keys"),
            ),
            Section("When nothing can be read or saved", "Instead of Twilio's own words for a fault.", _of("apology")),
        ),
    ),
    Chapter("Calling Kidoku, and the sender", beside.CALLS),
    Chapter(
        "Answering a text message",
        (Section("Answers by SMS and WhatsApp", "They count for alerts that were sent there.", texted.answers),),
    ),
)
