"""Somebody runs their night from Slack's Home tab: an alert is taken, a number tested, the language changed there.

Slack is real here but for its server: the fake takes only what Slack would."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.health import Board
from bot.inbox import BotInbox
from channels.base import Channel
from channels.inbox import Actor, Press
from channels.message import Verb
from channels.slack.channel import build
from channels.slack.config import SlackSettings
from escalation.alert import AlertStatus
from escalation.schedule import Leave
from tests.acceptance.stage import Stage, mail, on_stage
from tests.fakes.services import running
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_blocks import home_buttons, shown
from tests.fakes.slack_world import APP_TOKEN, BOT_TOKEN, STRANGER, TEAM, user

MINUTE = timedelta(minutes=1)
ALICE, BOB = "U0ALICE000", "U0BOB00000"
PHONE = "+81312345678"
ROLES = "\nroles: {everybody: viewer}\n"


@dataclass
class Tab:
    """The Home tab of one member before their eyes."""

    slack: FakeSlack
    stage: Stage
    user: str
    count: int = field(default=0)

    async def opens(self) -> str:
        self.count += 1
        return await self._shows(self.slack.opening_of(self.user, f"Ev{self.user}{self.count}"))

    async def presses(self, text: str, nth: int = 0) -> str:
        """Press the ``nth`` button that reads so."""
        return await self.sends(self.press_of(text, nth))

    async def types(self, text: str) -> str:
        self.count += 1
        return await self._shows(self.slack.home_press_of("", self.user, f"{self.count}.0", typed=text))

    def press_of(self, text: str, nth: int = 0) -> dict[str, Any]:
        self.count += 1
        payload = self.slack.home_press_of(text, self.user, f"{self.count}.0")
        wanted = [one for one in home_buttons(self.slack.homes[self.user]) if one["text"]["text"] == text][nth]
        payload["actions"] = [{**wanted, "block_id": "x", "action_ts": f"{self.count}.0"}]
        return payload

    async def sends(self, payload: dict[str, Any]) -> str:
        return await self._shows(payload)

    async def _shows(self, payload: dict[str, Any]) -> str:
        before = self.slack.homes.get(self.user, {}).get("hash")
        await self.slack.sockets.send(payload, f"{self.user}{self.count}")
        await self.slack.until(lambda: self.slack.homes.get(self.user, {}).get("hash") != before)
        await self.stage.work()
        return shown(self.slack.homes[self.user])


@dataclass
class World:
    stage: Stage
    slack: FakeSlack

    def tab(self, user: str = ALICE) -> Tab:
        return Tab(self.slack, self.stage, user)


@asynccontextmanager
async def world(folder: Path, more: str = "") -> AsyncIterator[World]:
    async with FakeSlack() as slack:
        slack.users |= {ALICE: user(ALICE, "alice", TEAM), BOB: user(BOB, "bob", TEAM)}
        slack.rooms["noc"] = "C0NOC00000"
        built: list[Channel] = []

        def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            settings = SlackSettings(bot_token=SecretStr(BOT_TOKEN), app_token=SecretStr(APP_TOKEN), api_url=slack.url)
            built.append(build(settings, inbox, inbox.reception.engine.clock.now, board.heard))
            return built

        async with on_stage(folder, more=more, real=real) as stage, running(built[0].services):
            await slack.until(lambda: len(slack.sockets.open) == 2)
            yield World(stage, slack)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as one:
        yield one


async def test_an_alert_is_taken_from_the_page_and_stops(here: World) -> None:
    await here.stage.arrives(mail("[URGENT] <!channel> link down", "a@x"))
    await here.stage.passes(5 * MINUTE)
    alice = here.tab()
    page = await alice.opens()
    assert page.startswith("Waiting for you\n#1 Unread for 5 min: [URGENT] <!channel> link down\nFrom: NOC <noc@")
    assert "Next: step 2 of 4 at 02:10: Discord → #noc" in page
    page = await alice.presses("Acknowledge")
    assert page.startswith("#1 is yours. Nobody else is called.\nWaiting for you\nNothing is waiting for you.")
    assert "Your other open alerts\n#1 Taken by Alice: [URGENT]" in page
    assert (await here.stage.alert()).taken_by == ("alice",)
    await here.stage.passes(60 * MINUTE)
    assert here.stage.told() == [], "neither Discord nor a phone"
    page = await alice.presses("Resolve")
    assert page.startswith("#1 is resolved.")
    assert (await here.stage.alert()).status is AlertStatus.RESOLVED
    assert "#1" not in await alice.opens()
    assert set(here.slack.homes) == {ALICE}, "nobody's page is published for them"
    audits = [(one.who, one.verb, one.alert_id, one.outcome) for one in await here.stage.audits()]
    assert audits == [("alice", "ack", 1, "done"), ("alice", "resolve", 1, "done")]


async def test_a_press_that_comes_twice_counts_once(here: World) -> None:
    await here.stage.arrives(mail("[URGENT] link", "a@x"))
    alice = here.tab()
    await alice.opens()
    press = alice.press_of("Acknowledge")
    await alice.sends(press)
    acks = len(here.slack.sockets.acks)
    await here.slack.sockets.send(press, "again")
    await here.slack.until(lambda: len(here.slack.sockets.acks) == acks + 1)
    assert [one.verb for one in await here.stage.audits()] == ["ack"]


async def test_who_was_called_sees_the_alert_although_the_mail_is_another_s(here: World) -> None:
    await here.stage.arrives(mail("[URGENT] link", "a@x"))
    bob = here.tab(BOB)
    assert "#1" not in await bob.opens()
    await here.stage.passes(30 * MINUTE)
    assert ("phone", "+81387654321") in here.stage.told()
    page = await bob.opens()
    assert page.startswith("Waiting for you\n#1 Unread for 30 min: [URGENT] link")
    await bob.presses("Acknowledge")
    assert (await here.stage.alert()).taken_by == ("bob",)


async def test_a_number_is_tested_once_its_code_typed_and_it_is_confirmed(here: World) -> None:
    alice = here.tab()
    page = await alice.opens()
    contacts = page[page.index("How Kidoku reaches you") :].splitlines()
    assert contacts[1:6:2] == [
        "1. Slack: ⚠ never confirmed: please test it",
        "2. Discord: ⚠ never confirmed: please test it",
        f"3. phone {PHONE}: ⚠ never confirmed: please test it",
    ]
    assert "The code that you got" not in page
    page = await alice.presses("Test", 2)
    assert page.startswith(f"Sent to phone {PHONE}. Type the code that it brings below.")
    assert "The code that you got" in page
    (call,) = here.stage.phone.sent
    assert here.stage.told() == [("phone", PHONE)], "once, and nowhere else"
    page = await alice.presses("Test", 2)
    assert page.startswith("This was tested at 02:00; it can be tested again at 02:10")
    assert here.stage.told() == []
    assert (await alice.types("000000x")).startswith("That is not the code, or it is no longer valid.")
    code = next(fact.value for fact in call.facts if re.fullmatch(r"\d{6}", fact.value))
    page = await alice.types(f" {code[:3]} {code[3:]}")
    assert page.startswith(f"Thank you. Phone {PHONE} reaches you.")
    assert f"3. phone {PHONE}: ✓ confirmed until" in page
    assert "The code that you got" not in page
    told = [(one.verb, one.argument, one.outcome) for one in await here.stage.audits()]
    assert told == [
        *(("test", "phone", "done"), ("test", "phone", "mistaken")),
        *(("code", "", "mistaken"), ("code", "", "done")),
    ]
    assert PHONE not in repr(await here.stage.audits()), "nobody's number is in the trail"


async def test_another_contact_may_be_tested_meanwhile_and_an_hour_has_its_limit(here: World) -> None:
    alice = here.tab()
    await alice.opens()
    await alice.presses("Test", 2)
    assert "Press the button there, or type its code below." in await alice.presses("Test", 1)
    assert here.stage.told() == [("discord", "201000000000000000"), ("phone", PHONE)]
    for _ in range(4):
        here.stage.clock.move_to(here.stage.clock.now() + 10 * MINUTE)
        assert (await alice.presses("Test", 2)).startswith("Sent to phone")
    here.stage.clock.move_to(here.stage.clock.now() + 10 * MINUTE)
    assert (await alice.presses("Test", 2)).startswith("Too many codes were asked for; wait an hour")
    assert len(here.stage.told()) == 4


async def test_a_button_of_a_contact_that_is_gone_rings_nobody(here: World) -> None:
    alice = here.tab()
    await alice.opens()
    press = alice.press_of("Test", 2)
    press["actions"][0]["value"] = '{"alert":0,"argument":"phone:0123456789ab"}'
    assert (await alice.sends(press)).startswith("This is no contact of yours any more")
    assert here.stage.told() == []


async def test_the_page_speaks_the_language_that_is_chosen_there(here: World) -> None:
    await here.stage.arrives(mail("[URGENT] link", "a@x"))
    alice = here.tab()
    await alice.opens()
    page = await alice.presses("日本語")
    assert page.startswith("これからは日本語でお話しします。")
    assert "現在の当番" in page
    page = await alice.presses("中文")
    assert "当前值班" in page
    async with here.stage.app.store.reading() as tx:
        assert await tx.languages() == {"alice": "zh"}


async def test_duties_are_those_of_the_next_two_weeks_on_the_reader_s_wall(here: World) -> None:
    alice = here.tab()
    page = await alice.opens()
    assert "On call now\nnoc: Alice, until Mon 4 May 09:00 JST\nthen Bob" in page
    shifts = page[page.index("Your shifts in the next two weeks") :].splitlines()[1:8]
    assert shifts[0] == "now – Mon 4 May 09:00 JST: noc"
    assert shifts[1] == "Tue 5 May 09:00 JST – Wed 6 May 09:00 JST: noc"
    start = here.stage.clock.now()
    away = Leave("alice", start, start + timedelta(days=20), by="alice")
    async with here.stage.app.store.transaction() as tx:
        await tx.add_leave(away)
    await here.stage.app.engine.refresh()
    assert "You have no shift in the next two weeks." in await alice.opens()


async def test_a_stranger_sees_one_sentence_in_their_language_and_can_do_nothing(here: World) -> None:
    here.slack.users[STRANGER]["locale"] = "ja-JP"
    await here.stage.arrives(mail("[URGENT] secret", "a@x"))
    page = await here.tab(STRANGER).opens()
    assert page == "Kidoku にはまだあなたが登録されていません。設定に追加するよう、管理者にご依頼ください。"
    assert home_buttons(here.slack.homes[STRANGER]) == []
    assert await here.stage.audits() == []
    counted = here.stage.app.metrics.registry.get_sample_value(
        "kidoku_commands_total", {"channel": "slack", "verb": "home", "outcome": "stranger"}
    )
    assert counted == 1


async def test_a_code_that_somebody_unknown_types_is_not_kept(here: World) -> None:
    """They may be known, and only their mail address could not be looked up."""
    actor = Actor("slack", "U0NOBODY00")
    await here.stage.app.inbox.press(Press(Verb.CODE, 0, actor, "123456", "1"))
    [kept] = await here.stage.audits()
    assert (kept.verb, kept.argument) == ("code", "")


async def test_only_what_a_role_allows_is_offered(tmp_path: Path) -> None:
    async with world(tmp_path, ROLES) as here:
        await here.stage.arrives(mail("[URGENT] link", "a@x"))
        alice = here.tab()
        assert "#1" in await alice.opens()
        offered = {one["text"]["text"] for one in home_buttons(here.slack.homes[ALICE])}
        assert offered == {"Test", "日本語", "English", "中文"}


async def test_sms_that_was_stopped_says_how_to_take_it_back_and_is_not_tested(here: World) -> None:
    await here.stage.app.inbox.stop("phone", PHONE, is_asked=True)
    page = await here.tab().opens()
    assert f"3. phone {PHONE}: stopped" in page
    assert [one["text"]["text"] for one in home_buttons(here.slack.homes[ALICE])].count("Test") == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("channel_not_found", "invite it with /invite"),
        ("not_in_channel", "invite it with /invite"),
        ("is_archived", "the channel is archived"),
        ("token_revoked", "install the app again"),
        ("missing_scope", "slack-manifest.yaml"),
    ],
)
async def test_whatever_slack_refuses_the_else_is_told_at_once_and_the_story_says_why(
    here: World, code: str, words: str
) -> None:
    here.slack.refuse_always("chat.postMessage", code)
    await here.stage.arrives(mail("FALLBACK link", "a@x"))
    await here.stage.passes(5 * MINUTE)
    assert here.stage.told() == [("discord", "111000000000000000"), ("console", "admin")]
    assert words in (await here.stage.types("why 1")).text
