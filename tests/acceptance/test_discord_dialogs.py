"""The same in Discord: an urgent mail is written in a modal, looked at again, confirmed, and leaves once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.store.record import AuditOutcome
from tests.acceptance.dialog_stage import Outside, outside
from tests.acceptance.stage import mail
from tests.fakes.discord import FakeDiscord

GUEST = "guest@partner.example"
MAIL = {"to": f"bob, {GUEST}", "subject": "Works tonight", "body": "Line A-1 will be down.\nSee the attached plan."}
POLICY = {"policy": "notice"}
STRANGER = 209_000_000_000_000_000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(tmp_path) as one:
        yield one


async def modal(discord: FakeDiscord, count: int) -> dict[str, Any]:
    await discord.until(lambda: len(discord.modals) == count)
    return discord.modals[-1]


async def answer(discord: FakeDiscord, count: int) -> dict[str, Any]:
    """The ``count``-th answer that is no modal."""

    def found() -> list[dict[str, Any]]:
        said = [one["callback"]["data"] for one in discord.answers if one.get("callback", {}).get("type") == 4]
        return said + [one["followup"] for one in discord.answers if "followup" in one]

    await discord.until(lambda: len(found()) == count)
    return found()[-1]


def ids(said: dict[str, Any]) -> dict[str, str]:
    return {one["label"]: one["custom_id"] for row in said["components"] for one in row["components"]}


async def test_a_mail_is_written_looked_at_again_confirmed_and_leaves(world: Outside) -> None:
    discord = world.discord
    await discord.command("send")
    asked = await modal(discord, 1)
    assert (asked["title"], len(asked["components"])) == ("Urgent mail", 5)
    await discord.submit(**MAIL, **POLICY)
    said = await answer(discord, 1)
    assert said["flags"] & 64
    for words in ("Recipients: 2", f"1 recipient is outside: {GUEST}", "The text names an attachment"):
        assert words in said["content"].replace("\\", "")
    assert list(ids(said)) == ["Send to 2 recipients", "Change…", "More…"]

    await discord.click(ids(said)["More…"])
    assert [one["component"]["custom_id"] for one in (await modal(discord, 2))["components"]] == ["at", "confidential"]
    await discord.submit(at="1h")
    said = await answer(discord, 2)
    assert "Leaves: Mon 4 May 03:00 JST" in said["content"].replace("\\", "")
    await discord.click(ids(said)["Change…"])
    assert [one["component"].get("value") for one in (await modal(discord, 3))["components"]][:3] == list(MAIL.values())

    await discord.click(ids(said)["Send to 2 recipients"])
    assert "#1 goes to 2 recipients" in (await answer(discord, 3))["content"].replace("\\", "")
    await world.stage.work()
    assert world.mailed() == []
    await world.stage.passes(timedelta(hours=1))
    assert world.mailed() == ["bob@team.example", GUEST]
    assert (await world.stage.alert()).sent_by == "alice"


async def test_with_many_long_names_what_to_look_at_again_is_still_seen(world: Outside) -> None:
    discord = world.discord
    await discord.command("send")
    await modal(discord, 1)
    many = ", ".join(f"{'x' * 95} <{number}@partner.example>" for number in range(30))
    await discord.submit(**MAIL | {"to": many}, **POLICY)
    said = (await answer(discord, 1))["content"].replace("\\", "")
    for words in ("30 recipients are outside:", "The text names an attachment", "Recipients: 30", "Subject: Works"):
        assert words in said


async def test_what_is_confirmed_twice_leaves_once(world: Outside) -> None:
    discord = world.discord
    await discord.command("send")
    await modal(discord, 1)
    await discord.submit(**MAIL, **POLICY)
    sure = ids(await answer(discord, 1))["Send to 2 recipients"]
    await discord.click(sure)
    await answer(discord, 2)
    await discord.click(sure)
    assert "That was done already. (#1)" in (await answer(discord, 3))["content"].replace("\\", "")
    await world.stage.work()
    assert len(world.smtp.mails) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The mail has no subject."), ("ja", "件名がありません。"), ("zh", "邮件没有主题。")],
)
async def test_what_is_wrong_is_said_and_can_be_changed(world: Outside, language: str, words: str) -> None:
    discord = world.discord
    await world.stage.types(f"lang {language}")
    await discord.command("send")
    await modal(discord, 1)
    await discord.submit(**MAIL | {"subject": " ", "to": "nobody"}, **POLICY)
    said = await answer(discord, 1)
    assert words in said["content"]
    assert "nobody" in said["content"]
    await discord.click(next(iter(ids(said).values())))
    again = await modal(discord, 2)
    assert again["components"][2]["component"]["value"] == MAIL["body"]
    await discord.submit(**MAIL, **POLICY)
    assert len(ids(await answer(discord, 2))) == 3


async def test_a_message_becomes_an_urgent_mail(world: Outside) -> None:
    discord = world.discord
    await discord.until(lambda: bool(discord.registered))
    [name] = [one["name"] for one in discord.registered[-1][1] if one.get("type") == 3]
    await discord.on_message(name, "Line down @everyone")
    asked = await modal(discord, 1)
    assert asked["components"][2]["component"]["value"] == "Line down @everyone"


async def test_a_stranger_is_refused(world: Outside) -> None:
    discord = world.discord
    await discord.command("send", STRANGER)
    assert (await answer(discord, 1))["content"] == "あなたは Kidoku の設定に登録されていません。"
    await discord.command("send")
    await modal(discord, 1)
    await discord.submit(STRANGER, **MAIL, **POLICY)
    assert (await answer(discord, 2))["content"] == "あなたは Kidoku の設定に登録されていません。"
    assert [one.outcome for one in await world.stage.audits()] == [AuditOutcome.STRANGER] * 2


async def test_an_alert_is_escalated_from_its_menu(tmp_path: Path) -> None:
    async with outside(tmp_path, settings_file="stage.yaml") as world:
        discord = world.discord
        world.slack.rooms["noc"] = "C0NOC00000"
        await world.stage.arrives(mail("[URGENT] link", "a@x"))
        await world.stage.passes(timedelta(minutes=10))
        await discord.until(lambda: bool(discord.messages))
        [posted] = discord.in_channel()
        await discord.choose(posted, "escalate")
        asked = await modal(discord, 1)
        assert [one["component"]["custom_id"] for one in asked["components"]] == ["person", "step"]
        await discord.submit(person="bob")
        assert "told at once" in (await answer(discord, 1))["content"]
        await world.stage.work()
        assert ("phone", "+81387654321") in world.stage.told()
