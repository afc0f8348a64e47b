"""What `kidoku clients` learns of a domain's delivery reports: only what its own system wrote."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.compatibility import learnt
from bot.finding import Finding, Signal
from bot.outgoing.probe import result_of
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_probe import ASKED, probes
from tests.acceptance.test_sent import GUEST, letters, sends
from tests.acceptance.test_sent_receipts import DSN, comes, dsn

THEIRS = "mx.partner.example"
OURS = "relay.team.example"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


async def reports(stage: Stage, host: str, action: str) -> None:
    text = DSN.replace(f"Reporting-MTA: dns; {THEIRS}", f"Reporting-MTA: dns; {host}" if host else "X-Nothing: said")
    text = text.replace(f"MAILER-DAEMON@{THEIRS}", f"MAILER-DAEMON@{host or OURS}")
    await comes(stage, text, **dsn(letters(stage)[-1], GUEST, action))


@pytest.mark.parametrize(
    ("host", "action", "counted"),
    [
        (THEIRS, "delivered", (1, 1)),
        ("mx7.hosting.example", "delivered", (1, 1)),
        (THEIRS, "failed", (1, 1)),
        ("PARTNER.example", "failed", (1, 1)),
        (THEIRS, "delayed", (1, 1)),
        (OURS, "relayed", (1, 0)),
        (OURS, "delayed", (1, 0)),
        (OURS, "failed", None),
        ("example", "failed", None),
        ("notpartner.example", "failed", None),
        ("", "failed", None),
    ],
)
async def test_a_domain_is_credited_with_its_own_reports(
    stage: Stage, host: str, action: str, counted: tuple[int, int] | None
) -> None:
    stage.mail.answers.append(ASKED)
    await sends(stage, GUEST)
    await reports(stage, host, action)
    async with stage.app.store.reading() as tx:
        found = {one.domain: one.tally for one in await learnt(tx, has_page=True)}
    assert {name: (one.asked[Signal.DSN], one.given[Signal.DSN]) for name, one in found.items()} == (
        {} if counted is None else {"partner.example": counted}
    )


@pytest.mark.parametrize("action", ["relayed", "failed"])
async def test_a_probe_tells_what_came_whoever_wrote_it(stage: Stage, action: str) -> None:
    stage.mail.answers.append(ASKED)
    probe = await probes(stage)
    await stage.passes(timedelta(seconds=1))
    await reports(stage, OURS, action)
    async with stage.app.store.reading() as tx:
        result = await result_of(tx, probe, has_page=True)
    assert result is not None
    assert result.findings[0] == Finding(Signal.DSN, True, action)
