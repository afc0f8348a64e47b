"""The text of a file, however it was saved."""

import pytest

from bot.outgoing.charset import decoded

TEXTS = {"ja": "回線の工事です。\n", "zh": "线路施工通知。\n", "en": "Works – tonight\n"}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_in_every_language(language: str, encoding: str) -> None:
    assert all(decoded(text.encode(encoding), language).text == text for text in TEXTS.values())


@pytest.mark.parametrize(("language", "encoding"), [("ja", "cp932"), ("zh", "gbk"), ("zh", "gb18030")])
def test_what_is_usual_in_the_language_is_read(language: str, encoding: str) -> None:
    assert decoded(TEXTS[language].encode(encoding), language).text == TEXTS[language]


@pytest.mark.parametrize(
    ("language", "data"), [("en", TEXTS["ja"].encode("cp932")), ("ja", b"a\x81"), ("zh", b"a\xff")]
)
def test_what_is_neither_is_an_error_and_no_garbage(language: str, data: bytes) -> None:
    with pytest.raises(ValueError, match="save it as UTF-8"):
        decoded(data, language)


@pytest.mark.parametrize("language", ["ja", "zh"])
@pytest.mark.parametrize(
    ("text", "encoding"), [("Привет, работы на линии сегодня ночью", "koi8-r"), ("Grüße aus Köln, Störung", "latin-1")]
)
def test_what_only_happens_to_be_valid_is_an_error(text: str, encoding: str, language: str) -> None:
    with pytest.raises(ValueError, match="save it as UTF-8"):
        decoded(text.encode(encoding), language)


JAPANESE = ["回線の工事です。\n", "本日23時より作業を行います。", "障害", "緊急連絡", "サーバ停止", "佐藤様", "ﾃｽﾄ送信"]
CHINESE = [
    "线路施工通知。\n",
    "今晚十点进行网络维护，请注意。",
    "紧急通知",
    "张三您好：\n请于今日内确认。谢谢！",
    "通知",
    "明天",
]


@pytest.mark.parametrize("language", ["ja", "zh"])
def test_the_neighbours_text_is_not_read_as_ones_own(language: str) -> None:
    for text in JAPANESE:
        assert decoded(text.encode("cp932"), language) == (text, "Shift_JIS")
    for text in CHINESE:
        assert decoded(text.encode("gb18030"), language) == (text, "GB18030")


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_the_escapes_of_jis_are_read_in_every_language(language: str) -> None:
    for text in JAPANESE[:-1]:
        assert decoded(text.encode("iso2022_jp"), language) == (text, "ISO-2022-JP")


def test_kana_tell_euc_jp() -> None:
    assert decoded(JAPANESE[0].encode("euc_jp"), "ja") == (JAPANESE[0], "EUC-JP")


@pytest.mark.parametrize(
    ("charset", "codec"), [("Shift_JIS", "cp932"), ("EUC-JP", "euc_jp"), ("gbk", "gb18030"), ("big5", "cp950")]
)
def test_the_charset_that_is_named_is_taken_and_no_other(charset: str, codec: str) -> None:
    assert decoded("障害".encode(codec), "en", charset).text == "障害"
    with pytest.raises(ValueError, match="not in the charset that --charset names"):
        decoded(b"\xff\xff\xff", "en", charset)


@pytest.mark.parametrize("charset", ["klingon", "hex", "rot13"])
def test_what_is_no_charset_is_named(charset: str) -> None:
    with pytest.raises(ValueError, match="no charset of that name"):
        decoded(b"00", "en", charset)


def test_the_terminals_own_charset_is_read_unless_it_takes_any_bytes() -> None:
    assert decoded(JAPANESE[0].encode("cp932"), "en", local="SJIS") == (JAPANESE[0], "Shift_JIS")
    with pytest.raises(ValueError, match="save it as UTF-8"):
        decoded(JAPANESE[0].encode("cp932"), "en", local="ISO-8859-1")
