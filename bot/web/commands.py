"""``POST /api/v1/commands``: what people type in chat, for programs, as the person that the token stands for.

``{"text": "ack 42"}``, or ``{"verb": "ack", "fields": {"alert": "42"}}`` with the fields of the command's form; answers
``{"text": …, "is_done": …}`` in that person's language. With an ``Idempotency-Key`` the same command twice is one;
another command with the same key is refused (draft-ietf-httpapi-idempotency-key-header, 2.7 "Error Scenarios": 422).
"""

import hashlib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.chatops.parse import MOST_TYPED
from bot.desk import Desk
from bot.engine import Engine
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


class ReusedKeyError(Exception):
    """An ``Idempotency-Key`` came with another command before."""


class CommandDesk:
    """Carries out commands as one person of the settings."""

    def __init__(self, requests: Requests, person: str, engine: Engine) -> None:
        self._requests = requests
        self._engine = engine
        self.person = person

    async def obey(self, asked: NewCommand, key: str) -> Reply:
        """``key``: the same twice is done once. Raises ReusedKeyError, and does nothing then."""
        if key and not await self._engine.submit(lambda desk: _claim(desk, key, asked)):
            raise ReusedKeyError
        typed = Typed(Actor(VIA, self.person), asked.text, asked.verb, asked.fields, dedup=key)
        return await self._requests.typed_by(self.person, typed)


async def _claim(desk: Desk, key: str, asked: NewCommand) -> bool:
    """False if the key stands for another command. It goes on standing for the one that was refused, or whose answer
    was lost: that one may be sent again."""
    body = hashlib.sha256(f"{key}\0{asked.model_dump_json()}".encode("utf-8", "surrogatepass")).hexdigest()
    is_new = await desk.tx.first_time("api:key", key, desk.now)
    is_other = await desk.tx.first_time("api:body", body, desk.now)
    if is_new or not is_other:
        return True
    await desk.tx.forget_time("api:body", body)
    return False
