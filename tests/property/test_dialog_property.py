"""Whatever stands in a dialog, Slack and Discord get it inside their limits, and it mentions nobody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.dialog import Ask, Dialog, Kind, Offer
from channels.discord import modal as discord_modal
from channels.inbox import Reply
from channels.slack import modal as slack_modal
from channels.slack.window import _response
from tests.fakes.discord_modals import modal_fault
from tests.fakes.hostile import HUGE, TEXT
from tests.fakes.slack_blocks import markup
from tests.fakes.slack_views import response_fault, view_fault

KEY = "0123456789abcdef"
LONG = st.one_of(TEXT, st.builds(lambda text, times: text * times, TEXT, st.integers(1, 400)))
VALUES = st.builds(
    lambda text, count: [f"{text}{n}" for n in range(count)],
    st.from_regex(r"[a-z:#-]{1,60}", fullmatch=True),
    st.sampled_from([0, 1, 3, 25, 26, 100, 101]),
)


@st.composite
def asks(draw: st.DrawFn, name: str) -> Ask:
    kind = draw(st.sampled_from(list(Kind)))
    values = draw(VALUES) if kind in (Kind.CHOICE, Kind.PERSON) else []
    value = draw(st.one_of(LONG, st.sampled_from(values))) if values else draw(LONG)
    choices = tuple(Offer(draw(TEXT) if n < 3 else f"choice {n}", one) for n, one in enumerate(values))
    return Ask(name, draw(LONG), kind, draw(TEXT), draw(st.booleans()), choices, value)


@st.composite
def dialogs(draw: st.DrawFn) -> Dialog:
    count = draw(st.integers(1, 8))
    fields = tuple(draw(asks(f"field{n}")) for n in range(count))
    is_confirming = draw(st.booleans())
    lines = tuple(draw(st.lists(LONG, min_size=1, max_size=30))) if is_confirming else ()
    title, submit, close, change, more = (draw(LONG) for _ in range(5))
    key = f"{KEY}.0123456789ab" if is_confirming else KEY
    return Dialog(key, title, submit, close, fields, lines, is_confirming, change, more)


@given(dialogs())
def test_slack_takes_any_dialog(dialog: Dialog) -> None:
    view = slack_modal.view(dialog)
    assert view_fault(view) == ""
    assert markup(view) == []


@given(dialogs(), TEXT, st.booleans(), st.booleans())
def test_slack_takes_any_acknowledgement(dialog: Dialog, text: str, is_done: bool, has_faults: bool) -> None:
    faults = {one.name: text for one in dialog.asks} if has_faults else {}
    reply = Reply(text, is_done, dialog=None if is_done else dialog, faults=faults)
    answered = slack_modal.view(dialog)
    assert response_fault(_response(reply, answered), answered, 2) == ""


@given(dialogs())
def test_discord_takes_any_dialog(dialog: Dialog) -> None:
    pages = discord_modal.pages_of(dialog)
    assert [one for page in pages for one in page] == list(dialog.asks)
    for number in range(len(pages)):
        assert modal_fault(discord_modal.modal(dialog, number).to_dict()) == ""


@given(dialogs())
def test_discord_takes_any_confirmation(dialog: Dialog) -> None:
    for row in discord_modal.buttons(dialog).to_components():
        assert len(row["components"]) <= 5
        for one in row["components"]:
            assert 1 <= len(one["label"].encode("utf-16-le")) // 2 <= 80
            assert 1 <= len(one["custom_id"]) <= 100
    said = discord_modal.lines("\n".join(dialog.lines))
    assert 1 <= len(said) <= 2_000
    assert not re.search(r"(?<!\\)<[@#]|@everyone|@here", said)


@given(LONG)
def test_a_short_message_comes_back_as_it_was(text: str) -> None:
    ask = Ask("body", "Text", Kind.LONG, value=text)
    element = slack_modal.view(Dialog(KEY, "t", "s", "c", (ask,)))["blocks"][0]["element"]
    modal = discord_modal.modal(Dialog(KEY, "t", "s", "c", (ask,))).to_dict()
    if len(text) < 500 and text.isprintable():
        assert element.get("initial_value", "") == (text if text.strip() else "")
        assert modal["components"][0]["component"].get("value", "") == (text if text.strip() else "")


@pytest.mark.parametrize("name", HUGE)
def test_slack_takes_a_dialog_of_a_megabyte(name: str) -> None:
    text = HUGE[name]
    asks = (Ask("a", text, Kind.LONG, text, value=text), Ask("b", text, value=text))
    for is_confirming in (False, True):
        dialog = Dialog(KEY, text, text, text, asks, (text,), is_confirming, text, text)
        view = slack_modal.view(dialog)
        assert (view_fault(view), markup(view)) == ("", [])
