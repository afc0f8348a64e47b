"""Each as they want to be told: their own ways in order, and their quiet hours. It is 02:00 in Tokyo."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot import duty
from bot.language import Words
from bot.load import loads
from bot.wording.why import why_lines
from channels.base import Ended, RetryLater
from channels.message import Verb
from escalation.alert import AlertStatus
from escalation.decided import RungFired
from escalation.event import Outcome
from escalation.fairness import Choice
from escalation.load import Load
from escalation.schedule import Leave
from tests.acceptance.stage import START, Stage, mail, on_stage

MINUTE = timedelta(minutes=1)
ALICE, SECOND, BOB = ("phone", "+81312345678"), ("phone", "+81312340000"), ("phone", "+81387654321")
ADMIN = ("console", "admin")
SLACK_ALICE, SLACK_BOB = ("slack", "U0ALICE000"), ("slack", "U0BOB00000")
NIGHT = 'windows: {night: {from: "22:00", to: "07:00"}}\n'
POLICIES = """\
  own:
    wait: 10m
    steps:
      - {after: 1m, via: contacts, to: alice}
      - {after: 10m, via: phone, to: bob}
    last_resort: [{via: contacts, to: alice}]
"""
TURNS = """\
  turns:
    wait: 10m
    steps:
      - {after: 1m, via: phone, to: "roundrobin:noc"}
    last_resort: [{via: slack, to: "#noc"}]
"""
RULES = """\
  - {name: turns, when: {subject: "TURN"}, policy: turns}
  - {name: own, when: {subject: "OWN"}, policy: own}
  - {name: mild, when: {subject: "MILD"}, policy: own, severity: warning}
