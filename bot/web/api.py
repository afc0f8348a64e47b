"""The HTTP API: send an urgent mail, and ask who has read it. Bearer token; JSON in and out.

``POST /api/v1/alerts`` ``{"to": ["alice", "team:noc", "a@b.example"], "subject": …, "text": …, "policy": …}`` answers
201 ``{"id": 42, "recipients": […]}``. With an ``Idempotency-Key`` the same request twice is one mail, and the second
answer is 200. ``concerns`` says what should be looked at again; with ``"confirm": false`` such a mail is not sent, and
the answer is 409. ``held`` says that it waits for a second person's approval. ``GET /api/v1/alerts/42`` answers what
``kidoku status 42 --json`` prints. ``POST /api/v1/commands`` is what people type in chat (``commands.py``).

Whoever sends must have the role for it: the person as whom the token acts, and the one that ``by`` names. Whatever is
asked here is in the audit trail, under the name of the person as whom the token acts; of a token that stands for nobody
a mail is under ``by``, and a look under "api".
"""

import hmac
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.chatops.role import ROLE_WORDS, may, needed
from bot.chatops.vocabulary import Name
from bot.desk import Desk
from bot.language import N_, Words
from bot.office import Office
from bot.outgoing.addressing import AddressingError, addressed
from bot.outgoing.confidential import fault_of
from bot.outgoing.plan import faults_of
from bot.outgoing.preview import concerns_again, concerns_of
from bot.outgoing.send import Draft, is_held, policy_named, send
from bot.outgoing.submitted import without_tags
from bot.post import Post
from bot.reception import Reception
from bot.store.record import AuditEntry, AuditOutcome, OutgoingMail
from bot.view import whole
from bot.web.commands import VIA, CommandDesk, NewCommand, ReusedKeyError
from bot.web.once import KEY, key_of, once_of
from bot.web.refusal import DOCS, ApiError, Endpoint, known_only, of_field, read
from bot.web.refusal import send as send_instead
from bot.web.request import words_for
from bot.wording.name import plain
from escalation.alert import AlertStatus
from escalation.phrase import Phrase, Series, advice
from escalation.policy import EscalationPolicy
from escalation.receipt import Recipient
from escalation.roster import Person, Roster

_TOKEN = "KIDOKU_WEB__API_TOKEN"  # noqa: S105 - its name
_ALERT = '{"to": ["alice"], "subject": "…", "text": "…"}'
_COMMAND = '{"text": "ack 42"}'


