"""The groups of fields that reports consist of (RFC 3464, 2.1): one a line, groups parted by blank lines."""

import re

Group = dict[str, str]

MOST_GROUPS = 1000
MOST_VALUE = 4000

_FIELD = re.compile(r"[ \t>|]{0,8}([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:(.*)")
_OPENING = frozenset({"final-recipient", "original-recipient", "action", "status"})
"""A second one of these within a group begins the next recipient's, where a system writes no blank line between."""
_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")


def groups(text: str) -> list[Group]:
    """Every group, with lower-case names; a value's folded lines are joined. The first of a repeated name counts."""
    found: list[Group] = [{}]
    name = ""
    for line in text.split("\n"):
        if not line.strip():
            found.append({})
            name = ""
        elif line[0] in " \t" and name:
            found[-1][name] = f"{found[-1][name]} {line.strip()}"[:MOST_VALUE]
        elif match := _FIELD.fullmatch(line.rstrip()):
            name = match[1].lower()
            _add(found, name, match[2].strip()[:MOST_VALUE])
        if len(found) > MOST_GROUPS * 3:
            break
    return _joined([group for group in found if group])


def _add(found: list[Group], name: str, value: str) -> None:
    if name in _OPENING and name in found[-1]:
        if value == found[-1][name]:
            return
        found.append({})
    found[-1].setdefault(name, value)


def _joined(found: list[Group]) -> list[Group]:
    """A recipient and what happened to it belong together, even with a blank line between."""
    joined: list[Group] = []
    for group in found:
        before = joined[-1] if joined else {}
        if _names_recipient(before) and not _tells(before) and _tells(group) and not _names_recipient(group):
            before.update(group)
        else:
            joined.append(group)
    return joined[:MOST_GROUPS]


def _names_recipient(group: Group) -> bool:
    return any(name in group for name in _RECIPIENT)


def _tells(group: Group) -> bool:
    return "action" in group or "status" in group


def recipient_groups(text: str) -> list[Group]:
    """The groups that say something of a recipient."""
    return [group for group in groups(text) if _names_recipient(group)]
