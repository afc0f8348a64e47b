"""The recipients of a notice that is written for people only, and what it says of each.

No mail system is known here by name. What they write has few shapes, and an address is ranked by the shape of the line
that it stands on; the best rank that occurs gives the recipients:

0. a list under a heading, or the command that was refused: ``RCPT TO:<a>``, ``Final-Recipient: a``;
1. an address that a line begins with, alone or with what is said of it after it: ``<a>: 550 …``, ``a on Thu, …``;
2. an address after a word that says what it is: "to a", "mailbox a", "宛先: a";
3. any other.

An address after "from", "contact" and the like is none, and the one to whom the notice came is taken only where
nothing else is: somebody may write to themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from channels.imap.text import one_line
from channels.receipts.address import ADDRESS, clean, is_notes_name
from channels.receipts.delivery import MOST_DIAGNOSTIC
from channels.receipts.status import status_in
from channels.receipts.understood import Reported
from channels.receipts.words import OURSELVES

MOST_LINES = 2000
MOST_LINE = 2000
MOST_FOUND = 1000
ANYWHERE = 3

_REFUSED = re.compile(
    r"(?:rcpt to|final-recipient|x-failed-recipients?|failed recipients?\b[^:]{0,20}|recipient address(?:es)?"
    r"|addressed to|failed address(?:es)?|undelivered to|could ?n[o']t be delivered to|unable to deliver"
    r"(?: (?:the|your|this|mail|message|e-?mail)){0,3} to(?: the following \w+)?|delivery to|delivering your mail to"
    r"|rejected recipient|original-recipient)[ \t]*[:;<= ]*(?:rfc822;)?[ \t]*<?$",
    re.IGNORECASE,
)
_NOT_THEIRS = re.compile(
    r"(?:\bfrom\b|\bsender\b|mail from|contact|\bask\b|question|support|\bhelp\b|assistance|administrator"
    r"|report (?:this|it)"
    r"|send (?:an?|mail|e-?mail)|write to|reply to|reply-to|return-path|message-?id|\bid\b|envelope sender"
    r"|expanded from"
    r"|generated (?:by|from)|forward (?:this|it|the)|e-?mail us|mailto|on behalf of|差出人|送信者|问い合わせ"
    r"|問い合わせ|連絡"
    r"|发件人|寄件者|联系|absender|expéditeur|remitente|mittente|отправител|originat)[^@\n]{0,60}$",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?:\bto\b|\bfor\b|recipients?|address(?:es)?|\buser\b|mailbox|account|delivering|reach|deliver"
    r"|destination|unknown"
    r"|exceed\w*[^:]{0,30}|attempts|full|宛先|あて先|受信者|送信先|メールアドレス|收件人|收件地址|地址|用户"
    r"|empfänger|\ban\b"
    r"|destinataires?|destinatari[oa]?s?|получател\w*|odbiorc\w*|adresse)[^@\n\w]{0,12}$",
    re.IGNORECASE,
)
_IS_NAME = re.compile(r"[\"')\]]{0,2}[ \t]{0,4}<")
"""Between two addresses: the first is the display name of the second."""
_ALIKE = re.compile(r"[\"'>)\]]{0,3}[ \t]{0,4}(?:[,;、，；]|and|und|et|y|と|和)[ \t]{0,4}[\"'<(\[]{0,3}")
"""Between two addresses of one list on a line: what is said of the first is said of the second."""
_BULLET = re.compile(r"[ \t>|]*(?:[-*•・\d.)]{1,4}[ \t]+|>{2,3}[ \t]*|--[ \t]*)?[\"'<(\[「【《]{0,3}$")
_NAMED = re.compile(r"([^@<>\n]{1,80})<mailto:$", re.IGNORECASE)
"""Outlook's way to write a name and its address."""
_AFTER = re.compile(r"[>\"')\]」】》]{0,3}[ \t]*(?:$|[:;,.…(\[<\-–—|=]|on\b|was\b|is\b|invalid\b|[A-Z])", re.IGNORECASE)
_HEADING = re.compile(
    r"(?:following|failed|affected|undeliver|recipients?\b|address(?:es)?\b|受信者|宛先|收件人|empfänger|destinataire)"
    r"[^@]{0,120}(?:[:：\-=*]|\)|。|are)?\s*$",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(r"[ \t>]*(?:to|cc|bcc|from|sender|subject|date|sent|reply-to)[ \t]*[:：]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address of the notice, its rank, and the line that it stands on."""

    address: str
    rank: int
    line: int


def candidates(text: str) -> list[Candidate]:
    """Every address of a notice that may be a recipient, with its rank."""
    found: list[Candidate] = []
    listing = False
    for number, line in enumerate(text.split("\n")[:MOST_LINES]):
        line = line[:MOST_LINE]
        if "@" in line:
            found += _of_line(line, number, listing)
        elif line.strip():
            listing = _HEADING.search(line.rstrip()) is not None
        if len(found) > MOST_FOUND:
            break
    return found


_IN_URL = re.compile(r"https?:\S{0,500}\Z", re.IGNORECASE)
"""An address within a link is nobody's who did not get a mail."""


def _of_line(line: str, number: int, listing: bool) -> Iterator[Candidate]:
    name_start, is_first, before = -1, True, None
    found = list(ADDRESS.finditer(line))
    for match, after in zip(found, [*found[1:], None], strict=True):
        start = match.start() if name_start < 0 else name_start
        if after is not None and _IS_NAME.fullmatch(line, match.end(), after.start()):
            name_start = start
            continue
        rank = _rank(line[:start], line[match.end() :], listing and is_first)
        if before is not None and rank == ANYWHERE and _ALIKE.fullmatch(line, before[0], start):
            rank = before[1]
        name_start, is_first, before = -1, False, None if rank is None else (match.end(), rank)
        if rank is not None and not is_notes_name(match[0]) and not _IN_URL.search(line, 0, match.start()):
            yield Candidate(clean(match[0]), rank, number)


def _rank(before: str, after: str, listing: bool) -> int | None:
    before = before[-200:]
    if listing and (named := _NAMED.fullmatch(before)) and not _NOT_THEIRS.search(named[1]):
        return 0
    if _NOT_THEIRS.search(before):
        return None
    if _REFUSED.search(before):
        return 0
    if _BULLET.fullmatch(before) and _AFTER.match(after):
        return 0 if listing else 1
    if _TO.search(before):
        return ANYWHERE if _HEADER_LINE.match(before) else 2
    return ANYWHERE


def best(found: list[Candidate], not_wanted: frozenset[str]) -> list[Candidate]:
    """Those of the best rank. Ranks 0 and 1 go together: some systems show the dialogue for a part of the list only."""
    good = [one for one in found if one.address.lower() not in not_wanted and not OURSELVES.match(one.address)]
    good = good or [one for one in found if one.rank <= 1]
    if not good:
        return []
    lowest = max(1, min(one.rank for one in good))
    return [one for one in good if one.rank <= lowest]


def reported(text: str, chosen: list[Candidate], action: str) -> list[Reported]:
    """What the notice says of each, from its line to the next one's."""
    lines = text.split("\n")[:MOST_LINES]
    firsts: dict[str, Candidate] = {}
    for one in chosen:
        firsts.setdefault(one.address.lower(), one)
    those = sorted(firsts.values(), key=lambda one: one.line)
    ends = [one.line for one in those[1:]] + [len(lines)]
    everything = status_in(text) if len(those) == 1 else ""
    said = [_one(one, _lines(lines, one.line, end), action, everything) for one, end in zip(those, ends, strict=False)]
    return [_over(one) for one in said] if len(said) > 1 else said


def _over(one: Reported) -> Reported:
    """Where some of several are still tried: not who was refused for good (RFC 5321, 4.2.1)."""
    return replace(one, action="failed") if one.action == "delayed" and one.status.startswith("5") else one


def _lines(lines: list[str], start: int, end: int) -> str:
    return "\n".join(lines[start : max(end, start + 1)])


def _one(one: Candidate, said: str, action: str, fallback: str) -> Reported:
    return Reported(
        one.address,
        action=action,
        status=status_in(said) or fallback,
        diagnostic=one_line(said[: MOST_DIAGNOSTIC * 4])[:MOST_DIAGNOSTIC],
    )
