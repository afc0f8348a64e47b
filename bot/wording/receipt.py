"""Who has read, when, and how that is known."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from bot.language import N_, Words
from bot.wording.name import name_of, recipient_name
from escalation.alert import Alert
from escalation.receipt import ReceiptKind, Recipient, read_evidence
from escalation.roster import Roster

NOTHING = "–"
"""In the place of receipts, where there are none."""
MOST_EXPLAINED = 5
"""Up to so many readers it is said of each how it is known."""

RECEIPTS: Mapping[ReceiptKind, str] = MappingProxyType(
    {
        ReceiptKind.ACCEPTED: N_("accepted by the next mail server"),
        ReceiptKind.DELIVERED: N_("delivered"),
        ReceiptKind.DELAYED: N_("delayed"),
        ReceiptKind.FAILED: N_("not delivered"),
        ReceiptKind.JUNKED: N_("filed as junk"),
        ReceiptKind.OPENED_BY_MACHINE: N_("opened by a machine"),
        ReceiptKind.OPENED: N_("opened"),
        ReceiptKind.DELETED_UNREAD: N_("deleted unread"),
        ReceiptKind.DISPLAYED: N_("displayed, says the mail program"),
        ReceiptKind.SEEN: N_("marked as read in the mailbox"),
        ReceiptKind.SEEN_SHARED: N_("marked as read in the shared mailbox, by somebody"),
        ReceiptKind.REPLIED: N_("answered the mail"),
        ReceiptKind.CONFIRMED: N_("confirmed on the page"),
        ReceiptKind.ACKNOWLEDGED: N_("acknowledged"),
    }
)
VIEWED = MappingProxyType(
    {
        ReceiptKind.OPENED: N_("asked for the one-time code"),
        ReceiptKind.DISPLAYED: N_("read on the page, after a one-time code"),
    }
)
"""The same kinds, by the page of a confidential mail (via "view")."""

_WORTH_SAYING = (
    ReceiptKind.FAILED,
    ReceiptKind.DELETED_UNREAD,
    ReceiptKind.JUNKED,
    ReceiptKind.DELAYED,
    ReceiptKind.OPENED,
    ReceiptKind.SEEN_SHARED,
)
"""What is said of somebody who has not read, the most telling first."""


def receipt_word(kind: str, words: Words, via: str = "") -> str:
    """How it is known, in words; a kind that this version does not know stays as it is."""
    forms = {**RECEIPTS, **VIEWED} if via == "view" else RECEIPTS
    form = forms.get(ReceiptKind(kind)) if kind in set(ReceiptKind) else None
    return words.gettext(form) if form else kind


def readers_of(alert: Alert, words: Words, roster: Roster, now: datetime) -> str:
    """ "2 of 3: Alice (marked as read in the mailbox, 02:07), Bob (…)". If they are many, names only. Empty if nobody
    has read."""
    readers = [one for one in alert.recipients if alert.has_read(one)]
    if len(readers) > MOST_EXPLAINED:
        return _with_count([_reader(alert, one, words, roster) for one in readers], alert, words)
    return _with_count([_explained(alert, one, words, roster, now) for one in readers], alert, words)


def unread_of(alert: Alert, words: Words, roster: Roster) -> str:
    """ "2 of 3: Bob (not delivered), Carol": those who have not read; empty if everybody has."""
    waiting = [one for one in alert.recipients if not alert.has_read(one)]
    if len(waiting) > MOST_EXPLAINED:
        return _with_count([recipient_name(one, roster, words) for one in waiting], alert, words)
    return _with_count([_waiting(one, words, roster) for one in waiting], alert, words)


def _with_count(names: list[str], alert: Alert, words: Words) -> str:
    listed = words.listed(names)
    if not names or len(names) == len(alert.recipients):
        return listed
    values = {"names": listed, "n": len(names), "all": len(alert.recipients)}
    return words.gettext("%(n)d of %(all)d: %(names)s") % values


def _reader(alert: Alert, one: Recipient, words: Words, roster: Roster) -> str:
    evidence = alert.read_evidence(one)
    name = recipient_name(one, roster, words)
    if evidence is None or evidence.by is None or evidence.by == one.id:
        return name
    return f"{name}: {name_of(evidence.by, roster, words)}"


def _explained(alert: Alert, one: Recipient, words: Words, roster: Roster, now: datetime) -> str:
    evidence = alert.read_evidence(one)
    name = _reader(alert, one, words, roster)
    if evidence is None or evidence.at is None:
        return name
    values = {
        "name": name,
        "how": receipt_word(evidence.kind, words, evidence.via),
        "at": words.moment(evidence.at, now),
    }
    return words.gettext("%(name)s (%(how)s, %(at)s)") % values


def _waiting(one: Recipient, words: Words, roster: Roster) -> str:
    name = recipient_name(one, roster, words)
    said = next((kind for kind in _WORTH_SAYING if one.has(kind)), None)
    if said is None:
        return name
    return words.gettext("%(name)s (%(how)s)") % {"name": name, "how": receipt_word(said, words)}


def _when(alert: Alert, one: Recipient, words: Words) -> str:
    """When somebody read. What was read before the climb began again does not count, but is not hidden."""
    evidence = alert.read_evidence(one)
    if evidence is not None and evidence.at is not None:
        return words.instant(evidence.at)
    before = read_evidence(one, alert.policy.counts, alert.policy.read_by)
    if before is not None and before.at is not None:
        return words.gettext("%(at)s, not since") % {"at": words.instant(before.at)}
    return words.gettext("not yet")


def read_matrix(alert: Alert, words: Words, roster: Roster) -> list[tuple[str, str, str]]:
    """For each recipient, the unread first: name, whether and when read, and every receipt that stands."""
    rows = []
    for one in sorted(alert.recipients, key=lambda one: (alert.has_read(one), one.id)):
        standing = [receipt_word(item.kind, words, item.via) for item in one.evidence if item.stands]
        rows.append(
            (
                _reader(alert, one, words, roster),
                _when(alert, one, words),
                words.listed(standing) if standing else NOTHING,
            )
        )
    return rows
