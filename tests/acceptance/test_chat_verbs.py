"""Swaps, silences, simulations, reports and following one alert, from chat."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.store.record import AuditOutcome
from channels.base import Rejected
from channels.discord.channel import build as discord_channel
from channels.discord.config import DiscordSettings
from channels.inbox import Actor, Reply, Typed
from channels.message import Message, Verb
from escalation.alert import AlertStatus
from tests.acceptance.slack_line import typed_in_slack
from tests.acceptance.stage import START, Stage, mail, on_stage
from tests.acceptance.test_drill import begins
from tests.fakes.discord import ALICE as DISCORD_ALICE
from tests.fakes.discord import TOKEN, FakeDiscord
from tests.fakes.services import running
from tests.fakes.slack_blocks import check, shown

MINUTE = timedelta(minutes=1)
SECONDS = timedelta(seconds=10)
ALICE, BOB = "U0ALICE000", "U0BOB00000"
ROOM = ("slack", "C0NOC00000")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def audited(stage: Stage) -> list[tuple[str, str, str, str]]:
    return [(one.who, one.verb, one.outcome, one.argument) for one in await stage.audits()]


def sent_to(stage: Stage, address: str) -> list[Message]:
    return [message for one in stage.channels for message in one.sent if message.address == address]


def news(stage: Stage, address: str) -> list[str]:
    """What was told in private of what somebody follows: the title and each line."""
    found = [
        one for one in sent_to(stage, address) if one.footer in ("What you follow in Kidoku", "Kidoku でフォロー中")
    ]
    return [text for one in found for text in (one.title, *(fact.value for fact in one.facts))]


# Swaps ----------------------------------------------------------------------------------------------------------------


async def test_a_swap_is_asked_answered_and_listed_in_chat(stage: Stage) -> None:
    """Alice has the 5th of May, Bob the 6th."""
    assert (await stage.types("swap")).text == "No swaps."
    asked = await stage.types("swap 5/5 for 5/6")
    assert asked.text == (
        "Swap 1: Bob is asked to take the shift of Alice in noc, Tue 5 May 09:00 JST – Wed 6 May 09:00 JST, in "
        "exchange for Wed 6 May 09:00 JST – Thu 7 May 09:00 JST; until Tue 5 May 02:00 JST."
    )
    assert stage.told() == [("slack", BOB)]
    assert (await stage.types("换班", BOB)).text == asked.text
    wrong = await stage.types("swap accept 1")
    assert (wrong.is_done, wrong.text) == (False, "Swap 1 was put to bob, not to alice")
    assert (await stage.types("シフト交換 承諾 １", BOB)).text.startswith("Swap 1 is done")
    assert (await stage.types("swap decline 1", BOB)).text == (
        "Swap 1 was decided already (accepted); nothing was changed"
    )
    assert (await stage.types("swap")).text == "No swaps."
    assert "Bob" in (await stage.types("override me from 2026-05-05T10:00 until 2026-05-05T10:01", BOB)).text
    assert [one for one in await audited(stage) if one[2] == AuditOutcome.DONE][1] == (
        *("alice", "swap", "done"),
        "noc 2026-05-05T03:00:00+00:00 2026-05-06T03:00:00+00:00",
    )


async def test_a_part_of_a_shift_is_given_away_and_what_can_not_be_says_why(stage: Stage) -> None:
    assert "Bob is asked to take" in (await stage.types("swap from 5:00 until 8:00 with bob")).text
    for text, told in (
        ("swap 5/6 with bob", "Alice is not on call for noc then; “who noc” says who is, and who is next"),
        ("swap 5/5 with alice", "Nobody swaps with themselves; name somebody else"),
        ("swap 5/5 with bobb", "did you mean bob?"),
        ("swap nox 5/5 with bob", "did you mean noc?"),
    ):
        reply = await stage.types(text)
        assert (reply.is_done, told.lower() in reply.text.lower()) == (False, True), reply.text


# Silences -------------------------------------------------------------------------------------------------------------

ROLES = """
roles:
  viewer: [alice]
  manager: [admin]
