"""What ``kidoku consent`` and ``kidoku consents`` do and print."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.consent import agree, decline, domain_of, subjects_of, tracking_of
from bot.desk import Desk
from bot.language import Words
from bot.office import Office
from bot.outgoing.addressing import AddressingError
from bot.store.record import AuditEntry, AuditOutcome, Consent
from bot.view import NotOneError
from bot.wording import name_of
from channels.console.render import printable


class Act(StrEnum):
    """What is to be recorded; ``show``: nothing."""

    SHOW = "show"
    GIVE = "give"
    WITHDRAW = "withdraw"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of the command. ``by`` is a person's id, or a login where nothing is recorded of who;
    ``receipts``: of read receipts too; ``is_anew``: they have agreed since they declined."""

    act: Act
    to: tuple[str, ...]
    by: str = ""
    why: str = ""
    receipts: bool = False
    is_anew: bool = False


async def consent_command(office: Office, wish: Wish, words: Words, *, as_json: bool) -> int:
    """Record it, and print how it stands now. Raises NotOneError for what must be written otherwise."""
    subjects = _subjects(office, wish, words)
    if wish.act is Act.GIVE and not wish.why.strip():
        raise NotOneError(words.gettext("Say on what ground: --why with how and when they agreed."))
    declined = await office.engine.run_now(lambda desk: _record(desk, wish, subjects))
    if declined:
        form = words.gettext("%(who)s declined; nothing was recorded. If they have agreed again since, write --anew.")
        raise NotOneError(form % {"who": words.listed(declined)})
    return await _print(office, subjects, words, as_json=as_json)


def _subjects(office: Office, wish: Wish, words: Words) -> list[str]:
    try:
        return subjects_of(wish.to, office.engine.rules.roster)
    except AddressingError as error:
        form = words.gettext("“%(text)s” is nobody; write a mail address, a person, team:name or @domain.")
        raise NotOneError(form % {"text": error.text[:200]}) from error


async def _record(desk: Desk, wish: Wish, subjects: Sequence[str]) -> list[str]:
    """Whoever has declined, so that nothing was recorded; what was, has its line in the audit trail."""
    if declined := await _recorded(desk, wish, subjects):
        return declined
    if wish.act is not Act.SHOW:
        # What is to be forgotten is not to be kept there.
        about = [str(len(subjects))] if wish.act is Act.FORGET else subjects
        argument, done = " ".join((wish.act, *about)), AuditOutcome.DONE
        await desk.tx.add_audit(
            AuditEntry(at=desk.now, who=wish.by, via="cli", verb="consent", outcome=done, argument=argument)
        )
    return []


async def _recorded(desk: Desk, wish: Wish, subjects: Sequence[str]) -> list[str]:
    match wish.act:
        case Act.GIVE:
            why = " ".join(wish.why.split())
            return await agree(desk, subjects, wish.by, why, is_anew=wish.is_anew, receipts=wish.receipts)
        case Act.WITHDRAW:
            await decline(desk, subjects, wish.by, receipts=wish.receipts)
        case Act.FORGET:
            for one in subjects:
                await desk.tx.forget_consent(one)
    return []


async def list_consents(office: Office, words: Words, *, as_json: bool) -> int:
    async with office.store.reading() as tx:
        subjects = [one.subject for one in await tx.all_consents()]
    if not subjects and not as_json:
        print(words.gettext("Nobody has agreed to pictures, and nobody has declined."))
        return 0
    return await _print(office, subjects, words, as_json=as_json)


async def _print(office: Office, subjects: Sequence[str], words: Words, *, as_json: bool) -> int:
    async with office.store.reading() as tx:
        found = await tx.consents({*subjects, *(domain_of(one) for one in subjects)})
    if as_json:
        objects = [_object(one, found.get(one), found.get(domain_of(one))) for one in subjects]
        print(json.dumps(objects, ensure_ascii=False, indent=2))
        return 0
    out = Console(soft_wrap=False, highlight=False, markup=False)
    for one in subjects:
        out.print(Text(printable(one), style="bold"))
        for line in _lines(office, found.get(one), found.get(domain_of(one)), words):
            out.print(Text(f"  {printable(line)}"))
    if not office.settings.sending.pictures:
        out.print(Text(words.gettext("No mail has a picture as long as sending.pictures is not true.")))
    return 0


def _lines(office: Office, own: Consent | None, domain: Consent | None, words: Words) -> list[str]:
    tracking = tracking_of(own, domain)
    lines = [words.gettext("pictures: yes") if tracking.may_show_picture else words.gettext("pictures: no")]
    if not tracking.may_ask_receipt:
        lines.append(words.gettext("read receipts: not asked for"))
    both = (own, domain if domain is not own else None)
    lines += [_given(office, one, words) for one in both if one is not None and one.given_at is not None]
    if own is not None and own.declined_at is not None:
        at = {"at": words.instant(own.declined_at), "by": _by(office, own.declined_by, words)}
        lines.append(words.gettext("declined %(at)s (%(by)s)") % at)
    return lines


def _given(office: Office, one: Consent, words: Words) -> str:
    values = {
        "at": words.instant(one.given_at) if one.given_at else "",
        "by": _by(office, one.given_by, words),
        "why": one.ground,
        "domain": one.subject,
    }
    if one.subject.startswith("@"):
        return words.gettext("%(domain)s: agreed %(at)s, recorded by %(by)s: %(why)s") % values
    return words.gettext("agreed %(at)s, recorded by %(by)s: %(why)s") % values


def _by(office: Office, by: str, words: Words) -> str:
    return words.gettext("by the link in a mail") if by == "page" else name_of(by, office.engine.rules.roster, words)


def _object(subject: str, own: Consent | None, domain: Consent | None) -> dict[str, Any]:
    tracking = tracking_of(own, domain)
    one = own or Consent(subject=subject)
    return {
        "subject": subject,
        "pictures": tracking.may_show_picture,
        "receipts": tracking.may_ask_receipt,
        "given_at": one.given_at.isoformat() if one.given_at else None,
        "given_by": one.given_by,
        "ground": one.ground,
        "declined_at": one.declined_at.isoformat() if one.declined_at else None,
        "declined_by": one.declined_by,
    }
