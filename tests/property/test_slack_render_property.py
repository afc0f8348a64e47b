"""Whatever a mail says, what Slack gets is a message inside its limits that mentions nobody and links nowhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.message import Button, Fact, Message, Tone, Verb
from channels.slack.render import answer, cut, payload, replies, size
from tests.fakes.hostile import HUGE, LONG
from tests.fakes.slack_blocks import check, markup, shown, why

FACTS = st.lists(st.builds(Fact, LONG, LONG), max_size=45).map(tuple)
BUTTONS = st.lists(st.builds(Button, st.sampled_from(Verb), LONG, LONG, st.booleans()), max_size=30).map(tuple)
MESSAGES = st.builds(
    Message,
    key=st.text("0123456789abcdefghijklmnopqrstuvwxyz.-", min_size=1, max_size=25),
    address=st.just("#ops"),
    language=st.just("en"),
    title=LONG,
    summary=LONG,
    alert_id=st.none() | st.integers(1, 2**60),
    facts=FACTS,
    buttons=BUTTONS,
    timeline=st.lists(LONG, max_size=60).map(tuple),
    footer=LONG,
    tone=st.sampled_from(Tone),
)


@given(MESSAGES)
def test_any_mail_is_a_valid_message_that_mentions_nobody(message: Message) -> None:
    body = payload(message)
    assert (check(body), why(body)) == ("", "")
    assert markup(body) == []
    json.dumps(body, ensure_ascii=False).encode()


@given(MESSAGES, st.lists(LONG, max_size=60))
def test_only_members_are_ever_pinged(message: Message, names: list[str]) -> None:
    body = payload(message, ["U0ALICE", *names])
    assert check(body) == ""
    assert markup(body) == ["@U0ALICE"]


@given(MESSAGES, st.integers(0, 70))
def test_a_thread_gets_every_line_once_and_in_order(message: Message, posted: int) -> None:
    pages = list(replies(message, posted))
    counts = [count for count, _ in pages]
    assert counts == sorted(set(counts))
    assert (counts[-1] if counts else min(posted, len(message.timeline))) == min(
        max(posted, len(message.timeline)), len(message.timeline)
    )
    assert sum(len(shown(reply).split("\n")) for _, reply in pages) == max(0, len(message.timeline) - posted)
    for _, reply in pages:
        assert (check(reply), markup(reply)) == ("", [])


@given(LONG)
def test_what_only_the_presser_sees_is_text_too(text: str) -> None:
    body = answer(text)
    assert (check(body), markup(body)) == ("", [])


@given(LONG, st.integers(1, 200))
def test_cut_keeps_the_beginning_and_the_limit(text: str, most: int) -> None:
    kept = cut(text, most)
    assert size(kept) <= most
    assert kept == text or text.startswith(kept.removesuffix("…"))


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_is_cut(name: str) -> None:
    text = HUGE[name]
    buttons = tuple(Button(verb, text, text) for verb in (Verb.ACK, Verb.SNOOZE))
    facts = (Fact(text, text),)
    huge = Message(
        key="42.0",
        address="#ops",
        language="ja",
        title=text,
        summary=text,
        alert_id=42,
        facts=facts,
        buttons=buttons,
        timeline=(text,),
        footer=text,
    )
    body = payload(huge, ["U0ALICE", text])
    assert (check(body), why(body)) == ("", "")
    assert markup(body) == ["@U0ALICE"]
    for one in (answer(text), *(reply for _, reply in replies(huge, 0))):
        assert (check(one), markup(one)) == ("", [])
