"""``kidoku send``: reads what is to be sent, shows it, asks, and sends."""

import json
import locale
import mimetypes
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.change import keep
from bot.desk import Desk
from bot.office import Office
from bot.outgoing.addressing import Addressed, AddressingError, addressed, from_csv, once
from bot.outgoing.care import ConcernKind
from bot.outgoing.charset import decoded
from bot.outgoing.confidential import fault_of
from bot.outgoing.plan import faults_of
from bot.outgoing.preview import SHOWN_RECIPIENTS, concerns_of, first_lines, preview
from bot.outgoing.send import Draft, is_held, policy_named, send
from bot.outgoing.submitted import without_tags
from bot.post import Post, open_post
from bot.store.record import Enclosure, OutgoingMail
from bot.terminal import agreed
from bot.view import NotOneError, one_person
from bot.wording.name import cut
from channels.console.render import printable
from channels.system_fault import why_of
from escalation.policy import EscalationPolicy

MOST_BYTES = 20_000_000
MOST_TEXT = 1_000_000
MOST_LINE = 300
"""Of a line that is shown before the mail leaves."""


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
    charset: str = ""


async def send_command(office: Office, asked: Asked, *, is_sure: bool, as_json: bool) -> int:
    """Exit code 0: it is in the outbox; 1: not sent after all. Raises NotOneError for what must be written
    otherwise."""
    words = office.words
    post = await open_post(office.settings, office.store)
    if post is None:
        raise NotOneError(words.gettext("No mail can be sent: add smtp: to the settings (see config/example.yaml)."))
    files = _Files(office, asked.charset)
    draft = _draft(office, asked, post, files)
    if not as_json:
        _show(office, draft, post, files)
    if not is_sure and not await _says_yes(office, asked):
        print(words.gettext("Nothing was sent."))
        return 1

    async def job(desk: Desk) -> tuple[int, bool]:
        id = await send(desk, draft, post)
        await keep(desk, draft.sent_by, "send", ", ".join(asked.to), id)
        return id, await is_held(desk, id)

    id, held = await office.engine.run_now(job)
    if as_json:
        to = [{"id": one.recipient.id, "address": one.recipient.address} for one in draft.to]
        concerns = [one.plain(words) for one in concerns_of(draft, post)]
        said = {"id": id, "recipients": to, "concerns": concerns, "held": held, "charsets": files.taken}
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


class _Files:
    """Reads files, and remembers which charset each was taken to be in."""

    def __init__(self, office: Office, charset: str) -> None:
        self.office = office
        self.charset = charset
        self.taken: dict[str, str] = {}

    def text(self, path: Path) -> str:
        return self._decoded(_read(self.office, path), str(path))

    def piped(self) -> str:
        """What comes in, as far as it may be sent: a sign takes at most four bytes."""
        return self._decoded(sys.stdin.buffer.read(4 * (MOST_TEXT + 1)), "-")

    def _decoded(self, data: bytes, name: str) -> str:
        words = self.office.words
        try:
            read = decoded(data, words.language, self.charset, locale.getencoding())
        except ValueError as error:
            raise NotOneError(f"{name}: {words.gettext(error.args[0])}") from error
        self.taken[name] = read.charset
        return read.text


def _draft(office: Office, asked: Asked, post: Post, read: _Files) -> Draft:
    words = office.words
    # Who hears what becomes of it: the robot's own mailbox would tell nobody.
    sent_by = one_person(office, asked.by)
    if not asked.subject.strip():
        raise NotOneError(words.gettext("The mail has no subject: write --subject."))
    to = _recipients(office, asked, read)
    times = _times(office, asked, post)
    text = _text(office, asked.body, read)
    files = tuple(_enclosure(office, path) for path in asked.files)
    if sum(len(one.data) for one in files) > MOST_BYTES:
        raise NotOneError(words.gettext("The files are more than 20 MB together; most mail servers refuse that."))
    html = _checked(office, read.text(asked.html), str(asked.html)) if asked.html else ""
    return Draft(
        mail=OutgoingMail(
            sender=post.sender,
            subject=" ".join(asked.subject.split()),
            text=text if text.strip() else without_tags(html),
            html=html,
            enclosures=files,
            is_confidential=asked.is_confidential,
            expires_at=times.expires,
        ),
        to=to,
        policy=_policy(office, asked.policy),
        sent_by=sent_by,
        starts_at=times.at,
        deadline=times.deadline,
    )


