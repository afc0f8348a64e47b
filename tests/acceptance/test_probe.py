"""A probe goes the way of every mail, tells nobody, and leaves its domain's record."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.chatops.order import Order, carry_out
from bot.compatibility import learnt
from bot.finding import Finding, Signal
from bot.language import Words
from bot.outgoing.addressing import addressed
from bot.outgoing.probe import decoded, finish_due, start
from bot.store.record import ProbeRow
from channels.base import Rejected, Sent
from channels.message import Verb
from escalation.alert import AlertStatus
from escalation.event import ReceiptReported, Resolved
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_sent import GUEST, letters, sends

DAY = timedelta(days=1)
ASKED = Sent({"key": "1.m0", "dsn": "yes", "mdn": "yes", "picture": "no"})


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml", "sending: {approval: {by: [alice]}}\n") as one:
        yield one


async def probes(stage: Stage, address: str = GUEST) -> ProbeRow:
    post = stage.app.post
    assert post is not None
    (to,) = addressed([address], stage.app.settings.roster())
    words = Words("en", "Asia/Tokyo")
    found = await stage.app.engine.submit(lambda desk: start(desk, to, "bob", DAY, post, words))
    await stage.work()
    return found


async def comes(stage: Stage, kind: ReceiptKind, via: str, detail: str = "", id: int = 1) -> None:
    event = ReceiptReported(GUEST, kind, stage.clock.now(), via, None, detail)
    await stage.app.engine.submit(lambda desk: desk.feed(id, event))
    await stage.work()


async def finishes(stage: Stage) -> int:
    return await finish_due(stage.app.engine, has_page=True)


async def test_a_probe_says_what_it_is_and_ends_without_a_word_to_anybody(stage: Stage) -> None:
    stage.mail.answers.append(ASKED)
    found = await probes(stage)
    (letter,) = letters(stage)
    assert letter.subject == "Test of receipts by Kidoku"
    assert "This is a test: nothing is urgent, and nobody is called." in letter.text
    assert "because it is urgent" not in letter.text
    assert not letter.is_urgent
    assert letter.receipt_to == "receipts@team.example"
    assert stage.told() == [("mail", GUEST)]
    await comes(stage, ReceiptKind.DELIVERED, "dsn")
    await comes(stage, ReceiptKind.DISPLAYED, "mdn", "displayed (manual-action/MDN-sent-manually)")
    await stage.passes(DAY - timedelta(minutes=1))
    assert await finishes(stage) == 0
    await stage.passes(timedelta(minutes=2))
    assert (await stage.alert()).status is AlertStatus.RESOLVED
    assert (await finishes(stage), await finishes(stage)) == (1, 0)
    await stage.passes(DAY * 5)
    assert stage.told() == []
    async with stage.app.store.reading() as tx:
        (record,) = await tx.domain_records()
    assert record.domain == "partner.example"
    assert GUEST not in record.data and "guest" not in record.data
    assert decoded(record.data).findings == (
        Finding(Signal.DSN, True, "delivered"),
        Finding(Signal.MDN, True, "displayed manual"),
        Finding(Signal.PICTURE, False),
        Finding(Signal.CONFIRM, True),
        Finding(Signal.REPLY, True),
    )
    assert found.until == (await stage.alert()).opened_at + DAY


@pytest.mark.parametrize("kind", [ReceiptKind.FAILED, ReceiptKind.JUNKED, ReceiptKind.DELAYED])
async def test_what_comes_back_badly_tells_nobody_either(stage: Stage, kind: ReceiptKind) -> None:
    await probes(stage)
    stage.told()
    await comes(stage, kind, "dsn", "550 no such user")
    await stage.passes(DAY * 3)
    assert stage.told() == []


async def test_a_refused_probe_is_a_result(stage: Stage) -> None:
    stage.mail.answers.append(Rejected("550 5.1.1 no such user guest@partner.example"))
    await probes(stage)
    stage.told()
    await stage.passes(DAY * 2)
    assert stage.told() == []
    assert await finishes(stage) == 1
    async with stage.app.store.reading() as tx:
        (record,) = await tx.domain_records()
    assert json.loads(record.data) == {"way": "refused", "findings": []}


async def test_nobody_can_make_a_probe_tell_somebody(stage: Stage) -> None:
    await probes(stage)
    stage.told()
    words = Words("en", "UTC")
    for verb, argument in ((Verb.ESCALATE, ""), (Verb.SNOOZE, "1h"), (Verb.PASS_ON, ""), (Verb.REMIND, "")):
        order = Order(verb, 1, "alice", "slack", argument)
        said = await stage.app.engine.submit(partial(carry_out, order=order, zone="UTC", words=words))
        assert said == "#1 is a test: it tells nobody, and ends by itself."
    await stage.passes(DAY * 2)
    assert stage.told() == []


async def test_one_at_a_time_and_a_recalled_one_leaves_no_record(stage: Stage) -> None:
    first = await probes(stage)
    assert await probes(stage) == first
    order = Order(Verb.RECALL, 1, "bob", "cli")
    await stage.app.engine.submit(lambda desk: carry_out(desk, order, "UTC", Words("en", "UTC")))
    await stage.passes(DAY * 2)
    assert await finishes(stage) == 1
    async with stage.app.store.reading() as tx:
        assert await tx.domain_records() == []
    assert (await probes(stage)).alert_id == 2


async def test_a_probe_outlives_the_bot(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        stage.mail.answers.append(ASKED)
        await probes(stage)
        await comes(stage, ReceiptKind.DELIVERED, "dsn")
        at = stage.clock.now()
    later = await Stage.open(tmp_path, at + DAY * 2, "sent.yaml")
    await later.passes(timedelta(0))
    assert await finishes(later) == 1
    async with later.app.store.reading() as tx:
        (record,) = await tx.domain_records()
    assert decoded(record.data).findings[0] == Finding(Signal.DSN, True, "delivered")
    assert later.told() == []
    await later.close()


async def test_the_table_is_learnt_from_probes_and_from_ordinary_mail(stage: Stage) -> None:
    stage.mail.answers += [ASKED, ASKED, ASKED]
    await probes(stage, GUEST)
    await sends(stage, "alice", "bob")
    await comes(stage, ReceiptKind.DELIVERED, "dsn")
    async with stage.app.store.reading() as tx:
        first = await learnt(tx, has_page=True)
    assert [(one.domain, one.record, one.tally.mails) for one in first] == [("team.example", None, 2)]
    await stage.app.engine.submit(lambda desk: desk.feed(2, Resolved("bob", "cli")))
    await stage.passes(DAY * 2)
    await finishes(stage)
    async with stage.app.store.reading() as tx:
        partner, team = await learnt(tx, has_page=True)
    assert partner.result is not None
    assert partner.result.findings[0] == Finding(Signal.DSN, True, "delivered")
    assert partner.tally.mails == 0
    assert (team.tally.asked[Signal.DSN], team.tally.given[Signal.DSN]) == (2, 0)
    await stage.passes(timedelta(days=400))
    await stage.app.upkeep.purge()
    async with stage.app.store.reading() as tx:
        (kept,) = await learnt(tx, has_page=True)
        assert await tx.probe_of(GUEST) is None
    assert kept.domain == "partner.example"
