"""Somebody's own page → the view of their Home tab, within Slack's limits
(https://docs.slack.dev/reference/views/home-tab-views: 100 blocks; views.publish takes 250 KB).

Texts of mails go into plain_text objects, as in messages.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from channels.clean import clean
from channels.home import Home, HomeField, HomeLine, HomePart
from channels.slack.render import MOST_BUTTONS, MOST_HEADER, MOST_TEXT, button_of, cut, plain, size

MOST_BLOCKS = 100
MOST_VIEW_TEXT = 20_000
"""Far below 250 KB, even with every character escaped for JSON twice."""
MOST_LINE = 600
MOST_NOTE = 2_000
MOST_LABEL = 2_000

Block = dict[str, Any]


def view(home: Home) -> dict[str, Any]:
    """The view that views.publish takes."""
    return {"type": "home", "blocks": list(_within_limits(_blocks(home)))}


def _blocks(home: Home) -> Iterator[Block]:
    if home.note:
        yield _section([home.note], MOST_NOTE)
    if home.note and home.parts:
        yield {"type": "divider"}
    for part in home.parts:
        yield from _part(part)
    if home.field is not None:
        yield _field(home.field)
    if home.footer:
        yield {"type": "context", "elements": [plain(home.footer, MOST_LINE)]}


def _part(part: HomePart) -> Iterator[Block]:
    yield {"type": "header", "text": plain(part.title, MOST_HEADER)}
    bare: list[str] = []
    for line in part.lines:
        if not line.buttons:
            bare.append(line.text)
            continue
        yield from _sections(bare)
        bare = []
        yield from _pressable(line)
    yield from _sections(bare)
    if part.rest:
        yield {"type": "context", "elements": [plain(part.rest, MOST_LINE)]}


def _sections(texts: Sequence[str]) -> Iterator[Block]:
    """Lines without buttons, as many in one section as it takes."""
    page: list[str] = []
    for text in texts:
        if page and size("\n".join(_cleaned(one, MOST_LINE) for one in [*page, text])) > MOST_TEXT:
            yield _section(page, MOST_LINE)
            page = []
        page.append(text)
    if page:
        yield _section(page, MOST_LINE)


def _section(texts: Sequence[str], most: int) -> Block:
    text = "\n".join(_cleaned(one, most) for one in texts)
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _cleaned(text: str, most: int) -> str:
    """Each line of it cleaned by itself."""
    lines = [clean(line) for line in text.splitlines()]
    return cut("\n".join(line for line in lines if line) or "–", most)


def _pressable(line: HomeLine) -> Iterator[Block]:
    """One button stands beside its line, several under it."""
    section = _section([line.text], MOST_LINE)
    drawn = {one["action_id"]: one for one in (button_of(each, line.number) for each in line.buttons[:MOST_BUTTONS])}
    buttons = list(drawn.values())
    if len(buttons) == 1:
        yield section | {"accessory": buttons[0]}
        return
    yield section
    yield {"type": "actions", "elements": buttons}


def _field(field: HomeField) -> Block:
    """Its block has a name, so that what somebody is typing outlives an update of the view."""
    block: Block = {
        "type": "input",
        "block_id": f"kidoku:{field.verb}",
        "label": plain(field.label, MOST_LABEL),
        "dispatch_action": True,
        "element": {
            "type": "plain_text_input",
            "action_id": f"kidoku:{field.verb}",
            "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        },
    }
    return block | ({"hint": plain(field.hint, MOST_LABEL)} if field.hint else {})


def _within_limits(blocks: Iterator[Block]) -> Iterator[Block]:
    """What is beyond Slack's limits falls away at the end."""
    used = 0
    for number, block in enumerate(blocks):
        used += _text_of(block)
        if number == MOST_BLOCKS or used > MOST_VIEW_TEXT:
            return
        yield block


def _text_of(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_text_of, value.values()))
    if isinstance(value, list):
        return sum(map(_text_of, value))
    return size(value) if isinstance(value, str) else 0
