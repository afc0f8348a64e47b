"""What the shapes of the settings are made of: words, names, ids."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

Via = Literal["slack", "discord", "phone", "sms", "whatsapp", "mail", "apprise", "console"]
AnyVia = Literal["slack", "discord", "phone", "sms", "whatsapp", "mail", "apprise", "console", "contacts"]
"""How a step tells: over one channel, or (contacts) as each person wants to be told."""
Severity = Literal["critical", "error", "warning", "info"]
Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_AsText = BeforeValidator(
    lambda value: str(value) if isinstance(value, int) and not isinstance(value, bool) else value,
    json_schema_input_type=str | int,
)
DiscordId = Annotated[str, _AsText, StringConstraints(pattern=r"^\d{15,20}$")]
SlackRoom = Annotated[str, StringConstraints(pattern=r"^(#[^\s#@]{1,80}|[CDG][A-Z0-9]{5,})$")]
SlackPerson = Annotated[str, StringConstraints(pattern=r"^([UW][A-Z0-9]{5,}|[^@\s]+@[^@\s]+)$")]
RoomName = Annotated[str, StringConstraints(pattern=r"^#\S+$")]
Name = Annotated[str, StringConstraints(pattern=r"^[^\s:#@.,][^\s:#@,]*$")]
"""An id of a person, team, schedule and so on. The signs left out mean something in a target."""


class Shape(BaseModel):
    """What every part has in common: no unknown keys, no change after loading, no value in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)
