"""What the app must be allowed to do: of every method that is called, and of every way in. The one list: the health
looks for these in the token, and config/slack-manifest.yaml asks for exactly them.

https://docs.slack.dev/reference/scopes and the page of each method under https://docs.slack.dev/reference/methods
"""

from collections.abc import Mapping
from types import MappingProxyType

_READING = frozenset({"channels:history", "groups:history", "im:history", "metadata.message:read"})

METHODS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "apps.connections.open": frozenset(),  # connections:write, of the app's own token
        "auth.test": frozenset(),
        "chat.postEphemeral": frozenset({"chat:write"}),
        "chat.postMessage": frozenset({"chat:write", "chat:write.public"}),
        "chat.update": frozenset({"chat:write"}),
        "conversations.history": _READING,
        "conversations.list": frozenset({"channels:read", "groups:read"}),
        "conversations.open": frozenset({"im:write"}),
        "conversations.replies": _READING,
        "users.info": frozenset({"users:read", "users:read.email"}),
        "users.lookupByEmail": frozenset({"users:read.email"}),
        "views.open": frozenset(),
        "views.publish": frozenset(),
        "views.update": frozenset(),
    }
)
WAYS_IN = frozenset({"commands"})
"""Slash commands and shortcuts."""
SCOPES = WAYS_IN.union(*METHODS.values())
