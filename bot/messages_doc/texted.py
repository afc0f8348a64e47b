"""What is written back to a text message or by WhatsApp, and what comes back."""

from collections.abc import Sequence
from functools import lru_cache

from bot.messages_doc.cast import CASTS, Cast
from bot.messages_doc.live import Bot, played
from bot.messages_doc.section import Shown
from channels.base import SMS, WHATSAPP
from channels.message import Verb

_LINES = {
    "en": ("1 e", "1 s 30m", "1 a", "1 r", "help", "7 a"),
    "ja": ("1 次", "1 後で 30分", "1 了解", "1 完了", "ヘルプ", "7 了解"),
    "zh": ("1 下一步", "1 稍后 30分钟", "1 收到", "1 已解决", "帮助", "7 收到"),
}
STOP = {"en": "停止", "ja": "停止", "zh": "退订"}


async def _texted(bot: Bot) -> list[Shown]:
    await bot.arrives(name="everywhere", sender="noc@everywhere.example")
    await bot.passes(2)
    lines = []
    for text in _LINES[bot.cast.language]:
        lines += [f"> {text}", (await bot.texts(text)).text]
    by_whatsapp = await bot.texts(_LINES[bot.cast.language][2], via=WHATSAPP)
    alice = bot.actor("alice", SMS).address
    stopped = await bot.app.inbox.stop(SMS, alice, is_asked=True)
    return [
        Shown("As a text message", lines, of=(SMS, Verb.ESCALATE, Verb.SNOOZE, Verb.ACK, Verb.RESOLVE)),
        Shown("By WhatsApp", [f"> {_LINES[bot.cast.language][2]}", by_whatsapp.text], of=(WHATSAPP,)),
        Shown(
            "No more messages; an English STOP is answered by Twilio itself", [f"> {STOP[bot.cast.language]}", stopped]
        ),
    ]


@lru_cache
def texted(language: str) -> Sequence[Shown]:
    return played(CASTS[language], _texted)


def answers(cast: Cast) -> list[Shown]:
    return list(texted(cast.language))
