"""Stories of people who can't be reached: their managers hear of it once a week, in office hours."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import confirm, duty
from bot.language import Words
from channels.base import Rejected
from channels.inbox import Actor, Typed
from channels.message import Message
from escalation.schedule import Leave
from tests.acceptance.stage import Stage
from tests.acceptance.test_confirm import TESTED

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORDS = Words("en", "UTC")
ALICE, BOB = "U0ALICE000", "U0BOB00000"
MONDAY = datetime(2026, 5, 4, 1, tzinfo=UTC)
TUESDAY = MONDAY + DAY
"""10:00 in Tokyo."""
MANAGED = "\nroles: {manager: [alice]}\n"


async def began(folder: Path, at: datetime, more: str = MANAGED, *, lost: str = "bob") -> Stage:
    """Nothing that was sent to ``lost`` last got through."""
    stage = await Stage.open(folder, at, more=more)
    if lost:
        for one in (stage.slack, stage.discord, stage.phone):
            one.answers.append(Rejected("no such user"))
        await stage.app.engine.submit(lambda desk: confirm.ask(desk, lost, "", WORDS))
        await stage.work()
        stage.told()
    return stage


async def looks(stage: Stage) -> list[tuple[str, str]]:
    await stage.app.upkeep.weekly.look()
    await stage.app.upkeep.unreached.look()
    await stage.work()
    return [(one.name, message.address) for one in stage.channels for message in one.sent]


def said(message: Message) -> list[tuple[str, str]]:
    return [(one.label, one.value) for one in message.facts]


async def test_a_manager_is_told_once_a_week_in_office_hours_with_names(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY - MINUTE)
    assert await looks(stage) == []
    await stage.passes(MINUTE)
    assert await looks(stage) == [("slack", ALICE)]
    [told] = stage.slack.sent
    assert told.title == "1 person can't be reached by Kidoku at all."
    label, why = said(told)[0]
    assert label == "Bob"
    assert why.startswith("can't be reached at all: ")
    assert f"Slack {BOB}: what was sent last, Tue 5 May 09:59 JST, did not get through: no such user" in why
    assert stage.phone.sent == []
    for _ in range(3):
        await stage.passes(DAY)
        await looks(stage)
    assert stage.told() == [("slack", ALICE)]
    await stage.passes(TUESDAY + 7 * DAY - stage.clock.now())
    assert await looks(stage) == [("slack", ALICE)]
    await stage.close()


async def test_a_restart_tells_nobody_twice(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY)
    assert await looks(stage) == [("slack", ALICE)]
    await stage.close()
    again = await began(tmp_path, TUESDAY + MINUTE, lost="")
    assert await looks(again) == []
    await again.close()


async def test_a_restart_tells_those_under_alarms_nothing_again(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY, "")
    assert await looks(stage) == [("console", "admin")]
    await stage.close()
    again = await began(tmp_path, TUESDAY + MINUTE, "", lost="")
    assert await looks(again) == []
    await again.close()


async def test_where_everybody_is_reached_nothing_is_told(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY, lost="")
    assert await looks(stage) == []
    await stage.close()


async def test_who_is_reached_but_not_everywhere_is_told_of_too(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY, lost="")
    stage.phone.answers.append(Rejected("no such number"))
    await stage.app.engine.submit(lambda desk: confirm.ask(desk, "bob", "phone", WORDS))
    await stage.work()
    stage.told()
    assert await looks(stage) == [("slack", ALICE)]
    [told] = stage.slack.sent
    assert told.title == "1 person can be reached, but not everywhere that the settings tell them."
    assert said(told)[0][0] == "Bob" and "no such number" in said(told)[0][1]
    await stage.close()


async def test_a_manager_who_is_not_reached_there_is_told_over_their_next_contact(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY, lost="")
    stage.phone.answers.append(Rejected("no such number"))
    await stage.app.engine.submit(lambda desk: confirm.ask(desk, "bob", "phone", WORDS))
    await stage.work()
    stage.told()
    stage.slack.answers.append(Rejected("user_not_found"))
    assert await looks(stage) == [("slack", ALICE), ("discord", "201000000000000000")]
    assert stage.discord.sent[0].title == stage.slack.sent[0].title
    await stage.close()


async def test_it_waits_for_the_answers_to_the_weekly_test(tmp_path: Path) -> None:
    stage = await Stage.open(tmp_path, TUESDAY, more=MANAGED + TESTED)
    assert len(await looks(stage)) == 4
    stage.told()
    await stage.passes(timedelta(hours=4))
    assert await looks(stage) == [("slack", ALICE), ("console", "admin")]
    [told] = stage.slack.sent
    assert [label for label, _ in said(told)] == ["Alice", "Bob", "Next"]
    assert "the weekly test of Tue 5 May 10:00 JST was not answered" in said(told)[1][1]
    [listed] = stage.console.sent
    assert [label for label, _ in said(listed)] == ["Alice", "Bob", "Next"]
    await stage.close()


async def test_each_manager_reads_it_in_their_language_and_who_is_on_leave_is_left_alone(tmp_path: Path) -> None:
    stage = await began(tmp_path, MONDAY, "\nroles: {manager: [alice, bob]}\n", lost="alice")
    away = Leave("alice", MONDAY, TUESDAY + DAY, "alice")
    await stage.app.engine.submit(lambda desk: duty.go_on_leave(desk, away, WORDS))
    await stage.app.inbox.typed(_lang("ja", BOB))
    await stage.passes(TUESDAY - stage.clock.now())
    assert await looks(stage) == [("slack", BOB)]
    assert stage.slack.sent[0].title == "1 人に、Kidoku からまったく連絡が届きません。"
    await stage.close()


def _lang(language: str, address: str) -> Typed:
    return Typed(Actor("slack", address), f"lang {language}")


@pytest.mark.parametrize("more", ["", "\nroles: {everybody: manager}\n"])
async def test_without_managers_those_under_alarms_hear_of_whoever_is_lost(tmp_path: Path, more: str) -> None:
    stage = await began(tmp_path, TUESDAY, more)
    assert await looks(stage) == [("console", "admin")]
    assert [label for label, _ in said(stage.console.sent[0])] == ["Bob", "Next"]
    await stage.close()


async def test_who_wants_no_list_gets_none(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY, MANAGED + "contact_checks: {tell_managers: false}\n")
    assert await looks(stage) == []
    await stage.close()


async def test_where_the_only_manager_is_the_lost_one_those_under_alarms_hear_of_it(tmp_path: Path) -> None:
    stage = await began(tmp_path, TUESDAY, "\nroles: {manager: [bob]}\n")
    assert await looks(stage) == [("console", "admin")]
    assert [label for label, _ in said(stage.console.sent[0])] == ["Bob", "Next"]
    await stage.close()
