"""Whatever a mail says, a Home tab is a view inside Slack's limits that mentions nobody and links nowhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.home import Home, HomeField, HomeLine, HomePart
from channels.message import Button, Verb
from channels.slack.home import view
from tests.fakes.hostile import HUGE, LONG
from tests.fakes.slack_blocks import check_view, home_buttons, markup
from tests.property.test_slack_render_property import BUTTONS

SHORT = st.builds(Button, st.sampled_from(Verb), LONG, st.text("abc:0", max_size=20), st.booleans())
LINES = st.builds(HomeLine, LONG, st.just(()) | BUTTONS, st.integers(0, 2**60))
PARTS = st.builds(HomePart, LONG, st.lists(LINES, max_size=30).map(tuple), LONG)
HOMES = st.builds(
    Home,
    LONG,
    st.lists(PARTS, max_size=7).map(tuple),
    st.none() | st.builds(HomeField, st.sampled_from(Verb), LONG, LONG),
    LONG,
).filter(lambda home: bool(home.note or home.parts or home.field or home.footer))


@given(HOMES)
def test_any_mail_s_text_is_a_valid_page_that_mentions_nobody(home: Home) -> None:
    drawn = view(home)
    assert check_view(drawn) == ""
    assert markup(drawn) == []
    json.dumps(drawn, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", ["x", "既" * 5_000, "<" * 5_000, "😀" * 5_000])
@pytest.mark.parametrize("buttons", [(), (Button(Verb.ACK, "a"),), (Button(Verb.ACK, "a"), Button(Verb.LANG, "b"))])
def test_a_page_that_is_too_long_is_cut_at_its_end(text: str, buttons: tuple[Button, ...]) -> None:
    parts = tuple(HomePart(text, tuple(HomeLine(text, buttons, n) for n in range(40)), text) for _ in range(8))
    drawn = view(Home(text, parts, HomeField(Verb.CODE, text, text), text))
    assert check_view(drawn) == ""
    assert drawn["blocks"][0]["text"]["text"].startswith(text[:50])


@given(
    st.lists(
        st.builds(HomeLine, LONG, st.lists(SHORT, max_size=4).map(tuple), st.integers(0, 2**60)),
        min_size=1,
        max_size=30,
    ).map(tuple)
)
def test_a_button_carries_the_number_of_its_line(lines: tuple[HomeLine, ...]) -> None:
    numbers = {json.loads(one["value"])["alert"] for one in home_buttons(view(Home(parts=(HomePart("x", lines),))))}
    assert numbers <= {line.number for line in lines if line.buttons}


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_is_cut(name: str) -> None:
    text = HUGE[name]
    line = HomeLine(text, (Button(Verb.ACK, text, text),), 42)
    drawn = view(Home(text, (HomePart(text, (line,), text),), HomeField(Verb.CODE, text, text), text))
    assert (check_view(drawn), markup(drawn)) == ("", [])
