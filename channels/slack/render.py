"""Message → Slack blocks. Texts of mails go into plain_text objects, where nothing is markup; everything is cut to
Slack's documented limits (https://docs.slack.dev/reference/block-kit/blocks, …/composition-objects/text-object).

Sizes are counted as the strictest reading of those pages would: in UTF-16 units, with &, < and > as their escapes.
Beside the limits of each block Slack refuses messages whose blocks hold too much text in all (msg_blocks_too_long, a
limit between 9,600 and 11,300 characters that it does not publish): ``MOST_FACTS_TEXT`` keeps well below it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from channels.clean import clean
from channels.cut import cut as cut_by
from channels.message import Button, Fact, Message, Tone

MOST_HEADER = 150
MOST_TEXT = 3_000
MOST_FIELD = 2_000
MOST_FIELDS = 10
MOST_FACTS = 40
MOST_FACTS_TEXT = 5_000
MOST_TITLE = 1_000
MOST_FOOTER = 300
MOST_BUTTON = 75
MOST_BUTTONS = 24
"""Of the 25 elements of a row one is the menu."""
MOST_IN_MENU = 5
MOST_OPTION = 75
MENU = "kidoku:menu"
MOST_VALUE = 2_000
MOST_ACTION_ID = 255
MOST_FALLBACK = 1_000
MOST_ANSWER = 9_000
MOST_LINE = 500
MOST_MENTIONS = 50
EVENT_TYPE = "kidoku_notification"
TIMELINE_TYPE = "kidoku_timeline"
MARKS = {Tone.OPEN: "🔴", Tone.TAKEN: "🟡", Tone.CLOSED: "🟢", Tone.ALARM: "🚨", Tone.CALM: "🔵"}

_MEMBER = re.compile(r"[UW][A-Z0-9]{2,30}")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """Text for a place where Slack reads mrkdwn: the three characters that it gives a meaning
    (https://docs.slack.dev/messaging/formatting-message-text#escaping)."""
    return "".join(_ESCAPES.get(char, char) for char in text)


def size(text: str) -> int:
    """Characters as Slack may count them, at worst."""
    return sum(len(_ESCAPES.get(char, char)) + (ord(char) > 0xFFFF) for char in text)


def cut(text: str, most: int) -> str:
    """At most ``most`` characters by ``size``; never half a character or half an escape."""
    return cut_by(text, most, size)


def plain(text: str, most: int) -> dict[str, Any]:
    """A text object in which nothing is markup: never empty, one line, cut."""
    return {"type": "plain_text", "text": cut(clean(text) or "–", most), "emoji": False}


def blocks(message: Message, members: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The blocks of a message. ``members`` are the ids of those who are pinged: nobody else is."""
    found = list(_heading(message, members))
    facts = message.facts[:MOST_FACTS]
    fields = _fields(facts)
    found += [{"type": "section", "fields": fields[at : at + MOST_FIELDS]} for at in range(0, len(fields), MOST_FIELDS)]
    if buttons := [*_buttons(message), *_menu(message)]:
        found.append({"type": "actions", "elements": buttons})
    if message.footer:
        found.append({"type": "context", "elements": [plain(message.footer, MOST_FOOTER)]})
    return found


def _heading(message: Message, members: Sequence[str]) -> Iterator[dict[str, Any]]:
    heading = f"{MARKS[message.tone]} {clean(message.title)}"
    yield {"type": "header", "text": plain(heading, MOST_HEADER)}
    if size(heading) > MOST_HEADER:
        yield {"type": "section", "text": plain(message.title, MOST_TITLE)}
    pings = [f"<@{member}>" for member in members if _MEMBER.fullmatch(member)]
    if pings:
        yield {"type": "section", "text": {"type": "mrkdwn", "text": " ".join(pings[:MOST_MENTIONS])}}


def _fields(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """Each fact gets an equal share of what is left; what a short one leaves goes to those after it."""
    fields: list[dict[str, Any]] = []
    left = MOST_FACTS_TEXT
    for index, fact in enumerate(facts):
        field = plain(f"{fact.label}: {fact.value}", min(MOST_FIELD, left // (len(facts) - index)))
        left -= size(field["text"])
        fields.append(field)
    return fields


def _buttons(message: Message) -> list[dict[str, Any]]:
    if message.number is None or message.tone is Tone.CLOSED:
        return []
    rendered: dict[str, dict[str, Any]] = {}
    for button in message.buttons[:MOST_BUTTONS]:
        one = button_of(button, message.number)
        rendered.setdefault(one["action_id"], one)
    return list(rendered.values())


def button_of(button: Button, number: int) -> dict[str, Any]:
    """A button that carries a number. ``action_id`` must be unique among the buttons, so that what goes with the verb
    stands in it too."""
    value = json.dumps({"alert": number, "argument": button.argument}, separators=(",", ":"))
    rendered: dict[str, Any] = {
        "type": "button",
        "action_id": cut(f"kidoku:{button.verb}:{clean(button.argument)}".rstrip(":"), MOST_ACTION_ID),
        "text": plain(button.label, MOST_BUTTON),
        "value": cut(value, MOST_VALUE),
    }
    return rendered | ({"style": "primary"} if button.is_primary else {})


def _menu(message: Message) -> list[dict[str, Any]]:
    """The verbs that open a dialog, behind three dots (overflow: 1 to 5 options)."""
    if message.number is None or message.tone is Tone.CLOSED or not message.menu:
        return []
    options = [
        {"text": plain(one.label, MOST_OPTION), "value": f"{one.verb}:{message.number}"}
        for one in message.menu[:MOST_IN_MENU]
    ]
    return [{"type": "overflow", "action_id": MENU, "options": options}]


def payload(message: Message, members: Sequence[str] = ()) -> dict[str, Any]:
    """The arguments of chat.postMessage and chat.update, but for where. ``text`` is what notifications and screen
    readers use; parse "none" and no link_names keep "@channel" in it text (chat.update would parse by default)."""
    return {
        "blocks": blocks(message, members),
        "text": escape(cut(clean(message.summary) or clean(message.title) or "Kidoku", MOST_FALLBACK)),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": message.mark}},
        "parse": "none",
        "link_names": False,
    }


def replies(message: Message, posted: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """The thread's lines after the first ``posted``, as arguments of chat.postMessage: each with how many lines the
    thread holds after it, which its metadata keep too."""
    pages: list[list[str]] = [[]]
    for line in message.timeline[posted:]:
        text = cut(clean(line) or "–", MOST_LINE)
        if size("\n".join([*pages[-1], text])) > MOST_TEXT:
            pages.append([])
        pages[-1].append(text)
    for page in filter(None, pages):
        posted += len(page)
        yield posted, _reply(message.key, "\n".join(page), posted)


def _reply(key: str, text: str, lines: int) -> dict[str, Any]:
    return {
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}],
        "text": escape(cut(text, MOST_FALLBACK)),
        "metadata": {"event_type": TIMELINE_TYPE, "event_payload": {"key": key, "lines": lines}},
        "parse": "none",
        "link_names": False,
    }


def answer(text: str) -> dict[str, Any]:
    """What somebody who pressed or typed is told, line by line, within what Slack takes of one message."""
    pages: list[list[str]] = [[]]
    left = MOST_ANSWER
    for line in text.splitlines():
        shown = cut(clean(line), min(MOST_LINE, left))
        if not shown:
            continue
        if size("\n".join([*pages[-1], shown])) > MOST_TEXT:
            pages.append([])
        pages[-1].append(shown)
        left -= size(shown) + 1
        if left <= 1:
            break
    texts = ["\n".join(page) or "–" for page in pages]
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": one, "emoji": False}} for one in texts]
    return {"blocks": blocks, "text": escape(cut(texts[0], MOST_FALLBACK))}
