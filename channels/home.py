"""Somebody's own page in a chat (Slack's App Home), worded: every text in their language, as plain text. A channel
that has such a page draws it in its own ``home.py``, where it is escaped and cut to the provider's limits."""

from dataclasses import dataclass

from channels.message import Button, Verb


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One line, or a few ("\\n" between them), and what can be pressed beside it. ``number`` goes with the buttons."""

    text: str
    buttons: tuple[Button, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class HomePart:
    """Lines under a heading; ``rest`` says how many more there are ("" for none)."""

    title: str
    lines: tuple[HomeLine, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class HomeField:
    """A field to type into; what is typed comes in as the argument of a press with this verb."""

    verb: Verb
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """The page. ``note`` is said first. ``field`` stands after the parts."""

    note: str = ""
    parts: tuple[HomePart, ...] = ()
    field: HomeField | None = None
    footer: str = ""
