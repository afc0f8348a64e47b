"""A team runs an incident with slash commands only; and who may not, may not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.language import Words
from bot.office import Office
from bot.store.record import AuditOutcome
from bot.view import one_alert
from channels.inbox import Actor
from channels.message import Verb
from escalation.alert import AlertStatus
from tests.acceptance.slack_line import typed_in_slack
from tests.acceptance.stage import Stage, mail, on_stage
from tests.fakes.slack_blocks import check, shown

MINUTE = timedelta(minutes=1)
ALICE, BOB = "U0ALICE000", "U0BOB00000"
BOB_CALLED = ("phone", "+81387654321")
URGENT = "【緊急】回線断 東京"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def audited(stage: Stage) -> list[tuple[str, str, int | None, str]]:
    return [(one.who, one.verb, one.alert_id, one.outcome) for one in await stage.audits()]


async def test_an_incident_in_japanese_by_commands_alone(stage: Stage) -> None:
    assert (await stage.types("lang ja")).text == "これからは日本語でお話しします。"
    assert (await stage.types("言語 日本語", BOB)).text == "これからは日本語でお話しします。"
    await stage.arrives(mail(URGENT, "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [("slack", "C0NOC00000")]

    listed = await stage.types("一覧 未読")
    assert listed.text == f"#1 未読 · 0/1 · 5分 · {URGENT}"
    status = (await stage.types("＃１　状況")).text.splitlines()
    assert status[0] == f"#1 未読のまま5分：{URGENT}"
    assert any("✗ Aliceさん" in line for line in status)
    assert (await stage.types("当番")).text == "noc：Aliceさん、5月4日(月) 09:00 まで\n  次はBobさん"

    assert (await stage.types("メモ 1 キャリアに電話中")).text == "#1：メモを残しました。"
    asked = await stage.types("エスカレ 1 Bobさんへ")
    assert asked.text == "#1：すぐに知らせます：電話 → Bobさん、Slack → Bobさん。"
    assert stage.told() == [("slack", BOB), BOB_CALLED]
    assert (await stage.types("スヌーズ 1 30分", BOB)).text == "#1 は 5月4日(月) 02:35 まで通知しません。"
    await stage.passes(20 * MINUTE)
    assert stage.told() == []

    assert (await stage.types("1了解", BOB)).text == "#1 をあなたが引き受けました。ほかの人には連絡しません。"
    assert (await stage.alert()).taken_by == ("bob",)
    reminded = await stage.types("催促 回線断", BOB)
    assert reminded.text == "#1：すぐに知らせます：Slack → Aliceさん。"
    assert stage.told() == [("slack", ALICE)]
    await stage.types("解決 1 迂回路に切替済み", BOB)
    assert (await stage.alert()).status is AlertStatus.RESOLVED

    told = (await stage.types("理由 1")).text
    for words in ("キャリアに電話中", "迂回路に切替済み", "Bobさん"):
        assert words in told
    assert [one[:3] for one in await audited(stage)] == [
        ("alice", "lang", None),
        ("bob", "lang", None),
        ("alice", "list", None),
        ("alice", "status", None),
        ("alice", "who", None),
        ("alice", "note", 1),
        ("alice", "escalate", 1),
        ("bob", "snooze", 1),
        ("bob", "ack", 1),
        ("bob", "remind", 1),
        ("bob", "resolve", 1),
        ("alice", "why", None),
    ]


async def test_a_reminder_leaves_although_the_alert_is_silent(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] link", "a@x"))
    await stage.types("snooze 1h", BOB)
    assert (await stage.types("remind 1", BOB)).text == "#1: told at once: Slack → Alice."
    assert stage.told() == [("slack", ALICE)]


async def test_a_duty_is_taken_over_from_chat(stage: Stage) -> None:
    reply = await stage.types("override me until 9:00", BOB)
    assert (reply.is_done, "Bob is on call for noc" in reply.text) == (True, True)
    assert "Bob" in (await stage.types("who")).text.splitlines()[0]


async def test_a_language_that_was_chosen_outlives_a_restart_and_other_processes_see_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.types("lang zh")
        async with stage.beside() as engine:
            await engine.refresh()
            assert engine.rules.roster.people["alice"].language == "zh"
    async with on_stage(tmp_path) as stage:
        assert (await stage.types("list")).text == "没有未关闭的告警。"


# Mistakes -------------------------------------------------------------------------------------------------------------


async def test_which_alert_is_asked_back_where_it_is_not_plain(stage: Stage) -> None:
    assert (await stage.types("ack")).text == "No open alerts."
    await stage.arrives(mail("[URGENT] link one", "a@x"))
    assert (await stage.types("ack")).text.startswith("#1 is yours")
    await stage.arrives(mail("[URGENT] link two", "b@x"))
    assert (await stage.types("ack")).text == "Which alert? Open are #2, #1."
    assert (await stage.types("ack link")).text == "“link” matches several alerts: #2, #1. Name one of them."
    assert (await stage.types("ack 99")).text == "No alert matches “#99”. “list all” shows them all."
    wrong = await stage.types("akc 2")
    assert (wrong.text, wrong.is_done) == ("There is no command “akc”; did you mean “ack 42”?", False)
    assert (await stage.types("escalate 2 to step 9")).text == "There is no step 9; the ladder has 4."
    assert "did you mean bob?" in (await stage.types("escalate 2 to bobb")).text
    assert (await stage.alert(2)).status is AlertStatus.TRIGGERED


async def test_a_link_to_the_message_names_its_alert(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] one", "a@x"))
    await stage.arrives(mail("[URGENT] two", "b@x"))
    await stage.passes(5 * MINUTE)
    async with stage.app.store.reading() as tx:
        [row] = [one for one in await tx.notifications_of(2) if one.channel == "slack"]
    posted = row._replace(ref={"channel": "C0NOC00000", "ts": "1700000000.000100"})
    await stage.app.engine.submit(lambda desk: settle(desk, posted, row))
    link = "https://team.slack.com/archives/C0NOC00000/p1700000000000100"
    reply = "https://team.slack.com/archives/C0NOC00000/p1700000099000200?thread_ts=1700000000.000100&cid=C0NOC00000"
    for written in (link, reply):
        assert (await stage.types(f"status {written}")).text.startswith("#2 ")
    assert "No alert matches" in (await stage.types(f"ack {link[:-1]}7")).text
    app = stage.app
    office = Office(app.settings, app.store, app.engine, app.clock, Words("en", "UTC"))
    assert await one_alert(office, reply) == 2, "the command line, too"


async def settle(desk: object, row: object, claimed: object) -> None:
    desk.settle(row, claimed)  # type: ignore[attr-defined]


async def test_the_same_command_twice_is_once(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] link", "a@x"))
    assert (await stage.types("note 1 on my way", dedup="t1")).is_done
    assert (await stage.types("note 1 on my way", dedup="t1")).text == "That was done already."
    assert [one[1] for one in await audited(stage)] == ["note"]


# Who may --------------------------------------------------------------------------------------------------------------

ROLES = """
roles:
  viewer: [alice]
  responder: ["#noc"]
  manager: ["team:leads"]
