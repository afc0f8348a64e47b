"""Who may be tracked by a picture, and who is asked for read receipts.

The rules:

1. A picture goes only to an address whose consent stands: its own, or that of its whole domain ("@team.example").
2. Whoever has declined gets none, whatever their domain has agreed to, and whoever records a consent later must say
   that it is a new one.
3. A read receipt (MDN) is asked for unless the recipient has declined that too.
4. A person has several addresses: what they agree to or decline holds for all of them.
5. It is looked up when a mail leaves, and again when its picture is fetched: to decline acts on what was sent before.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from bot.desk import Desk
from bot.outgoing.addressing import addressed
from bot.store.record import Consent
from bot.store.store import Tx
from escalation.roster import Roster

LONGEST_GROUND = 500


class Tracking(NamedTuple):
    """What one recipient's mail may carry."""

    may_show_picture: bool = False
    may_ask_receipt: bool = True


def tracking_of(own: Consent | None, domain: Consent | None) -> Tracking:
    """By what is recorded of an address and of its domain (rules 1 to 3)."""
    has_declined = own is not None and own.declined_at is not None
    has_agreed = any(one is not None and one.given_at and not one.declined_at for one in (own, domain))
    return Tracking(has_agreed and not has_declined, own is None or not own.has_declined_receipts)


async def trackings(tx: Tx, addresses: Collection[str]) -> dict[str, Tracking]:
    """Of each of these addresses."""
    found = await consents_of(tx, addresses)
    return {one: tracking_in(found, one) for one in addresses}


async def consents_of(tx: Tx, addresses: Collection[str]) -> Mapping[str, Consent]:
    """What is recorded of any of these addresses and of their domains."""
    return await tx.consents({subject for address in addresses for subject in (address.lower(), domain_of(address))})


def tracking_in(consents: Mapping[str, Consent], address: str) -> Tracking:
    """Of one of the addresses of ``consents_of``."""
    return tracking_of(consents.get(address.lower()), consents.get(domain_of(address)))


def domain_of(address: str) -> str:
    """The subject of an address's whole domain: "@team.example"."""
    return f"@{address.rpartition('@')[2].lower()}"


def subjects_of(texts: Iterable[str], roster: Roster) -> list[str]:
    """What was written as subjects: addresses, people and teams with all their addresses, "@team.example". Raises
    AddressingError."""
    found: list[str] = []
    for text in texts:
        if text.startswith("@"):
            found += [domain_of(one.recipient.address) for one in addressed([f"postmaster{text}"], roster)]
        else:
            found += [
                each for one in addressed([text], roster) for each in of_one_person(one.recipient.address, roster)
            ]
    return list(dict.fromkeys(found))


def of_one_person(address: str, roster: Roster) -> list[str]:
    """All addresses of whoever has this one (rule 4)."""
    person = roster.person_of(address)
    return [one.lower() for one in person.addresses] if person else [address.lower()]


async def agree(
    desk: Desk, subjects: Collection[str], by: str, ground: str, *, is_anew: bool, receipts: bool
) -> list[str]:
    """Record that they have agreed to pictures; returns those that have declined: then nothing is recorded, unless it
    is said that they agreed anew. ``receipts``: they may be asked for read receipts again too."""
    known = await desk.tx.consents(subjects, locks=True)
    declined = [one for one in subjects if one in known and known[one].declined_at is not None]
    if declined and not is_anew:
        return declined
    for one in subjects:
        old = known.get(one, Consent(subject=one))
        new = replace(old, given_at=desk.now, given_by=by, ground=ground[:LONGEST_GROUND])
        await desk.tx.put_given(new)
        if one in declined or (receipts and old.has_declined_receipts):
            keeps = old.has_declined_receipts and not receipts
            await desk.tx.put_declined(replace(new, declined_at=None, declined_by="", has_declined_receipts=keeps))
    return []


async def decline(desk: Desk, subjects: Collection[str], by: str, *, receipts: bool) -> None:
    """Record that they want no pictures, and with ``receipts`` no wish for read receipts either. The first instant
    stays, and nothing that was declined comes back."""
    known: Mapping[str, Consent] = await desk.tx.consents(subjects, locks=True)
    for one in subjects:
        old = known.get(one, Consent(subject=one))
        new = replace(
            old,
            declined_at=old.declined_at or desk.now,
            declined_by=old.declined_by or by,
            has_declined_receipts=receipts or old.has_declined_receipts,
        )
        if new != old:
            await desk.tx.put_declined(new)
