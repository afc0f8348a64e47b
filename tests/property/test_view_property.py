"""Whatever a mail says, and whatever a stranger asks: nothing runs, nothing is loaded, nothing is shown."""

import asyncio
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from bot.language import Words
from bot.tokens import CODE_DIGITS, Purpose
from bot.web.clean import clean_html, clean_text
from bot.web.cover import Content, Cover
from bot.web.form import digits_of, read_form
from bot.web.view_page import content_sheet, html_of
from bot.web.viewer import FORWARDED, Sighting, told
from bot.wording.forwarded import client_words
from tests.fakes.hostile import HUGE
from tests.fakes.web_desk import SENT_AT, TOKENS

SCRIPTS = [
    "javascript:alert(1)",
    " java\tscript:alert(1)",
    "&#106;avascript:alert(1)",
    "vbscript:x",
    "data:text/html,<b>",
]
PICTURES = [
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:image/png;base64,iVBORw0KGgo=",
    "cid:1",
    "//there.example/x.png",
]
URLS = st.sampled_from(
    [*SCRIPTS, *PICTURES, "https://there.example/x", "/v/x", "?do=confirm", "blob:x", "file:///etc/x"]
)
TAGS = st.sampled_from(
    re.findall(
        r"\w+",
        "a img script style link meta base iframe object embed form input button textarea select svg math video audio "
        "source picture body html head title template noscript table td p div span font details dialog marquee isindex "
        "frameset image foreignObject animate set use plaintext xmp listing",
    )
)
NAMES = st.sampled_from(
    re.findall(
        r"\S+",
        "href src srcset action formaction background poster data ping style class id name onload onerror onclick "
        "onfocus autofocus xlink:href http-equiv content srcdoc target rel width type value",
    )
)
ATTRIBUTES = st.lists(st.tuples(NAMES, URLS | st.text(max_size=20)), max_size=4)
PIECES = (
    st.builds(
        lambda tag, attributes, quote, close: (
            f"<{tag}" + "".join(f" {name}={quote}{value}{quote}" for name, value in attributes) + close
        ),
        TAGS,
        ATTRIBUTES,
        st.sampled_from(['"', "'", "", "`"]),
        st.sampled_from([">", "/>", "", " <", "//>"]),
    )
    | st.builds('<img alt=x src="{}">'.format, URLS)
    | st.builds('<a href="{}">x'.format, URLS)
    | st.builds("<{}>x".format, st.sampled_from(["button", "form", "input", "iframe", "svg", "script", "style"]))
    | st.builds("</{}>".format, TAGS)
    | st.sampled_from(["<!--", "-->", "<![CDATA[", "]]>", "<?xml", "&lt;script&gt;", "\0", "</article>", "</main>"])
    | st.text(max_size=30)
)
HTML = st.lists(PIECES, max_size=12).map("".join)

LOADS = {"src", "srcset", "poster", "background", "data", "action", "formaction", "ping", "srcdoc", "style", "content"}
FORBIDDEN = frozenset(
    re.findall(
        r"\w+",
        "script style link meta base iframe object embed form input button textarea select svg math video audio source "
        "picture template noscript dialog frameset",
    )
)
COVER = Cover("NOC <noc@team.example>", "Guest", SENT_AT, "en", "UTC", ("mail",))


class Seen(HTMLParser):
    """What a browser would come across."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def seen(html: str) -> Seen:
    found = Seen()
    found.feed(html)
    found.close()
    return found


@settings(max_examples=500)
@given(HTML)
def test_hostile_html_neither_runs_nor_loads(html: str) -> None:
    found = seen(clean_html(html))
    assert not FORBIDDEN & set(found.tags)
    for tag, name, value in found.attributes:
        assert not name.startswith("on")
        assert name not in LOADS or (tag, name) == ("img", "src")
        if name == "src":
            assert re.match(r"data:image/(png|jpeg|gif|webp);base64,", value)
        if name == "href":
            assert urlsplit(value.strip()).scheme in ("http", "https", "mailto", "tel")
        assert name not in ("id", "class", "name")


@given(HTML, st.text(max_size=100))
def test_the_mail_can_t_leave_its_frame_or_look_like_our_buttons(html: str, subject: str) -> None:
    """The page has our own buttons and no others, whatever the mail closes or leaves open."""
    words = Words("en", "UTC")
    page = html_of(content_sheet(COVER, Content(subject, "", f"<p>{html}"), "session", words), words)
    found = seen(page)
    assert (found.tags.count("button"), found.tags.count("form"), found.tags.count("article")) == (1, 1, 1)
    assert [value for tag, name, value in found.attributes if (tag, name) == ("form", "action")] == [""]
    body = page[page.index("<article>") : page.rindex("</article>")]
    assert "</article" not in body


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_of_whatever_strangers_write(name: str) -> None:
    """As its subject, its text and its HTML."""
    words, text = Words("ja", "Asia/Tokyo"), HUGE[name]
    for content in (Content(text, text, ""), Content("", "", text)):
        page = html_of(content_sheet(COVER, content, "session", words), words)
        found = seen(page.encode().decode())
        assert not {"script", "iframe", "object", "embed"} & set(found.tags)
        assert (found.tags.count("style"), found.tags.count("h1")) == (1, 1)
        assert (found.tags.count("button"), found.tags.count("form"), found.tags.count("article")) == (1, 1, 1)


@given(st.text(max_size=200))
def test_plain_text_is_escaped_whole(text: str) -> None:
    found = seen(clean_text(text))
    assert set(found.tags) <= {"a"}
    assert all(
        value.startswith(("http://", "https://")) for _, name, value in found.attributes if name == "href" and value
    )
    shown = re.sub(r"<[^>]*>", "", str(clean_text(text)))
    assert len(shown) >= len(text)


@given(st.text(max_size=24), st.text(max_size=40))
def test_a_code_is_six_digits_and_its_keys_alone(key: str, nonce: str) -> None:
    code = TOKENS.code(key, nonce)
    assert re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", code)
    assert code == TOKENS.code(key, nonce)


@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=20), st.integers(0, 7_000)), max_size=5))
def test_any_client_is_told_in_words(client: str, before: list[tuple[str, int]]) -> None:
    sightings = [Sighting(name, SENT_AT) for name, _ in before]
    detail = told(client, SENT_AT, sightings)
    is_new = bool(before) and client not in {name for name, _ in before}
    assert detail.startswith(FORWARDED) == is_new or client.startswith(FORWARDED)
    assert isinstance(client_words(detail, "view", Words("ja", "UTC")), str)


GENUINE = TOKENS.view_token("42.m0")
LINKS = st.text(max_size=60) | st.sampled_from(
    [TOKENS.confirm_token("42.m0"), TOKENS.session_token("42.m0"), GENUINE[:-1], GENUINE + "A", GENUINE.swapcase()]
)


@given(LINKS)
def test_no_other_token_opens_a_view(token: str) -> None:
    assert TOKENS.read(GENUINE, Purpose.VIEW, timedelta(days=1)) == "42.m0"
    assert TOKENS.read(token, Purpose.VIEW, timedelta(days=1)) is None


@given(st.binary(max_size=400))
def test_any_form_is_borne(body: bytes) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    form = asyncio.run(read_form(Request({"type": "http", "method": "POST", "headers": []}, receive)))
    assert form is not None
    assert digits_of(form.get("code", "")) == "" or digits_of(form["code"]).isdecimal()
