"""A silence keeps some urgent mail quiet, and never the team blind: at its end it says what it kept quiet."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot import silence
from bot.desk import Desk
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.routes import routes_of
from bot.store.record import Swallowed
from bot.swallowed import Reopened, open_waiting
from channels.imap.mailbox import Arrived, Cursor, FlagsChanged, MailboxBatch, Removed
from channels.message import Message, Verb
from escalation.alert import AlertStatus
from escalation.mail import Mail
from escalation.roster import Person
from escalation.silence import Scope, Silence
from tests.acceptance.stage import START, Stage, mail, on_stage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ALICE_CHAT = ("slack", "U0ALICE000")
ADMIN = ("console", "admin")
STEP_1 = ("slack", "C0NOC00000")
WORDS = Words("en", "UTC", lambda: START)
CARRIER = Scope(senders=("carrier.example",))
QUIET = Silence(scope=CARRIER, start=START, end=START + HOUR, why="the link is being moved", by="alice")
NIGHTLY = """maintenance:
  - {name: nightly backup, window: backup, when: {rule: urgent, from: carrier.example}, why: it stops the database}
windows:
  backup: {days: sun, from: "01:00", to: "04:00", zone: Europe/Berlin}
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def silenced(stage: Stage, wanted: Silence = QUIET) -> None:
    """Somebody types the command while the bot runs."""
    rules = stage.app.settings.routing_rules()
    async with stage.beside() as engine:
        await engine.run_now(lambda desk: silence.silence(desk, wanted, rules, WORDS))
    await stage.app.upkeep.beside.look()


async def lifted(stage: Stage, which: str = "1") -> str:
    windows = stage.app.settings.maintenance()
    async with stage.beside() as engine:
        said = await engine.run_now(lambda desk: silence.lift(desk, which, "bob", windows, WORDS))
    await stage.app.upkeep.beside.look()
    await stage.work()
    return said


async def opened(stage: Stage, id: int = 1) -> Reopened:
    routes = routes_of(stage.app.settings)
    async with stage.beside() as engine:
        done = await engine.run_now(lambda desk: open_waiting(desk, id, "bob", routes))
    await stage.app.upkeep.beside.look()
    await stage.work()
    return done


def urgent(stage: Stage, id: str = "a@x", subject: str = "[URGENT] link down", **more: object) -> Mail:
    """A mail that comes in now."""
    return replace(mail(subject, id, **more), received_at=stage.clock.now())  # type: ignore[arg-type]


async def swallowed(stage: Stage, id: int = 1) -> list[Swallowed]:
    async with stage.app.store.reading() as tx:
        return await tx.swallowed(id)


async def alerts(stage: Stage) -> int:
    async with stage.app.store.reading() as tx:
        return len(await tx.list_alerts())


def notice(stage: Stage) -> Message:
    """The one summary that the administrators got."""
    (one,) = [message for message in stage.console.sent if "is over" in message.title]
    return one


def shown(message: Message) -> str:
    return "\n".join([message.title, *(f"{fact.label}: {fact.value}" for fact in message.facts)])


# The time of a silence -----------------------------------------------------------------------------------------------


async def test_a_silence_made_beside_the_bot_swallows_and_tells_at_its_end(stage: Stage) -> None:
    await silenced(stage)
    await stage.passes(MINUTE)
    await stage.arrives(urgent(stage))
    await stage.passes(58 * MINUTE)
    assert (stage.told(), await alerts(stage)) == ([], 0)
    await stage.passes(MINUTE)
    said = shown(notice(stage))
    assert sorted(stage.told()) == [ADMIN, ALICE_CHAT]
    for part in (
        "Silence 1 is over. It kept 1 urgent mail quiet; still unread: 1.",
        "Reason: the link is being moved",
        "Made by: Alice",
        "unread: NOC: [URGENT] link down",
        "kidoku silences 1 --open",
    ):
        assert part in said
    await stage.passes(2 * HOUR)
    assert stage.told() == []


async def test_mail_after_the_end_pages(stage: Stage) -> None:
    await silenced(stage)
    await stage.passes(HOUR)
    await stage.arrives(urgent(stage))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [STEP_1]


async def test_mail_from_before_a_silence_that_is_seen_only_now_pages(stage: Stage) -> None:
    """The bot was down when the trouble began: whoever silenced the maintenance did not mean that."""
    late = urgent(stage)
    await stage.passes(MINUTE)
    await silenced(stage, replace(QUIET, start=stage.clock.now()))
    await stage.arrives(late)
    assert await alerts(stage) == 1


async def test_mail_of_a_silence_that_is_seen_after_it_pages(stage: Stage) -> None:
    await silenced(stage)
    late = urgent(stage)
    await stage.passes(HOUR)
    await stage.arrives(late)
    assert await alerts(stage) == 1


