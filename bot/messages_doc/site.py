"""The pages that a link opens: each is asked of a running bot, and its buttons are pressed."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.messages_doc.browser import opened, pressed, pressed_in, read, source
from bot.messages_doc.cast import CASTS, DAY, URL, Cast
from bot.messages_doc.live import Bot, played
from bot.messages_doc.section import Chapter, Section, Shown
from bot.outgoing.addressing import addressed
from bot.outgoing.send import Draft, send
from bot.store.record import Enclosure, OutgoingMail
from bot.web.cover import Refusal
from bot.web.view_desk import MOST_TRIES
from bot.web.view_page import ended, refused
from channels.base import APPRISE, MAIL
from channels.message import Message

CONFIRM, DECLINE, VIEW, TAKE = "/c/{token:path}", "/d/{token:path}", "/v/{token:path}", "/a/{token:path}"
"""The pages, as the server knows them."""
_MOST_PAGES = 200


async def _visited(bot: Bot) -> Mapping[str, Sequence[Shown]]:
    await _send(bot)
    shown = {"confirm": await _confirm(bot), "decline": await _decline(bot)}
    await _send_secret(bot)
    shown["view"] = await _view(bot)
    await bot.arrives(name="everywhere", sender="noc@everywhere.example")
    await bot.passes(2)
    shown["take"] = await _take(bot)
    shown["room"] = await _room(bot)
    shown["nowhere"] = [Shown("", await opened(bot, f"{URL}/c/none"), of=(CONFIRM,)), await _busy(bot)]
    return shown


async def _send(bot: Bot, **more: str) -> None:
    """Alice sends Bob an urgent mail."""
    cast = bot.cast
    window = await bot.types("send")
    assert window.dialog is not None
    answers = {"to": "bob", "subject": cast.own_subject, "body": cast.own_text, "policy": "notice", "deadline": "8h"}
    preview = await bot.answers(window.dialog.key, answers | more)
    assert preview.dialog is not None
    await bot.answers(preview.dialog.key)


async def _send_secret(bot: Bot) -> None:
    """Alice sends Bob a confidential mail, to be read within a day."""
    cast, post, expires_at = bot.cast, bot.app.post, bot.clock.now() + DAY
    assert post is not None
    mail = OutgoingMail(
        sender=post.sender,
        subject=cast.own_subject,
        text=cast.own_text,
        is_confidential=True,
        expires_at=expires_at,
        enclosures=(Enclosure(name="plan.pdf", type="application/pdf", data=b"%PDF" * 300),),
    )
    to = tuple(addressed(["bob"], bot.app.engine.rules.roster))
    draft = Draft(mail, to, bot.app.settings.escalation_policies()["notice"], "alice")
    await bot.app.engine.submit(lambda desk: send(desk, draft, post))
    await bot.works()


def _link(bot: Bot, letter: str) -> str:
    """The newest link of this kind in a mail."""
    texts = (one.letter.text for one in reversed(bot.channels[MAIL].sent) if one.letter is not None)
    return next(str(found[0]) for text in texts if (found := re.search(rf"{URL}/{letter}/\S+", text)))


async def _confirm(bot: Bot) -> list[Shown]:
    url = _link(bot, "c")
    return [
        Shown("", await opened(bot, url), of=(CONFIRM,)),
        Shown("After the button", await pressed(bot, url), of=(CONFIRM,)),
    ]


async def _decline(bot: Bot) -> list[Shown]:
    url = _link(bot, "d")
    return [
        Shown("", await opened(bot, url), of=(DECLINE,)),
        Shown("After the button", await pressed(bot, url, do="all"), of=(DECLINE,)),
    ]


async def _view(bot: Bot) -> list[Shown]:
    url, of = _link(bot, "v"), (VIEW,)
    cover = await opened(bot, url)
    asked = await pressed(bot, url, do="send", way="slack")
    wrong = await pressed(bot, url, do="open", code="000000")
    content = await source(bot, url, do="open", code=_code(bot))
    thanks = await pressed_in(bot, url, content, "confirm")
    shown = [
        Shown("", cover, of=of),
        Shown("After the code was asked for", asked, of=of),
        Shown("After a wrong code", wrong, of=(*of, Refusal.WRONG)),
        Shown("After the right code", read(content), of=of),
        Shown("After the button", read(thanks), of=of),
    ]
    bot.clock.move_to(bot.clock.now() + DAY)
    shown.append(Shown("When it has expired", await opened(bot, url), of=(*of, Refusal.EXPIRED)))
    words = bot.cast.words
    others = [one for one in Refusal if one not in (Refusal.NOWHERE, Refusal.EXPIRED, Refusal.WRONG)]
    told = [*(refused(one, MOST_TRIES - 1, words) for one in others), ended(words)]
    return [*shown, Shown("What else it may refuse", told, of=others)]


def _code(bot: Bot) -> str:
    """The one-time code that came to Bob in Slack."""
    text = next(one for one in reversed(bot.channels["slack"].sent) if one.address == bot.actor("bob").address)
    return str(re.findall(r"\b\d{6}\b", _all_of(text))[-1])


def _all_of(message: Message) -> str:
    return "\n".join((message.title, message.summary, *(one.value for one in message.facts)))


async def _take(bot: Bot) -> list[Shown]:
    """Alice's own link, in her mail."""
    url, of = next(one.link for one in reversed(bot.channels[MAIL].sent) if one.link), (TAKE,)
    return [
        Shown("", await opened(bot, url), of=of),
        Shown("After the button", await pressed(bot, url, do="take"), of=of),
    ]


async def _room(bot: Bot) -> list[Shown]:
    """The link that went to a room, by a service without buttons."""
    await bot.arrives(name="everywhere 2", sender="noc@everywhere.example")
    await bot.passes(2)
    url, of = next(one.link for one in reversed(bot.channels[APPRISE].sent) if one.link), (TAKE,)
    return [
        Shown("", await opened(bot, url), of=of),
        Shown("After a name", await pressed(bot, url, who="alice"), of=of),
        Shown("The same once more", await pressed(bot, url, who="alice"), of=of),
    ]


async def _busy(bot: Bot) -> Shown:
    """Somebody asks for page after page."""
    first = await opened(bot, f"{URL}/c/none")
    for _ in range(_MOST_PAGES):
        if (last := await opened(bot, f"{URL}/c/none")) != first:
            return Shown("When too much is asked of it, or it can't save", last, of=(CONFIRM,))
    raise ValueError("the pages answer whatever is asked of them")


@lru_cache
def visited(language: str) -> Mapping[str, Sequence[Shown]]:
    return played(CASTS[language], _visited)


def _page(name: str, title: str, about: str) -> Section:
    def make(cast: Cast) -> list[Shown]:
        return list(visited(cast.language)[name])

    return Section(title, about, make)


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "Pages that a link opens",
        (
            _page("confirm", "Confirming that a mail was read", "The link in a mail that the team sent."),
            _page(
                "view", "Reading a confidential mail", "The link in a confidential mail. The code comes another way."
            ),
            _page("decline", "Declining receipts", "The link at the end of a mail that the team sent."),
            _page("take", "Taking an alert by link", "The link of one person, where there are no buttons."),
            _page("room", "Taking an alert by a room's link", "It proves nothing of whoever opens it."),
            _page("nowhere", "A link that leads nowhere", "Whatever is wrong with it, it looks the same."),
        ),
    ),
)
