"""LINE WORKS, which apprise does not have: its Incoming Webhook as a service of apprise, ``lineworks://WEBHOOK_ID``.

The webhook takes ``{"title": …, "body": {"text": …}}`` by POST and answers ``{"code": 200, "description": …}``. The
form is as public programs send it (https://developers.worksmobile.com/jp/docs/webhook is its page); its limits are
stated nowhere that we could read, so ours are narrow. Never tried with LINE WORKS itself.
"""

import json
import re
from typing import Any

import apprise
import requests
from apprise.manager_plugins import NotificationManager

SCHEMA = "lineworks"
_NATIVE = re.compile(r"https://webhook\.worksmobile\.com/message/([\w-]+)/?", re.ASCII)
MOST_TITLE = 100
MOST_TEXT = 1_000


_Base: Any = apprise.NotifyBase
"""Its types are not those of its own plugins."""


class NotifyLineWorks(_Base):  # type: ignore[misc]
    """One room that has an Incoming Webhook; the URL's host is the webhook's id, which is a secret."""

    service_name = "LINE WORKS"
    service_url = "https://line-works.com/"
    setup_url = "https://developers.worksmobile.com/jp/docs/webhook"
    secure_protocol = SCHEMA
    notify_url = "https://webhook.worksmobile.com/message"
    title_maxlen = MOST_TITLE
    body_maxlen = MOST_TEXT
    templates = ("{schema}://{webhook}",)
    template_tokens = {  # noqa: RUF012 - apprise's own form
        "webhook": {"name": "Webhook ID", "type": "string", "private": True, "required": True, "map_to": "webhook"}
    }

    def __init__(self, webhook: str, **options: Any) -> None:
        super().__init__(**options)
        if not webhook:
            raise TypeError("the id of the webhook is missing")
        self.webhook = webhook

    def send(self, body: str, title: str = "", notify_type: Any = None, **options: Any) -> bool:
        """Post one message; False, and a line in apprise's log, if it was not taken."""
        payload = {"title": title, "body": {"text": body}} if title else {"body": {"text": body}}
        try:
            answer = requests.post(
                f"{self.notify_url}/{self.webhook}",
                data=json.dumps(payload),
                headers={"User-Agent": self.app_id, "Content-Type": "application/json"},
                verify=self.verify_certificate,
                timeout=self.request_timeout,
                allow_redirects=self.redirects,
            )
        except requests.RequestException:
            self.logger.warning("A connection error occurred sending to LINE WORKS.")
            return False
        if answer.status_code != requests.codes.ok:
            self.logger.warning("Failed to send to LINE WORKS, error=%s.", answer.status_code)
            return False
        return True

    def url(self, privacy: bool = False, *args: Any, **options: Any) -> str:
        """The URL that makes the same service again."""
        return f"{SCHEMA}://{self.pprint(self.webhook, privacy, safe='')}"

    @staticmethod
    def parse_url(url: str) -> Any:
        """The parts of a URL, as ``__init__`` takes them; None if it is none of ours."""
        found = _Base.parse_url(url, verify_host=False)
        if found:
            found["webhook"] = _Base.unquote(found["host"] or "")
        return found

    @staticmethod
    def parse_native_url(url: str) -> Any:
        """The same, of the address as LINE WORKS shows it."""
        found = _NATIVE.fullmatch(url.strip())
        return NotifyLineWorks.parse_url(f"{SCHEMA}://{found[1]}") if found else None


def known() -> Any:
    """Every service that apprise has, and this one: what tells whether it knows a schema."""
    manager: Any = NotificationManager()  # type: ignore[no-untyped-call]
    if SCHEMA not in manager:
        manager.add(NotifyLineWorks)
    return manager