async def test_a_silence_that_swallowed_nothing_says_nothing(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(replace(urgent(stage), sender="noc@other.example"))
    await stage.passes(4 * MINUTE)
    assert (await alerts(stage), stage.told()) == (1, [])
    await stage.arrives(urgent(stage, "b@x", "no urgent mail at all"))
    await stage.passes(5 * HOUR)
    assert not [one for one in stage.console.sent if "Silence" in one.title]


async def test_the_end_comes_after_a_restart_though_the_bot_was_down_then(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await silenced(stage)
        await stage.arrives(urgent(stage))
    stage = await Stage.open(tmp_path, START + 3 * HOUR)
    try:
        await stage.arrives(urgent(stage, "b@x"))
        await stage.app.timers.tick()
        await stage.work()
        assert "It kept 1 urgent mail quiet" in notice(stage).title
        assert sorted(stage.told()) == [ADMIN, ALICE_CHAT]
        await stage.app.timers.tick()
        await stage.work()
        assert (stage.told(), await alerts(stage)) == ([], 1)
    finally:
        await stage.close()


async def test_an_end_that_is_seen_twice_is_told_once(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    stage.clock.move_to(START + HOUR)
    done = [await stage.app.engine.submit(partial(silence.end, id=1)) for _ in range(2)]
    stage.clock.move_to(START + 2 * HOUR)
    await stage.app.timers.tick()
    await stage.work()
    assert done == [True, False]
    assert sorted(stage.told()) == [ADMIN, ALICE_CHAT]


async def test_the_clockwork_is_planned_for_the_end(tmp_path: Path) -> None:
    """Of a silence that is made inside the bot, and of a maintenance window when it swallows."""
    stage = await Stage.open(tmp_path, datetime(2026, 5, 3, 0, 0, tzinfo=UTC), more=NIGHTLY)
    planned: list[datetime | None] = []
    stage.app.engine.listeners.append(lambda committed: planned.append(committed.due_at))
    try:
        rules = stage.app.settings.routing_rules()
        other = replace(QUIET, scope=Scope(senders=("other.example",)))
        await stage.app.engine.submit(lambda desk: silence.silence(desk, other, rules, WORDS))
        await stage.arrives(urgent(stage))
        assert [at for at in planned if at is not None] == [other.end, datetime(2026, 5, 3, 2, 0, tzinfo=UTC)]
    finally:
        await stage.close()


async def test_a_silence_outlives_a_restart(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await silenced(stage)
    async with on_stage(tmp_path) as stage:
        await stage.arrives(urgent(stage))
        assert (await alerts(stage), len(await swallowed(stage))) == (0, 1)


# Lifting it ----------------------------------------------------------------------------------------------------------


async def test_lifted_it_is_over_from_its_commit_on_and_tells_at_once(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    async with stage.beside() as engine:
        said = await engine.run_now(lambda desk: silence.lift(desk, "#1", "bob", (), WORDS))
    assert said == "Silence 1 is over. It swallowed 1 mail: kidoku silences 1"
    # The bot has not looked beside yet.
    await stage.arrives(urgent(stage, "b@x"))
    assert await alerts(stage) == 1
    assert sorted(stage.told()) == [ADMIN, ALICE_CHAT]
    await stage.passes(2 * HOUR)
    assert not [one for one in stage.console.sent if "is over" in one.title]


async def test_one_that_was_to_come_is_lifted_without_a_word(stage: Stage) -> None:
    await silenced(stage, replace(QUIET, start=START + HOUR, end=START + 2 * HOUR))
    assert await lifted(stage) == "Silence 1 is over. It swallowed nothing."
    await stage.passes(HOUR + MINUTE)
    await stage.arrives(urgent(stage))
    assert (await alerts(stage), stage.told()) == (1, [])
    with pytest.raises(BadArgumentError, match="silence 1 is over already"):
        await lifted(stage)


async def test_a_silence_that_could_not_be_saved_swallows_nothing(stage: Stage) -> None:
    async def job(desk: Desk) -> str:
        await silence.silence(desk, QUIET, stage.app.settings.routing_rules(), WORDS)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await stage.app.engine.submit(job)
    await stage.arrives(urgent(stage))
    assert await alerts(stage) == 1


# What it leaves alone ------------------------------------------------------------------------------------------------


async def test_an_alert_that_is_open_goes_on_and_its_thread_joins_it(stage: Stage) -> None:
    await stage.arrives(urgent(stage))
    await silenced(stage)
    await stage.arrives(urgent(stage, "b@x", "Re: [URGENT] link down", references=("a@x",)))
    await stage.arrives(urgent(stage), account="bob")
    await stage.passes(5 * MINUTE)
    assert stage.told() == [STEP_1]
    alert = await stage.alert()
    assert (alert.mails, [one.id for one in alert.recipients]) == (2, ["alice", "bob"])
    assert await swallowed(stage) == []


async def test_the_same_mail_in_two_mailboxes_is_swallowed_once(stage: Stage) -> None:
    await silenced(stage)
    for account in ("alice", "bob"):
        await stage.arrives(urgent(stage), account=account)
    assert len(await swallowed(stage)) == 1
    assert stage.app.metrics.registry.get_sample_value("kidoku_swallowed_total", {"rule": "urgent"}) == 1
    await stage.app.metrics.measure(stage.app.store, stage.app.outbox.lanes, stage.clock.now())
    assert stage.app.metrics.registry.get_sample_value("kidoku_silences") == 1


async def test_an_alert_number_is_not_lost_by_what_is_swallowed(stage: Stage) -> None:
    await silenced(stage)
    quiet, other = urgent(stage), replace(urgent(stage, "b@x"), sender="noc@other.example")
    await stage.happens("alice", Arrived(1, quiet), Arrived(2, other), Arrived(3, replace(quiet, message_id="c@x")))
    assert (await stage.alert(1)).mail.message_id == "b@x"
    assert [one.mail.message_id for one in await swallowed(stage)] == ["a@x", "c@x"]
    await stage.arrives(replace(urgent(stage, "d@x"), sender="noc@other.example"))
    assert (await stage.alert(2)).mail.message_id == "d@x"


# What was swallowed, afterwards --------------------------------------------------------------------------------------


async def test_what_is_unread_can_be_opened_and_climbs_from_then_on(stage: Stage) -> None:
    await silenced(stage)
    for account in ("alice", "bob"):
        await stage.arrives(urgent(stage), account=account)
    await lifted(stage)
    stage.told()
    assert await opened(stage) == Reopened((1,), ())
    assert await opened(stage) == Reopened((), ())
    assert [one.id for one in (await stage.alert()).recipients] == ["alice", "bob"]
    await stage.passes(5 * MINUTE)
    assert stage.told() == [STEP_1]
    # What was watched for the silence is watched for the alert.
    await stage.happens("alice", FlagsChanged(1, "a@x", True, False))
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED


@pytest.mark.parametrize("happening", [FlagsChanged(1, "a@x", True, False), Removed(1, "a@x", True, "Archive", 4)])
async def test_what_somebody_read_or_read_and_filed_away_is_not_opened(
    stage: Stage, happening: FlagsChanged | Removed
) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    await stage.happens("alice", happening)
    await lifted(stage)
    assert "that one is taken care of" in notice(stage).title
    assert await opened(stage) == Reopened((), ())


async def test_what_was_deleted_unread_is_opened(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    await stage.happens("alice", Removed(1, "a@x", False))
    await lifted(stage)
    assert await opened(stage) == Reopened((1,), ())


async def test_a_swallowed_mail_that_comes_again_unread_opens_one_alert_for_all_who_have_it(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    await lifted(stage)
    await stage.arrives(urgent(stage), account="bob")
    assert sorted(one.id for one in (await stage.alert()).recipients) == ["alice", "bob"]
    assert await opened(stage) == Reopened((), ())
    await stage.happens("alice", FlagsChanged(1, "a@x", True, False))
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED


@pytest.mark.parametrize("is_together", [False, True], ids=["one by one", "in one commit"])
async def test_what_is_done_to_a_swallowed_mail_outlives_its_opening_by_another_mailbox(
    stage: Stage, is_together: bool
) -> None:
    """Alice has answered it with one commit in which bob's copy opens its alert: she still is one who has it."""
    await silenced(stage)
    await stage.arrives(urgent(stage))
    await lifted(stage)
    cursor = Cursor(1, 9, None, stage.clock.now())
    alice = MailboxBatch("alice", "INBOX", (FlagsChanged(1, "a@x", False, True),), cursor)
    bob = MailboxBatch("bob", "INBOX", (Arrived(7, urgent(stage)),), cursor)
    if is_together:
        await asyncio.gather(stage.app.intake.commit(alice), stage.app.intake.commit(bob))
    else:
        for batch in (alice, bob):
            await stage.app.intake.commit(batch)
    await stage.happens("alice", FlagsChanged(1, "a@x", True, True))
    alert = await stage.alert()
    assert (alert.status, alert.taken_by) == (AlertStatus.ACKNOWLEDGED, ("alice",))


async def test_a_swallowed_mail_that_was_read_in_the_same_commit_is_read(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    await lifted(stage)
    cursor = Cursor(1, 9, None, stage.clock.now())
    alice = MailboxBatch("alice", "INBOX", (FlagsChanged(1, "a@x", True, False),), cursor)
    bob = MailboxBatch("bob", "INBOX", (Arrived(7, urgent(stage)),), cursor)
    await asyncio.gather(stage.app.intake.commit(alice), stage.app.intake.commit(bob))
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED


async def test_a_swallowed_mail_that_is_read_and_filed_away_opens_none(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    await lifted(stage)
    await stage.arrives(urgent(stage, flags=("\\Seen",)))
    assert await alerts(stage) == 0


async def test_the_watcher_is_told_to_look_at_what_was_swallowed(stage: Stage) -> None:
    await silenced(stage)
    await stage.arrives(urgent(stage))
    _, watched = await stage.app.intake.load("alice", "INBOX")
    assert [one.message_id for one in watched.values()] == ["a@x"]


# Maintenance windows -------------------------------------------------------------------------------------------------


async def test_a_maintenance_window_is_as_long_as_the_wall_says_on_the_day_of_a_clock_change(tmp_path: Path) -> None:
    """On 25 October 2026 the clocks of Berlin go back at 03:00: from 01:00 until 04:00 are four hours."""
    stage = await Stage.open(tmp_path, datetime(2026, 10, 24, 22, 59, tzinfo=UTC), more=NIGHTLY)
    try:
        await stage.arrives(urgent(stage, "before@x"))
        assert await alerts(stage) == 1
        await stage.passes(MINUTE)
        await stage.arrives(urgent(stage, "first@x"))
        await stage.passes(3 * HOUR + 59 * MINUTE)
        await stage.arrives(urgent(stage, "last@x"))
        assert (await alerts(stage), len(await swallowed(stage))) == (1, 2)
        stage.told()
        await stage.passes(MINUTE)
        assert "Maintenance “nightly backup” (silence 1) is over. It kept 2 urgent mails quiet" in notice(stage).title
        await stage.arrives(urgent(stage, "after@x"))
        assert await alerts(stage) == 2
    finally:
        await stage.close()


async def test_a_maintenance_window_that_was_lifted_holds_again_the_next_time(tmp_path: Path) -> None:
    stage = await Stage.open(tmp_path, datetime(2026, 5, 3, 0, 0, tzinfo=UTC), more=NIGHTLY)
    try:
        assert (
            await lifted(stage, "nightly backup")
            == "Maintenance “nightly backup” (silence 1) is over. It swallowed nothing."
        )
        await stage.arrives(urgent(stage))
        assert await alerts(stage) == 1
        await stage.presses(Verb.RESOLVE, 1, "slack", "U0ALICE000")
        await stage.passes(timedelta(days=7))
        await stage.arrives(urgent(stage, "b@x"))
        assert (await alerts(stage), len(await swallowed(stage, 2))) == (1, 1)
        with pytest.raises(BadArgumentError, match="there is no silence noon"):
            await lifted(stage, "noon")
        await stage.passes(2 * HOUR)
        with pytest.raises(BadArgumentError, match="nightly backup does not hold now"):
            await lifted(stage, "Nightly Backup")
    finally:
        await stage.close()


async def test_a_summary_rings_nobody_unless_there_is_no_other_way(tmp_path: Path) -> None:
    text = 'alarms:\n  - {via: phone, to: bob}\n  - {via: slack, to: "#noc"}\n'
    config = (Path(__file__).parent.parent / "configs" / "stage.yaml").read_text("utf-8")
    both = config.replace("alarms:\n  - {via: console, to: admin}\n", text)
    phone = both.replace('  - {via: slack, to: "#noc"}\n', "", 1)
    for number, (settings, author, told) in enumerate(
        [
            (both, "alice", {STEP_1, ALICE_CHAT}),
            (both, "nobody", {STEP_1}),
            (phone, "alice", {ALICE_CHAT}),
            (phone, "nobody", {("phone", "+81387654321")}),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "own.yaml").write_text(settings, "utf-8")
        async with on_stage(folder, str(folder / "own.yaml")) as stage:
            await silenced(stage, replace(QUIET, by=author))
            await stage.arrives(urgent(stage))
            await stage.passes(HOUR)
            assert set(stage.told()) == told


@pytest.mark.parametrize(
    ("contacts", "way"),
    [
        ({"sms": "+81", "slack": "U0", "mail": "a@x"}, ("slack", "U0")),
        ({"sms": "+81", "mail": "a@x"}, ("mail", "a@x")),
        ({"phone": "+81", "sms": "+81"}, ("sms", "+81")),
        ({"phone": "+81", "console": "alice"}, None),
    ],
)
def test_the_end_of_a_silence_is_told_in_chat_before_a_text_message(
    contacts: dict[str, str], way: tuple[str, str] | None
) -> None:
    assert silence.way_for_news(Person("alice", "Alice", contacts=contacts)) == way
