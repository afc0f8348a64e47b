"""Bytes of mail → text, whatever the sender did to them. Nothing here raises.

RFC 2047 encoded words as they are really written: unknown or wrong charset names, characters split between two words,
ISO-2022-JP with the vendors' characters (①, ㈱) and half-width kana, raw 8-bit.
"""

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_GAP = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_ESCAPE = re.compile(rb"\x1b(\$\([A-Z]|\$[@AB]|\([A-Z])")
_JAPANESE = {
    "iso-2022-jp": "jis",
    "iso-2022-jp-1": "jis",
    "iso-2022-jp-2": "jis",
    "iso-2022-jp-3": "jis",
    "iso-2022-jp-ms": "jis",
    "cp50220": "jis",
    "cp50221": "jis",
    "cp50222": "jis",
    "csiso2022jp": "jis",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "cp932": "cp932",
    "x-euc-jp": "euc_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb18030": "gb18030",
    "hz-gb-2312": "hz",
    "utf8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}

_ASCII_WITHIN = frozenset({"", "us-ascii", "ascii", "utf-8", "cp932", "euc_jp", "gb18030", "big5", "iso-8859-1"})
"""Charsets in which bytes below 0x80 are those of ASCII, whatever stands before them."""


def decode(data: bytes, charset: str = "") -> str:
    """Text in the named charset; by guess where the name is unknown, missing, or wrong."""
    name = charset.split("*")[0].strip().strip("\"'").lower()
    codec = _JAPANESE.get(name, name)
    if codec in _ASCII_WITHIN and data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    if codec == "jis" or (not codec and b"\x1b$" in data):
        return _decode_jis(data)
    if codec and codec not in ("us-ascii", "ascii"):
        try:
            return data.decode(codecs.lookup(codec).name)
        except (LookupError, UnicodeError, ValueError):
            pass
    return _guess(data)


def _guess(data: bytes) -> str:
    if b"\x1b$" in data:
        return _decode_jis(data)
    for codec in ("utf-8", "cp932", "gb18030"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec != "cp932" or _looks_japanese(text):
            return text
    return data.decode("utf-8", "replace")


def _looks_japanese(text: str) -> bool:
    """cp932 decodes much that is Chinese into half-width kana; real Japanese has hiragana, katakana or kanji."""
    half_width = sum("\uff61" <= char <= "\uff9f" for char in text)
    wide = sum("\u3040" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in text)
    return wide >= half_width


def _decode_jis(data: bytes) -> str:
    """ISO-2022-JP as Windows and the mobile carriers write it (RFC 1468; cp50221): by way of cp932."""
    parts: list[str] = []
    state = b"(B"
    position = 0
    for match in _ESCAPE.finditer(data):
        parts.append(_jis_run(data[position : match.start()], state))
        state, position = match.group(1), match.end()
    parts.append(_jis_run(data[position:], state))
    return "".join(parts)


def _jis_run(run: bytes, state: bytes) -> str:
    if state in (b"$B", b"$@"):
        return bytes(_shifted(run)).decode("cp932", "replace")
    if state == b"$A":
        return bytes(byte | 0x80 for byte in run).decode("gb2312", "replace")
    if state == b"(I":
        return bytes(byte | 0x80 for byte in run).decode("cp932", "replace")
    if state.startswith(b"$("):
        return (b"\x1b" + state + run + b"\x1b(B").decode("iso2022_jp_3", "replace")
    return run.decode("cp932", "replace")


def _shifted(run: bytes) -> Iterator[int]:
    """JIS X 0208 pairs as Shift_JIS pairs; a control character or a lost half stays what it is."""
    position = 0
    while position < len(run):
        row = run[position]
        if not 0x21 <= row <= 0x7E or position + 1 >= len(run):
            yield row if row < 0x80 else 0x3F
            position += 1
            continue
        cell = run[position + 1]
        yield (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        yield cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
        position += 2


def decode_words(text: str) -> str:
    """A header's text with its encoded words decoded; words of one charset that follow each other are joined first."""
    if "=?" not in text:
        return text
    return "".join(_decoded(_GAP.sub(r"\1", text)))


def _decoded(text: str) -> Iterator[str]:
    position = 0
    charset, gathered = "", b""
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        data = _word_bytes(match.group(2), match.group(3))
        if gathered and (between or match.group(1).lower() != charset):
            yield decode(gathered, charset)
            gathered = b""
        yield between
        charset = match.group(1).lower()
        gathered += data
        position = match.end()
    if gathered:
        yield decode(gathered, charset)
    yield text[position:]


def _word_bytes(kind: str, payload: str) -> bytes:
    data = payload.encode("ascii", "replace")
    if kind in "qQ":
        return quopri.decodestring(data, header=True)
    return from_base64(data)


def from_base64(data: bytes) -> bytes:
    """What can be read of base64, with its padding missing or its end cut off."""
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(clean[: len(clean) // 4 * 4] + _tail(clean))
    except (binascii.Error, ValueError):
        return b""


def _tail(clean: bytes) -> bytes:
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
"""Unicode's category Cc."""
_CONTROLS_WITHIN = {code: blank for code, blank in _CONTROLS.items() if code != ord("\n")}


def one_line(text: str) -> str:
    """Without control characters, line ends included, and without runs of blanks; half a character becomes �."""
    if text.isprintable():
        return " ".join(text.split())
    plain = text.translate(_CONTROLS)
    return " ".join(plain.encode("utf-8", "replace").decode("utf-8").split())


def many_lines(text: str) -> str:
    """Without control characters except line feeds."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = unified.translate(_CONTROLS_WITHIN)
    return plain.encode("utf-8", "replace").decode("utf-8")
