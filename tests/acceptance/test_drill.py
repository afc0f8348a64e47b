"""Stories of drills: a real exercise, through the real outbox, that nobody can take for real."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import drill
from bot.chatops.look import offered_alerts
from bot.drill import Wanted
from bot.drill_report import Report, report_of
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.wanted import OPEN
from bot.wording.name import subject_of
from channels.base import Rejected, Sent
from channels.message import Message, Verb
from escalation.alert import AlertStatus
from escalation.command import Purpose
from escalation.event import Outcome
from tests.acceptance.stage import START, Stage, mail, on_stage

MINUTE = timedelta(minutes=1)
WORDS = Words("en", "UTC", lambda: START)
ROOM, ALICE, BOB = "C0NOC00000", "+81312345678", "+81387654321"
MARK = "EXERCISE – "


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def begins(stage: Stage, policy: str = "urgent", **more: object) -> int:
    wanted = Wanted(policy=policy, by="alice", **more)  # type: ignore[arg-type]
    policies = dict(stage.app.settings.escalation_policies())
    id = await stage.app.engine.submit(lambda desk: drill.begin(desk, wanted, policies, WORDS))
    await stage.work()
    return id


async def passes(stage: Stage, span: timedelta) -> None:
    await stage.passes(span)
    await stage.app.upkeep.drills.look()
    await stage.work()


async def report(stage: Stage, id: int = 1) -> Report:
    async with stage.app.store.reading() as tx:
        found = await report_of(tx, id)
    assert found is not None
    return found


def sent(stage: Stage) -> list[Message]:
    return [message for one in stage.channels for message in one.sent]


async def test_a_drill_climbs_as_a_real_alert_and_says_everywhere_that_it_is_none(stage: Stage) -> None:
    await begins(stage)
    await passes(stage, 16 * MINUTE)
    assert sent(stage)[0].title.startswith(MARK + "Unread for 5 min: Drill of policy urgent")
    assert all(one.title.startswith(MARK) for one in sent(stage)), "mail and chat show the title"
    assert all(one.summary.startswith(MARK) for one in sent(stage) if one.speech is None)
    (call,) = stage.phone.sent
    assert call.speech is not None
    assert "This is only an exercise." in call.speech.announcement
    assert ("Exercise", "No mail came. Please answer as if it were real.") in [
        (one.label, one.value) for one in stage.slack.sent[0].facts
    ]
    assert stage.told() == [("slack", ROOM), ("discord", "111000000000000000"), ("phone", ALICE)]


async def test_it_is_taken_as_usual_and_over_a_minute_later(stage: Stage) -> None:
    id = await begins(stage)
    await passes(stage, 16 * MINUTE)
    reply = await stage.presses(Verb.ACK, id, "phone", ALICE)
    assert reply.is_done
    await passes(stage, MINUTE)
    assert (await stage.alert(id)).status is AlertStatus.RESOLVED
    stage.told()
    await passes(stage, timedelta(days=2))
    assert stage.told() == []
    found = await report(stage)
    assert (found.taken_by, found.taken_via, found.taken_after) == ("alice", "phone", 16 * MINUTE)
    assert found.drill.ended_at == START + 17 * MINUTE
    slack, discord, phone = found.told
    assert [one.row.channel for one in found.told] == ["slack", "discord", "phone"]
    assert [one.row.due_at - START for one in found.told] == [5 * MINUTE, 10 * MINUTE, 15 * MINUTE]
    assert [one.late for one in found.told] == [timedelta(0)] * 3
    assert (phone.answered_by, phone.answered_after) == ("alice", MINUTE)
    assert (slack.answered_at, discord.answered_at) == (None, None)


async def test_nobody_comes_and_the_administrators_hear_of_an_exercise_only(stage: Stage) -> None:
    await begins(stage, "duty", at_most=timedelta(hours=2))
    await passes(stage, timedelta(minutes=30))
    alarms = stage.console.sent
    assert len(alarms) == 2, "the last resort and the alarm"
    assert all(one.title.startswith(MARK) for one in alarms)


async def test_a_real_alarm_is_not_marked(stage: Stage) -> None:
    await stage.arrives(mail("DUTY disk full", "a@x"))
    await stage.passes(timedelta(minutes=30))
    assert len(sent(stage)) > 1
    assert not any(one.title.startswith(MARK) for one in sent(stage))


async def test_it_ends_unanswered_at_its_end_and_calls_nobody_after_it(stage: Stage) -> None:
    id = await begins(stage, at_most=7 * MINUTE)
    await passes(stage, 7 * MINUTE)
    assert (await stage.alert(id)).status is AlertStatus.RESOLVED
    stage.told()
    await passes(stage, timedelta(hours=3))
    assert stage.told() == []
    assert (await report(stage)).taken_at is None


async def test_a_restart_forgets_neither_the_drill_nor_its_end(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await begins(stage, at_most=12 * MINUTE)
        await passes(stage, 6 * MINUTE)
        assert stage.told() == [("slack", ROOM)]
    again = await Stage.open(tmp_path, START + 11 * MINUTE)
    try:
        await again.app.timers.tick()
        await again.work()
        assert again.told() == [("discord", "111000000000000000")]
        await passes(again, MINUTE)
        assert (await again.alert()).status is AlertStatus.RESOLVED
        assert [one.late for one in (await report(again)).told] == [timedelta(0), MINUTE]
        assert sent(again) == []
    finally:
        await again.close()


async def test_without_calls_the_time_of_their_steps_passes_and_no_phone_rings(stage: Stage) -> None:
    await begins(stage, left_out=("phone",), at_most=timedelta(hours=3))
    await passes(stage, timedelta(hours=2))
    assert stage.phone.sent == []
    told = (await report(stage)).told
    calls = [one.row for one in told if one.row.channel == "phone"]
    assert len(calls) >= 3
    assert all((row.outcome, row.sent_at) == ("left_out", None) for row in calls)
    assert any(row.purpose == Purpose.LAST_RESORT for row in calls)
    assert [one.title[: len(MARK)] for one in stage.console.sent] == [MARK] * len(stage.console.sent)


async def test_what_can_not_be_delivered_stands_in_the_report(stage: Stage) -> None:
    stage.slack.answers.append(Rejected("is_archived"))
    await begins(stage)
    await passes(stage, 6 * MINUTE)
    first = (await report(stage)).told[0]
    assert (first.row.outcome, first.row.detail, first.known_at) == (
        Outcome.REJECTED,
        "is_archived",
        START + 5 * MINUTE,
    )
    assert (first.late, first.answered_after) == (None, None)


async def test_a_drill_of_what_is_taken_does_not_climb_again(stage: Stage) -> None:
    id = await begins(stage, "acked", at_most=timedelta(hours=5))
    await passes(stage, 5 * MINUTE)
    await stage.presses(Verb.ACK, id, "slack", "U0ALICE000")
    await passes(stage, timedelta(hours=2))
    assert stage.told() == [("slack", ROOM)]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"policy": "urgnt"}, "there is no policy"),
        ({"policy": "urgent", "at_most": timedelta(days=2)}, "a day at most"),
        ({"policy": "urgent", "at_most": timedelta(0)}, "a day at most"),
    ],
)
async def test_what_can_not_be_drilled_says_why(stage: Stage, wanted: dict[str, object], said: str) -> None:
    with pytest.raises(BadArgumentError, match=said):
        await begins(stage, **wanted)  # type: ignore[arg-type]


async def test_a_script_can_not_begin_drills_without_end(stage: Stage) -> None:
    for _ in range(drill.MOST_OPEN):
        await begins(stage)
    with pytest.raises(BadArgumentError, match="5 drills go on already"):
        await begins(stage)


@pytest.mark.parametrize("has_drill", [True, False])
async def test_a_call_for_several_says_that_an_exercise_is_among_them(stage: Stage, has_drill: bool) -> None:
    stage.phone.answers += [Sent({"sid": "CA1"}, is_final=False)] * 2
    await stage.arrives(mail("DUTY disk full", "a@x"))
    if has_drill:
        await begins(stage, "duty")
    else:
        await stage.arrives(mail("DUTY link down", "b@x"))
    await stage.passes(5 * MINUTE)
    first, _ = stage.phone.sent
    found = await stage.app.inbox.bundle(first.key, {"sid": "CA1"})
    assert found.intro.startswith("2 urgent mails are waiting for you.")
    assert ("An exercise is among them; it says so." in found.intro) is has_drill


async def test_the_lists_in_chat_say_that_it_is_an_exercise(stage: Stage) -> None:
    await begins(stage)
    for command in ("list", "why 1", "status 1"):
        first = (await stage.types(command)).text.splitlines()[0]
        assert MARK in first and "Drill of policy urgent" in first, command
    async with stage.app.store.reading() as tx:
        offered = offered_alerts(await tx.list_alerts(statuses=OPEN, limit=5), "", WORDS, stage.app.engine.clock.now())
    assert [label for label, _ in offered] == ["#1 EXERCISE – Drill of policy urgent (unread)"]
    stage.told()


async def test_each_reads_the_subject_of_a_drill_in_their_own_language(stage: Stage) -> None:
    await begins(stage)
    async with stage.app.store.reading() as tx:
        [alert] = (await tx.alerts([1])).values()
    said = {language: subject_of(alert.mail, Words(language, "UTC")) for language in ("en", "ja", "zh")}
    assert said == {"en": "Drill of policy urgent", "ja": "ポリシー urgent の訓練", "zh": "策略 urgent 的演练"}
    for subject in said.values():
        begun_in_it = replace(alert.mail, subject=subject)
        assert subject_of(begun_in_it, Words("ja", "UTC")) == said["ja"]
    from_outside = replace(alert.mail, sender="noc@carrier.example")
    assert subject_of(from_outside, Words("ja", "UTC")) == "Drill of policy urgent"
