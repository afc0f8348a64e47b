"""Dialogs over the wire: opened while their trigger is good, acknowledged in time, told even if it takes longer."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from channels.dialog import Ask, Dialog, Kind, Offer
from channels.inbox import Actor, Answered, Reply, Wish
from channels.message import Button, Verb
from channels.slack import inbound, window
from channels.slack.modal import SHORTCUT, view
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_stage import Stage, form, message, signed, stage
from tests.fakes.slack_world import ALICE, BOB, OPS, SIGNING_SECRET

ALICE_HERSELF = Actor("slack", ALICE, "alice@company.example", "alice", "ja-JP")
KEY = "0123456789abcdef"
ASKED = Dialog(
    key=KEY,
    title="Snooze until…",
    submit="Snooze",
    close="Cancel",
    asks=(
        Ask("until", "How long", Kind.CHOICE, choices=(Offer("15 min", "15m"), Offer("1 h", "1h")), value="1h"),
        Ask("time", "Or until when", hint="18:00"),
        Ask("person", "Who", Kind.PERSON),
        Ask("why", "Why", Kind.LONG, value="<!channel> one\ntwo"),
        Ask("sure", "Sure", Kind.CHECK),
    ),
)
MENU = (Button(Verb.SNOOZE, "Snooze until…"), Button(Verb.ESCALATE, "Escalate to…"))


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        fake.users[ALICE]["locale"] = "ja-JP"
        yield fake


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built, built.running():
        await built.heard(True)
        yield built


async def opened(slack: FakeSlack, bot: Stage, text: str = "Line down") -> None:
    bot.inbox.replies.append(Reply("no window", is_done=False, dialog=ASKED))
    await slack.sockets.send(slack.shortcut_of(text, SHORTCUT), "e1")
    await slack.until(lambda: bool(slack.stack))


async def test_a_shortcut_opens_a_dialog_with_the_messages_text(slack: FakeSlack, bot: Stage) -> None:
    await opened(slack, bot, f"<@{BOB}> says &lt;!channel&gt;")
    here = replace(ALICE_HERSELF, rooms=(OPS, "#ops"))
    assert bot.inbox.wishes == [Wish(here, "send", text="bob@company.example says <!channel>")]
    assert slack.stack[0]["private_metadata"] == KEY


async def test_a_choice_of_the_menu_opens_a_dialog_about_the_alert(slack: FakeSlack, bot: Stage) -> None:
    await bot.notifier.send(message(menu=MENU, menu_label="More…"))
    posted = await slack.message("Unread")
    bot.inbox.replies.append(Reply("", is_done=False, dialog=ASKED))
    await slack.sockets.send(slack.choice_of(posted, "escalate:42"), "e1")
    await slack.until(lambda: bool(slack.stack))
    assert [(one.verb, one.alert_id) for one in bot.inbox.wishes] == [("escalate", 42)]
    await slack.until(lambda: slack.sockets.acks == ["e1"])


async def test_what_was_answered_comes_by_field(slack: FakeSlack, bot: Stage) -> None:
    await opened(slack, bot)
    bot.inbox.replies.append(Reply("It is silent."))
    told = await slack.submits(time="18:00", person="bob", sure="1", until="")
    answers = {"until": "", "time": "18:00", "person": "bob", "why": "<!channel> one\ntwo", "sure": "1"}
    assert bot.inbox.answers == [Answered(ALICE_HERSELF, KEY, answers)]
    assert (told["response_action"], told["view"]["clear_on_close"]) == ("update", True)
    assert "It is silent." in str(told)


async def test_what_is_wrong_is_said_beside_its_field(slack: FakeSlack, bot: Stage) -> None:
    await opened(slack, bot)
    faults = {"time": "no time " * 200, "another": "not there"}
    bot.inbox.replies.append(Reply("no time", is_done=False, dialog=ASKED, faults=faults))
    wrong = await slack.submits()
    assert (wrong["response_action"], set(wrong["errors"])) == ("errors", {"time"})


async def test_a_refusal_lies_upon_the_dialog_and_loses_nothing(slack: FakeSlack, bot: Stage) -> None:
    await opened(slack, bot)
    bot.inbox.replies.append(Reply("That could not be saved. Please try again.", is_done=False))
    assert (await slack.submits())["response_action"] == "push"
    slack.close_view()
    assert slack.stack[-1]["private_metadata"] == KEY


async def test_what_takes_long_is_shown_later(slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "ACK_WITHIN", 0.05)
    await opened(slack, bot)
    bot.inbox.may_save.clear()
    bot.inbox.replies.append(Reply("#42 goes to 2 recipients."))
    assert (await slack.submits())["response_action"] == "push"
    assert "…" in str(slack.stack[-1]["blocks"])
    bot.inbox.may_save.set()
    await slack.until(lambda: "#42 goes to 2 recipients." in str(slack.stack[-1]))


async def test_what_takes_long_and_fails_is_shown_to_have_failed(
    slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "ACK_WITHIN", 0.05)
    await opened(slack, bot)
    bot.inbox.may_save.clear()
    assert not bot.inbox.replies, "so that it raises"
    await slack.submits()
    assert "…" in str(slack.stack[-1]["blocks"])
    bot.inbox.may_save.set()
    await slack.until(lambda: window.FAILED in str(slack.stack[-1]["blocks"]))
    slack.close_view()
    assert slack.stack[-1]["private_metadata"] == KEY, "what was written is there"


async def test_whoever_has_closed_it_is_told_all_the_same(
    slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "ACK_WITHIN", 0.05)
    monkeypatch.setattr(window, "SHOW_AFTER", (0.0,))
    await opened(slack, bot)
    bot.inbox.may_save.clear()
    bot.inbox.replies.append(Reply("#42 goes to <!channel>."))
    await slack.submits()
    slack.stack.clear()
    bot.inbox.may_save.set()
    await slack.until(lambda: bool(slack.messages))
    assert "#42 goes to <!channel>." in slack.messages[0].shown
    assert (slack.messages[0].channel, slack.messages[0].body["parse"]) == (ALICE.replace("U", "D", 1), "none")


async def test_what_is_asked_may_be_known_late(slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "OPEN_WITHIN", 0.05)
    bot.inbox.may_save.clear()
    await opened(slack, bot)
    assert "private_metadata" not in slack.stack[0]
    bot.inbox.may_save.set()
    await slack.until(lambda: slack.stack[0].get("private_metadata") == KEY)


async def test_why_there_is_no_dialog_is_told_where_one_was_expected(
    slack: FakeSlack, bot: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "OPEN_WITHIN", 0.05)
    bot.inbox.may_save.clear()
    bot.inbox.replies.append(Reply("No mail can be sent.", is_done=False))
    await slack.sockets.send(slack.shortcut_of("x", SHORTCUT), "e1")
    await slack.until(lambda: bool(slack.stack))
    bot.inbox.may_save.set()
    await slack.until(lambda: "No mail can be sent." in str(slack.stack[0]))


async def test_where_no_dialog_can_be_opened_it_is_said_in_words(slack: FakeSlack, bot: Stage) -> None:
    slack.spent.add("9.9.9")
    bot.inbox.replies.append(Reply("The window could not be opened.", is_done=False, dialog=ASKED))
    await slack.sockets.send(slack.shortcut_of("x", SHORTCUT), "e1")
    await slack.until(lambda: len(slack.private) == 1)
    assert "The window could not be opened." in str(slack.private[0])


async def test_a_shortcut_that_comes_twice_opens_one(slack: FakeSlack, bot: Stage) -> None:
    await opened(slack, bot)
    await slack.sockets.send(slack.shortcut_of("Line down", SHORTCUT), "e2")
    await slack.until(lambda: slack.sockets.acks == ["e1", "e2"])
    assert (len(bot.inbox.wishes), len(slack.called("views.open"))) == (1, 1)


async def test_people_are_offered_while_somebody_types(slack: FakeSlack, bot: Stage) -> None:
    asked = {
        "type": "block_suggestion",
        "user": {"id": ALICE, "name": "alice"},
        "team": {"id": "T0KIDOKU"},
        "action_id": "kidoku:ask:person",
        "block_id": "person",
        "value": "bo",
        "view": {"id": "V1"},
    }
    await slack.sockets.send(asked, "e1")
    await slack.until(lambda: "e1" in slack.sockets.answers)
    [option] = slack.sockets.answers["e1"]["options"]
    assert (option["text"]["text"], option["value"]) == ("person: bo", "#42")


async def test_over_http_answers_are_verified_and_answered(slack: FakeSlack) -> None:
    async with stage(slack, mode="http", signing_secret=SIGNING_SECRET, app_token=None) as web:
        slack.open_view({"trigger_id": "t", "view": view(ASKED)})
        body = form(json.dumps(slack.submission_of({"time": "18:00"})))
        web.inbox.replies += [Reply("no time", is_done=False, dialog=ASKED, faults={"time": "no time"})]
        async with aiohttp.ClientSession() as session:
            url = f"{web.base}/slack/events"
            async with session.post(url, data=body, headers=signed(body, secret="another")) as answer:
                assert answer.status == 401
            async with session.post(url, data=body, headers=signed(body)) as answer:
                assert await answer.json() == {"response_action": "errors", "errors": {"time": "no time"}}
        assert [one.answers["time"] for one in web.inbox.answers] == ["18:00"]
