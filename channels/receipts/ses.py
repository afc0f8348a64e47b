"""Amazon SES's notifications that SNS forwards as mail: JSON in a text part ("Amazon SNS notification contents for
Amazon SES" in its developer guide). Both the older ``notificationType`` and the newer ``eventType`` are read."""

import json
from typing import Any

from channels.receipts.address import typed
from channels.receipts.delivery import plain
from channels.receipts.status import action, enhanced, status_in
from channels.receipts.understood import Reported

MOST_TEXT = 200_000


def notification(text: str) -> dict[str, Any] | None:
    """The notification that a text holds, or None: bare with a footer, or within the
    JSON of SNS ("email-json")."""
    start = text.find("{", 0, 2000)
    if start < 0 or not ("notificationType" in text or "eventType" in text):
        return None
    found = _json(text[start : start + MOST_TEXT])
    if isinstance(found.get("Message"), str):
        found = _json(found["Message"])
    return found if _kind(found) else None


def _json(text: str) -> dict[str, Any]:
    """The object that a text begins with. SNS folds long lines of plain mails; JSON itself has no raw line feeds."""
    try:
        return _dict(json.JSONDecoder(strict=False).raw_decode(text.replace("\n", ""))[0])
    except (ValueError, RecursionError):
        return {}


def reported(found: dict[str, Any]) -> list[Reported]:
    """The recipients of a bounce, a delivery, a delay or a complaint."""
    kind = _kind(found)
    detail = _dict(found.get(kind))
    if kind == "delivery":
        said = str(detail.get("smtpResponse", ""))
        status = enhanced(said) or status_in(said)
        return [Reported(one, action="delivered", status=status, diagnostic=plain(said)) for one in _plain_ones(detail)]
    if kind == "deliverydelay":
        return [_one(one, "delayed") for one in _list(found.get("deliveryDelay"), "delayedRecipients")]
    if kind == "complaint":
        return [_one(one, "") for one in _list(detail, "complainedRecipients")]
    return [_one(one, "failed") for one in _list(detail, "bouncedRecipients")]


def is_complaint(found: dict[str, Any]) -> bool:
    return _kind(found) == "complaint"


def message_id(found: dict[str, Any]) -> str:
    """The Message-ID that the sender wrote, which SES tells among the headers; else SES's own."""
    mail = _dict(found.get("mail"))
    headers = _dict(mail.get("commonHeaders"))
    return str(headers.get("messageId") or mail.get("messageId") or "").strip("<> ")[:500]


def _kind(found: dict[str, Any]) -> str:
    word = str(found.get("notificationType") or found.get("eventType") or "").replace(" ", "").lower()
    return word if word in ("bounce", "delivery", "deliverydelay", "complaint") else ""


def _one(one: dict[str, Any], otherwise: str) -> Reported:
    said = str(one.get("diagnosticCode", ""))
    status = enhanced(str(one.get("status", ""))) or status_in(said)
    word = action(str(one.get("action", "")), "") or otherwise
    return Reported(typed(str(one.get("emailAddress", ""))), action=word, status=status, diagnostic=plain(said))


def _list(holder: object, name: str) -> list[dict[str, Any]]:
    found = _dict(holder).get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _plain_ones(detail: dict[str, Any]) -> list[str]:
    found = detail.get("recipients")
    return [address for one in found if (address := typed(str(one)))] if isinstance(found, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
