"""The text of a slash command → what was typed. Slack escapes it where the app asks for that (should_escape), so that
members and rooms are told by their ids.

https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

MOST_MENTIONED = 5
_MEMBER = re.compile(r"<@([UW][A-Z0-9]{2,30})(?:\|[^<>]*)?>")
_ROOM = re.compile(r"<#[CG][A-Z0-9]{2,30}\|([^<>|]+)>")
_LINK = re.compile(r"<((?:https?|mailto):[^<>|]+)(?:\|([^<>]*))?>")


def mentioned(text: str) -> tuple[str, ...]:
    """The members whom a text names, a few."""
    return tuple(dict.fromkeys(_MEMBER.findall(text)))[:MOST_MENTIONED]


def plain_of(text: str, emails: Mapping[str, str]) -> str:
    """The text as it was typed: members as their mail addresses where these are known, else as their ids."""
    text = _MEMBER.sub(lambda found: emails.get(found[1]) or found[1], text)
    text = _ROOM.sub(r"#\1", text)
    text = _LINK.sub(lambda found: found[1].removeprefix("mailto:"), text)
    return unescape(text)


def rooms_of(channel: Mapping[str, Any]) -> tuple[str, ...]:
    """What settings may call a room: its id, and its name with a #."""
    id, name = str(channel.get("id") or ""), str(channel.get("name") or "")
    return tuple(one for one in (id, f"#{name}" if name else "") if one)
