"""What people are asked by: a command's form, as a provider's menu shows it, and the dialog, a window of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a command's form. ``offers``: its values are asked for while somebody types ("alert", "person",
    "schedule"); ``choices`` are all there are. ``is_flag``: yes or no; ``share`` is one, for ``Typed.is_shared``."""

    name: str
    about: Mapping[str, str]
    is_required: bool = False
    offers: str = ""
    choices: tuple[str, ...] = ()
    is_flag: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A command as a provider's menu shows it; ``about`` by language. ``is_on_message``: it is in the menu of every
    message, and is wished for with its text; ``about`` is what it is called there."""

    verb: str
    about: Mapping[str, str]
    fields: tuple[Field, ...] = ()
    is_on_message: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One value that a field may take, and how it is shown."""

    label: str
    value: str


class Kind(StrEnum):
    """How a field of a dialog is answered: by a line, by several lines, by one of its choices, by a person (one of its
    choices, or of what ``offers`` finds), by a tick ("1", or "" for none)."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    PERSON = "person"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Ask:
    """One field of a dialog. ``value`` is what stands in it at first; of ``choices`` it is the value of one. ``hint``
    says how to write it."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    is_required: bool = False
    choices: tuple[Offer, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """What is asked in a window of its own, in the language of whoever is asked. All texts are plain text, of a mail
    or a message maybe: escape them.

    ``key`` comes back with the answers: the bot knows by it what was asked, of whom, and what was answered before.
    ``is_confirming``: ``lines`` are to be read and confirmed; ``asks`` were answered, and can be changed. ``submit``,
    ``close``, ``change`` and ``more`` are what the buttons say: ``close`` leaves it, ``change`` and ``more`` show the
    first and the further fields again."""

    key: str
    title: str
    submit: str
    close: str
    asks: tuple[Ask, ...] = ()
    lines: tuple[str, ...] = ()
    is_confirming: bool = False
    change: str = ""
    more: str = ""
