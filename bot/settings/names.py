"""Who and what the settings name, taken from the file as written: a person whose phone is wrong is still known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.settings.source import Node

SECTION = {
    "slack": "slack",
    "discord": "discord",
    "phone": "twilio",
    "sms": "twilio.sms",
    "whatsapp": "twilio.whatsapp",
    "mail": "smtp",
    "apprise": "apprise",
}
"""The section that configures each channel of a step; the console needs none."""
MORNING = "morning"
"""A window that is known without being written, until one is: from 08:00 to 18:00 every day, in the settings' zone."""


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that something else may refer to, and the channels that are configured."""

    people: frozenset[str]
    teams: frozenset[str]
    rooms: Mapping[str, frozenset[str]]
    schedules: frozenset[str]
    windows: frozenset[str]
    policies: frozenset[str]
    accounts: frozenset[str]
    calendars: frozenset[str]
    services: frozenset[str]
    channels: frozenset[str]

    @property
    def known_windows(self) -> frozenset[str]:
        return self.windows | {"always", MORNING}


def names_of(root: Node) -> Names:
    """The names in a tree, before anything wrong is pruned."""
    plain = root.plain()
    configured = {via for via, section in SECTION.items() if _has(plain, section)}
    return Names(
        people=_keys(plain, "people"),
        teams=_keys(plain, "teams"),
        rooms={room: _keys(plain["rooms"], room) for room in _keys(plain, "rooms")},
        schedules=_keys(plain, "schedules") | _backups(plain),
        windows=_keys(plain, "windows"),
        policies=_keys(plain, "policies"),
        accounts=_keys(plain, "imap") | ({"gateway"} if "gateway" in plain else frozenset()),
        calendars=_keys(plain, "calendars"),
        services=_keys(plain, "apprise"),
        channels=frozenset(configured | {"console"}),
    )


def _has(plain: Mapping[str, Any], section: str) -> bool:
    """Whether ``twilio``, or ``twilio.sms``, is in the file."""
    found: Any = plain
    for key in section.split("."):
        if not isinstance(found, dict) or key not in found:
            return False
        found = found[key]
    return True


def _backups(plain: Mapping[str, Any]) -> frozenset[str]:
    """``noc/backup`` for each schedule that has such a layer."""
    layers = {
        id: plain["schedules"][id].get("layers") for id in _keys(plain, "schedules") if _keys(plain["schedules"], id)
    }
    listed = {
        id: [one for one in found if isinstance(one, dict)] for id, found in layers.items() if isinstance(found, list)
    }
    return frozenset(
        f"{id}/backup" for id, found in listed.items() if any(one.get("role") == "backup" for one in found)
    )


def _keys(plain: Mapping[str, Any], section: str) -> frozenset[str]:
    found = plain.get(section)
    return frozenset(found) if isinstance(found, dict) else frozenset()
