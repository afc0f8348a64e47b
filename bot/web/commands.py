"""``POST /api/v1/commands``: what people type in chat, for programs, as the person that the token stands for.

``{"text": "ack 42"}``, or ``{"verb": "ack", "fields": {"alert": "42"}}`` with the fields of the command's form; answers
``{"text": …, "is_done": …}`` in that person's language. With an ``Idempotency-Key`` the same command twice is one.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.chatops.parse import MOST_TYPED
from bot.request import Requests
from channels.inbox import Actor, Reply, Typed

VIA = "api"
Text = Annotated[str, StringConstraints(max_length=MOST_TYPED)]


class NewCommand(BaseModel):
    """A line as it is typed, or a verb and its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text = ""
    verb: Annotated[str, StringConstraints(max_length=100)] = ""
    fields: dict[Annotated[str, StringConstraints(max_length=100)], Text] = Field(default={}, max_length=50)


class CommandDesk:
    """Carries out commands as one person of the settings."""

    def __init__(self, requests: Requests, person: str) -> None:
        self._requests = requests
        self._person = person

    async def obey(self, asked: NewCommand, key: str) -> Reply:
        """``key``: the same twice is done once."""
        typed = Typed(Actor(VIA, self._person), asked.text, asked.verb, asked.fields, dedup=key)
        return await self._requests.typed_by(self._person, typed)
