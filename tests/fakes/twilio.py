"""Twilio on loopback: the Calls API of 2010-04-01, and phones that the test picks up.

It follows https://www.twilio.com/docs/voice/api/call-resource, fetches and interprets TwiML, signs every callback as
Twilio does, and refuses what Twilio refuses. Nothing happens by itself: the test rings, answers, presses, hangs up.
"""

import asyncio
import json
import re
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.fakes.patience import PATIENCE
from tests.fakes.twilio_leg import Leg, until_over
from tests.fakes.twilio_phone import ACCOUNT, HANG_UP, SILENCE, Callback, Phone
from tests.fakes.twilio_sms import Messages, Text
from tests.fakes.twilio_spec import check

TOKEN = "a-secret-auth-token-9f3c"
OWNED = "+815012345678"
OWNED_TOO = "+815087654321"
WEBHOOK_WAIT = 15.0
"""Seconds that Twilio waits for an answer to a callback, unless told otherwise (its page "Connection Overrides")."""
START = datetime(2026, 5, 3, 2, 0, tzinfo=UTC)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Refusal:
    """How the next request is answered."""

    status: int
    code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


class FakeTwilio:
    """``async with FakeTwilio() as twilio``: ``twilio.url`` is the ``api_url``."""

    def __init__(self, account: str = ACCOUNT, token: str = TOKEN, owned: Sequence[str] = (OWNED, OWNED_TOO)) -> None:
        self.account = account
        self.token = token
        self.owned = owned
        self.always: Refusal | None = None
        self.now = START
        self.phones: list[Phone] = []
        self.legs: list[Leg] = []
        self.sms = Messages(self)
        self.callbacks: list[Callback] = []
        self.requests: list[tuple[str, str, dict[str, list[str]]]] = []
        self.created_at: list[float] = []
        self.standing = "active"
        self.url = ""
        self._next: deque[Refusal | str] = deque()
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()
        self._stalling = ""
        self._validator = RequestValidator(token)

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._gate])
        prefix = f"/2010-04-01/Accounts/{self.account}/Calls"
        app.router.add_get(f"/2010-04-01/Accounts/{self.account}.json", self._account)
        app.router.add_post(f"{prefix}.json", self._create)
        app.router.add_get(f"{prefix}.json", self._list)
        app.router.add_get(prefix + "/{sid}.json", self._fetch)
        app.router.add_post(prefix + "/{sid}.json", self._update)
        self.sms.add_routes(app)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await self._site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WEBHOOK_WAIT))
        return self

    async def __aexit__(self, *error: object) -> None:
        self._released.set()
        await self._session.close()
        await self._runner.cleanup()

    async def goes_away(self) -> None:
        """Nobody listens at its address any more, until it ``comes_back``."""
        await self._site.stop()
        assert self._runner.server is not None
        await self._runner.server.shutdown(0.1)

    async def comes_back(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", int(self.url.rpartition(":")[2]))
        await self._site.start()

    @property
    def texts(self) -> list[Text]:
        """Every text message that was sent."""
        return self.sms.texts

    # What the test lets happen ---------------------------------------------------------------------------------------

    def refuse(self, status: int, code: int | None = None, body: str | None = None, **headers: str) -> None:
        """Answer the next request with this; several calls queue up. ``Retry_After="3"`` is the header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._next.append(Refusal(status, code, named, body))

    def let_pass(self) -> None:
        """Answer the next request as it is."""
        self._next.append("pass")

    def lose_answer(self) -> None:
        """Do what the next request asks for, and break the connection instead of answering."""
        self._next.append("lose")

    def stall(self) -> None:
        """Do what the next request asks for, and never answer."""
        self._next.append("stall")

    def stall_at(self, path: str) -> None:
        """The same, for whatever is asked at a path that ends so."""
        self._stalling = path

    def release(self) -> None:
        """Let whatever stalls be answered."""
        self._released.set()

    async def asked(self, path: str) -> None:
        """Until a request was made whose path ends so."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: any(one[1].endswith(path) for one in self.requests))

    async def called(self, count: int = 1) -> Phone:
        """Until ``count`` calls were made; returns that one."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.phones) >= count)
        return self.phones[count - 1]

    async def dialled(self, count: int = 1) -> Leg:
        """Until ``count`` legs were dialled by TwiML; returns that one."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.legs) >= count)
        assert len(self.legs) == count, "one leg too many"
        return self.legs[count - 1]

    async def dial(self, phone: Phone, dial: ElementTree.Element) -> str:
        """https://www.twilio.com/docs/voice/twiml/dial: the ``action`` is asked even if the first leg has hung up."""
        leg = Leg(self, phone, f"CA{self.account[-8:]}{len(self.legs) + 0xD1A1:024x}", dial)
        assert leg.order["From"] in self.owned, "the caller id is no number of the account (error 13214)"
        await leg.ring()
        async with self._changed:
            self.legs.append(leg)
            self._changed.notify_all()
        ends = [HANG_UP, SILENCE, *("*" if leg.hangs_up_on_star else "")]
        key = await until_over(leg, phone.keys, ends)
        if phone.is_redirected():
            return ""
        if key == HANG_UP:
            phone.status = "completed"
        after = await self.post(dial.attrib["action"], {**phone.parameters(), **leg.outcome})
        return "" if key == HANG_UP else after.body

    def incoming(self, url: str, number: str, to: str = OWNED) -> Phone:
        """Somebody dials a number of ours, whose webhook is ``url``; ``pick_up`` lets them hear it."""
        form = {"To": [to], "From": [number], "Url": [url]}
        phone = Phone(self, f"CA{len(self.phones) + 0xABC0000:032x}", form)
        phone.is_inbound, phone.status = True, "ringing"
        self.phones.append(phone)
        return phone

    async def post(self, url: str, form: Mapping[str, str], signature: str | None = None) -> Callback:
        """A request of Twilio to us, signed by its token unless another signature is given ("" sends none).

        Its status is 0 if nobody listens there."""
        signed = self._validator.compute_signature(url, dict(form)) if signature is None else signature
        headers = {"X-Twilio-Signature": signed} if signed else {}
        try:
            async with self._session.post(url, data=dict(form), headers=headers, allow_redirects=False) as answer:
                callback = Callback(url, dict(form), signed, answer.status, await answer.text())
        except aiohttp.ClientConnectorError:
            callback = Callback(url, dict(form), signed, 0, "<Response/>")
        self.callbacks.append(callback)
        return callback

    # The API ---------------------------------------------------------------------------------------------------------

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        form = _many(parse_qsl(await request.text(), keep_blank_values=True))
        async with self._changed:
            self.requests.append((request.method, request.path, form))
            self._changed.notify_all()
        check(request, form)
        known = b64encode(f"{self.account}:{self.token}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {known}":
            return _refused(Refusal(401, 20003))
        if self.always is not None:
            return _refused(self.always)
        planned = self._next.popleft() if self._next else None
        if isinstance(planned, Refusal):
            return _refused(planned)
        answer = await handler(request)
        if planned == "lose" and request.transport is not None:
            request.transport.close()
        if planned == "stall" or (self._stalling and request.path.endswith(self._stalling)):
            await self._released.wait()
        return answer

    async def _create(self, request: web.Request) -> web.Response:
        form = _many(parse_qsl(await request.text(), keep_blank_values=True))
        code = _fault(form, self.owned)
        if code is not None:
            return _refused(Refusal(400, code))
        self.created_at.append(asyncio.get_running_loop().time())
        async with self._changed:
            phone = Phone(self, f"CA{self.account[-8:]}{len(self.phones):024x}", form)
            self.phones.append(phone)
            self._changed.notify_all()
        return web.json_response(phone.json(), status=201)

    async def _account(self, request: web.Request) -> web.Response:
        """https://www.twilio.com/docs/iam/api/account; a suspended one is refused before."""
        return web.json_response({"sid": self.account, "status": self.standing, "type": "Full", "friendly_name": "x"})

    async def _fetch(self, request: web.Request) -> web.Response:
        phone = self._phone(request)
        return web.json_response(phone.json()) if phone else _refused(Refusal(404, 20404))

    async def _update(self, request: web.Request) -> web.Response:
        phone = self._phone(request)
        if phone is None:
            return _refused(Refusal(404, 20404))
        form = dict(parse_qsl(await request.text(), keep_blank_values=True))
        if phone.is_over.is_set() or ("Twiml" in form and phone.status != "in-progress"):
            return _refused(Refusal(400, 21220))
        if "Twiml" in form:
            await phone.redirect(form["Twiml"])
        elif phone.status != "in-progress" or form["Status"] == "completed":
            await phone.end(form["Status"])
        return web.json_response(phone.json())

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        calls = [one for one in (*self.phones, *self.legs) if _matches(one, query)]
        calls.sort(key=lambda one: one.created_at, reverse=True)
        size = int(query.get("PageSize", "50"))
        path = request.path
        page = {"page": 0, "page_size": size, "start": 0, "end": len(calls), "uri": path, "first_page_uri": path}
        page |= {"next_page_uri": None, "previous_page_uri": None}
        return web.json_response({**page, "calls": [one.json() for one in calls[:size]]})

    def _phone(self, request: web.Request) -> Phone | None:
        there = (*self.phones, *self.legs)
        return next((one for one in there if one.sid == request.match_info["sid"]), None)


def _many(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def _fault(form: Mapping[str, list[str]], owned: Sequence[str]) -> int | None:
    """Twilio's error code for what can't be called."""
    if form.get("From", [""])[0] not in owned:
        return 21210
    if not re.fullmatch(r"\+[1-9]\d{6,14}", form.get("To", [""])[0]):
        return 21211
    if ("Url" in form) == ("Twiml" in form):
        return 21205
    return 32018 if len(form.get("Twiml", [""])[0]) > 4_000 else None


def _matches(phone: Phone, query: Mapping[str, str]) -> bool:
    if query.get("To", phone.order["To"]) != phone.order["To"]:
        return False
    if query.get("From", phone.order["From"]) != phone.order["From"]:
        return False
    if query.get("Status", phone.json()["status"]) != phone.json()["status"]:
        return False
    if query.get("ParentCallSid") not in (None, phone.json().get("parent_call_sid")):
        return False
    since = query.get("StartTime>")
    if since is None:
        return True
    return phone.started_at is not None and phone.started_at >= datetime.fromisoformat(since)


def _refused(refusal: Refusal) -> web.Response:
    """As Twilio words it: with the number, which must not be repeated."""
    words = "The number +819012345678 is refused; your token was a-secret-auth-token-9f3c."
    more = f"https://www.twilio.com/docs/errors/{refusal.code}"
    body = json.dumps({"code": refusal.code, "message": words, "more_info": more, "status": refusal.status})
    text = body if refusal.body is None else refusal.body
    return web.Response(status=refusal.status, text=text, headers=refusal.headers, content_type="application/json")
