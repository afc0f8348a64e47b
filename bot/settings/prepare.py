"""What is done to the tree before the model reads it, so that the channels' own models can stay plain."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_origin

from pydantic_core import PydanticCustomError

from bot.settings import tree
from bot.settings.fields import duration
from bot.settings.model import Document
from bot.settings.problem import Fault, Loc
from bot.settings.source import Node
from escalation.phrase import Phrase


def prepare(root: Node) -> list[Fault]:
    """Fill empty sections, read the channels' durations, name the accounts. What is wrong is taken out and told."""
    _fill_empty(root, Document)
    faults = [*_durations(root, Document, ()), *_name_accounts(root)]
    for fault in faults:
        root.prune(fault.loc)
    return faults


def _children(node: Node) -> list[tuple[str | int, Node]]:
    if isinstance(node.value, dict):
        return list(node.value.items())
    return list(enumerate(node.value)) if isinstance(node.value, list) else []


def _fill_empty(node: Node, annotation: Any) -> None:
    """``slack:`` with nothing below it is a section with nothing in it."""
    kind = tree.bare(annotation)
    if node.value is None and (tree.is_shape(kind) or get_origin(kind) is dict):
        node.value = {}
    for key, child in _children(node):
        _fill_empty(child, tree.below(kind, key))


def _durations(node: Node, annotation: Any, loc: Loc) -> Iterator[Fault]:
    """``30s`` where a channel's model wants a timedelta. Other durations read themselves (``fields.Duration``)."""
    if annotation is timedelta and loc[0] in ("imap", "slack", "discord", "twilio", "smtp", "apprise"):
        try:
            node.value = duration(node.value)
        except PydanticCustomError as error:
            context = error.context or {}
            yield Fault(loc, context["wrong"], context["fix"])
        return
    for key, child in _children(node):
        yield from _durations(child, tree.below(annotation, key), (*loc, key))


def _name_accounts(root: Node) -> Iterator[Fault]:
    """An account's name is the key under which it stands."""
    accounts = root.child("imap")
    for name, account in _children(accounts) if accounts is not None else []:
        if not isinstance(account.value, dict):
            continue
        if "name" in account.value:
            what = Phrase("an account's name is its key")
            yield Fault(("imap", name, "name"), what, Phrase("take name away"), is_key=True)
        else:
            account.value["name"] = Node(str(name), account.path, account.file, account.line)
