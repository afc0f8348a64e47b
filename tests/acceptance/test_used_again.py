"""A Message-ID that comes again after its alert was closed: another mail, or the same one."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from channels.message import Verb
from escalation.alert import AlertStatus
from tests.acceptance.stage import START, Stage, mail, on_stage

NOC = ("slack", "C0NOC00000")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        await one.arrives(mail("【緊急】 down", "a@x", sent_at=START))
        await one.presses(Verb.RESOLVE, 1, "slack", "U0ALICE000")
        assert (await one.alert()).status is AlertStatus.RESOLVED
        yield one


async def has_opened(stage: Stage) -> bool:
    async with stage.app.store.reading() as tx:
        return bool(await tx.alerts([2]))


@pytest.mark.parametrize(
    ("subject", "later"),
    [("【緊急】 power is out", 0), ("【緊急】 down", 60)],
    ids=["another subject", "written later"],
)
async def test_another_mail_opens_an_alert_of_its_own(stage: Stage, subject: str, later: int) -> None:
    await stage.arrives(mail(subject, "a@x", sent_at=START + later * MINUTE))
    assert (await stage.alert(2)).mail.subject == subject
    # Its copy in another mailbox is one of the second alert.
    await stage.arrives(mail(subject, "a@x", sent_at=START + later * MINUTE), "bob")
    assert [one.id for one in (await stage.alert(2)).recipients] == ["alice", "bob"]
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]


@pytest.mark.parametrize(
    ("subject", "account"), [("【緊急】 down", "alice"), ("【緊急】 down", "bob"), ("【緊急】 [ops] down", "bob")]
)
async def test_the_same_mail_again_opens_none_and_is_said(stage: Stage, subject: str, account: str) -> None:
    with capture_logs() as logs:
        await stage.arrives(mail(subject, "a@x", sent_at=START), account)
    assert not await has_opened(stage)
    [said] = [one for one in logs if "came again after its alert was closed" in one["event"]]
    assert said["alert_id"] == 1
