"""Where mail comes in, and what looks at it first, as the settings have it."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bot.clock import Clock
from bot.health import Board
from bot.intake import Intake
from bot.metrics import Metrics
from bot.outgoing.gateway import GatewaySubmissions
from bot.outgoing.screening import Screening
from bot.post import Post
from bot.receipts import ReceiptIntake
from bot.settings import Settings
from bot.store.store import Store
from channels import gateway
from channels.base import Service, Sleep
from channels.clamav.scanner import Scanner
from channels.imap.mailbox import Followed, Ledger
from channels.imap.watcher import MailWatcher
from escalation.routing import needs_text


def screening(settings: Settings, store: Store, clock: Clock) -> Screening | None:
    """The virus scanner before everything that leaves by mail; None unless the settings have one."""
    scan = settings.sending.scan
    if scan is None:
        return None
    return Screening(Scanner(scan.host, scan.port, scan.timeout), store, clock, is_strict=scan.unreachable == "hold")


def gateways(
    settings: Settings, intake: Intake, post: Post | None, metrics: Metrics, clock: Clock
) -> dict[str, Service]:
    """Where ordinary mail programs hand in mail, and mail servers what comes back; none unless the settings have it."""
    if settings.gateway is None or post is None:
        return {}
    submissions = GatewaySubmissions(intake.engine, post, intake.routes, settings.sending.gateway_refuses)
    receipts = ReceiptIntake(intake.engine, post, metrics)
    return gateway.build(settings.gateway, submissions, receipts, clock.now, _slept(clock))


def _slept(clock: Clock) -> Sleep:
    async def sleep(span: timedelta) -> None:
        await asyncio.sleep(clock.real(span).total_seconds())

    return sleep


def ledgers(settings: Settings, intake: Intake, post: Post | None, metrics: Metrics) -> dict[str, Ledger]:
    """Where the mail of each account goes: to be routed, or to be read as receipts."""
    receipts = ReceiptIntake(intake.engine, post, metrics)
    return {name: receipts if account.receipts else intake for name, account in settings.imap.items()}


def watchers(
    settings: Settings,
    ledgers: Mapping[str, Ledger],
    followed: Followed,
    clock: Clock,
    board: Board,
    pool: ThreadPoolExecutor,
) -> list[MailWatcher]:
    wants_text = needs_text(settings.routing_rules())
    return [
        MailWatcher(account, ledgers[name], clock.now, board.heard, pool, wants_text and not account.receipts, followed)
        for name, account in settings.imap.items()
    ]
