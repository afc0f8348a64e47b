"""Files as people save them → text. Never with replacement signs: a mail of garbage is worse than none."""

import codecs

from bot.language import N_

UNREADABLE = N_("The file is not in UTF-8, nor as it is usual in your language; save it as UTF-8.")
_USUAL = {"ja": "cp932", "zh": "gb18030"}
"""What Excel and editors write where the language is this, if not UTF-8."""
_MARKED = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decoded(data: bytes, language: str) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else what is usual in ``language``. Raises ValueError."""
    marked = next((encoding for mark, encoding in _MARKED.items() if data.startswith(mark)), None)
    encodings = (marked,) if marked else tuple(one for one in ("utf-8", _USUAL.get(language)) if one)
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(UNREADABLE)
