"""Walks the model's types beside a settings tree: which keys a place has, where the secrets are."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.settings.problem import Loc
from bot.settings.source import Node


def bare(annotation: Any) -> Any:
    """The type without ``Annotated`` and ``None``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return bare(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        some = [one for one in get_args(annotation) if one is not type(None)]
        return bare(some[0]) if len(some) == 1 else annotation
    return annotation


def is_shape(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def fields(shape: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a shape by the key under which they are written."""
    return {info.alias or name: info for name, info in shape.model_fields.items()}


def below(annotation: Any, part: str | int) -> Any:
    """The type of what stands under a key or index, or None."""
    kind = bare(annotation)
    if is_shape(kind):
        info = fields(kind).get(str(part))
        return None if info is None else bare(info.annotation)
    if get_origin(kind) in (list, tuple):
        return bare(get_args(kind)[0])
    return bare(get_args(kind)[1]) if get_origin(kind) is dict else None


def at(annotation: Any, loc: Loc) -> Any:
    """The type at a place, or None if the model has no such place."""
    for part in loc:
        annotation = below(annotation, part)
    return bare(annotation)


def field_at(annotation: Any, loc: Loc) -> FieldInfo | None:
    """The field written at a place; None for list items, for names that people choose, and for unknown keys."""
    parent = at(annotation, loc[:-1]) if loc else None
    return fields(parent).get(str(loc[-1])) if is_shape(parent) else None


def secrets(annotation: Any, node: Node, loc: Loc = ()) -> Iterator[Loc]:
    """Where the tree holds a value that the model keeps secret."""
    if bare(annotation) is SecretStr:
        yield loc
    elif isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from secrets(below(annotation, key), child, (*loc, key))
