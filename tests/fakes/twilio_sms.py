"""Twilio's Messages API on loopback, and the people who get and write text messages.

It follows https://www.twilio.com/docs/messaging/api/message-resource and the pages of its errors.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from aiohttp import web

from channels.twilio.segment import segments
from tests.fakes.twilio_phone import Callback

WHATSAPP = "whatsapp:"
TEMPLATE = "HX" + "a" * 32
TEMPLATES = {TEMPLATE: "Kidoku tells you of an urgent mail: {{1}} ({{2}}). {{3}} This is sent to whoever is on duty."}
SERVICE = "MG" + "0" * 32


class Network(Protocol):
    now: datetime
    account: str
    owned: Sequence[str]

    async def post(self, url: str, form: Mapping[str, str]) -> Callback: ...


@dataclass
class Text:
    """One message that was sent."""

    twilio: Network
    sid: str
    order: dict[str, str]
    created_at: datetime
    status: str = "queued"
    code: int | None = None

    @property
    def body(self) -> str:
        if "ContentSid" not in self.order:
            return self.order["Body"]
        text = TEMPLATES[self.order["ContentSid"]]
        for name, value in json.loads(self.order["ContentVariables"]).items():
            text = text.replace("{{" + name + "}}", value)
        return text

    def json(self) -> dict[str, object]:
        account = self.twilio.account
        uri = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}.json"
        at = format_datetime(self.created_at)
        return {
            "sid": self.sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": at,
            "date_updated": at,
            "date_sent": None if self.status in ("queued", "accepted") else at,
            "direction": "outbound-api",
            "error_code": self.code,
            "error_message": None,
            "from": self.order.get("From"),
            "messaging_service_sid": self.order.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "status": self.status,
            "subresource_uris": {"media": uri.replace(".json", "/Media.json")},
            "to": self.order["To"],
            "uri": uri,
        }

    async def becomes(self, status: str, code: int | None = None) -> None:
        """The operator's word; Twilio calls back if it was asked to."""
        self.status, self.code = status, code
        url = self.order.get("StatusCallback")
        if url:
            form = {
                "MessageSid": self.sid,
                "SmsSid": self.sid,
                "AccountSid": self.twilio.account,
                "To": self.order["To"],
            }
            form |= {"MessageStatus": status, "SmsStatus": status, "ApiVersion": "2010-04-01"}
            await self.twilio.post(url, form | ({"ErrorCode": str(code)} if code else {}))


@dataclass
class Messages:
    """The API, and what it knows. ``stopped`` are the numbers that answered STOP."""

    twilio: Network
    texts: list[Text] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    """The numbers that have written by WhatsApp within 24 hours."""

    def add_routes(self, app: web.Application) -> None:
        prefix = f"/2010-04-01/Accounts/{self.twilio.account}/Messages"
        app.router.add_post(f"{prefix}.json", self._create)
        app.router.add_get(f"{prefix}.json", self._list)
        app.router.add_get(prefix + "/{sid}.json", self._fetch)

    async def _create(self, request: web.Request) -> web.Response:
        order = dict(parse_qsl(await request.text(), keep_blank_values=True))
        code = self._fault(order)
        if code is not None:
            return web.json_response({"code": code, "message": "refused", "status": 400}, status=400)
        status = "accepted" if "MessagingServiceSid" in order else "queued"
        text = Text(self.twilio, f"SM{self.twilio.account[-8:]}{len(self.texts):024x}", order, self.twilio.now, status)
        self.texts.append(text)
        return web.json_response(text.json(), status=201)

    def _fault(self, order: Mapping[str, str]) -> int | None:
        if order.get("To", "").startswith(WHATSAPP):
            return self._fault_of_whatsapp(order)
        if not order.get("Body"):
            return 21602
        if len(order["Body"]) > 1_600:
            return 21617
        if not re.fullmatch(r"\+[1-9]\d{6,14}", order.get("To", "")):
            return 21211
        if order["To"] in self.stopped:
            return 21610
        if "MessagingServiceSid" in order:
            return None if order["MessagingServiceSid"] == SERVICE else 21705
        return None if order.get("From") in self.twilio.owned else 21606

    def _fault_of_whatsapp(self, order: Mapping[str, str]) -> int | None:
        """https://www.twilio.com/docs/whatsapp/api, and the pages of the errors."""
        number = order["To"].removeprefix(WHATSAPP)
        if order.get("From", WHATSAPP + self.twilio.owned[0]).removeprefix(WHATSAPP) not in self.twilio.owned:
            return 63007
        if "From" in order and not order["From"].startswith(WHATSAPP):
            return 63007
        if number in self.stopped:
            return 21610
        if "ContentSid" in order:
            return self._fault_of_template(order)
        if number not in self.sessions:
            return 63016
        return None if 0 < len(order.get("Body", "")) <= 1_600 else 21617

    def _fault_of_template(self, order: Mapping[str, str]) -> int | None:
        if order["ContentSid"] not in TEMPLATES or "Body" in order:
            return 21655
        values = json.loads(order["ContentVariables"]).values()
        if any("{{" in one or "}}" in one for one in values):
            return 21656
        is_right = all(
            0 < len(one.encode("utf-16-le")) // 2 <= 255 and not re.search(r"\s{2}|\n", one) for one in values
        )
        return None if is_right else 63013

    async def _fetch(self, request: web.Request) -> web.Response:
        found = next((one for one in self.texts if one.sid == request.match_info["sid"]), None)
        if found is None:
            return web.json_response({"code": 20404, "message": "no", "status": 404}, status=404)
        return web.json_response(found.json())

    async def _list(self, request: web.Request) -> web.Response:
        query, path = request.query, request.path
        found = [one for one in self.texts if query.get("To", one.order["To"]) == one.order["To"]]
        found.sort(key=lambda one: one.created_at, reverse=True)
        size = int(query.get("PageSize", "50"))
        page = {"page": 0, "page_size": size, "start": 0, "end": len(found), "uri": path, "first_page_uri": path}
        page |= {"next_page_uri": None, "previous_page_uri": None}
        return web.json_response({**page, "messages": [one.json() for one in found[:size]]})


def answered(callback: Callback) -> list[str]:
    """What the webhook's answer sends back."""
    root = ElementTree.fromstring(callback.body)
    assert root.tag == "Response" and all(one.tag == "Message" and not list(one) for one in root), callback.body
    return [one.text or "" for one in root]
