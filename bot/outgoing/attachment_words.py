"""Does a text say that a file goes with it? In Japanese, English and Chinese. Pure."""

import re

_QUOTED = re.compile(r"^\s*[>|].*$", re.MULTILINE)
_ORIGINAL = re.compile(
    r"^(?:-{2,} ?(?:Original Message|Forwarded message|元のメッセージ|原始邮件|原始郵件).*"
    r"|On .{1,200} wrote:|.{1,100}のメール:|-- ?)$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(
    r"\battach(?:ed|ing|ments?)\b|\benclosed\b|\benclosures?\b"
    r"|添付(?!(?:ファイル|資料)?(?:は|が)?(?:なし|無し|ありません|ございません|せず|しません|不要))|別添|同封"
    r"|附件|附上|附檔|随附|隨附|随信附",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:\b(?:no|without|not|never open)|n't(?: open)?)\s+(?:an?y?\s+)?attach\w*"
    r"|(?:没有|沒有|无|無|不含)附件|附件(?:无|無)",
    re.IGNORECASE,
)


def names_attachment(text: str) -> bool:
    """Whether the writer's own words, not those they quote, name a file that should be there."""
    own = _QUOTED.sub("", _ORIGINAL.split(text, maxsplit=1)[0])
    return _NAMED.search(_NONE.sub(" ", own)) is not None
