"""Stories of the virus scanner before everything that leaves by mail: the real clamd, the whole bot."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery import Delivery
from bot.outbox import Lane
from bot.outgoing.addressing import addressed
from bot.outgoing.screening import REMEMBERED, Screening
from bot.outgoing.send import Draft, send
from bot.store.record import Enclosure, OutgoingMail
from bot.web.cover import Refusal
from bot.web.view_desk import ViewDesk
from channels.base import MAIL, Rejected
from channels.clamav.scanner import Scanner
from escalation.command import Purpose
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_gateway_story import RAW, hands_in, relayed, submitted
from tests.acceptance.test_sent import GUEST, kinds
from tests.fakes import clamd
from tests.fakes.clamd import EICAR, SIGNATURE, Clamd

pytestmark = pytest.mark.real
VIRUS = Enclosure("plan.pdf", "application/pdf", EICAR)


@pytest.fixture(scope="module")
def daemon() -> Iterator[Clamd]:
    with clamd.running() as one:
        yield one


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


def screened(stage: Stage, daemon: Clamd, *, is_strict: bool = True) -> Screening:
    """The mail lane with a scanner before it."""
    app = stage.app
    screening = Screening(
        Scanner("127.0.0.1", daemon.port, timedelta(seconds=20)), app.store, stage.clock, is_strict=is_strict
    )
    app.outbox.lanes[MAIL] = Lane(
        Delivery(stage.mail, app.engine, stage.clock, app.scribe.word, app.metrics, app.post, screening)
    )
    return screening


async def sends(stage: Stage, *files: Enclosure, is_confidential: bool = False) -> None:
    post = stage.app.post
    assert post is not None
    mail = OutgoingMail(sender=post.sender, subject="Works", text="Line A-1.", enclosures=files)
    draft = Draft(
        replace(mail, is_confidential=is_confidential),
        tuple(addressed(["alice", GUEST], stage.app.settings.roster())),
        stage.app.settings.escalation_policies()["notice"],
        "bob",
    )
    await stage.app.engine.submit(lambda desk: send(desk, draft, post))
    await stage.work()


@pytest.mark.parametrize("is_confidential", [False, True])
async def test_a_mail_with_a_virus_never_leaves_and_its_sender_is_told(
    stage: Stage, daemon: Clamd, is_confidential: bool
) -> None:
    screened(stage, daemon)
    await sends(stage, VIRUS, is_confidential=is_confidential)
    await stage.passes(timedelta(hours=2))
    assert {message.address for message in stage.mail.sent} == {"bob@team.example"}
    found = (await stage.alert()).recipient(GUEST)
    assert found is not None
    assert [one.detail for one in found.evidence if one.kind is ReceiptKind.FAILED] == [
        f"a virus was found: {SIGNATURE}.UNOFFICIAL"
    ]
    assert ("slack", "U0ALICE000") in stage.told()


async def test_a_clean_mail_is_scanned_once_for_all(stage: Stage, daemon: Clamd) -> None:
    screening = screened(stage, daemon)
    await sends(stage, replace(VIRUS, data=b"%PDF"))
    assert sorted(message.address for message in stage.mail.sent) == ["alice@team.example", GUEST]
    assert len(screening._known) == 2


async def test_what_can_not_be_scanned_waits_and_leaves_when_it_can(stage: Stage, daemon: Clamd) -> None:
    screened(stage, daemon)
    daemon.stop()
    await sends(stage)
    await stage.passes(timedelta(seconds=20))
    assert stage.mail.sent == []
    daemon.start()
    await stage.passes(timedelta(minutes=2))
    assert sorted(message.address for message in stage.mail.sent) == ["alice@team.example", GUEST]
    assert ReceiptKind.ACCEPTED in await kinds(stage, GUEST)


async def test_or_it_leaves_all_the_same_where_the_settings_say_so(stage: Stage, daemon: Clamd) -> None:
    screened(stage, daemon, is_strict=False)
    daemon.stop()
    try:
        await sends(stage)
        assert len(stage.mail.sent) == 2
    finally:
        daemon.start()


async def test_a_relayed_mail_with_a_virus_goes_back_to_its_sender(stage: Stage, daemon: Clamd) -> None:
    screened(stage, daemon)
    await hands_in(stage, submitted(RAW + EICAR + b"\r\n"))
    [report] = [message for message in stage.mail.sent if message.letter is not None]
    assert report.address == "zabbix@team.example"
    assert report.letter is not None
    assert b"a virus was found" in report.letter.raw
    assert EICAR not in report.letter.raw
    assert await relayed(stage) == 0


async def test_content_is_scanned_again_before_it_is_shown(stage: Stage, daemon: Clamd) -> None:
    app, screening = stage.app, screened(stage, daemon)
    app.outbox.lanes[MAIL].delivery.screening = None
    await sends(stage, replace(VIRUS, data=b"%PDF"), is_confidential=True)
    await sends(stage, VIRUS, is_confidential=True)
    assert app.post is not None
    desk = ViewDesk(app.engine, app.post.tokens, [MAIL], "en", "UTC", screening)
    assert await desk.open("1.m1", "123456", "somebody") == (Refusal.NO_CODE, 0)
    assert isinstance(await desk.file("1.m1", 0, "somebody"), Enclosure)
    assert await desk.open("2.m1", "123456", "somebody") == (Refusal.VIRUS, 0)
    assert await desk.file("2.m1", 0, "somebody") is Refusal.VIRUS
    daemon.stop()
    try:
        stage.clock.move_to(stage.clock.now() + REMEMBERED)
        assert await desk.open("1.m1", "123456", "somebody") == (Refusal.UNSCANNED, 0)
        screening.is_strict = False
        assert await desk.open("1.m1", "123456", "somebody") == (Refusal.NO_CODE, 0)
    finally:
        daemon.start()


async def test_a_question_about_a_mail_is_not_the_mail(stage: Stage, daemon: Clamd) -> None:
    """Who may approve a mail and gets it, too: what Kidoku asks them holds nothing to be scanned."""
    screening = screened(stage, daemon)
    await sends(stage, VIRUS)
    async with stage.app.store.reading() as tx:
        row = next(one for one in await tx.notifications_of(1) if one.purpose == Purpose.MAIL)
    message, _ = await stage.app.scribe.word(row)
    assert message is not None
    assert isinstance(await screening.stops(row, message), Rejected)
    assert await screening.stops(row._replace(purpose=Purpose.APPROVAL), message) is None
