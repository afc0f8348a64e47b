"""What a command does in its own process, beside the running bot: the bot's log tells it, once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import drill
from bot.beside import AT_ONCE
from bot.change import keep
from bot.chatops.language import speak
from bot.chatops.order import Order, carry_out
from bot.desk import Desk
from bot.language import Words
from channels.message import Verb
from tests.acceptance.stage import Stage, mail, on_stage

MINUTE = timedelta(minutes=1)
WORDS = Words("en", "UTC")


async def commanded(stage: Stage, verb: Verb, argument: str = "") -> None:
    """Somebody works on alert 1 at the command line."""
    order = Order(verb, 1, "alice", "cli", argument)
    async with stage.beside() as engine:
        await engine.run_now(lambda desk: carry_out(desk, order, "UTC", WORDS))


async def lines(stage: Stage) -> Sequence[Mapping[str, Any]]:
    """What the running bot logs when it notices."""
    with capture_logs() as logs:
        await stage.app.upkeep.beside.look()
    return logs


async def test_what_a_command_does_is_told_once(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(MINUTE)
        await commanded(stage, Verb.ACK)
        (taken,) = await lines(stage)
        assert (taken["event"], taken["alert_id"], taken["by"], taken["via"]) == ("Taken", 1, "alice", "cli")
        await stage.passes(MINUTE)
        await commanded(stage, Verb.SNOOZE, "30m")
        await stage.passes(MINUTE)
        await commanded(stage, Verb.RESOLVE)
        assert [one["event"] for one in await lines(stage)] == ["Snoozed", "Resolved"]
        assert await lines(stage) == []


async def test_what_changed_no_alert_is_told_as_the_command(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        alice = stage.app.engine.rules.roster.people["alice"]
        async with stage.beside() as engine:
            await engine.run_now(lambda desk: speak(desk, alice, "ja", "cli"))
        (said,) = await lines(stage)
        assert (said["event"], said["verb"], said["by"]) == ("A command beside the bot", "lang", "alice")
        assert (said["outcome"], "alert_id" in said) == ("done", False)


async def test_what_a_command_opened_is_told_with_what_became_of_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage, stage.beside() as engine:
        usual = stage.app.settings.escalation_policies()["urgent"]
        steps = (replace(usual.ladders[0].steps[0], after=timedelta(0)), *usual.ladders[0].steps[1:])
        policies = {"urgent": replace(usual, ladders=(replace(usual.ladders[0], steps=steps),))}

        async def job(desk: Desk) -> None:
            id = await drill.begin(desk, drill.Wanted(policy="urgent", by="alice"), policies, WORDS)
            await keep(desk, "alice", "drill", "urgent", id)

        await engine.run_now(job)
        begun, fired = await lines(stage)
        assert (begun["event"], begun["verb"], begun["alert_id"]) == ("A command beside the bot", "drill", 1)
        assert (fired["event"], fired["alert_id"]) == ("A step fired", 1)


async def test_a_look_is_not_told(tmp_path: Path) -> None:
    """The audit trail has it; a script may look every minute."""
    async with on_stage(tmp_path) as stage:
        async with stage.beside() as engine:
            for verb in ("status", "list", "overrides", "silences"):
                await engine.run_now(lambda desk, verb=verb: keep(desk, "alice", verb, ""))  # type: ignore[misc]
        assert [one["verb"] for one in await lines(stage)] == ["silences"]
        assert len(await stage.audits()) == 4


async def test_what_the_bot_did_itself_is_not_told_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(15 * MINUTE)
        await stage.presses(Verb.ACK, 1, "slack", "U0ALICE000")
        assert await lines(stage) == []


async def test_what_was_done_while_the_bot_was_down_is_not_told_at_its_start(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(MINUTE)
        await commanded(stage, Verb.ACK)
    async with on_stage(tmp_path) as stage:
        assert await lines(stage) == []


async def test_an_entry_that_can_not_be_read_is_no_reason_to_look_all_the_time(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await lines(stage)
        async with stage.beside() as engine:
            await engine.run_now(lambda desk: carry_out(desk, Order(Verb.ACK, 1, "alice", "cli"), "UTC", WORDS))
            async with engine.store.transaction() as tx:
                await tx.connection.exec_driver_sql("UPDATE audit SET outcome = 'of_a_later_release'")
        with pytest.raises(ValueError, match="of_a_later_release"):
            await stage.app.upkeep.beside.look()
        assert await lines(stage) == []


async def test_many_commands_are_told_each_once(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.arrives(mail("【緊急】 down", "a@x"))
        for _ in range(AT_ONCE + 1):
            await stage.passes(timedelta(seconds=1))
            await commanded(stage, Verb.NOTE, "who wrote secret@customer.example?")
        told = await lines(stage)
        assert [one["event"] for one in told] == ["A note was written"] * (AT_ONCE + 1)
        assert "secret" not in json.dumps(told, default=str)
