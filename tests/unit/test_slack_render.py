"""Messages as Slack blocks: escaped, inside the limits, looking as their tone says."""

import json
from typing import Any

import pytest

from channels.clean import clean
from channels.message import Button, Fact, Message, Tone, Verb
from channels.slack.render import answer, cut, escape, payload, replies, size
from tests.fakes.slack_blocks import check, markup, shown, why


def message(**more: Any) -> Message:
    given: dict[str, Any] = {
        "key": "1.0",
        "address": "#ops",
        "language": "en",
        "title": "t",
        "summary": "t",
        "alert_id": 42,
    }
    return Message(**given | more)


def kinds(body: dict[str, Any]) -> list[str]:
    return [block["type"] for block in body["blocks"]]


def test_a_whole_message_stands_in_this_order() -> None:
    body = payload(
        message(
            title="Unread for 5 min: 回線障害",
            facts=(Fact("From", "NOC"), Fact("Not read by", "Alice")),
            buttons=(Button(Verb.ACK, "Acknowledge", is_primary=True), Button(Verb.RESOLVE, "Resolve")),
            footer="Kidoku #42",
        ),
        ["U0ALICE"],
    )
    assert kinds(body) == ["header", "section", "section", "actions", "context"]
    assert shown(body).split("\n") == [
        "🔴 Unread for 5 min: 回線障害",
        "<@U0ALICE>",
        "From: NOC",
        "Not read by: Alice",
        "Acknowledge",
        "Resolve",
        "Kidoku #42",
    ]
    assert check(body) == ""


@pytest.mark.parametrize(
    ("tone", "mark"), [(Tone.OPEN, "🔴"), (Tone.TAKEN, "🟡"), (Tone.CLOSED, "🟢"), (Tone.ALARM, "🚨")]
)
def test_the_tone_stands_in_the_header(tone: Tone, mark: str) -> None:
    body = payload(message(tone=tone, buttons=(Button(Verb.ACK, "Acknowledge"),)))
    assert body["blocks"][0]["text"]["text"] == f"{mark} t"
    assert ("actions" in kinds(body)) is (tone is not Tone.CLOSED)


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "<!here|x>",
        "<@U0BOB>",
        "<#C0OPS>",
        "<!subteam^S1>",
        "<https://evil.example|Bank>",
        "&lt;!channel>",
    ],
)
def test_what_a_mail_writes_stays_text(text: str) -> None:
    facts = (Fact(text, text),)
    one = message(title=text, summary=text, facts=facts, footer=text, timeline=(text,))
    for body in (payload(one), *(reply for _, reply in replies(one, 0)), answer(text)):
        assert markup(body) == []
        assert text in shown(body)
        assert (body.get("parse", "none"), body.get("link_names", False)) == ("none", False)


def test_a_mail_can_draw_no_lines_of_its_own() -> None:
    subject = "Up again\nRead by: Alice\r\u2028\x00\u202egnorw"
    body = payload(message(title=subject, facts=(Fact("From", subject),)))
    assert "Up again Read by: Alice gnorw" in shown(body).split("\n")[0]
    assert clean(subject) == "Up again Read by: Alice gnorw"


def test_a_name_that_is_no_member_s_id_pings_nobody() -> None:
    body = payload(message(), ["U0ALICE", "!channel", "S0TEAM", "C0OPS", "U0BOB>", ""])
    assert markup(body) == ["@U0ALICE"]


def test_a_title_too_long_for_the_header_follows_whole() -> None:
    title = "Unread for 5 min: " + "x" * 400
    body = payload(message(title=title))
    assert kinds(body)[:2] == ["header", "section"]
    assert body["blocks"][1]["text"]["text"] == title


def test_many_long_facts_share_the_room_and_the_last_is_there() -> None:
    facts = [
        Fact("Not read by", "名前、" * 3_000),
        *(Fact(f"f{n}", "y" * 900) for n in range(10)),
        Fact("Next", "soon"),
    ]
    body = payload(message(facts=tuple(facts)))
    assert (check(body), why(body)) == ("", "")
    assert "Next: soon" in shown(body)


def test_buttons_carry_the_alert_and_the_argument() -> None:
    buttons = (Button(Verb.SNOOZE, "Until morning", "morning"), Button(Verb.SNOOZE, "the same again", "morning"))
    [block] = [one for one in payload(message(buttons=buttons))["blocks"] if one["type"] == "actions"]
    [button] = block["elements"]
    assert button["action_id"] == "kidoku:snooze:morning"
    assert json.loads(button["value"]) == {"alert": 42, "argument": "morning"}


def test_an_alarm_of_kidoku_s_own_has_no_buttons() -> None:
    assert "actions" not in kinds(payload(message(alert_id=None, buttons=(Button(Verb.ACK, "Acknowledge"),))))


def test_only_the_lines_that_the_thread_lacks_are_rendered() -> None:
    one = message(timeline=("a", "b", "c"))
    assert [(count, shown(reply)) for count, reply in replies(one, 1)] == [(3, "b\nc")]
    assert list(replies(one, 3)) == []
    assert next(iter(replies(one, 0)))[1]["metadata"]["event_payload"] == {"key": "1.0", "lines": 3}


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("😀😀", 4, "😀😀"),
        ("😀😀", 3, "😀…"),
        ("a<b", 5, "a…"),
        ("a<b", 6, "a<b"),
    ],
)
def test_cut_counts_as_slack_might(text: str, most: int, kept: str) -> None:
    assert cut(text, most) == kept
    assert size(kept) <= most


def test_an_escape_is_never_cut_in_two() -> None:
    text = payload(message(summary="&" * 5_000))["text"]
    assert text.replace("&amp;", "") == "…"
    assert escape("a & <b>") == "a &amp; &lt;b&gt;"


def test_empty_texts_are_shown_as_such() -> None:
    body = payload(message(title="", summary="\u200e\x00", facts=(Fact("", ""),), footer=" \n"))
    assert check(body) == ""
    assert body["text"] == "Kidoku"
