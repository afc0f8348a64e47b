"""Messages as Discord embeds: escaped, inside the limits, pinging nobody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.discord.render import MOST_EMBED, MOST_TITLE, embed, escape, pings, timeline
from channels.message import Fact, Message, Tone

TEXT = st.text(max_size=3000)


def message(
    title: str = "t", facts: tuple[Fact, ...] = (), lines: tuple[str, ...] = (), direct: bool = False
) -> Message:
    return Message(
        key="1.0",
        address="1",
        language="en",
        title=title,
        summary=title,
        facts=facts,
        timeline=lines,
        is_direct=direct,
        tone=Tone.OPEN,
    )


@pytest.mark.parametrize("text", ["**bold**", "[here](http://evil.example)", "# big", "`code`", "||spoiler||", "<@1>"])
def test_markup_of_a_mail_stays_text(text: str) -> None:
    bare = re.sub(r"\\.", "", escape(text, 200))
    assert not set(bare) & set("*[](`|<>#_~")


def test_everyone_is_broken() -> None:
    assert "@everyone" not in escape("@everyone @here", 200)


@given(title=TEXT, values=st.lists(st.tuples(TEXT, TEXT), max_size=30), lines=st.lists(TEXT, max_size=30))
def test_any_mail_renders_inside_the_limits(title: str, values: list[tuple[str, str]], lines: list[str]) -> None:
    facts = tuple(Fact(label, value) for label, value in values)
    for direct in (False, True):
        rendered = embed(message(title, facts, tuple(lines), direct))
        assert len(rendered) <= MOST_EMBED
        assert len(rendered.title or "") <= MOST_TITLE
        assert len(rendered.fields) <= 25
        assert all(0 < len(one.name or "") <= 256 and 0 < len(one.value or "") <= 1024 for one in rendered.fields)
    pages = list(timeline(lines))
    assert all(0 < len(page) <= 2000 for _, page in pages)
    assert [count for count, _ in pages][-1:] == [len(lines)][: len(lines)]
    content, allowed = pings(message(title, facts))
    assert content is None
    assert dict(allowed.to_dict()) == {"users": [], "parse": []}
