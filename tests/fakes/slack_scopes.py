"""What Slack asks of a token for each call, by the page of its method (https://docs.slack.dev/reference/methods)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

MANIFEST = Path(__file__).parents[2] / "config" / "slack-manifest.yaml"
_ALWAYS = {
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
}
_READ = {"C": "channels:history", "G": "groups:history", "D": "im:history"}
_LIST = {"public_channel": "channels:read", "private_channel": "groups:read"}


def scopes_of(method: str, arguments: Mapping[str, Any]) -> frozenset[str]:
    """All that this call needs."""
    if method in ("conversations.history", "conversations.replies"):
        return frozenset(scope for kind, scope in _READ.items() if str(arguments.get("channel")).startswith(kind))
    if method == "conversations.list":
        return frozenset(_LIST[one] for one in str(arguments.get("types") or "public_channel").split(","))
    return frozenset({_ALWAYS[method]} if method in _ALWAYS else ())


def of_manifest() -> str:
    """What an app of our manifest has, as Slack writes it into X-OAuth-Scopes."""
    return ",".join(YAML(typ="safe").load(MANIFEST.read_text("utf-8"))["oauth_config"]["scopes"]["bot"])
