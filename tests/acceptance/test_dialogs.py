"""An urgent mail is written in Slack, looked at again, confirmed, and leaves once; what is answered wrongly is asked
again in the reader's language."""

import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.dialogs import DIALOG_KEPT
from bot.language import Words
from bot.store.record import AuditOutcome
from channels.inbox import Actor, Answered
from escalation.alert import AlertStatus
from tests.acceptance.dialog_stage import ALICE, BOB, STRANGER, Outside, outside
from tests.acceptance.stage import mail

GUEST = "guest@partner.example"
MAIL = {"to": f"bob, {GUEST}", "subject": "Works tonight", "body": "Line A-1 will be down.\nSee the attached plan."} | {
    "policy": "notice"
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(tmp_path) as one:
        yield one


async def test_a_mail_is_written_looked_at_again_confirmed_and_leaves(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    asked = await world.submits(**MAIL, deadline="2h")
    assert asked["response_action"] == "push"
    shown = world.seen
    for words in (
        "Recipients: 2",
        "To be read by: Mon 4 May 04:00 JST",
        f"1 recipient is outside: {GUEST}",
        "The text names an attachment, and there is none.",
        "| Line A-1 will be down.",
        "Send to 2 recipients",
    ):
        assert words in shown
    await world.stage.work()
    assert world.mailed() == []

    told = await world.submits()
    assert (told["response_action"], told["view"]["clear_on_close"]) == ("update", True)
    assert "#1 goes to 2 recipients. Who has read it: status 1" in world.seen
    await world.stage.work()
    assert world.mailed() == ["bob@team.example", GUEST]
    alert = await world.stage.alert()
    assert (alert.sent_by, alert.mail.subject) == ("alice", "Works tonight")
    assert alert.deadline == world.stage.clock.now() + timedelta(hours=2)
    [entry] = await world.stage.audits()
    assert (entry.who, entry.verb, entry.alert_id, entry.outcome) == ("alice", "send", 1, AuditOutcome.DONE)
    assert GUEST in entry.argument


async def test_what_is_sent_twice_leaves_once(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    await world.submits(**MAIL)
    twice = world.slack.submission_of({}, ALICE)
    for envelope in ("first", "again"):
        await world.slack.sockets.send(twice, envelope)
    await world.slack.until(lambda: {"first", "again"} <= set(world.slack.sockets.answers))
    said = sorted(str(world.slack.sockets.answers[one]) for one in ("first", "again"))
    assert "#1 goes to 2 recipients" in said[0]
    assert "That was done already. (#1)" in said[1]
    await world.stage.work()
    assert len(world.smtp.mails) == 2


async def test_what_was_changed_after_the_preview_is_previewed_again(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    await world.submits(**MAIL)
    stale = world.slack.submission_of({}, ALICE)
    world.slack.close_view()
    await world.submits(**MAIL | {"to": "bob"})
    await world.slack.sockets.send(stale, "stale")
    await world.slack.until(lambda: "stale" in world.slack.sockets.answers)
    assert "Send to 1 recipient" in str(world.slack.sockets.answers["stale"])
    await world.submits()
    await world.stage.work()
    assert world.mailed() == ["bob@team.example"]


async def test_when_the_settings_changed_after_the_preview_it_is_previewed_again(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    await world.submits(**MAIL)
    engine = world.stage.app.engine
    roster = engine.rules.roster
    moved = replace(roster.people["bob"], addresses=("bob@elsewhere.example",))
    contacts = {**moved.contacts, "mail": "bob@elsewhere.example"}
    people = {**roster.people, "bob": replace(moved, contacts=contacts)}
    engine.rules = replace(engine.rules, roster=replace(roster, people=people))
    await world.submits()
    assert "bob@elsewhere.example" in world.seen
    await world.stage.work()
    assert world.mailed() == []


NEEDED = {
    "en": (
        "“nobody” is no recipient; write a mail address, a person or team:name with an address.",
        "The mail has no subject.",
        "“soonish” is no time; write 2h, 18:00 or tomorrow 9:00.",
    ),
    "ja": (
        "「nobody」は宛先ではありません。メールアドレス、アドレスのある人、または team:名前 を指定してください。",
        "件名がありません。",
        "「soonish」は時間として読めません。2時間、18:00、明日9:00 のように書いてください。",
    ),
    "zh": (
        "“nobody”不是收件人；请写邮件地址、有地址的人员或 team:名称。",
        "邮件没有主题。",
        "“soonish”不是时间；请写 2小时、18:00 或 明天9:00。",
    ),
}


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
async def test_wrong_answers_are_said_beside_their_fields(world: Outside, language: str) -> None:
    await world.stage.types(f"lang {language}")
    await world.command("send")
    await world.slack.until(lambda: bool(world.slack.stack))
    wrong = await world.submits(to="nobody", subject=" ", at="soonish", deadline="2026-01-01T00:00", policy="calm")
    assert wrong["response_action"] == "errors"
    to, subject, at = NEEDED[language]
    assert (wrong["errors"]["to"], wrong["errors"]["subject"], wrong["errors"]["at"]) == (to, subject, at)
    assert set(wrong["errors"]) == {"to", "subject", "at", "deadline"}
    assert len(world.slack.stack) == 1


async def test_it_can_not_be_read_before_it_leaves(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    wrong = await world.submits(**MAIL, at="3h", deadline="2h")
    assert wrong["errors"] == {"deadline": "By then it has not even left; write a later time."}


@pytest.mark.parametrize("when", ["8998-12-31T23:59-12:00", "9999d", "500d"])
async def test_it_can_not_be_planned_for_longer_than_a_year(world: Outside, when: str) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    wrong = await world.submits(**MAIL, at=when, deadline=when)
    assert wrong["errors"] == dict.fromkeys(
        ("at", "deadline"), "That is more than a year ahead; write an earlier time."
    )


async def test_a_stranger_is_refused_in_their_language(world: Outside) -> None:
    world.slack.users[STRANGER]["locale"] = "ja-JP"
    await world.command("send", STRANGER)
    await world.slack.until(lambda: len(world.slack.private) == 1)
    await world.shortcut("Fire!", STRANGER)
    await world.slack.until(lambda: len(world.slack.private) == 2)
    assert all("あなたは Kidoku の設定に登録されていません。" in str(one) for one in world.slack.private)
    assert world.slack.stack == []
    await world.command("send")
    await world.sees("Urgent mail")
    answered = await world.submits(STRANGER, **MAIL)
    assert "あなたは Kidoku の設定に登録されていません。" in str(answered)
    assert [one.outcome for one in await world.stage.audits()] == [AuditOutcome.STRANGER] * 3


async def test_somebody_elses_window_is_not_theirs(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    await world.submits(**MAIL)
    answered = await world.submits(BOB)
    assert "このウィンドウは期限切れです。" in str(answered)
    await world.stage.work()
    assert world.mailed() == []


async def test_whoever_may_only_look_may_not_send(tmp_path: Path) -> None:
    async with outside(tmp_path, "roles: {viewer: [alice]}") as world:
        await world.command("send")
        await world.slack.until(lambda: len(world.slack.private) == 1)
        await world.shortcut("Fire!")
        await world.slack.until(lambda: len(world.slack.private) == 2)
        assert all("Your role here is viewer; this needs responder." in str(one) for one in world.slack.private)
        assert world.slack.shown == []
        assert [one.outcome for one in await world.stage.audits()] == [AuditOutcome.DENIED] * 2


async def test_a_role_that_a_room_gives_holds_in_the_windows_opened_there(tmp_path: Path) -> None:
    roles = 'rooms: {"#ops": {slack: "#ops"}}\nroles: {viewer: [alice], responder: ["#ops"]}'
    async with outside(tmp_path, roles) as world:
        await world.command("send")
        await world.sees("Urgent mail")
        await world.submits(**MAIL)
        await world.submits()
        assert "#1 goes to 2 recipients" in world.seen


async def test_a_mail_to_outsiders_waits_for_a_second_person(tmp_path: Path) -> None:
    async with outside(tmp_path, "sending: {approval: {for: outside, by: [bob]}}") as world:
        await world.command("send")
        await world.sees("Urgent mail")
        await world.submits(**MAIL)
        await world.submits()
        assert "#1 waits until somebody else approves it." in world.seen
        await world.stage.work()
        assert world.mailed() == []
        assert (await world.stage.alert()).status is AlertStatus.HELD


async def test_a_message_becomes_an_urgent_mail(world: Outside) -> None:
    await world.shortcut(f"Line down &amp; <@{BOB}> knows <!channel> <https://x.example|status>")
    await world.sees("Urgent mail")
    await world.submits(to="bob", subject="Line down", policy="notice")
    await world.submits()
    await world.stage.work()
    [sent] = world.smtp.mails
    body = email.message_from_bytes(sent.data, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    assert "Line down & bob@company.example knows <!channel> https://x.example" in body.get_content()


async def test_whom_it_goes_to_may_be_typed(world: Outside) -> None:
    await world.command("send bob, &lt;!channel&gt;")
    assert "bob, <!channel>" in await world.sees("Urgent mail")
    assert set((await world.submits(subject="x", policy="calm"))["errors"]) == {"to"}


async def test_a_window_outlives_a_restart_and_no_day(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        await world.command("send")
        await world.sees("Urgent mail")
        await world.submits(**MAIL)
        stack = world.slack.stack
    async with outside(tmp_path) as world:
        world.slack.stack = stack
        world.stage.clock.move_to(world.stage.clock.now() + DIALOG_KEPT)
        await world.stage.app.upkeep.purge()
        assert "#1 goes to 2 recipients" in str(await world.submits())
        world.slack.stack = stack[:1]
        world.stage.clock.move_to(world.stage.clock.now() + timedelta(seconds=1))
        await world.stage.app.upkeep.purge()
        assert "This window is out of date." in str(await world.submits(**MAIL))


async def test_a_confidential_mail_is_only_a_link(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    await world.submits(**MAIL | {"body": "the password is hunter2", "policy": "calm"}, confidential="1", at="30m")
    assert "the mail is only a link" in world.seen
    await world.submits()
    assert (await world.stage.alert()).policy.name == "calm"
    await world.stage.passes(timedelta(minutes=30))
    assert len(world.smtp.mails) == 2
    assert not any(b"hunter2" in one.data for one in world.smtp.mails)


async def test_what_is_too_late_by_the_time_it_is_confirmed_is_said(world: Outside) -> None:
    await world.command("send")
    await world.sees("Urgent mail")
    await world.submits(**MAIL, deadline="5m")
    world.stage.clock.move_to(world.stage.clock.now() + timedelta(minutes=6))
    refused = await world.submits()
    assert (refused["response_action"], "This time is past already." in str(refused)) == ("push", True)
    await world.stage.work()
    assert world.mailed() == []


async def test_without_a_mail_server_it_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path, settings_file="stage.yaml") as world:
        await world.command("send")
        await world.slack.until(lambda: len(world.slack.private) == 1)
        assert "No mail can be sent" in str(world.slack.private)


# Alerts ---------------------------------------------------------------------------------------------------------------


async def test_an_alert_is_silenced_from_its_menu(tmp_path: Path) -> None:
    async with outside(tmp_path, settings_file="stage.yaml") as world:
        world.slack.rooms["noc"] = "C0NOC00000"
        await world.stage.arrives(mail("[URGENT] link", "a@x"))
        await world.stage.passes(timedelta(minutes=5))
        message = await world.slack.message("link")
        await world.slack.sockets.send(world.slack.choice_of(message, "snooze:1", ALICE), "e1")
        await world.sees("Snooze until")
        assert (await world.submits())["errors"] == {"time": "Choose how long, or write until when."}
        wrong = await world.submits(time="9d")
        assert "7 days at most" in wrong["errors"]["time"]
        await world.submits(time="until 9:00")
        assert "#1 is silent until Mon 4 May 09:00 JST." in world.seen
        assert (await world.stage.alert()).snoozed_until is not None


async def test_which_alert_it_is_about_is_settled_when_it_is_opened(tmp_path: Path) -> None:
    async with outside(tmp_path, settings_file="stage.yaml") as world:
        await world.stage.arrives(mail("[URGENT] one", "1@x"))
        await world.command("snooze")
        await world.sees("Snooze until")
        await world.stage.types("resolve 1", BOB)
        await world.stage.arrives(mail("[URGENT] two", "2@x"))
        await world.submits(until="1h")
        assert "#1 is closed already" in world.seen
        assert (await world.stage.alert(2)).snoozed_until is None


async def test_what_a_command_lacks_is_asked_for(tmp_path: Path) -> None:
    async with outside(tmp_path, settings_file="stage.yaml") as world:
        for number in (1, 2):
            await world.stage.arrives(mail(f"[URGENT] link {number}", f"{number}@x"))
        await world.command("snooze")
        await world.sees("Which alert")
        await world.submits(alert="#2", until="1h")
        assert "#2 is silent until" in world.seen
        await world.command("escalate 1 to")
        await world.sees("Escalate to")
        assert set((await world.submits())["errors"]) == {"person"}
        assert set((await world.submits(person="bob", step="2"))["errors"]) == {"person"}
        await world.submits(person="bob")
        assert "#1: told at once" in world.seen
        await world.command("override")
        await world.sees("Override a duty")
        wrong = await world.submits(person="bob", end="2026-01-01T00:00")
        assert set(wrong["errors"]) == {"end"}
        await world.submits(end="tomorrow 9:00", person="bob")
        assert "Bob is on call for noc" in world.seen
        assert [(one.verb, one.outcome) for one in await world.stage.audits()] == [
            ("snooze", AuditOutcome.DONE),
            ("escalate", AuditOutcome.DONE),
            ("override", AuditOutcome.DONE),
        ]


async def test_answers_that_can_t_even_be_looked_up_are_answered_in_words(world: Outside) -> None:
    async with world.stage.app.store.transaction() as tx:
        await tx.connection.exec_driver_sql("ALTER TABLE dialog RENAME TO gone")
    said = []
    for who, language in ((ALICE, "en"), (STRANGER, "ja")):
        actor = Actor("slack", who, language=language)
        said.append(await world.stage.app.inbox.answered(Answered(actor, "0123456789abcdef", {})))
    assert [one.is_done for one in said] == [False, False]
    assert said[0].text == "That could not be saved. Please try again."
    assert said[1].text == Words("ja", "UTC").gettext(said[0].text) != said[0].text
