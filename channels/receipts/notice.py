"""What a mail system wrote itself in a returned mail, before the copy of the original; and that copy's head."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from channels.receipts.entity import MOST_BODY, Entity, embedded
from channels.receipts.words import lines_with

_LINE = (
    r"original (?:message|mail|text|header)|unsent message|returned (?:message|mail)|forwarded message|message header"
    r"|header (?:of|from|follows)|copy of (?:your|the|all|message|mail)|below this line|here is (?:your|the) "
    r"|message (?:text|body|content|copy|headers?|log)? ?follows"
    r"|(?:your|the|failed|received|rejected) (?:message|mail) follows|included (?:is|below)|the header of the"
    r"|first .{1,30} lines of|following is the|body of (?:the|your)"
    r"|message contents?|start of (?:the )?(?:original|returned)|headers? of (?:the|your)|transmitted message"
    r"|元の(?:メール|メッセージ)|送信(?:された|した)(?:メール|メッセージ)|原文|メールヘッダ|原始邮件|原邮件"
    r"|原始郵件|邮件头|信头"
    r"|originalnachricht|ursprüngliche nachricht|kopfzeilen"
    r"|message d'origine|en-têtes|mensaje original|messaggio originale|исходное сообщение"
)
_ANNOUNCED = re.compile(_LINE, re.IGNORECASE)
_ANCHORS = (
    *("origin", "unsent", "returned", "forwarded", "header", "copy of", "below", "here is ", "follow", "included"),
    *(
        "lines of",
        "body of",
        "content",
        "transmitted",
        "元の",
        "送信",
        "原文",
        "ヘッダ",
        "原始",
        "原邮件",
        "邮件头",
        "信头",
    ),
    *("ursprünglich", "kopfzeilen", "en-têtes", "исходное"),
)
"""One of these stands in each line that ``_ANNOUNCED`` finds."""
_RULE = re.compile(r"[ \t>]*(?:[-=_*#+|~\[]{1,80}|[\[(<]{1,2})[ \t]*")
LONGEST_LINE = 160
_HEADER = r"[A-Za-z][A-Za-z0-9-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n){0,30}"
_COPIED = re.compile(
    rf"^(?:>[ \t]?)?(?:(?:Return-Path|Received|DKIM-Signature|X-Received|Delivered-To):[^\n]*$"
    rf"|(?:Message-ID|From|To|Subject|Date|MIME-Version|X-[\w-]{{1,40}}):[^\n]*\n(?:{_HEADER}){{0,3}}?"
    r"(?:Message-ID|Received|MIME-Version|Content-Type|Return-Path):)",
    re.IGNORECASE | re.MULTILINE,
)
RETURNED = frozenset(
    {
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "text/rfc822-header",
        "text/rfc822",
        "message/global-headers",
        "message/rfc822-headers",
        "message/partial",
    }
)
_DROPPED = re.compile(r"<(style|script|head)\b[^>]{0,500}>.{0,60000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"</?(?:p|br|div|tr|li|h\d|table|td|ul|ol|pre|blockquote)\b[^<>]{0,2000}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:]{0,20}(?:\s[^<>]{0,2000})?/?>|<!--[^<>]{0,2000}-->")


@dataclass(frozen=True, slots=True)
class Notice:
    """The system's own words, the words after them that may be the original's, and the original's head."""

    text: str
    rest: str
    original: Entity | None


def returned(entity: Entity) -> Entity | None:
    """The head of the original, if it came back as a part of its own."""
    for part in entity.walk():
        if part.type in RETURNED:
            return embedded(part.content or part.body[:MOST_BODY])
    return None


def notice(entity: Entity) -> Notice:
    """The text parts of a mail, cut where the copy of the original begins."""
    text = "\n".join(texts(entity))[:MOST_BODY]
    cut = _cut(text)
    original = returned(entity)
    rest = text[cut:]
    return Notice(text[:cut], rest, original if original is not None else _copied(rest))


def texts(entity: Entity) -> list[str]:
    """The texts that a mail shows, plain or else as HTML has them."""
    parts = [part for part in entity.walk() if not part.parts and part.type not in RETURNED]
    plain = [
        part.text for part in parts if part.type in ("text/plain", "text", "plain") or part.type.startswith("multi")
    ]
    if any(text.strip() for text in plain):
        return plain
    return [without_tags(part.text) for part in parts if part.type.startswith("text/")]


def without_tags(text: str) -> str:
    """HTML as text, line by line; no more than a notice needs."""
    text = _BREAK.sub("\n", _DROPPED.sub(" ", text[:MOST_BODY]))
    return html.unescape(_TAG.sub(" ", text)).replace("\xa0", " ")


def _cut(text: str) -> int:
    """Where the original begins: at a line that announces it, or at the first lines that are a mail's header.

    A copy at the very beginning has no notice before it, so it is passed over: Sun's Messaging Server quotes the
    header of the original first.
    """
    copied = (match.start() for match in _COPIED.finditer(text) if match.start())
    cut = next((place for place in copied if _says_enough(text[:place])), len(text))
    return next((place for place in _announced(text[:cut]) if _says_enough(text[:place])), cut)


def _announced(text: str) -> Iterator[int]:
    """Where a line of its own says that the original follows: between rules, or short and without an address."""
    for start, line in lines_with(_ANCHORS, text):
        match = _ANNOUNCED.search(line) if len(line) <= LONGEST_LINE else None
        if match is not None and match.start() <= 60 and (_RULE.match(line) or "@" not in line):
            yield start


def _says_enough(text: str) -> bool:
    return "@" in text and len(text.strip()) > 20


def _copied(rest: str) -> Entity | None:
    match = _COPIED.search(rest)
    if match is None:
        return None
    data = re.sub(r"^>[ \t]?", "", rest[match.start() :], flags=re.MULTILINE)
    return embedded(data.encode("utf-8", "replace"))