def _recipients(office: Office, asked: Asked, read: _Files) -> tuple[Addressed, ...]:
    words, roster = office.words, office.engine.rules.roster
    try:
        listed = addressed(asked.to, roster)
        for path in asked.lists:
            listed = once([*listed, *from_csv(read.text(path), path.name, roster)])
    except AddressingError as error:
        where = f"{error.where}: " if error.where else ""
        if error.reason:
            raise NotOneError(where + words.said(error.reason)) from error
        raise NotOneError(
            where
            + words.gettext("“%(text)s” is no recipient; write a mail address, a person or team:name with an address.")
            % {"text": error.text[:200]}
        ) from error
    if not listed:
        raise NotOneError(words.gettext("Nobody would get it: write --to or --csv."))
    return tuple(listed)


def _text(office: Office, body: str, read: _Files) -> str:
    if not body:
        return ""
    return _checked(office, read.piped() if body == "-" else read.text(Path(body)), body)


def _checked(office: Office, text: str, file: str) -> str:
    """Raises NotOneError for a text that would have to be cut."""
    if len(text) > MOST_TEXT:
        form = office.words.gettext("%(file)s: the text is longer than %(most)s characters; send it as --attach.")
        raise NotOneError(form % {"file": file, "most": f"{MOST_TEXT:,}"})
    return text


def _read(office: Office, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        values = {"file": path, "why": office.words.said(why_of(error))}
        raise NotOneError(office.words.gettext("%(file)s: can't read the file: %(why)s") % values) from error


def _enclosure(office: Office, path: Path) -> Enclosure:
    kind, encoding = mimetypes.guess_type(path.name)
    is_known = kind is not None and encoding is None
    return Enclosure(path.name, str(kind) if is_known else "application/octet-stream", _read(office, path))


def _policy(office: Office, name: str) -> EscalationPolicy:
    policies = office.settings.escalation_policies()
    found = policy_named(policies, name)
    if found is None:
        values = {"policies": ", ".join(sorted(policies))}
        raise NotOneError(office.words.gettext("Say which policy: --policy with one of %(policies)s.") % values)
    return found


@dataclass(frozen=True, slots=True)
class _Times:
    """Instants in UTC; None for those that were not given."""

    at: datetime | None
    deadline: datetime | None
    expires: datetime | None


def _times(office: Office, asked: Asked, post: Post) -> _Times:
    words, now = office.words, office.clock.now()
    at, deadline, expires = map(office.aware, (asked.at, asked.deadline, asked.expires))
    if faults := faults_of(now, at, deadline, expires):
        raise NotOneError("\n".join(f"--{name}: {words.gettext(fault)}" for name, fault in faults.items()))
    if fault := fault_of(post, asked.is_confidential, expires, at or now):
        raise NotOneError(words.gettext(fault))
    return _Times(*(one.astimezone(UTC) if one else None for one in (at, deadline, expires)))


# Showing and asking --------------------------------------------------------------------------------------------------


def _show(office: Office, draft: Draft, post: Post, read: _Files) -> None:
    words = office.words
    out = Console(soft_wrap=True, highlight=False, markup=False, stderr=True)
    for label, value in preview(draft, post, words, office.clock.now()):
        out.print(Text.assemble((f"{label}: ", "bold"), printable(value)))
    for name, charset in read.taken.items():
        if charset != "UTF-8":
            said = words.gettext("%(file)s was read as %(charset)s; if that is wrong, name its --charset")
            out.print(Text(printable(said % {"file": name, "charset": charset}), style="yellow"))
    for line in first_lines(draft):
        out.print(Text(f"  {printable(cut(line, MOST_LINE))}", style="dim"))
    for concern in concerns_of(draft, post):
        out.print(Text(printable(concern.worded(words)), style=f"bold {_COLOURS[concern.kind]}"))
        for address in concern.addresses[:SHOWN_RECIPIENTS]:
            out.print(Text(f"  {printable(address)}", style=_COLOURS[concern.kind]))
        if (more := len(concern.addresses) - SHOWN_RECIPIENTS) > 0:
            left = words.ngettext("%(n)d more", "%(n)d more", more) % {"n": more}
            out.print(Text(f"  … {left}", style=_COLOURS[concern.kind]))


_COLOURS = dict.fromkeys(ConcernKind, "yellow") | {ConcernKind.LOOKALIKE: "red"}


async def _says_yes(office: Office, asked: Asked) -> bool:
    otherwise = office.words.gettext("Nobody can be asked here: write --yes to send it as shown.")
    if asked.body == "-":
        raise NotOneError(otherwise)
    return await agreed(office.words.gettext("Send it? [y/N] "), otherwise)