class NewAlert(BaseModel):
    """What is to be sent, and to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: list[str] = Field(min_length=1, max_length=10_000)
    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    text: str = Field(default="", max_length=1_000_000)
    html: str = Field(default="", max_length=1_000_000)
    policy: str = ""
    severity: Literal["critical", "error", "warning", "info"] = "critical"
    by: str = ""
    at: AwareDatetime | None = None
    deadline: AwareDatetime | None = None
    confidential: bool = False
    expires: AwareDatetime | None = None
    confirm: bool | None = None
    """False: tell what should be looked at again, and send only if that is nothing."""


class Api:
    """The endpoints, for whoever has the token."""

    def __init__(
        self,
        office: Office,
        reception: Reception,
        post: Post | None,
        token: SecretStr,
        commands: CommandDesk | None = None,
    ) -> None:
        self.office = office
        self.reception = reception
        self.post = post
        self.commands = commands
        self._token = token.get_secret_value().encode()

    def routes(self) -> list[BaseRoute]:
        takes = {
            "/api/v1/alerts": ("POST", self.create),
            "/api/v1/alerts/{id:int}": ("GET", self.show),
            "/api/v1/commands": ("POST", self.command),
        }
        return [
            *(Route(path, self._guarded(endpoint), methods=[verb]) for path, (verb, endpoint) in takes.items()),
            *known_only({path: verb for path, (verb, _) in takes.items()}, self._guarded),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                self._let_in(request)
                return await endpoint(request)
            except ApiError as error:
                return error.answer(self._words(request))

        return guarded

    def _words(self, request: Request) -> Words:
        return words_for(request, self.office.words)

    def _let_in(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), self._token):
            fix = Phrase("send %(header)s and the value of %(name)s", header="Authorization: Bearer", name=_TOKEN)
            raise ApiError(401, Phrase("the token is missing or wrong"), fix, {"WWW-Authenticate": "Bearer"})

    async def show(self, request: Request) -> Response:
        id = request.path_params["id"]
        self._let(Name.STATUS, self._person)
        async with self.office.store.reading() as tx:
            alert = (await tx.alerts([id])).get(id)
            rows = await tx.notifications_of(id)
        if alert is None:
            await self.reception.keep(self._entry(Name.STATUS, AuditOutcome.MISTAKEN, said=f"#{id}"))
            raise ApiError(404, Phrase("there is no alert %(id)s", id=id))
        await self.reception.keep(self._entry(Name.STATUS, AuditOutcome.DONE, id))
        return JSONResponse(whole(self.office, alert, rows))

    async def command(self, request: Request) -> Response:
        if self.commands is None:
            fix = Phrase("set web.api_person to a person of the settings")
            raise ApiError(403, Phrase("this token stands for nobody"), fix)
        asked = await read(request, NewCommand, _COMMAND)
        if bool(asked.text.strip()) == bool(asked.verb.strip()):
            raise ApiError(422, of_field("text, verb", Phrase("write one of the two")), send_instead(_COMMAND))
        try:
            reply = await self.commands.obey(asked, key_of(request))
        except ReusedKeyError:
            why = Phrase("it was sent with another command before")
            raise ApiError(422, of_field(KEY, why), Phrase("send a new key with each new command")) from None
        return JSONResponse({"text": reply.text, "is_done": reply.is_done})

    async def create(self, request: Request) -> Response:
        asked, words = await read(request, NewAlert, _ALERT), self._words(request)
        post = self.post
        if post is None:
            raise ApiError(503, Phrase("no mail can be sent"), Phrase("add smtp: to the settings"))
        once = once_of(request, asked)
        async with self.office.store.reading() as tx:
            known = await once.known(tx)
        # Before anything is looked at: the same request is the same mail, though its times may be past by now.
        if known is not None:
            return await self._sent_before(known, post, words)
        said = _said(asked)
        try:
            self._let(Name.SEND, self._person)
            draft = self._draft(asked)
            self._let(Name.SEND, draft.sent_by)
        except ApiError as error:
            outcome = AuditOutcome.DENIED if error.status == 403 else AuditOutcome.MISTAKEN
            by = self._named(asked.by)
            await self.reception.keep(self._entry(Name.SEND, outcome, by=by.id if by else "", said=said))
            raise
        concerns = [one.plain(words) for one in concerns_of(draft, post)]
        if concerns and asked.confirm is False:
            await self.reception.keep(self._entry(Name.SEND, AuditOutcome.NOTHING, by=draft.sent_by, said=said))
            fix = Phrase("send it with %(example)s", example='"confirm": true')
            answer = {"error": words.gettext("this should be looked at again"), "fix": words.said(fix)}
            return JSONResponse(answer | {"concerns": concerns}, 409)

        async def job(desk: Desk) -> tuple[int, bool, bool]:
            known = await once.known(desk.tx)
            if known is not None:
                return known, False, False
            id = await send(desk, draft, post)
            await once.keep(desk.tx, id)
            await desk.tx.add_audit(self._entry(Name.SEND, AuditOutcome.DONE, id, draft.sent_by, said))
            return id, True, await is_held(desk, id)

        id, is_new, held = await self.office.engine.submit(job)
        if not is_new:
            return await self._sent_before(id, post, words)
        self.reception.count(VIA, Name.SEND, AuditOutcome.DONE)
        return self._sent(201, id, [one.recipient for one in draft.to], concerns, held)

    def _let(self, verb: Name, id: str) -> None:
        """``id``: a person's, "" for a token that stands for nobody. Raises ApiError if their role is not enough."""
        if not id:
            return
        role = self.reception.asker(self.office.engine.rules.roster.people[id], VIA).role
        if not may(role, verb):
            its, wanted = Phrase(ROLE_WORDS[role]), Phrase(ROLE_WORDS[needed(verb)])
            wrong = Phrase("%(who)s may not do “%(verb)s”: their role is “%(role)s”", who=id, verb=verb, role=its)
            raise ApiError(403, wrong, Phrase("give them the role “%(role)s” in the settings: roles", role=wanted))

    @property
    def _person(self) -> str:
        """As whom the token acts; "" for nobody."""
        return self.commands.person if self.commands else ""

    def _entry(
        self, verb: Name, outcome: AuditOutcome, alert_id: int | None = None, by: str = "", said: str = ""
    ) -> AuditEntry:
        """The line of the audit trail. Whom ``by`` names beside the person of the token is told there, too."""
        who = self._person or by or VIA
        named = f"by {by}: {said}" if by not in ("", who) else said
        at = self.office.clock.now()
        return AuditEntry(at=at, who=who, via=VIA, verb=verb, outcome=outcome, alert_id=alert_id, argument=named)

    async def _sent_before(self, id: int, post: Post, words: Words) -> Response:
        """The answer to the same request again: what was sent, as it is kept; nobody, if that is long deleted."""
        async with self.office.store.reading() as tx:
            alert = (await tx.alerts([id])).get(id)
            mail = await tx.outgoing(id)
        to = alert.recipients if alert is not None else ()
        found = concerns_again(mail, to, post) if mail is not None else ()
        held = alert is not None and alert.status is AlertStatus.HELD
        return self._sent(200, id, to, [one.plain(words) for one in found], held)

    def _sent(
        self, status: int, id: int, to: Iterable[Recipient], concerns: list[dict[str, object]], held: bool
    ) -> Response:
        recipients = [{"id": one.id, "address": one.address} for one in to]
        said = {"id": id, "recipients": recipients, "concerns": concerns, "held": held}
        return JSONResponse(said, status, {"Location": f"/api/v1/alerts/{id}"})

    def _draft(self, asked: NewAlert) -> Draft:
        roster = self.office.engine.rules.roster
        try:
            to = tuple(addressed(asked.to, roster))
        except AddressingError as error:
            fix = Phrase("write mail addresses, people or team:name, each with an address")
            why = Phrase("“%(text)s” is no recipient", text=plain(error.text)[:200])
            raise ApiError(422, of_field("to", why), fix) from error
        sent_by = self._sender(asked.by, roster)
        if not to:
            fix = Phrase("write mail addresses, people or team:name")
            raise ApiError(422, of_field("to", Phrase("nobody would get it")), fix)
        sender = self.post.sender if self.post else ""
        self._check_times(asked)
        return Draft(
            mail=OutgoingMail(
                sender=sender,
                subject=asked.subject,
                text=asked.text if asked.text.strip() else without_tags(asked.html),
                html=asked.html,
                is_confidential=asked.confidential,
                expires_at=asked.expires,
            ),
            to=to,
            policy=self._policy(asked.policy),
            sent_by=sent_by,
            severity=asked.severity,
            starts_at=asked.at,
            deadline=asked.deadline,
        )

    def _sender(self, by: str, roster: Roster) -> str:
        """Who sends: the person named, else the one as whom the token acts. The robot's own mailbox would tell nobody
        what becomes of the mail."""
        found = self._named(by or self._person)
        if found is not None:
            return found.id
        fix = of_field("by", Phrase("one of %(names)s", names=", ".join(sorted(roster.people))))
        if by:
            why = Phrase("there is no %(what)s %(name)s", what=Phrase("person"), name=plain(by)[:100])
            raise ApiError(422, of_field("by", why), fix)
        nobody = of_field("by", Phrase("nobody is named who sends it"))
        raise ApiError(422, nobody, advice(fix, Phrase("or set web.api_person")))

    def _named(self, written: str) -> Person | None:
        roster = self.office.engine.rules.roster
        return roster.people.get(written) or roster.person_of(written)

    def _check_times(self, asked: NewAlert) -> None:
        now = self.office.clock.now()
        if faults := faults_of(now, asked.at, asked.deadline, asked.expires):
            raise ApiError(422, Series((of_field(name, Phrase(one)) for name, one in faults.items()), N_("; ")), DOCS)
        fault = fault_of(self.post, asked.confidential, asked.expires, asked.at or now) if self.post else ""
        if fault:
            raise ApiError(422, Phrase(fault), DOCS)

    def _policy(self, name: str) -> EscalationPolicy:
        policies = self.office.policies
        found = policy_named(policies, name)
        if found is None:
            why = Phrase("there is no %(what)s %(name)s", what=Phrase("policy"), name=plain(name)[:100])
            raise ApiError(422, of_field("policy", why), Phrase("one of %(names)s", names=", ".join(sorted(policies))))
        return found


def _said(asked: NewAlert) -> str:
    """To whom, for the audit trail: it keeps the beginning alone."""
    return ", ".join(asked.to[:20])
