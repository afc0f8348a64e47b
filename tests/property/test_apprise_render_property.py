"""Whatever strangers write: what apprise is handed is inside the service's limits, pings nobody, and keeps its link."""

import json
import re
import unicodedata
from typing import Any

import pytest
from apprise.conversion import text_to_markdown
from hypothesis import given
from hypothesis import strategies as st

from channels.apprise.answer import fault_of, scrubbed
from channels.apprise.render import MOST_JSON, Page, Room, plain, render, render_change
from channels.base import Rejected, RetryLater
from channels.cut import units
from channels.message import Fact, Message
from tests.fakes.hostile import HUGE

LINK = "https://kidoku.company.example/a/IjQyLjEi.abc-DEF_1.sig_nature"
NASTY = st.lists(
    st.sampled_from([
        "@", "@everyone", "@here", "@all", "@channel", "＠", "<", ">", "<!channel>", "<@U0123>", "<at>x</at>",
        "<users/all>",
        "<script>", "[", "]", "(", ")", "](http://evil.example)", "![x](http://evil.example)", "`", "```", "*", "_",
        "~", "\\", "|", "#", "\r\n", "\n", "\0", "\u202e", "\u200b", "\u2028", "\x1b[31m", "\ud83d", "🚨", "👩‍💻",
        "あ", "ｶﾞ", "&amp;",
        "&", "a", " ", "http://evil.example", "x" * 400, "漢" * 300, "🚨" * 200,
    ]),
    max_size=40,
).map("".join)  # fmt: skip
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300) | NASTY
ROOMS = st.builds(
    Room,
    st.sampled_from([0, 20, 60, 200, 250]),
    st.sampled_from([60, 140, 160, 250, 512, 1000, 1024, 2000, 4000, 5000, 32768]),
    st.sampled_from([None, text_to_markdown]),
)
MESSAGES = st.builds(
    Message,
    key=st.just("42.1"),
    address=st.just("ops"),
    language=st.just("ja"),
    title=TEXT,
    summary=TEXT,
    facts=st.lists(st.builds(Fact, st.just("差出人"), TEXT), max_size=10).map(tuple),
    timeline=st.lists(TEXT, max_size=12).map(tuple),
    footer=st.just("Kidoku #42"),
    link=st.sampled_from(["", LINK]),
    link_label=st.sampled_from(["", "Acknowledge", "対応する"]),
)
MENTION = re.compile(r"@(everyone|here|all|channel|room)|(?<![\w.+-])@[\w*|\[{]|<[^\s\u200b…]|\][(\[]", re.IGNORECASE)


def check(page: Page, room: Room, link: str) -> None:
    size = units(page.title)
    assert size <= (room.title or room.body)
    assert units(page.body) + (0 if room.title else size + 2) <= room.body
    assert page.body and (page.title or not room.title)
    assert len(json.dumps(page.body)) <= MOST_JSON + 2_000
    (page.title + page.body).encode()
    assert not [char for char in page.title if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    if link and room.body >= 250:
        assert link in page.body
    # What the link itself is made of is ours.
    title, said = page.title, page.body.replace(f"]({LINK})", "").replace(LINK, "")
    if room.escape:
        title, said = (re.sub(r"\\(.)", r"\1", one) for one in (title, said))
    assert MENTION.search(title) is None and MENTION.search(said) is None


@given(MESSAGES, ROOMS)
def test_any_message(message: Message, room: Room) -> None:
    for page in (render(message, room), render_change(message, room)):
        check(page, room, message.link)


def test_a_megabyte_is_quick_and_short() -> None:
    huge: dict[str, Any] = {
        "title": "<@a" * 350_000,
        "summary": "あ" * 1_000_000,
        "facts": (Fact("x", "🚨" * 500_000),),
    }
    message = Message(key="1.1", address="ops", language="ja", link=LINK, link_label="x", **huge)
    check(render(message, Room(0, 1000, text_to_markdown)), Room(0, 1000, text_to_markdown), LINK)


@given(TEXT)
def test_plain_text_is_one_line_and_stays_as_it_is_the_second_time(text: str) -> None:
    line = plain(text)
    assert "\n" not in line and MENTION.search(line) is None


@given(st.text(max_size=200), st.sampled_from(["tokenSecret99", "user+name", "topic_one", "パス"]))
def test_nothing_of_the_url_is_in_what_is_shown(around: str, secret: str) -> None:
    url = f"ntfy://{secret}@ntfy.example/{secret}"
    said = scrubbed(f"{around} {secret} {around}", url)
    assert secret.lower() not in said.lower()
    fault = fault_of([f"{around} {secret}"], url)
    assert isinstance(fault, Rejected | RetryLater) and secret.lower() not in fault.reason.lower()


@pytest.mark.parametrize("line", ["Failed, error=abc", "", "error=7", "error=200."])
def test_what_is_not_understood_is_tried_again(line: str) -> None:
    assert isinstance(fault_of([line] if line else [], "json://localhost"), RetryLater)


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_is_cut(name: str) -> None:
    text = HUGE[name]
    facts = (Fact("差出人", text),) * 3
    message = Message(
        key="42.1",
        address="ops",
        language="ja",
        title=text,
        summary=text,
        facts=facts,
        timeline=(text,),
        footer="Kidoku #42",
        link=LINK,
        link_label="x",
    )
    for room in (Room(0, 1000, text_to_markdown), Room(250, 60), Room(0, 160, None)):
        for page in (render(message, room), render_change(message, room)):
            check(page, room, LINK)
