"""Whose receipt is it? A report with a genuine stamp came by way of one recipient's mail; does it speak for them?

The stamp binds a report to the mail that one recipient was sent. What binds it to the recipient differs:

1. A DSN tells what became of that mail. Its Final-Recipient may be any address: an alias, or where the mail is
   forwarded to (RFC 3464, 2.3.2). It is for another only if it names other recipients of the alert, and not this one.
2. An MDN tells what a person did who had the mail, and whoever it was forwarded to has its Message-ID too. So the
   recipient must be named: in Original-Recipient, whom the sender meant (RFC 8098, 3.2.3), which stays where their
   address is an alias; or in Final-Recipient, who displayed it (3.2.4). Else it is theirs if the address is the same
   person's in the settings or, where it is nobody else's there, in the recipient's own domain or one below or above it.
   A report that names no address speaks for its sender (RFC 8098, 3), and without one for whose stamp it has.
3. An answer is its sender's. A person may answer from any of their addresses.
"""

from channels.receipts import MailKind, Reported, Understood
from escalation.alert import Alert
from escalation.receipt import Recipient
from escalation.roster import Roster


def is_for_another(understood: Understood, alert: Alert, recipient: Recipient, roster: Roster) -> bool:
    """Whether it speaks for somebody else than the recipient whose mail had the stamp."""
    if understood.kind is MailKind.REPLY:
        return understood.sender != recipient.address and not _is_same_person(understood.sender, recipient, roster)
    named = {address for one in understood.recipients for address in addresses(one)}
    if recipient.address in named:
        return False
    if named & {one.address for one in alert.recipients}:
        return True
    who = named or {understood.sender} - {""}
    return understood.kind is MailKind.MDN and bool(who) and not any(_is_own(one, recipient, roster) for one in who)


def reported(understood: Understood, recipient: Recipient) -> tuple[Reported, ...]:
    """All that is said of this recipient, in its order; where they aren't named, of whom they forward to."""
    own = tuple(one for one in understood.recipients if recipient.address in addresses(one))
    return own or understood.recipients


def addresses(one: Reported) -> set[str]:
    """Final- and Original-Recipient, in lower case."""
    return {address.lower() for address in (one.address, one.original_address) if address}


def _is_own(address: str, recipient: Recipient, roster: Roster) -> bool:
    if address == recipient.address or _is_same_person(address, recipient, roster):
        return True
    is_anothers = roster.person_of(address) is not None and not recipient.is_team
    return not is_anothers and is_in_domain(address.rpartition("@")[2], recipient)


def is_in_domain(host: str, recipient: Recipient) -> bool:
    """Whether a host or domain is the recipient's domain, or one below or above it."""
    found, theirs = f".{host}", f".{recipient.address.rpartition('@')[2]}"
    return "." in host and (theirs.endswith(found) or found.endswith(theirs))


def _is_same_person(address: str, recipient: Recipient, roster: Roster) -> bool:
    person = roster.person_of(address)
    return person is not None and person.id == recipient.id
