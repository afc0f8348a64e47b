"""What a text's script tells of its language, to save a request."""

import unicodedata

_KANA = (("\u3041", "\u3096"), ("\u30a1", "\u30fa"), ("\uff66", "\uff9d"))


def needs_none(text: str, language: str) -> bool:
    """Whether a reader of this language surely needs no translation: it has kana and they read Japanese, or it has no
    word at all. Chinese characters alone may be either language: the service is asked."""
    if not any(unicodedata.category(char).startswith("L") for char in text):
        return True
    return language == "ja" and any(first <= char <= last for char in text for first, last in _KANA)
