"""Files and what comes in by a pipe, as people save them → text. Never with replacement signs: a mail of garbage is
worse than none.

Which charset it is, the surest first: the one that is named; a byte order mark; the escapes of ISO-2022-JP; UTF-8,
which other text hardly is by chance; the terminal's own; and what is usual in Japanese and in Chinese. Most text in one
of these is valid in the others, too, so that what it would say decides: text is made of common characters (level 1 of
JIS X 0208 and GB 2312), and of Japanese and Chinese only Japanese has kana.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from bot.language import N_

UNREADABLE = N_(
    "The file is not in UTF-8, nor as it is usual in your language; save it as UTF-8, or name its --charset."
)
UNKNOWN = N_("There is no charset of that name; write one like utf-8, shift_jis, iso-2022-jp, euc-jp, gb18030 or big5.")
ANOTHER = N_("The file is not in the charset that --charset names.")

_ALIASES = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "jis": "iso2022_jp_ext",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
}
_SHOWN = {
    "cp932": "Shift_JIS",
    "iso2022_jp_ext": "ISO-2022-JP",
    "euc_jp": "EUC-JP",
    "gb18030": "GB18030",
    "cp950": "Big5",
    "utf-8-sig": "UTF-8",
}
_MARKED = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_JIS = re.compile(rb"\x1b\$(?:[@B]|\([D@B])")
_ORDER = {"ja": ("cp932", "gb18030", "euc_jp"), "zh": ("gb18030", "cp932", "euc_jp")}
"""Which is meant where it is as likely another, in this language."""

LEAST = 0.3
"""Less likely text is none."""


class Read(NamedTuple):
    """A text, and the charset that it was taken to be in, as one writes it."""

    text: str
    charset: str = "UTF-8"


def decoded(data: bytes, language: str, charset: str = "", local: str = "") -> Read:
    """The text of a file. ``charset`` is named by whoever sends, ``local`` is the terminal's. Raises ValueError."""
    if charset:
        return _named(data, charset)
    for codec in _surest(data, local):
        if (text := _strict(data, codec)) is not None and not (codec == "utf-8" and _is_marks(text)):
            return Read(text, _name(codec))
    found = [(codec, text) for codec in _ORDER.get(language, ()) if (text := _strict(data, codec)) is not None]
    codec, text = max(found, key=lambda one: _likely(*one), default=("", ""))
    if codec and _likely(codec, text) >= LEAST:
        return Read(text, _name(codec))
    raise ValueError(UNREADABLE)


def _named(data: bytes, charset: str) -> Read:
    codec = _ALIASES.get(charset.strip().lower(), charset.strip())
    try:
        is_text = codecs.lookup(codec)._is_text_encoding  # "hex" and its like are codecs, too
    except LookupError:
        is_text = False
    if not is_text:
        raise ValueError(UNKNOWN)
    text = _strict(data, codec)
    if text is None:
        raise ValueError(ANOTHER)
    return Read(text, _name(codec))


def _surest(data: bytes, local: str) -> Iterator[str]:
    if (marked := next((codec for mark, codec in _MARKED.items() if data.startswith(mark)), None)) is not None:
        yield marked
    if _JIS.search(data):
        yield "iso2022_jp_ext"
    yield "utf-8"
    codec = _ALIASES.get(local.lower(), local)
    # A terminal in Latin-1 takes any bytes: that proves nothing.
    if codec.lower().replace("-", "_") in _MULTIBYTE:
        yield codec


def _strict(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError):
        return None
    # What Shift_JIS has nothing for, Python's cp932 makes these.
    return None if any("\uf8f0" <= char <= "\uf8f3" for char in text) else text


def _name(codec: str) -> str:
    return _SHOWN.get(codec.lower(), codec.upper())


def _likely(codec: str, text: str) -> float:
    """How much of what is not ASCII is common in the language of a charset, from 0 to 1."""
    written = [char for char in text if not char.isascii()]
    kana = sum(_is_kana(char) for char in written)
    if codec == "gb18030":
        return _share(sum(_level(char, "gb2312", 0xD7) for char in written) - kana, written)
    common = _share(kana + sum(_level(char, "euc_jp", 0xCF) for char in written), written)
    return common if kana or codec == "cp932" else common / 2


def _is_marks(text: str) -> bool:
    """Whether it is mostly marks without letters: the GBK of 通知 is valid UTF-8, but no text."""
    written = [char for char in text if not char.isascii()]
    return 2 * sum(unicodedata.category(char) == "Mn" for char in written) > len(written)


def _share(count: int, whole: list[str]) -> float:
    return count / len(whole) if whole else 1.0


def _is_kana(char: str) -> bool:
    return "\u3041" <= char <= "\u30fc"


def _level(char: str, codec: str, last_row: int) -> bool:
    """Whether this is punctuation or a character of level 1: rows up to ``last_row``, from 0xB0 on."""
    try:
        data = char.encode(codec)
    except UnicodeEncodeError:
        return False
    return len(data) == 2 and (data[0] in (0xA1, 0xA3) or 0xB0 <= data[0] <= last_row)


_MULTIBYTE = frozenset({"cp932", "euc_jp", "eucjp", "gb18030", "gbk", "gb2312", "cp950", "big5", "iso2022_jp_ext"})
