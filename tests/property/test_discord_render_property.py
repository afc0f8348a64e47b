"""Whatever a mail says, what Discord gets is a message inside its limits that pings nobody but whom the step names."""

import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.cut import units
from channels.dialog import Ask, Dialog, Kind, Offer
from channels.discord.command import _choice
from channels.discord.modal import buttons, modal
from channels.discord.render import answer, embed, line, pings, thread_name, timeline, view
from channels.message import Button, Fact, Message, Tone, Verb
from tests.fakes.discord import _fault
from tests.fakes.discord_modals import modal_fault
from tests.fakes.hostile import HUGE, LONG

BUTTONS = st.lists(
    st.builds(Button, st.sampled_from(Verb), LONG, st.sampled_from(["", "15m", "1h", "x" * 200]), st.booleans()),
    max_size=30,
).map(tuple)
MESSAGES = st.builds(
    Message,
    key=st.text("0123456789abcdefghijklmnopqrstuvwxyz.-", min_size=1, max_size=25),
    address=st.just("111000000000000000"),
    language=st.just("en"),
    title=LONG,
    summary=LONG,
    alert_id=st.none() | st.integers(1, 2**60),
    facts=st.lists(st.builds(Fact, LONG, LONG), max_size=30).map(tuple),
    buttons=BUTTONS,
    menu=BUTTONS,
    menu_label=LONG,
    timeline=st.lists(LONG, max_size=30).map(tuple),
    is_direct=st.booleans(),
    footer=LONG,
    tone=st.sampled_from(Tone),
)
ALIVE = re.compile(r"@everyone|@here|<@[!&]?\d+>|<#\d+>|</|<id:|<a?:\w+:\d+>|<t:|\]\(|<https?:")
"""What Discord would make something of (https://docs.discord.com/developers/reference#message-formatting)."""


def bare(text: str) -> str:
    """Without what is escaped."""
    return re.sub(r"\\.", "", text)


def is_tame(text: str, most: int) -> bool:
    """Not empty, within the limit as the strictest would count, one can see it, and nothing in it is alive."""
    hidden = [one for one in text if unicodedata.category(one) in ("Cc", "Cs") and one != "\n"]
    text.encode()
    return 0 < units(text) <= most and bool(text.strip()) and not hidden and not ALIVE.search(bare(text))


def check(message: Message) -> None:
    """As one call of create message; of what is drawn as text everything is tame."""
    drawn, shown = embed(message).to_dict(), view(message).to_components()
    content, allowed = pings(message)
    body: dict[str, Any] = {"embeds": [drawn], "components": shown, "nonce": message.nonce, "enforce_nonce": True}
    body |= {"allowed_mentions": allowed.to_dict()} | ({"content": content} if content else {})
    assert _fault("MessageCreateRequest", json.loads(json.dumps(body))) == ""
    assert_embed(drawn)
    assert_components(shown)
    assert {*re.findall(r"\d+", content or "")} == {str(one) for one in body["allowed_mentions"]["users"]}
    assert body["allowed_mentions"]["parse"] == []
    assert 0 < units(thread_name(message)) <= 100
    assert not [one for one in thread_name(message) if unicodedata.category(one) in ("Cc", "Cs")]
    pages = list(timeline(message.timeline))
    assert all(is_tame(page, 2_000) for _, page in pages)
    assert [count for count, _ in pages][-1:] == [len(message.timeline)][: len(message.timeline)]


def assert_embed(drawn: Any) -> None:
    fields = drawn.get("fields", [])
    assert is_tame(drawn["title"], 256)
    assert "description" not in drawn or is_tame(drawn["description"], 4_096)
    # Nothing is markup in a footer.
    assert 0 < units(drawn["footer"]["text"]) <= 2_048
    assert len(fields) <= 25
    assert all(is_tame(one["name"], 256) and is_tame(one["value"], 1_024) for one in fields)
    texts = [drawn["title"], drawn.get("description", ""), drawn["footer"]["text"]]
    texts += [text for one in fields for text in (one["name"], one["value"])]
    assert sum(map(units, texts)) <= 6_000


def assert_components(rows: Any) -> None:
    """https://docs.discord.com/developers/components/reference: five rows, five buttons in each, or one menu."""
    assert len(rows) <= 5
    items = [one for row in rows for one in row["components"]]
    assert all(len(row["components"]) <= (1 if row["components"][0]["type"] == 3 else 5) for row in rows)
    ids = [one["custom_id"] for one in items]
    assert len(ids) == len(set(ids)) and all(0 < units(one) <= 100 for one in ids)
    for one in items:
        if one["type"] == 2:
            assert 0 < units(one["label"]) <= 80 and one["label"].strip()
            continue
        values = [option["value"] for option in one["options"]]
        assert 1 <= len(values) <= 25 and len(values) == len(set(values))
        assert all(0 < units(option["label"]) <= 100 and option["label"].strip() for option in one["options"])
        assert units(one.get("placeholder") or "x") <= 150


@given(MESSAGES)
def test_any_mail_is_a_valid_message_that_pings_nobody(message: Message) -> None:
    check(message)
    assert pings(message)[0] is None


@given(
    MESSAGES,
    st.lists(st.sampled_from(["201000000000000000", "1", "x", "", "１２", "-1", "9" * 30]) | LONG, max_size=60),
)
def test_whom_the_step_names_is_pinged_and_nobody_else(message: Message, names: list[str]) -> None:
    named = Message(**{**{one: getattr(message, one) for one in message.__slots__}, "mentions": tuple(names)})
    check(named)
    content, allowed = pings(named)
    wanted = {one for one in names if re.fullmatch(r"[0-9]{1,20}", one)}
    assert sorted(re.findall(r"\d+", content or "")) == sorted({str(int(one)) for one in wanted})
    assert units(content or "") <= 2_000 and len(allowed.to_dict()["users"]) <= 100


def many(text: str) -> Message:
    labelled = tuple(Button(verb, text, "15m") for verb in Verb)
    return Message(
        key="42.0",
        address="111000000000000000",
        language="ja",
        title=text,
        summary=text,
        alert_id=42,
        facts=(Fact(text, text),) * 3,
        buttons=labelled,
        menu=labelled,
        menu_label=text,
        timeline=(text, text),
        footer=text,
    )


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_is_cut(name: str) -> None:
    text = HUGE[name]
    check(many(text))
    assert all(is_tame(page, 2_000) for page in answer(text))
    assert 0 < units(line(text, 100)) <= 100
    asks = (Ask("a", text, Kind.LONG, text, value=text), Ask("b", text, value=text))
    dialog = Dialog("0123456789abcdef", text, text, text, asks, (text,), change=text, more=text)
    assert modal_fault(modal(dialog).to_dict()) == ""
    assert_components(buttons(dialog).to_components())


@given(LONG)
def test_what_only_the_presser_sees_is_text_too(text: str) -> None:
    pages = answer(text)
    assert 1 <= len(pages) <= 5
    assert all(is_tame(page, 2_000) for page in pages)


@given(LONG, LONG)
def test_what_is_offered_while_somebody_types(label: str, value: str) -> None:
    choice = _choice(Offer(label, value or "x"))
    assert 0 < units(choice.name) <= 100 and choice.name.strip()
    assert 0 < len(str(choice.value)) <= 100