"""


async def test_a_silence_from_chat_swallows_and_is_lifted_there(stage: Stage) -> None:
    made = await stage.types("サイレンス 件名 回線断 (東京) 2時間 理由 工事", BOB)
    assert made.text == "Silence 1 holds until Mon 4 May 04:00 JST: subject /回線断 \\(東京\\)/."
    await stage.arrives(mail("[URGENT] 回線断 (東京)", "a@x"))
    await stage.arrives(mail("[URGENT] 回線断 東京", "b@x"))
    assert (await stage.alert(1)).mail.subject == "[URGENT] 回線断 東京", "words stand for themselves"
    listed = (await stage.types("silences")).text.splitlines()
    assert listed[0] == "Silence 1: subject /回線断 \\(東京\\)/"
    assert "  Bob: 工事" in listed
    assert "  swallowed 1 mail, unread: 1" in listed
    assert "NOC: [URGENT] 回線断 (東京)" in (await stage.types("silences 1")).text
    lifted = await stage.types("unsilence 1")
    assert lifted.text.startswith("Silence 1 is over. It swallowed 1 mail")
    assert (await stage.types("unsilence 1")).text == "Silence 1 is over already"
    assert (await stage.types("unsilence nine")).text == "There is no silence nine; “silences” lists them"
    assert (await stage.types("silences 9")).text.startswith("There is no silence “9”")
    assert [one for one in await audited(stage) if one[1] in ("silence", "unsilence")][:2] == [
        ("bob", "silence", "done", "2026-05-03T19:00+00:00 subject 回線断 \\(東京\\) why 工事"),
        ("alice", "unsilence", "done", "1"),
    ]


async def test_who_may_silence_and_for_how_long(tmp_path: Path) -> None:
    async with on_stage(tmp_path, more=ROLES) as stage:
        denied = "Your role here is viewer; this needs responder."
        assert (await stage.types("silence rule urgent 1h why x")).text == denied
        assert (await stage.types("unsilence 1")).text == denied
        assert (await stage.types("silence rule urgent 4h why x", BOB)).is_done
        long = await stage.types("silence rule urgent 5h why x", BOB)
        assert (long.is_done, long.text) == (
            False,
            "Your role here is responder; a silence of more than 4 hours needs manager.",
        )
        assert (await stage.types("silence rule urgent 5h why x", "admin", "console")).is_done
        assert (await stage.types("silences")).is_done, "a viewer looks"
        outcomes = [one[2] for one in await audited(stage) if one[1] == "silence"]
        assert outcomes == ["denied", "done", "denied", "done"]


async def test_a_silence_that_can_not_be_says_what_to_type(stage: Stage) -> None:
    for text, told in (
        ("silence rule urgnt 1h why x", "did you mean urgent?"),
        ("silence subject /.*/ 1h why x", "matches every mail"),
        ("silence from /(/ 1h why x", "the regex"),
        ("silence rule urgent 2026-01-01 why x", "it would end before it begins"),
    ):
        reply = await stage.types(text, BOB)
        assert (reply.is_done, told.lower() in reply.text.lower()) == (False, True), reply.text
    async with stage.app.store.reading() as tx:
        assert await tx.all_silences() == []


# Simulations and reports ----------------------------------------------------------------------------------------------


async def test_a_policy_is_simulated_in_chat_and_nobody_is_told(stage: Stage) -> None:
    lines = (await stage.types("simulate urgent at 10:00 read alice 7m")).text.splitlines()
    assert lines[0] == "A mail under policy urgent arrives at Mon 4 May 10:00 JST."
    assert lines[2].startswith("+0:05:00  10:05  step 1: Slack → #noc – step 1 is due")
    assert lines[-1].startswith("+0:07:00  10:07  stopped")
    assert stage.told() == []
    for text, told in (
        ("simulate", "Which policy? There are acked, duty"),
        ("simulate nothing", "there is no policy “nothing”"),
        ("simulate urgent read alice", "it has no time"),
        ("simulate urgent severity dire", "“dire” is no severity"),
    ):
        reply = await stage.types(text)
        assert (reply.is_done, told.lower() in reply.text.lower()) == (False, True), reply.text


async def test_a_report_of_the_night(stage: Stage) -> None:
    assert (await stage.types("report today")).text.splitlines() == [
        "Mon 4 May 00:00 JST – Mon 4 May 02:00 JST",
        "No alerts.",
    ]
    await stage.arrives(mail("[URGENT] one", "a@x"))
    await stage.arrives(mail("[URGENT] two", "b@x"))
    await stage.passes(16 * MINUTE)
    await stage.types("ack 1", BOB)
    await stage.passes(60 * MINUTE)
    reply = await stage.types("レポート 今日")
    assert reply.text.splitlines()[1:] == [
        "2 alerts: critical 2",
        "Read or taken: 1, half of them within 16 min; slowest 16 min (#1)",
        "Nobody came in time: 1 (#2)",
        "Still open: 2 (#1, #2)",
        "Notifications that left: 10; 99 of 100 at most 0 s late, the latest 0 s",
        "The prices of 6 calls and text messages are not known.",
        "Alice: told 4 times, 4 calls, woken in 1 night",
        "Bob: told 2 times, 2 calls, woken in 1 night",
    ]
    assert (await stage.types("report since 5/1 until 5/2")).text.splitlines()[1] == "No alerts."
    assert "Sun 3 May 03:00 JST – Mon 4 May 02:30 JST" in (await stage.types("report since 3:00 until 2:30")).text
    wrong = await stage.types("report since 5/2 until 5/1")
    assert (wrong.is_done, wrong.text) == (False, "It would end before it begins.")


# Following ------------------------------------------------------------------------------------------------------------


async def test_who_follows_an_alert_is_told_in_private_what_becomes_of_it(stage: Stage) -> None:
    await stage.types("言語 日本語", BOB)
    await stage.arrives(mail("[URGENT] link", "a@x"))
    assert (await stage.types("subscribe 1")).text == (
        "You follow #1: what becomes of it is told to you alone (Slack)."
    )
    assert (await stage.types("subscribe 1")).text == "You follow #1 already."
    assert (await stage.types("フォロー", BOB)).is_done
    await stage.passes(5 * MINUTE + SECONDS)
    assert news(stage, ALICE) == ["#1 [URGENT] link", "Step 1: Slack → #noc"]
    assert news(stage, BOB) == ["#1 [URGENT] link", "第 1 段階：Slack → #noc"]
    [told] = sent_to(stage, ALICE)
    assert (told.buttons, told.speech, told.is_direct, told.mentions) == ((), None, True, ())
    assert sorted(stage.told()) == sorted([("slack", BOB), ROOM, ("slack", ALICE)])

    await stage.types("ack 1", BOB)
    await stage.passes(SECONDS)
    assert news(stage, ALICE) == ["#1 [URGENT] link", "Bob took it (Slack). Everything stops."]
    assert stage.told() == [("slack", ALICE)], "Bob did it himself"
    assert (await stage.types("フォロー解除 1", BOB)).text == "#1 のフォローをやめました。"
    assert (await stage.types("フォロー解除 1", BOB)).text == "#1 はフォローしていません。"
    await stage.types("resolve 1 fixed", BOB)
    await stage.passes(SECONDS)
    assert news(stage, ALICE) == ["#1 [URGENT] link", "Bob resolved it: fixed"]
    stage.told()
    async with stage.app.store.reading() as tx:
        assert await tx.subscribers([1]) == {}, "it ends with the alert"
    assert (await stage.types("subscribe 1")).text == "#1 is closed already; nothing was changed."
    assert [one[:3] for one in await audited(stage) if "subscribe" in one[1]] == [
        ("alice", "subscribe", "done"),
        ("alice", "subscribe", "nothing"),
        ("bob", "subscribe", "done"),
        ("bob", "unsubscribe", "done"),
        ("bob", "unsubscribe", "nothing"),
        ("alice", "subscribe", "nothing"),
    ]


async def test_the_end_of_a_ladder_is_told_but_not_to_whom_it_called(stage: Stage) -> None:
    await stage.arrives(mail("FALLBACK [URGENT] x", "a@x"))
    for address in (ALICE, BOB):
        await stage.types("subscribe 1", address)
    await stage.passes(10 * MINUTE + SECONDS)
    assert news(stage, ALICE) == ["#1 FALLBACK [URGENT] x", "Step 1: Slack → #noc"], "step 2 called her"
    assert len(news(stage, BOB)) == 4
    stage.told()
    await stage.passes(30 * MINUTE)
    assert (await stage.alert()).status is AlertStatus.EXHAUSTED
    assert news(stage, ALICE)[1].startswith("The ladder ended and NOBODY came")
    assert news(stage, BOB) == [], "the last resort called him"


async def test_much_at_once_is_one_message(stage: Stage) -> None:
    for number in range(20):
        await stage.arrives(mail(f"[URGENT] {number}", f"{number}@x"))
        await stage.types(f"subscribe {number + 1}")
    for number in range(20):
        await stage.types(f"ack {number + 1}", BOB)
        await stage.types(f"resolve {number + 1}", BOB)
    await stage.passes(SECONDS)
    [told] = sent_to(stage, ALICE)
    assert told.title == "News of 20 alerts that you follow"
    assert (len(told.facts), told.facts[-1].value) == (16, "25 more lines")
    assert told.facts[0].label.endswith("#1 [URGENT] 0")
    stage.told()
    await stage.passes(MINUTE)
    assert stage.told() == []


async def test_a_subscription_and_what_it_had_to_tell_outlive_a_restart(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.arrives(mail("[URGENT] link", "a@x"))
        await stage.types("subscribe 1")
        await stage.types("ack 1", BOB)
    later = await Stage.open(tmp_path, START + MINUTE)
    try:
        await later.work()
        assert news(later, ALICE) == ["#1 [URGENT] link", "Bob took it (Slack). Everything stops."]
        later.told()
        await later.types("resolve 1", BOB)
        await later.passes(SECONDS)
        assert news(later, ALICE) == ["#1 [URGENT] link", "Bob resolved it."]
    finally:
        await later.close()


async def test_who_can_not_be_told_over_one_contact_is_told_over_the_next_and_never_called(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] link", "a@x"))
    await stage.types("subscribe 1")
    stage.slack.answers.append(Rejected("the account is gone"))
    await stage.types("ack 1", BOB)
    await stage.passes(MINUTE)
    assert stage.told() == [("slack", ALICE), ("discord", "201000000000000000")]


async def test_only_who_may_look_may_follow(tmp_path: Path) -> None:
    async with on_stage(tmp_path, more=ROLES) as stage:
        await stage.arrives(mail("[URGENT] link", "a@x"))
        assert not (await stage.types("subscribe 1", "U0STRANGER")).is_done
        assert (await stage.types("subscribe 1")).is_done, "a viewer looks"
        async with stage.app.store.reading() as tx:
            assert await tx.subscribers([1]) == {1: ["alice"]}


async def test_an_exercise_says_so_and_leaves_out_what_it_should(stage: Stage) -> None:
    await begins(stage)
    await begins(stage, left_out=("slack",))
    for number in (1, 2):
        await stage.types(f"subscribe {number}")
        await stage.types(f"ack {number}", BOB)
    await stage.passes(SECONDS)
    [told] = sent_to(stage, ALICE)
    assert told.title.startswith("#1 EXERCISE")


async def test_a_press_is_told_to_followers_as_a_command_is(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] link", "a@x"))
    await stage.types("subscribe 1")
    await stage.presses(Verb.ACK, 1, "discord", "202000000000000000")
    await stage.passes(SECONDS)
    assert news(stage, ALICE)[1] == "Bob took it (Discord). Everything stops."


# Menus ----------------------------------------------------------------------------------------------------------------


async def test_fields_offer_rules_and_policies_and_a_menu_does_what_a_line_does(stage: Stage) -> None:
    alice = Actor("discord", "201000000000000000")

    async def offered(kind: str, typed: str) -> list[str]:
        return [one.value for one in await stage.app.inbox.offers(alice, kind, typed)]

    assert await offered("rule", "") == ["acked", "duty", "everybody", "fallback", "urgent"]
    assert await offered("policy", "ur") == ["urgent"]
    assert await offered("schedule", "") == ["noc"]

    async def chooses(verb: str, **fields: str) -> Reply:
        return await stage.app.inbox.typed(Typed(alice, verb=verb, fields=fields))

    assert (await chooses("silence", rule="urgent", end="1h", argument="works")).text.startswith("Silence 1 holds")
    assert (await chooses("swap", start="5/5", theirs="5/6")).is_done
    assert (await chooses("swap", argument="withdraw", number="1")).text.startswith("Swap 1: Alice has withdrawn it")
    assert (await chooses("simulate", policy="duty")).is_done
    assert (await chooses("report", argument="month")).is_done


# Over the wire --------------------------------------------------------------------------------------------------------


async def test_the_verbs_in_slack_come_back_as_blocks_that_mention_nobody(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] <!channel> *link*", "a@x"))
    await stage.passes(MINUTE)
    typed = (
        "swap 5/5 for 5/6",
        "silence subject <!here> 1h why <!channel>",
        "silences",
        "simulate urgent",
        "report share",
        "subscribe 1",
    )
    answers = await typed_in_slack(stage, ALICE, *typed)
    assert [check(one) for one in answers] == [""] * len(typed)
    assert [one["response_type"] for one in answers] == [*["ephemeral"] * 4, "in_channel", "ephemeral"]
    said = [shown(one) for one in answers]
    assert said[0].startswith("Swap 1: Bob is asked")
    assert said[1].startswith("Silence 1 holds until")
    assert "Alice: <!channel>" in said[2], "plain text, not a mention"
    assert not any("<!channel>" in one["text"] for one in answers)
    assert "+0:05:00" in said[3]
    assert "1 alert: critical 1" in said[4]
    assert said[5].startswith("You follow #1")


async def test_the_verbs_in_discord_are_registered_and_answered(stage: Stage) -> None:
    await stage.arrives(mail("[URGENT] @everyone link", "a@x"))
    async with FakeDiscord() as discord:
        settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=discord.url)
        channel = discord_channel(settings, stage.app.inbox, stage.clock.now, lambda *state: None)
        assert channel.notifier is not None

        async def asks(verb: str, **fields: Any) -> dict[str, Any]:
            before = len(discord.answers)
            await discord.command(verb, DISCORD_ALICE, **fields)
            await discord.until(lambda: len(discord.answers) > before)
            found: dict[str, Any] = discord.answers[before]["callback"]["data"]
            return found

        async with running(channel.services):
            await discord.until(lambda: discord.identified > 0 and bool(discord.registered))
            said = [
                await asks("silence", end="1h", argument="@everyone", subject="@here"),
                await asks("silences", share=True),
                await asks("swap", start="5/5", theirs="5/6"),
                await asks("simulate", policy="urgent"),
                await asks("report", argument="today"),
                await asks("subscribe", alert="#1"),
            ]
        await channel.notifier.close()
    [(_, [command, *_])] = discord.registered
    assert {"swap", "silence", "silences", "unsilence", "simulate", "report", "subscribe", "unsubscribe"} <= {
        one["name"] for one in command["options"]
    }
    assert all(one["allowed_mentions"]["parse"] == [] for one in said)
    assert [one.get("flags", 0) & 64 for one in said] == [64, 0, 64, 64, 64, 64]
    assert [one["content"].split("\n")[0][:10] for one in said] == [
        "Silence 1 ",
        "Silence 1:",
        "Swap 1: Bo",
        "A mail und",
        "Mon 4 May ",
        "You follow",
    ]