"""


async def test_a_stranger_may_do_nothing_and_is_told_so_in_their_language(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] link", "a@x"))
    for text in ("ack 1", "status 1", "list", "help"):
        reply = await stage.types(text, "U0STRANGER", language="ja-JP")
        assert (reply.text, reply.is_done, reply.is_shared) == (
            "あなたは Kidoku の設定に登録されていません。",
            False,
            False,
        )
    assert await stage.app.inbox.offers(Actor("slack", "U0STRANGER"), "alert", "") == ()
    assert (await stage.alert()).taken_by == ()
    assert set(await audited(stage)) == {("slack:U0STRANGER", "", None, AuditOutcome.STRANGER)}
    counted = stage.app.metrics.registry.get_sample_value(
        "kidoku_commands_total", {"channel": "slack", "verb": "", "outcome": "stranger"}
    )
    assert counted == 4


async def test_roles_are_asked_for_typing_and_pressing_alike(tmp_path: Path) -> None:
    async with on_stage(tmp_path, more=ROLES.replace('["team:leads"]', "[]")) as stage:
        await stage.arrives(mail("[URGENT] link", "a@x"))
        denied = "Your role here is viewer; this needs responder."
        assert (await stage.types("ack 1")).text == denied
        assert (await stage.presses(Verb.ACK, 1, "slack", ALICE)).text == denied
        assert (await stage.types("status 1")).is_done
        assert (await stage.types("note 1 seen", rooms=["C0NOC00000", "#whatever"])).is_done
        assert (await stage.types("override noc admin 2h", BOB)).text == (
            "Your role here is responder; this needs manager."
        )
        assert (await stage.alert()).taken_by == ()
        assert [(one[0], one[1], one[3]) for one in await audited(stage)] == [
            ("alice", "ack", "denied"),
            ("alice", "ack", "denied"),
            ("alice", "status", "done"),
            ("alice", "note", "done"),
            ("bob", "override", "denied"),
        ]


async def test_the_audit_trail_ends_with_the_retention(stage: Stage) -> None:
    await stage.types("help")
    stage.clock.move_to(stage.clock.now() + timedelta(days=91))
    await stage.app.upkeep.purge()
    assert await audited(stage) == []


# Over the wire --------------------------------------------------------------------------------------------------------


async def test_a_command_in_slack_reaches_the_bot_and_comes_back_as_blocks(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] <!channel> *link*", "a@x"))
    said = await typed_in_slack(stage, ALICE, "status 1 share", "ack 1", "list mine")
    assert [one["response_type"] for one in said] == ["in_channel", "ephemeral", "ephemeral"]
    assert [check(one) for one in said] == ["", "", ""]
    assert "✗ Alice: not yet" in shown(said[0])
    assert (await stage.alert()).taken_by == ("alice",)
    assert shown(said[2]).startswith("#1 taken · 1/1")
