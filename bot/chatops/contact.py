"""What people type of their contacts: the code that came, or over which channel one shall come. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from bot.chatops.vocabulary import key_of

EVERY = "all"
"""Instead of one channel: every contact."""
CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys((EVERY, "すべて", "全て", "全部", "所有"), EVERY),
        **dict.fromkeys(("phone", "call", "電話", "电话"), "phone"),
        **dict.fromkeys(("sms", "text", "ショートメール", "ショートメッセージ", "短信"), "sms"),
        **dict.fromkeys(("whatsapp",), "whatsapp"),
        **dict.fromkeys(("mail", "email", "e-mail", "メール", "邮件", "邮箱"), "mail"),
        **dict.fromkeys(("slack", "スラック"), "slack"),
        **dict.fromkeys(("discord", "ディスコード"), "discord"),
        **dict.fromkeys(("apprise", "push", "プッシュ", "推送"), "apprise"),
    }
)
"""By what people call it, the channel of a contact."""

_CODE = re.compile(
    r"(?:(?:confirm|code|確認コード|認証コード|コード|確認|确认码|验证码|确认|验证)\s*:?\s*)?(\d[\d -]{0,40})[.。]?"
)
_SIX = re.compile(r"(?<!\d)\d(?:[ -]?\d){5}(?!\d)")


def channel_of(text: str) -> str | None:
    """ "phone" for 電話, ``EVERY`` for すべて; None for no channel."""
    return CHANNELS.get(key_of(text))


def digits_of(text: str) -> str:
    """The digits of a code that somebody typed, "471108" of "code: 471 108"; "" for anything else."""
    found = _CODE.fullmatch(" ".join(unicodedata.normalize("NFKC", text).casefold().split()))
    return "".join(sign for sign in found[1] if sign.isdigit()) if found else ""


def without_codes(text: str) -> str:
    """A line that was not understood, as the audit trail may keep it: a code that is in it still counts."""
    return _SIX.sub("······", text)
