"""Stories of a mail that a second person must approve: at the command line, by a button, at the gateway."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.outgoing.gateway import GatewaySubmissions
from bot.settings.load import load_bytes
from bot.store.record import NotificationRow
from bot.store.tables import notification
from bot.web.take_desk import TakeDesk
from bot.web.take_sheet import take_sheet
from channels.message import Message, Verb
from escalation.alert import AlertStatus
from escalation.command import Purpose
from tests.acceptance.stage import SECRETS, START, Stage, on_stage
from tests.acceptance.test_api import NOTICE, client_of
from tests.acceptance.test_care import with_sending
from tests.acceptance.test_gateway_story import URGENT, submitted
from tests.fakes.command_line import kidoku
from tests.unit.test_send_command import config, outbox

__all__ = ["config"]

GUEST = "guest@partner.example"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml", "sending: {approval: {by: [alice, bob]}}\n") as one:
        yield one


def with_approval(config: str) -> None:
    """Two people, of whom the second approves what the first sends to strangers."""
    path = Path(config)
    text = path.read_text("utf-8")
    bob = "email: alice@company.example}, bob: {name: Bob, email: bob@company.example}}"
    path.write_text(text.replace("email: alice@company.example}}", bob), "utf-8")
    with_sending(config, "{approval: {for: outside, by: [alice, bob]}}")


def test_the_command_line_says_that_it_waits_and_a_second_person_lets_it_leave(config: str, tmp_path: Path) -> None:
    with_approval(config)
    said = kidoku("send", "--to", "x@guest.example", "-s", "Works", "--yes", "--by", "alice", "-c", config)
    assert said.stdout == "#1 waits until somebody else approves it: kidoku approve 1\n"
    assert outbox(tmp_path) == []
    shown = kidoku("status", "1", "-c", config).stdout
    assert "Waits for approval: Works" in shown
    assert kidoku("list", "-c", config).stdout.count("waits for approval") == 1
    own = kidoku("approve", "1", "--by", "alice", "-c", config)
    assert (own.returncode, own.stdout) == (1, "You sent #1 yourself; it can be approved by Bob.\n")
    taken = kidoku("ack", "1", "--by", "bob", "-c", config)
    assert taken.stdout == "#1 waits for approval; write approve or recall.\n"
    approved = kidoku("approve", "1", "--by", "bob", "-c", config)
    assert (approved.returncode, approved.stdout) == (0, "#1 is approved, and leaves.\n")
    assert outbox(tmp_path) == [("x@guest.example", "pending")]
    again = kidoku("approve", "1", "--by", "bob", "-c", config)
    assert (again.returncode, again.stdout) == (1, "#1 waits for nobody's approval.\n")
    told = kidoku("why", "1", "-c", config).stdout
    assert "Bob approved it." in told


def test_a_mail_within_the_organisation_waits_for_nobody(config: str, tmp_path: Path) -> None:
    with_approval(config)
    kidoku("send", "--to", "alice", "-s", "Works", "--yes", "--by", "alice", "-c", config)
    assert len(outbox(tmp_path)) == 1


def test_recalled_it_never_leaves(config: str, tmp_path: Path) -> None:
    with_approval(config)
    kidoku("send", "--to", "x@guest.example", "-s", "Works", "--yes", "--by", "alice", "-c", config)
    assert kidoku("recall", "1", "--by", "alice", "-c", config).stdout == "#1 is recalled: nobody gets the mail.\n"
    assert outbox(tmp_path) == []


async def test_a_mail_from_the_gateway_is_approved_by_a_button(stage: Stage) -> None:
    app, post = stage.app, stage.app.post
    assert post is not None
    gateway = GatewaySubmissions(app.engine, post, app.intake.routes)
    assert await gateway.accept(submitted(URGENT, GUEST)) == "Urgent: #1"
    await stage.work()
    assert stage.mail.sent == []
    asked = next(one for one in stage.slack.sent if one.address == "U0ALICE000")
    assert asked.title.startswith("Waits for approval: ")
    assert [one.verb for one in asked.buttons] == [Verb.APPROVE, Verb.RECALL]
    assert GUEST in {fact.label: fact.value for fact in asked.facts}["To"]
    await stage.presses(Verb.APPROVE, 1, "slack", "U0ALICE000")
    assert [one.address for one in stage.mail.sent] == [GUEST]
    shown = [one.title for one in stage.slack.updated if one.address == "U0ALICE000"]
    assert shown[-1].startswith("Urgent and unread: ")


async def asks(stage: Stage, *to: str, channel: str = "", person: str = "bob") -> tuple[NotificationRow, Message]:
    """A mail of Alice's that waits, and the question about it; over ``channel``, if one is named."""
    async with client_of(stage) as client:
        await client.sends(NOTICE | {"to": list(to), "by": "alice", "text": "Line A-1."})
    async with stage.app.store.reading() as tx:
        row = next(row for row in await tx.notifications_of(1) if row.purpose == Purpose.APPROVAL)
    row = row._replace(channel=channel or row.channel, person=person)
    message, _ = await stage.app.scribe.word(row)
    assert message is not None
    return row, message


