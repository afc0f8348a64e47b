"""What is handed in at the gateway: urgent mail becomes an alert with one recipient row for each RCPT, as if by
``kidoku send``; everything else goes on untouched. Both are saved before the client hears a 250.

A mail with the same Message-ID, envelope and text from the same user within a day (at most two) is the same mail,
handed in again since its 250 was lost: it goes once.
"""

import asyncio
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr

import structlog

from bot.desk import Desk
from bot.engine import Engine
from bot.failpoint import failpoint
from bot.outgoing import relay
from bot.outgoing.addressing import Addressed
from bot.outgoing.care import ConcernKind, review
from bot.outgoing.send import Draft, send
from bot.outgoing.submitted import outgoing
from bot.post import Post
from bot.routes import Routes
from bot.store.record import OutgoingMail, RelayedMail
from channels.gateway.submission import Refusal, Submitted
from channels.imap.parse import NO_ID, parse_file
from channels.smtp.address import spec
from escalation.mail import Mail
from escalation.receipt import Recipient
from escalation.roster import Person, Roster
from escalation.routing import Verdict, route

log = structlog.get_logger(__name__)

ACCOUNT = "gateway"
"""What a rule's ``account`` says of mail that was handed in."""
_WHY = {
    ConcernKind.OUTSIDE: "a recipient is outside of the organisation",
    ConcernKind.LOOKALIKE: "a recipient's domain looks like a known one, and is another",
    ConcernKind.MANY: "there are too many recipients",
    ConcernKind.ATTACHMENT: "the text names an attachment, and there is none",
}
_NOT_KEPT = Refusal(451, "4.3.0 The mail could not be kept; try again later")
_NO_ADDRESS = Refusal(553, "5.1.3 The envelope has an address that no mail server would take")


@dataclass(frozen=True, slots=True)
class _Read:
    """A mail as the rules see it; ``urgent`` is its text, if it is that."""

    mail: Mail
    verdict: Verdict
    urgent: OutgoingMail | None
    identity: str


class GatewaySubmissions:
    """Implements ``channels.gateway.submission.Submissions``."""

    def __init__(
        self,
        engine: Engine,
        post: Post,
        routes: Callable[[], Routes],
        refuses: Collection[str] = (),
    ) -> None:
        self.refuses = frozenset(refuses)
        self.engine = engine
        self.post = post
        self.routes = routes

    async def accept(self, submitted: Submitted) -> str | Refusal:
        if not all(map(_is_deliverable, (*submitted.recipients, submitted.sender or "null@null.invalid"))):
            return _NO_ADDRESS
        now = self.engine.clock.now()
        # Regexes over a text and 25 MB of base64 take their time: not in the loop.
        read = await asyncio.to_thread(self._read, submitted, now)
        if (refusal := self._refusal(submitted, read)) is not None:
            return refusal
        try:
            answer = await self.engine.submit(lambda desk: self._keep(desk, submitted, read))
        except Exception:
            log.exception("A mail that was handed in could not be kept", user=submitted.user)
            return _NOT_KEPT
        failpoint("gateway.committed")
        return answer

    def _refusal(self, submitted: Submitted, read: _Read) -> Refusal | None:
        """What the settings don't let pass. Everything else that should be looked at again is logged."""
        if read.urgent is None:
            return None
        kinds = [one.kind for one in review(read.urgent, submitted.recipients, self.post.care)]
        refused = [kind for kind in kinds if kind in self.refuses]
        if kinds:
            log.warning("An urgent mail should be looked at again", kinds=kinds, refused=refused, user=submitted.user)
        return Refusal(550, f"5.7.1 Not sent: {', '.join(map(_WHY.__getitem__, refused))}") if refused else None

    def _read(self, submitted: Submitted, now: datetime) -> _Read:
        routes = self.routes()
        mail = parse_file(submitted.data, now, account=ACCOUNT)
        verdict = route(routes.rules, mail)
        is_urgent = verdict.policy is not None and not verdict.ignored
        urgent = None
        if is_urgent:
            answers_to = mail.sender or submitted.sender
            reply_to = formataddr((mail.sender_name, answers_to)) if _is_deliverable(answers_to) else ""
            urgent = outgoing(submitted.data, sender=self.post.sender, subject=mail.subject, reply_to=reply_to)
        return _Read(mail, verdict, urgent, _identity(submitted, mail))

    async def _keep(self, desk: Desk, submitted: Submitted, read: _Read) -> str:
        if not await self._is_new(desk, read):
            log.info("A mail was handed in again", user=submitted.user)
            return "Taken already"
        if read.urgent is not None and read.verdict.policy is not None:
            draft = self._draft(desk.rules.roster, submitted, read, read.urgent)
            id = await send(desk, draft, self.post)
            log.info("Urgent mail was handed in", alert_id=id, rule=read.verdict.rule, user=submitted.user)
            return f"Urgent: #{id}"
        id_ = relay.new_id()
        mail = RelayedMail(
            id=id_,
            user=submitted.user,
            sender=submitted.sender,
            taken_at=desk.now,
            data=submitted.data,
            is_utf8=submitted.is_utf8,
        )
        await relay.put(desk, mail, submitted.recipients)
        log.info("A mail is relayed", relay=id_, recipients=len(submitted.recipients), user=submitted.user)
        return f"Relayed: {id_}"

    async def _is_new(self, desk: Desk, read: _Read) -> bool:
        """Without a Message-ID nothing says that two mails are one: rather one too many."""
        if read.mail.message_id.endswith(NO_ID):
            return True
        days = (desk.now, desk.now - timedelta(days=1))
        seen = [not await desk.tx.first_time("gateway", f"{day.date()} {read.identity}", desk.now) for day in days]
        return not any(seen)

    def _draft(self, roster: Roster, submitted: Submitted, read: _Read, mail: OutgoingMail) -> Draft:
        sent_by = self._sent_by(roster, submitted, read.mail)
        return Draft(
            mail=mail,
            to=tuple(_recipients(submitted.recipients, roster)),
            policy=self.routes().policies[str(read.verdict.policy)],
            sent_by=sent_by,
            severity=read.verdict.severity or "critical",
        )

    def _sent_by(self, roster: Roster, submitted: Submitted, mail: Mail) -> str:
        """A person: the user who logged in, else the one of the From address; else the address that hears of it."""
        person = _person(submitted.user, roster) or roster.person_of(mail.sender)
        return person.id if person else submitted.sender or mail.sender or self.post.address


def _person(user: str, roster: Roster) -> Person | None:
    return roster.people.get(user) or roster.person_of(user)


def _recipients(addresses: tuple[str, ...], roster: Roster) -> list[Addressed]:
    """One for each address. A person's second address stands for itself: each gets the mail."""
    found: dict[str, Addressed] = {}
    for address in dict.fromkeys(one.lower() for one in addresses):
        person = roster.person_of(address)
        id = person.id if person and person.id not in found else address
        found[id] = Addressed(Recipient(id, address=address, name=person.name if person else ""))
    return list(found.values())


def _is_deliverable(address: str) -> bool:
    try:
        spec(address)
    except ValueError:
        return False
    return True


def _identity(submitted: Submitted, mail: Mail) -> str:
    """What makes a mail the same one: two with one Message-ID and other words are two."""
    text = "\0".join([submitted.user, mail.message_id, submitted.sender, *sorted(submitted.recipients)])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape") + b"\0" + submitted.data).hexdigest()
