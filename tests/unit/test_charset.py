"""The text of a file, however it was saved."""

import pytest

from bot.outgoing.charset import decoded

TEXTS = {"ja": "回線の工事です。\n", "zh": "线路施工通知。\n", "en": "Works – tonight\n"}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_in_every_language(language: str, encoding: str) -> None:
    assert all(decoded(text.encode(encoding), language) == text for text in TEXTS.values())


@pytest.mark.parametrize(("language", "encoding"), [("ja", "cp932"), ("zh", "gbk"), ("zh", "gb18030")])
def test_what_is_usual_in_the_language_is_read(language: str, encoding: str) -> None:
    assert decoded(TEXTS[language].encode(encoding), language) == TEXTS[language]


@pytest.mark.parametrize(
    ("language", "data"), [("en", TEXTS["ja"].encode("cp932")), ("ja", b"a\x81"), ("zh", b"a\xff")]
)
def test_what_is_neither_is_an_error_and_no_garbage(language: str, data: bytes) -> None:
    with pytest.raises(ValueError, match="save it as UTF-8"):
        decoded(data, language)
