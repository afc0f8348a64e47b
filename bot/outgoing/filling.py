"""What of a mail is not filled in as its writer meant it: to look at again before it leaves."""

import re
from collections.abc import Iterator, Sequence

from bot.outgoing.addressing import Addressed
from bot.outgoing.care import Concern, ConcernKind
from bot.store.record import OutgoingMail

MOST_FIELDS = 50
_FIELD = re.compile(r"\$\{([^{}\n]{1,60})\}")


def of_filling(mail: OutgoingMail, to: Sequence[Addressed]) -> Iterator[Concern]:
    """The fields that nothing fills, with those who would read them so; and the lines of lists that are left out."""
    by_lacking: dict[tuple[int, ...], list[str]] = {}
    for name in _fields_of(mail):
        if lacking := tuple(n for n, one in enumerate(to) if not one.fields.get(name)):
            by_lacking.setdefault(lacking, []).append(name)
    for lacking, names in by_lacking.items():
        theirs = [to[n] for n in lacking]
        addresses = tuple(one.recipient.address for one in theirs)
        lines = tuple(one.where for one in theirs if one.where)
        yield Concern(ConcernKind.UNFILLED, addresses, fields=tuple(names), lines=lines)
    if again := [one for one in to if one.again]:
        lines = tuple(line for one in again for line in one.again)
        yield Concern(ConcernKind.REPEATED, tuple(one.recipient.address for one in again), lines=lines)


def _fields_of(mail: OutgoingMail) -> list[str]:
    found = (match[1] for text in (mail.subject, mail.text, mail.html) for match in _FIELD.finditer(text))
    return list(dict.fromkeys(found))[:MOST_FIELDS]