async def test_the_question_says_why_it_is_asked_and_how_to_approve(stage: Stage) -> None:
    _, asked = await asks(stage, GUEST, "bob")
    facts = {fact.label: fact.value for fact in asked.facts}
    assert facts["保留の理由"] == (
        f"社外の宛先が1件あります: {GUEST}（設定の sending.approval.for に outside があるため）"
    )
    assert facts["承認の方法"] == "「承認する」を押すか、/kidoku approve 1 と入力してください"
    await stage.work()
    await stage.presses(Verb.APPROVE, 1, "slack", "U0BOB00000")
    shown = next(one for one in reversed(stage.slack.updated) if one.address == "U0BOB00000")
    assert "承認の方法" not in {fact.label for fact in shown.facts}


async def test_by_mail_the_question_has_a_link_on_which_its_reader_alone_approves(stage: Stage) -> None:
    row, asked = await asks(stage, GUEST, channel="mail")
    assert asked.letter is not None
    assert asked.link in asked.letter.text
    assert "kidoku approve 1 --by bob" in asked.letter.text
    desk = TakeDesk(stage.app.engine, {"mail"}, "en", "UTC", stage.app.settings.roles())
    async with stage.app.engine.store.transaction() as tx:
        await tx.connection.execute(update(notification).values(channel="mail").where(notification.c.key == row.key))
    taking = await desk.taking(row.key)
    assert taking is not None
    assert taking.verb is Verb.APPROVE
    assert taking.can_take
    assert "Line A-1." not in str(taking)
    assert [one.button for one in take_sheet(taking).forms] == ["承認する"]
    assert await desk.take(row.key) == "#1 は承認され、送信されます。"
    after = await desk.taking(row.key)
    assert after is not None
    assert not after.can_take, "the link approves, and acknowledges nothing"


async def test_nobody_approves_it_and_everybody_knows(stage: Stage) -> None:
    async with client_of(stage) as client:
        status, answer = await client.sends(NOTICE | {"to": [GUEST], "by": "alice"})
        assert (status, answer["held"]) == (201, True)
    await stage.passes(timedelta(hours=1))
    assert sorted(one.address for one in stage.slack.sent) == ["U0ALICE000", "U0BOB00000", "U0BOB00000"]
    await stage.passes(timedelta(hours=1))
    alert = await stage.alert(1)
    assert alert.status is AlertStatus.CANCELLED
    assert [(one.address, one.title) for one in stage.mail.sent] == [("alice@team.example", "Cancelled: Works tonight")]
    assert any("nobody approved it in time" in one.title for one in stage.console.sent)


async def test_the_question_never_is_the_mail_itself(stage: Stage) -> None:
    """Who may approve a mail and gets it, too, and has no chat: both go to one address, the question before."""
    async with client_of(stage) as client:
        await client.sends(NOTICE | {"to": [GUEST, "bob"], "by": "alice", "text": "Line A-1."})
    async with stage.app.store.reading() as tx:
        asked = next(row for row in await tx.notifications_of(1) if row.purpose == Purpose.APPROVAL)
    message, _ = await stage.app.scribe.word(asked._replace(channel="mail", address="bob@team.example"))
    assert message is not None
    assert message.title == "承認待ち：Works tonight"
    assert message.letter is not None
    assert "Line A-1." not in message.letter.text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("{approval: {by: [alicf]}}", "there is no person alicf"),
        ("{approval: {by: [team:nob]}}", "there is no team nob"),
        ("{approval: {by: ['#ops']}}", "#ops can't approve a mail"),
        ("{approval: {by: [alice]}}", "nobody can approve what alice sends"),
    ],
)
def test_the_settings_are_checked(lines: str, said: str) -> None:
    text = (Path(__file__).parent.parent / "configs" / "sent.yaml").read_text("utf-8")
    found = load_bytes(f"{text}\nsending: {lines}\n".encode(), "k.yaml", SECRETS, START.date())
    assert any(said in str(one) for one in found.problems), [str(one) for one in found.problems]
