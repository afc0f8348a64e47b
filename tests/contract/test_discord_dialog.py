"""Dialogs in Discord over the wire: the first answer or none, found again by their custom_id alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.dialog import Ask, Dialog, Kind, Offer
from channels.inbox import Actor, Answered, Reply, Wish
from channels.message import Button, Verb
from tests.contract.test_discord import message
from tests.contract.test_discord_command import callbacks, followups, running
from tests.fakes.discord import ALICE, ROOM, FakeDiscord
from tests.fakes.inbox import RecordingInbox

ALICE_HERSELF = Actor("discord", str(ALICE), "", "alice", "ja", (str(ROOM),))
KEY = "0123456789abcdef"
ASKED = Dialog(
    key=KEY,
    title="Urgent mail",
    submit="Preview",
    close="Cancel",
    asks=(
        Ask("to", "To", value="bob", is_required=True),
        Ask("body", "Text", Kind.LONG, value="@everyone one\ntwo"),
        Ask("policy", "Policy", Kind.CHOICE, choices=(Offer("Calm", "calm"), Offer("Loud", "loud")), is_required=True),
        Ask("person", "Who", Kind.PERSON, choices=tuple(Offer(f"Person {n}", f"p{n}") for n in range(26))),
        Ask("sure", "Sure", Kind.CHECK),
        Ask("at", "When", hint="18:00"),
    ),
    change="Change…",
    more="More…",
)
ASKING = Reply("no window", is_done=False, dialog=ASKED)


@pytest.fixture
async def server() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as one:
        yield one


@pytest.fixture
async def inbox(server: FakeDiscord) -> AsyncIterator[RecordingInbox]:
    inbox = RecordingInbox()
    async with running(server, inbox):
        yield inbox


async def asked(server: FakeDiscord, inbox: RecordingInbox, count: int = 1) -> dict[str, Any]:
    inbox.replies.append(ASKING)
    await server.on_message("Make this an urgent mail", "@everyone line down")
    await server.until(lambda: len(server.modals) == count)
    return server.modals[-1]


def buttons(said: dict[str, Any]) -> dict[str, str]:
    return {one["label"]: one["custom_id"] for row in said["components"] for one in row["components"]}


async def test_a_message_opens_a_dialog_with_its_text(server: FakeDiscord, inbox: RecordingInbox) -> None:
    modal = await asked(server, inbox)
    assert inbox.wishes == [Wish(ALICE_HERSELF, "send", text="@everyone line down")]
    fields = [one["component"] for one in modal["components"]]
    assert [one["type"] for one in fields] == [4, 4, 3, 4, 23]
    assert fields[1]["value"] == "@everyone one\ntwo"


async def test_what_was_answered_comes_by_field_of_its_page(server: FakeDiscord, inbox: RecordingInbox) -> None:
    await asked(server, inbox)
    inbox.replies.append(Reply("done <!channel> @everyone"))
    await server.submit(policy="loud", person="Bob", sure="1")
    await server.until(lambda: len(callbacks(server)) == 2)
    answers = {"to": "bob", "body": "@everyone one\ntwo", "policy": "loud", "person": "Bob", "sure": "1"}
    assert inbox.answers == [Answered(ALICE_HERSELF, KEY, answers)]
    told = callbacks(server)[1]["data"]
    assert (told["flags"] & 64, told["allowed_mentions"]["parse"]) == (64, [])
    assert "@everyone" not in told["content"]


async def test_what_is_wrong_opens_again_page_by_page(server: FakeDiscord, inbox: RecordingInbox) -> None:
    await asked(server, inbox)
    inbox.replies.append(Reply("no recipient", is_done=False, dialog=ASKED, faults={"to": "no recipient"}))
    await server.submit()
    await server.until(lambda: len(callbacks(server)) == 2)
    told = callbacks(server)[1]["data"]
    assert (told["content"], list(buttons(told))) == ("no recipient", ["Change…", "More…"])
    inbox.replies.append(ASKING)
    await server.click(buttons(told)["More…"])
    await server.until(lambda: len(server.modals) == 2)
    assert [one["component"]["custom_id"] for one in server.modals[1]["components"]] == ["at"]
    assert inbox.wishes[-1] == Wish(ALICE_HERSELF, key=KEY)


async def test_a_confirmation_outlives_a_restart(server: FakeDiscord) -> None:
    first, second = RecordingInbox(), RecordingInbox()
    shown = Dialog(
        f"{KEY}.0123456789ab", "t", "Send to 2", "Back", ASKED.asks, ("Recipients: 2",), True, "Change…", "More…"
    )
    async with running(server, first):
        await asked(server, first)
        first.replies.append(Reply("", is_done=False, dialog=shown))
        await server.submit(policy="calm")
        await server.until(lambda: len(callbacks(server)) == 2)
    told = callbacks(server)[1]["data"]
    assert (told["content"], list(buttons(told))) == ("Recipients: 2", ["Send to 2", "Change…", "More…"])
    async with running(server, second):
        second.replies.append(Reply("sent"))
        await server.click(buttons(told)["Send to 2"])
        await server.until(lambda: len(callbacks(server)) == 3)
    assert second.answers == [Answered(ALICE_HERSELF, shown.key)]


async def test_a_dialog_that_comes_late_is_opened_by_a_button(
    server: FakeDiscord, inbox: RecordingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.discord.dialog.ANSWER_WITHIN", 0.05)
    inbox.may_save.clear()
    inbox.replies.append(ASKING)
    await server.on_message("Make this an urgent mail", "down")
    await server.until(lambda: bool(callbacks(server)))
    assert (callbacks(server)[0]["type"], server.modals) == (5, [])
    inbox.may_save.set()
    await server.until(lambda: bool(followups(server)))
    [told] = followups(server)
    assert (told["flags"] & 64, list(buttons(told))) == (64, ["Urgent mail", "More…"])
    inbox.replies.append(ASKING)
    await server.click(buttons(told)["Urgent mail"])
    await server.until(lambda: len(server.modals) == 1)


async def test_the_menu_of_an_alert_opens_its_dialogs(server: FakeDiscord) -> None:
    inbox = RecordingInbox()
    menu = (Button(Verb.SNOOZE, "Snooze until…"), Button(Verb.ESCALATE, "Escalate to…"))
    async with running(server, inbox) as channel:
        assert channel.notifier is not None
        await channel.notifier.send(message(menu=menu, menu_label="More…"))
        [posted] = server.in_channel()
        assert (posted.menu["placeholder"], len(posted.menu["options"])) == ("More…", 2)
        inbox.replies.append(ASKING)
        await server.choose(posted, "escalate")
        await server.until(lambda: len(server.modals) == 1)
    assert inbox.wishes == [Wish(ALICE_HERSELF, "escalate", 42)]
