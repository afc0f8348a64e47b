"""English texts that can still be said in another language. The core words nothing else."""

from collections.abc import Iterable
from typing import Any, Literal, Self


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    return text


Language = Literal["ja", "en", "zh"]
"""What people are spoken to in. Written once: ``typing`` takes two Literals of the same values for one, and of two
orders the schema would show that of whoever was imported first."""


class Phrase(str):
    """A text in English that keeps its form, and what was filled in, for ``bot.language.Words.said``.

    ``Phrase("step %(n)d", n=2)`` is "step 2". A value may be a phrase itself. What a stranger wrote is only ever a
    value, never a form.
    """

    __slots__ = ("form", "values")
    form: str
    values: dict[str, object]

    def __new__(cls, form: str, /, **values: object) -> Self:
        phrase = super().__new__(cls, form % values)
        phrase.form, phrase.values = form, values
        return phrase

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """What copies are made of: the text alone would be taken for a form."""
        return (self.form,), self.values


COMMA = N_(", ")
OR = N_(" or ")


class Series(str):
    """Texts one after the other: "a, b"."""

    __slots__ = ("glue", "items")
    items: tuple[str, ...]
    glue: str

    def __new__(cls, items: Iterable[str], glue: str = COMMA) -> Self:
        items = tuple(items)
        series = super().__new__(cls, glue.join(items))
        series.items, series.glue = items, glue
        return series

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.items, self.glue


def either(items: Iterable[str]) -> Series:
    """ "a or b": texts of which any is enough."""
    return Series(items, OR)


def advice(wrong: str, fix: str) -> Phrase:
    """What is wrong, and what to write instead."""
    return Phrase("%(wrong)s; %(fix)s", wrong=wrong, fix=fix)


def parts_of(text: str) -> object:
    """What a phrase is made of, for JSON; any other text as it is."""
    if not isinstance(text, Phrase):
        return text
    values = {name: parts_of(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return {"form": text.form, "values": values}


def of_parts(parts: Any) -> Any:
    """The phrase that ``parts_of`` took apart."""
    if not isinstance(parts, dict):
        return parts
    form, values = parts["form"], parts["values"]
    return Phrase(form, **{name: of_parts(value) for name, value in values.items()})
