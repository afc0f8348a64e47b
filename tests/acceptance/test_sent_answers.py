"""Answers to the mail that the team sent: a person's counts, a machine's does not, whatever its subject repeats."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_sent import GUEST, kinds, letters, sends
from tests.acceptance.test_sent_receipts import REPLY, comes


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


@pytest.mark.parametrize(
    ("sent", "subject", "more", "counts"),
    [
        ("Works tonight", "Re: Works tonight", "", True),
        ("Works tonight", "【自動返信】不在のお知らせ", "Precedence: bulk\n", False),
        ("Works tonight", "Re: Out of office until Monday", "", False),
        ("Works tonight", "Re: Works tonight", "X-RT-Loop-Prevention: rt.partner.example\n", False),
        ("休暇申請システム停止", "Re: 休暇申請システム停止", "", True),
        ("休暇申請システム停止", "自動応答: 休暇申請システム停止", "", False),
        ("【不在】当番の連絡先", "Re: 【不在】当番の連絡先", "", True),
        ("OOO: who covers?", "RE: OOO: who covers?", "", True),
        ("OOO: who covers?", "RE: OOO: who covers?", "Auto-Submitted: auto-replied\n", False),
    ],
)
async def test_an_answer_is_told_apart_by_the_subject_that_was_sent(
    stage: Stage, sent: str, subject: str, more: str, counts: bool
) -> None:
    await sends(stage, GUEST, subject=sent)
    await comes(stage, REPLY, recipient=GUEST, message_id=letters(stage)[0].message_id, subject=subject, more=more)
    assert (ReceiptKind.REPLIED in await kinds(stage, GUEST)) is counts
    kind, verdict = ("reply", "counted") if counts else ("auto_reply", "says_nothing")
    counted = generate_latest(stage.app.metrics.registry).decode()
    assert f'kidoku_receipts_total{{kind="{kind}",verdict="{verdict}"}} 1.0' in counted


async def test_words_behind_re_count_nothing_where_each_recipients_subject_was_another(stage: Stage) -> None:
    await sends(stage, GUEST, subject="休暇申請 ${name}")
    await comes(
        stage, REPLY, recipient=GUEST, message_id=letters(stage)[0].message_id, subject="Re: 休暇申請 Guest", more=""
    )
    assert ReceiptKind.REPLIED in await kinds(stage, GUEST)
