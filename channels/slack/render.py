"""Message → Slack blocks. Texts of mails go into plain_text objects, where nothing is markup; everything is cut to
Slack's documented limits (https://docs.slack.dev/reference/block-kit/blocks).
"""

import json
from collections.abc import Sequence
from typing import Any

from channels.base import Button, Fact, Message, Tone

MOST_HEADER = 150
MOST_TEXT = 3_000
MOST_FIELD = 2_000
MOST_FIELDS = 10
MOST_BUTTON = 75
MOST_FALLBACK = 3_000
EVENT_TYPE = "kidoku_notification"
MARKS = {Tone.OPEN: "🔴", Tone.TAKEN: "🟡", Tone.CLOSED: "🟢", Tone.ALARM: "🚨"}


def escape(text: str) -> str:
    """Text for a mrkdwn field: the three characters that Slack gives a meaning
    (https://docs.slack.dev/messaging/formatting-message-text#escaping)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_escaped(text: str, most: int) -> str:
    """Escaped, and cut so that no escape is broken."""
    while len(escape(text)) > most:
        text = text[: max(0, len(text) - max(1, (len(escape(text)) - most) // 4))]
    return escape(text)


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(" ".join(text.split(" ")).strip() or "–", most), "emoji": False}


def blocks(message: Message, mentions: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The blocks of a message. ``mentions`` are member ids: the only pings."""
    found: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(f"{MARKS[message.tone]} {message.title}", MOST_HEADER)}
    ]
    if len(message.title) > MOST_HEADER - 3:
        found.append({"type": "section", "text": _plain(message.title, MOST_TEXT)})
    if mentions:
        pings = " ".join(f"<@{member}>" for member in mentions[:50])
        found.append({"type": "section", "text": {"type": "mrkdwn", "text": cut(pings, MOST_TEXT)}})
    if message.facts:
        found.append({"type": "section", "fields": [_field(fact) for fact in message.facts[:MOST_FIELDS]]})
    if message.buttons and message.alert_id is not None:
        found.append({"type": "actions", "elements": [_button(one, message.alert_id) for one in message.buttons[:25]]})
    if message.footer:
        found.append({"type": "context", "elements": [_plain(message.footer, MOST_TEXT)]})
    return found


def _field(fact: Fact) -> dict[str, Any]:
    return _plain(f"{fact.label}: {fact.value}", MOST_FIELD)


def _button(button: Button, alert_id: int) -> dict[str, Any]:
    value = json.dumps({"alert": alert_id, "argument": button.argument}, separators=(",", ":"))
    rendered: dict[str, Any] = {
        "type": "button",
        "action_id": cut(f"kidoku:{button.verb}:{button.argument}", 255),
        "text": _plain(button.label, MOST_BUTTON),
        "value": cut(value, 2_000),
    }
    return rendered | ({"style": "primary"} if button.is_primary else {})


def payload(message: Message, mentions: Sequence[str] = ()) -> dict[str, Any]:
    """The arguments of chat.postMessage and chat.update, but for where."""
    return {
        "blocks": blocks(message, mentions),
        "text": cut_escaped(message.summary or message.title, MOST_FALLBACK) or "Kidoku",
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": message.key}},
    }


def timeline(lines: Sequence[str]) -> str:
    """The thread's reply: the newest lines that fit, oldest first."""
    kept: list[str] = []
    size = 0
    for line in reversed(lines):
        text = cut_escaped(line, 500)
        size += len(text) + 1
        if size > MOST_TEXT:
            break
        kept.append(text)
    return "\n".join(reversed(kept))
