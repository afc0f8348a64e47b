"""Is this mail on its way to the wrong people? What to look at again before it leaves, the same at every way to send.

A concern is shown, or returned, before or with the sending; it never keeps an urgent mail back by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.language import N_, Words
from bot.outgoing.attachment_words import names_attachment
from bot.outgoing.lookalike import resembled
from bot.settings import Settings
from bot.settings.sending_shape import ApprovalShape
from bot.store.record import OutgoingMail
from escalation.policy import Target, TargetKind
from escalation.roster import Roster


class ConcernKind(StrEnum):
    """``outside``: of no domain of ours. ``lookalike``: of a domain that is easily taken for a known one. ``many``:
    more recipients than is usual. ``attachment``: the text names a file, and there is none. ``unfilled``: a
    ``${field}`` stays as it is written, or nothing stands in its place. ``repeated``: a list names somebody twice."""

    OUTSIDE = "outside"
    LOOKALIKE = "lookalike"
    MANY = "many"
    ATTACHMENT = "attachment"
    UNFILLED = "unfilled"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at again. ``known`` is the domain that those of a lookalike are taken for; ``fields`` are those
    that nothing fills; ``lines`` are of lists ("guests.csv:3")."""

    kind: ConcernKind
    addresses: tuple[str, ...] = ()
    known: str = ""
    count: int = 0
    fields: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    def worded(self, words: Words) -> str:
        """One sentence; the addresses stand beside it."""
        values = {
            "n": self.count or len(self.addresses),
            "known": self.known,
            "fields": words.listed([f"${{{one}}}" for one in self.fields]),
            "lines": words.listed(self.lines),
        }
        if self.kind is ConcernKind.OUTSIDE:
            form = words.ngettext("%(n)d recipient is outside:", "%(n)d recipients are outside:", len(self.addresses))
        else:
            form = words.gettext(_OF_LINES if self.fields and self.lines else _FORMS[self.kind])
        return form % values

    def plain(self, words: Words) -> dict[str, object]:
        """For JSON: ``kind``, ``text``, ``addresses``, and ``known`` of a lookalike."""
        plain: dict[str, object] = {"kind": self.kind, "text": self.worded(words), "addresses": list(self.addresses)}
        return plain | ({"known": self.known} if self.known else {})


_FORMS = {
    ConcernKind.LOOKALIKE: N_("This looks like %(known)s, and is another domain:"),
    ConcernKind.MANY: N_("There are %(n)d recipients."),
    ConcernKind.ATTACHMENT: N_("The text names an attachment, and there is none."),
    ConcernKind.UNFILLED: N_("Nothing is filled in for %(fields)s:"),
    ConcernKind.REPEATED: N_("Somebody stands in a list twice; these lines are left out: %(lines)s"),
}
_OF_LINES = N_("Nothing is filled in for %(fields)s (%(lines)s):")


@dataclass(frozen=True, slots=True)
class Approval:
    """Of a mail with one of these concerns: who may let it leave, and how long they have each time."""

    kinds: frozenset[ConcernKind]
    approvers: tuple[str, ...]
    within: timedelta


@dataclass(frozen=True, slots=True)
class Care:
    """What is known: our own domains, those of partners (outside, and expected), and how many recipients are usual."""

    domains: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    most_recipients: int = 100
    approval: Approval | None = None

    def is_of(self, address: str, domains: frozenset[str]) -> bool:
        """Whether an address belongs to one of these domains, or below it."""
        domain = address.rpartition("@")[2].lower()
        return any(domain == one or domain.endswith(f".{one}") for one in domains)


def care_of(settings: Settings, sender: str) -> Care:
    """The care that the settings ask for. Our own domains are those of our people, of
    the address ``sender``, and those named."""
    roster = settings.roster()
    people = roster.people.values()
    addresses = (sender, *(address for person in people for address in person.addresses))
    own = {address.rpartition("@")[2].lower() for address in addresses}
    sending = settings.sending
    return Care(
        frozenset(own | set(sending.domains)),
        frozenset(sending.partners),
        sending.most_recipients,
        _approval(sending.approval, roster),
    )


def _approval(shape: ApprovalShape | None, roster: Roster) -> Approval | None:
    if shape is None:
        return None
    named = [Target.parse(one) for one in shape.by]
    people = [id for one in named for id in (roster.teams[one.name] if one.kind is TargetKind.TEAM else (one.name,))]
    approvers = tuple(dict.fromkeys(people)) or tuple(roster.people)
    return Approval(frozenset(map(ConcernKind, shape.concerns)), approvers, shape.within)


def needed_approval(mail: OutgoingMail, addresses: Sequence[str], care: Care) -> Approval | None:
    """Whose approval a mail needs before it leaves; None if nobody's."""
    approval = care.approval
    if approval is None or not any(one.kind in approval.kinds for one in review(mail, addresses, care)):
        return None
    return approval


def review(mail: OutgoingMail, addresses: Sequence[str], care: Care) -> tuple[Concern, ...]:
    """Everything to look at again, the gravest first."""
    return tuple(_concerns(mail, addresses, care))


def _concerns(mail: OutgoingMail, addresses: Sequence[str], care: Care) -> Iterator[Concern]:
    yield from _lookalikes(addresses, care)
    outside = tuple(one for one in addresses if not care.is_of(one, care.domains | care.partners))
    if outside:
        yield Concern(ConcernKind.OUTSIDE, outside)
    if len(addresses) > care.most_recipients:
        yield Concern(ConcernKind.MANY, count=len(addresses))
    if not mail.enclosures and names_attachment(f"{mail.subject}\n{mail.text}"):
        yield Concern(ConcernKind.ATTACHMENT)


def _lookalikes(addresses: Sequence[str], care: Care) -> Iterator[Concern]:
    known = care.domains | care.partners
    found: dict[str, list[str]] = {}
    by_domain: dict[str, list[str]] = {}
    for address in addresses:
        by_domain.setdefault(address.rpartition("@")[2], []).append(address)
    for domain, theirs in by_domain.items():
        if (like := resembled(domain, known)) is not None:
            found.setdefault(like, []).extend(theirs)
    for like, theirs in found.items():
        yield Concern(ConcernKind.LOOKALIKE, tuple(theirs), like)
