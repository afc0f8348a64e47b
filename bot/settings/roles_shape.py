"""The shape of the roles."""

from typing import Literal

from pydantic import Field

from bot.settings.basic import Shape, Word
from bot.settings.fields import Listed


class RolesShape(Shape):
    """Who may do what in chat: people, team:name, or a room ("#ops") for those who type there. A person's own role goes
    before those of their teams."""

    viewer: Listed[Word] = Field(default=[], examples=["[carol, team:sales]"])
    """They may only look."""
    responder: Listed[Word] = Field(default=[])
    """They work on alerts, and give away or take a duty of their own."""
    manager: Listed[Word] = Field(default=[])
    """They change the duties of others, too."""
    admin: Listed[Word] = Field(default=[])
    """They may do everything."""
    everybody: Literal["viewer", "responder", "manager", "admin"] = "responder"
    """What everybody else of the settings is. Strangers may never do anything."""