"""


@asynccontextmanager
async def stage_of(folder: Path, alice: str, more: str = "") -> AsyncIterator[Stage]:
    """The stage, with this said of Alice, and a policy that leaves it to her."""
    file = Path(__file__).parents[1] / "configs" / "stage.yaml"
    text = file.read_text("utf-8").replace(
        'discord: "201000000000000000"}', f'discord: "201000000000000000", {alice}}}'
    )
    text = text.replace("policies:\n", NIGHT + more + "policies:\n" + POLICIES + TURNS)
    text = text.replace("rules:\n", "rules:\n" + RULES)
    (folder / "people.yaml").write_text(text, "utf-8")
    async with on_stage(folder, settings_file=str(folder / "people.yaml")) as stage:
        yield stage


async def why(stage: Stage, id: int = 1) -> list[str]:
    async with stage.app.store.reading() as tx:
        events = [(row.event, row.at) for row in await tx.events(id)]
    alert = await stage.alert(id)
    return [text for _, text in why_lines(alert, events, stage.app.scribe.roster(), Words("en", "Asia/Tokyo"))]


WAYS = 'contacts: [slack, {after: 2m, via: phone}, {after: 3m, via: phone, address: "+81312340000"}]'


async def test_alices_ways_one_after_the_other_and_then_bob(tmp_path: Path) -> None:
    async with stage_of(tmp_path, WAYS) as stage:
        await stage.arrives(mail("OWN down", "a@x"))
        await stage.passes(MINUTE)
        assert stage.told() == [SLACK_ALICE]
        await stage.passes(2 * MINUTE)
        assert stage.told() == [ALICE]
        await stage.passes(3 * MINUTE)
        assert stage.told() == [SECOND]
        await stage.passes(5 * MINUTE)
        assert stage.told() == [BOB]


async def test_at_night_what_is_urgent_rings_at_once(tmp_path: Path) -> None:
    night = "contacts: slack, contacts_when: [{for: urgent, when: night, ways: [phone, {after: 1m, via: slack}]}]"
    async with stage_of(tmp_path, night) as stage:
        await stage.arrives(mail("OWN down", "a@x"))
        await stage.passes(MINUTE)
        assert stage.told() == [ALICE]
        await stage.arrives(mail("MILD trouble", "b@x"))
        await stage.passes(MINUTE)
        assert sorted(stage.told()) == [SLACK_ALICE, SLACK_ALICE]


async def test_a_warning_leaves_her_asleep_and_goes_to_bob(tmp_path: Path) -> None:
    async with stage_of(tmp_path, 'quiet: {from: "22:00", to: "07:00"}') as stage:
        await stage.arrives(mail("MILD trouble", "a@x"))
        await stage.passes(MINUTE)
        assert stage.told() == [BOB]
        said = await why(stage)
        assert "Not told: Alice (keeps quiet hours, and this is not severe enough to break them)." in said


async def test_she_is_woken_when_nobody_came(tmp_path: Path) -> None:
    async with stage_of(tmp_path, f'{WAYS}, quiet: {{from: "22:00", to: "07:00"}}') as stage:
        await stage.arrives(mail("MILD trouble", "a@x"))
        await stage.passes(MINUTE)
        assert stage.told() == [BOB]
        await stage.passes(19 * MINUTE)
        assert stage.told() == [SLACK_ALICE, ALICE, SECOND, ("console", "admin")]
        assert (await stage.alert()).status is AlertStatus.EXHAUSTED


async def test_what_is_critical_wakes_her(tmp_path: Path) -> None:
    async with stage_of(tmp_path, 'quiet: {from: "22:00", to: "07:00"}, contacts: phone') as stage:
        await stage.arrives(mail("OWN down", "a@x"))
        await stage.passes(MINUTE)
        assert stage.told() == [ALICE]


async def test_while_alice_is_away_her_calls_and_her_unread_mail_go_to_bob(tmp_path: Path) -> None:
    away = Leave("alice", START, START + 60 * MINUTE, "alice", delegate="bob")
    async with on_stage(tmp_path) as stage:
        await stage.app.engine.submit(lambda desk: duty.go_on_leave(desk, away, Words("en", "UTC")))
        await stage.arrives(mail("EVERYBODY read this", "a@x"))
        await stage.passes(10 * MINUTE)
        assert stage.told() == [SLACK_BOB, BOB]
        said = await why(stage)
        assert any("phone → Bob, standing in for Alice (Alice is on leave)" in line for line in said)


async def test_a_leave_with_a_delegate_outlives_a_restart(tmp_path: Path) -> None:
    away = Leave("alice", START, START + 60 * MINUTE, "alice", delegate="bob")
    async with on_stage(tmp_path) as stage:
        await stage.app.engine.submit(lambda desk: duty.go_on_leave(desk, away, Words("en", "UTC")))
    async with on_stage(tmp_path) as stage:
        assert stage.app.engine.rules.roster.stand_in("alice", START) == "bob"


async def test_each_alert_is_the_next_ones_turn_over_a_restart_too(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    for number in range(4):
        async with stage_of(tmp_path, "contacts: phone") as stage:
            await stage.arrives(mail("TURN down", f"{number}@x"))
            await stage.passes(MINUTE)
            told += stage.told()
            await stage.presses(Verb.ACK, number + 1, "slack", "U0ALICE000")
    assert told == [ALICE, BOB, ALICE, BOB]


async def test_two_alerts_of_one_tick_are_two_turns(tmp_path: Path) -> None:
    async with stage_of(tmp_path, "contacts: phone") as stage:
        await stage.arrives(mail("TURN down", "a@x"))
        await stage.arrives(mail("TURN down as well", "b@x"))
        await stage.passes(MINUTE)
        assert sorted(stage.told()) == sorted([ALICE, BOB])


async def test_a_turn_that_can_not_be_read_now_is_read_at_the_next_tick(tmp_path: Path) -> None:
    """A fault of the store is no fault of the alert, which would be parked for it."""
    async with stage_of(tmp_path, "contacts: phone") as stage:
        await stage.arrives(mail("TURN down", "a@x"))
        await renamed(stage, "team_turn", "gone")
        with pytest.raises(OperationalError, match="no such table: team_turn"):
            await stage.passes(MINUTE)
        await renamed(stage, "gone", "team_turn")
        await stage.passes(MINUTE)
        assert stage.told() == [ALICE]


async def renamed(stage: Stage, table: str, name: str) -> None:
    async with stage.app.store.transaction() as tx:
        await tx.connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


async def test_what_a_night_has_cost_each_of_them(tmp_path: Path) -> None:
    """At 02:05 in Tokyo Slack has told the room, then Alice's phone has rung twice, and Bob's once."""
    async with on_stage(tmp_path) as stage:
        await stage.arrives(mail("[URGENT] down", "a@x"))
        await stage.passes(30 * MINUTE)
        async with stage.app.store.reading() as tx:
            roster = stage.app.scribe.roster()
            found = await loads(tx, roster, START, START + 60 * MINUTE)
            before = await loads(tx, roster, START - 60 * MINUTE, START)
        assert found == {"alice": Load(2, 2, 1), "bob": Load(1, 1, 1), "admin": Load()}
        assert set(before.values()) == {Load()}


async def test_turns_go_by_load_and_say_why(tmp_path: Path) -> None:
    """At 02:00 in Tokyo Alice's phone has rung for an alert of hers, so the next turn is Bob's, though Alice stands
    first; and both have one turn before anybody has two."""
    async with stage_of(tmp_path, "contacts: phone", "fair_turns: {teams: noc}\n") as stage:
        await stage.arrives(mail("OWN down", "own@x"))
        await stage.passes(MINUTE)
        assert stage.told() == [ALICE]
        await stage.presses(Verb.ACK, 1, "slack", "U0ALICE000")
        await stage.arrives(mail("TURN down", "a@x"))
        await stage.passes(MINUTE)
        assert stage.told() == [BOB]
        await stage.arrives(mail("TURN down as well", "b@x"))
        await stage.arrives(mail("TURN down too", "c@x"))
        await stage.passes(MINUTE)
        assert sorted(stage.told()) == sorted([ALICE, BOB])
        async with stage.app.store.reading() as tx:
            events = [row.event for row in await tx.events(2)]
        (told,) = [one for event in events if isinstance(event, RungFired) for one in event.notified]
        assert told.choice == Choice(0, 0, "alice", 1, 1)
        assert any("Alice was woken in more nights of late (1 against 0)" in line for line in await why(stage, 2))


async def test_a_round_outlives_a_restart(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    for number in range(4):
        async with stage_of(tmp_path, "contacts: phone", "fair_turns: {teams: [noc], within: 1d}\n") as stage:
            await stage.arrives(mail("TURN down", f"{number}@x"))
            await stage.passes(MINUTE)
            told += stage.told()
            await stage.presses(Verb.ACK, number + 1, "slack", "U0ALICE000")
    assert sorted(told[:2]) == sorted(told[2:]) == sorted([ALICE, BOB])


async def test_an_outage_wakes_nobody_who_keeps_quiet_hours_before_nobody_came(tmp_path: Path) -> None:
    quiet = 'quiet: {from: "22:00", to: "07:00", channels: [phone]}'
    async with stage_of(tmp_path, f"{WAYS}, {quiet}") as stage:
        stage.slack.answers.append(RetryLater("Slack's rate limit", 60 * MINUTE, is_channel_wide=True))
        stage.phone.ends.append(Ended(Outcome.NO_ANSWER))
        await stage.arrives(mail("MILD trouble", "a@x"))
        await stage.passes(MINUTE + timedelta(seconds=5))
        assert stage.told() == [SLACK_ALICE, BOB, ADMIN], "over to Bob at once; the administrators hear of the outage"
        await stage.passes(9 * MINUTE)
        assert stage.told() == []
        await stage.passes(11 * MINUTE)
        assert (await stage.alert()).status is AlertStatus.EXHAUSTED
        assert [one for one in stage.told() if one != ADMIN] == [ALICE, SECOND]
        await stage.passes(45 * MINUTE)
        assert stage.told() == [SLACK_ALICE, ADMIN], "of the two pages the last resort's; Slack works again"
