"""``kidoku send``: reads what is to be sent, shows it, asks, and sends."""

import json
import mimetypes
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.desk import Desk
from bot.letter import filled_in
from bot.office import Office
from bot.outgoing.addressing import Addressed, AddressingError, addressed, from_csv
from bot.outgoing.care import Concern, ConcernKind, review
from bot.outgoing.confidential import fault_of
from bot.outgoing.send import Draft, is_held, send
from bot.post import Post, open_post
from bot.store.record import Enclosure, OutgoingMail
from bot.terminal import agreed
from bot.view import NotOneError
from channels.console.render import printable
from escalation.policy import EscalationPolicy

MOST_BYTES = 20_000_000
MOST_TEXT = 1_000_000
SHOWN_LINES = 8
SHOWN_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command, as they were written."""

    to: tuple[str, ...]
    lists: tuple[Path, ...]
    subject: str
    body: str
    html: Path | None
    files: tuple[Path, ...]
    policy: str
    at: datetime | None
    by: str
    deadline: datetime | None = None
    is_confidential: bool = False
    expires: datetime | None = None


async def send_command(office: Office, asked: Asked, *, is_sure: bool, as_json: bool) -> int:
    """Exit code 0: it is in the outbox; 1: not sent after all. Raises NotOneError for what must be written
    otherwise."""
    words = office.words
    post = await open_post(office.settings, office.store)
    if post is None:
        raise NotOneError(words.gettext("No mail can be sent: add smtp: to the settings (see config/example.yaml)."))
    draft = _draft(office, asked, post)
    if not as_json:
        _show(office, draft, post)
    if not is_sure and not _says_yes(office, asked):
        print(words.gettext("Nothing was sent."))
        return 1

    async def job(desk: Desk) -> tuple[int, bool]:
        id = await send(desk, draft, post)
        return id, await is_held(desk, id)

    id, held = await office.engine.run_now(job)
    if as_json:
        to = [{"id": one.recipient.id, "address": one.recipient.address} for one in draft.to]
        concerns = [one.plain(words) for one in _concerns(office, draft, post)]
        said = {"id": id, "recipients": to, "concerns": concerns, "held": held}
        print(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        text = words.ngettext(
            "#%(id)d goes to %(n)d recipient. Who has read it: kidoku status %(id)d",
            "#%(id)d goes to %(n)d recipients. Who has read it: kidoku status %(id)d",
            len(draft.to),
        )
        if held:
            text = words.gettext("#%(id)d waits until somebody else approves it: kidoku approve %(id)d")
        print(text % {"id": id, "n": len(draft.to)})
    return 0


# Reading -------------------------------------------------------------------------------------------------------------


def _draft(office: Office, asked: Asked, post: Post) -> Draft:
    words, roster = office.words, office.engine.rules.roster
    if not asked.subject.strip():
        raise NotOneError(words.gettext("The mail has no subject: write --subject."))
    to = _recipients(office, asked)
    text = _text(office, asked.body)
    files = tuple(_enclosure(office, path) for path in asked.files)
    if sum(len(one.data) for one in files) > MOST_BYTES:
        raise NotOneError(words.gettext("The files are more than 20 MB together; most mail servers refuse that."))
    html = _read(office, asked.html).decode("utf-8", "replace") if asked.html else ""
    person = roster.people.get(asked.by) or roster.person_of(asked.by)
    return Draft(
        mail=OutgoingMail(
            sender=post.sender,
            subject=" ".join(asked.subject.split()),
            text=text,
            html=html,
            enclosures=files,
            is_confidential=asked.is_confidential,
            expires_at=_expiry(office, asked, post),
        ),
        to=to,
        policy=_policy(office, asked.policy),
        sent_by=person.id if person else post.address,
        starts_at=_instant(office, asked.at, "--at"),
        deadline=_instant(office, asked.deadline, "--deadline"),
    )


def _recipients(office: Office, asked: Asked) -> tuple[Addressed, ...]:
    words, roster = office.words, office.engine.rules.roster
    try:
        listed = addressed(asked.to, roster)
        for path in asked.lists:
            listed += from_csv(_read(office, path), path.name, roster)
    except AddressingError as error:
        where = f"{error.where}: " if error.where else ""
        raise NotOneError(
            where
            + words.gettext("“%(text)s” is no recipient; write a mail address, a person or team:name with an address.")
            % {"text": error.text[:200]}
        ) from error
    if not listed:
        raise NotOneError(words.gettext("Nobody would get it: write --to or --csv."))
    return tuple({one.recipient.id: one for one in reversed(listed)}.values())[::-1]


def _text(office: Office, body: str) -> str:
    text = (
        sys.stdin.read(MOST_TEXT)
        if body == "-"
        else _read(office, Path(body)).decode("utf-8", "replace")
        if body
        else ""
    )
    return text[:MOST_TEXT]


def _read(office: Office, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        values = {"file": path, "why": error.strerror}
        raise NotOneError(office.words.gettext("%(file)s: can't read the file: %(why)s") % values) from error


def _enclosure(office: Office, path: Path) -> Enclosure:
    kind, encoding = mimetypes.guess_type(path.name)
    is_known = kind is not None and encoding is None
    return Enclosure(path.name, str(kind) if is_known else "application/octet-stream", _read(office, path))


def _policy(office: Office, name: str) -> EscalationPolicy:
    policies = office.settings.escalation_policies()
    if not name and len(policies) == 1:
        return next(iter(policies.values()))
    if name not in policies:
        values = {"policies": ", ".join(sorted(policies))}
        raise NotOneError(office.words.gettext("Say which policy: --policy with one of %(policies)s.") % values)
    return policies[name]


def _instant(office: Office, at: datetime | None, option: str) -> datetime | None:
    if at is None:
        return None
    aware = office.aware(at)
    if aware is None or aware <= office.clock.now():
        raise NotOneError(office.words.gettext("%(option)s is past already.") % {"option": option})
    return aware.astimezone(UTC)


def _expiry(office: Office, asked: Asked, post: Post) -> datetime | None:
    expires = _instant(office, asked.expires, "--expires")
    leaves = _instant(office, asked.at, "--at") or office.clock.now()
    if fault := fault_of(post, asked.is_confidential, expires, leaves):
        raise NotOneError(office.words.gettext(fault))
    return expires


# Showing and asking --------------------------------------------------------------------------------------------------


def _show(office: Office, draft: Draft, post: Post) -> None:
    words = office.words
    out = Console(soft_wrap=True, highlight=False, markup=False, stderr=True)
    names = [printable(one.recipient.name or one.recipient.address) for one in draft.to[:SHOWN_RECIPIENTS]]
    more = len(draft.to) - len(names)
    first = _of_the_first(draft)
    lines = [
        (words.gettext("From"), post.sender),
        (words.gettext("To"), ", ".join(names) + (f" … +{more}" if more > 0 else "")),
        (words.gettext("Recipients"), str(len(draft.to))),
        (words.gettext("Subject"), first.subject),
        (words.gettext("Policy"), draft.policy.name),
        (words.gettext("Files"), ", ".join(one.name for one in draft.mail.enclosures)),
        (words.gettext("To be read by"), words.instant(draft.deadline) if draft.deadline else ""),
        (words.gettext("Confidential"), _secrecy(office, draft)),
        (words.gettext("Leaves"), _leaves(office, draft, post)),
    ]
    for label, value in lines:
        if value:
            out.print(Text.assemble((f"{label}: ", "bold"), printable(value)))
    for line in first.text.splitlines()[:SHOWN_LINES]:
        out.print(Text(f"  {printable(line)}", style="dim"))
    for concern in _concerns(office, draft, post):
        out.print(Text(printable(concern.worded(words)), style=f"bold {_COLOURS[concern.kind]}"))
        for address in concern.addresses:
            out.print(Text(f"  {printable(address)}", style=_COLOURS[concern.kind]))


def _of_the_first(draft: Draft) -> OutgoingMail:
    """The mail as its first recipient gets it: a field that nobody fills is seen before it leaves."""
    first = draft.to[0]
    return filled_in(replace(draft.mail, fields={first.recipient.address: first.fields}), first.recipient.address)


_COLOURS = dict.fromkeys(ConcernKind, "yellow") | {ConcernKind.LOOKALIKE: "red"}


def _concerns(office: Office, draft: Draft, post: Post) -> tuple[Concern, ...]:
    addresses = [one.recipient.address for one in draft.to]
    return review(draft.mail, addresses, post.care)


def _leaves(office: Office, draft: Draft, post: Post) -> str:
    words = office.words
    if draft.starts_at is not None and draft.starts_at >= office.clock.now() + post.hold:
        return words.instant(draft.starts_at)
    if post.hold:
        return words.gettext("in %(span)s; until then kidoku recall takes it back") % {
            "span": words.duration(post.hold)
        }
    return words.gettext("now")


def _secrecy(office: Office, draft: Draft) -> str:
    words = office.words
    if not draft.mail.is_confidential:
        return ""
    if draft.mail.expires_at is None:
        return words.gettext("the mail is only a link")
    return words.gettext("the mail is only a link; its content is deleted at %(at)s") % {
        "at": words.instant(draft.mail.expires_at)
    }


def _says_yes(office: Office, asked: Asked) -> bool:
    otherwise = office.words.gettext("Nobody can be asked here: write --yes to send it as shown.")
    if asked.body == "-":
        raise NotOneError(otherwise)
    return agreed(office.words.gettext("Send it? [y/N] "), otherwise)
