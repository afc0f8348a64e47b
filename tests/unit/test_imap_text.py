"""Texts of mails as they are really written."""

import base64

import pytest

from channels.imap.text import decode, decode_words, many_lines, one_line


def word(data: bytes, charset: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(data).decode()}?="


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("ISO-2022-JP", "【緊急】障害".encode("iso2022_jp")),
        ("Shift_JIS", "【緊急】障害".encode("cp932")),
        ("x-sjis", "【緊急】障害".encode("cp932")),
        ("windows-31j", "【緊急】障害".encode("cp932")),
        ("cp50220", "【緊急】障害".encode("iso2022_jp")),
        ("EUC-JP", "【緊急】障害".encode("euc_jp")),
        ("UTF-8", "【緊急】障害".encode()),
        ("utf8", "【緊急】障害".encode()),
        ("no-such-charset", "【緊急】障害".encode()),
    ],
)
def test_japanese_by_any_name(charset: str, data: bytes) -> None:
    assert decode_words(word(data, charset)) == "【緊急】障害"


def test_vendor_characters_and_half_width_kana_in_iso_2022_jp() -> None:
    assert decode(b"\x1b$B-!\x1b(B \x1b$B-j\x1b(B \x1b(I1\x1b(B", "ISO-2022-JP") == "① ㈱ ｱ"


@pytest.mark.parametrize("charset", ["gb2312", "GBK", "GB18030"])
def test_chinese_by_any_name(charset: str) -> None:
    assert decode_words(word("【紧急】故障".encode("gb18030"), charset)) == "【紧急】故障"


@pytest.mark.parametrize("codec", ["utf-8", "cp932", "iso2022_jp"])
def test_raw_bytes_without_any_name(codec: str) -> None:
    assert decode("【緊急】障害".encode(codec)) == "【緊急】障害"


def test_raw_chinese_bytes_are_not_taken_for_half_width_kana() -> None:
    assert decode("【紧急】故障".encode("gb18030")) == "【紧急】故障"


def test_a_character_split_between_two_words_is_whole_again() -> None:
    data = "緊急".encode()
    text = f"{word(data[:4], 'utf-8')}\n {word(data[4:], 'utf-8')} rest"
    assert one_line(decode_words(text)) == "緊急 rest"


@pytest.mark.parametrize("broken", ["=?utf-8?B?44CQ57eK5oCl44CR", "=?utf-8?X?abc?=", "=??B??=", "=?utf-8?B?!!!?="])
def test_broken_words_stay_readable_and_raise_nothing(broken: str) -> None:
    assert isinstance(decode_words(broken), str)


def test_base64_without_its_padding() -> None:
    assert decode_words("=?utf-8?B?44CQ57eK5oCl44CRMQ?=") == "【緊急】1"


def test_line_ends_inside_encoded_words_are_no_new_header() -> None:
    injected = word(b"urgent\r\nBcc: everybody@example.com", "utf-8")
    assert one_line(decode_words(injected)) == "urgent Bcc: everybody@example.com"


def test_a_text_keeps_its_lines_and_nothing_else_of_control() -> None:
    assert many_lines("a\r\nb\rc\x1b[31m\x00") == "a\nb\nc [31m "
