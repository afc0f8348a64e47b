"""Delivery status notifications with a machine part (RFC 3464, 6522): every recipient group of it."""

import re

from channels.imap.text import one_line
from channels.receipts.address import is_encapsulated, typed
from channels.receipts.fields import Group, recipient_groups
from channels.receipts.status import action, enhanced, status_in
from channels.receipts.understood import Reported

MOST_DIAGNOSTIC = 500

_TYPE = re.compile(r"[A-Za-z][\w.-]{0,30}\s*;\s*")


def reported(text: str) -> list[Reported]:
    """What a ``message/delivery-status`` says, one for each recipient group, also those without an address."""
    return [_reported(group) for group in recipient_groups(text)]


def _reported(group: Group) -> Reported:
    final = typed(group.get("final-recipient", ""))
    actual = typed(group.get("x-actual-recipient", ""))
    original = typed(group.get("original-recipient", ""), is_xtext=True)
    diagnostic = plain(group.get("diagnostic-code", "") or group.get("x-supplementary-info", ""))
    status = enhanced(group.get("status", "")) or status_in(diagnostic)
    address = (original if is_encapsulated(final) else final) or original or actual or final
    return Reported(
        address=address,
        original_address=original if original.lower() != address.lower() else "",
        action=action(group.get("action", ""), status),
        status=status,
        diagnostic=diagnostic,
    )


def plain(diagnostic: str) -> str:
    """A diagnostic in one line of bearable length, without its type."""
    return one_line(_TYPE.sub("", diagnostic, count=1))[:MOST_DIAGNOSTIC]
