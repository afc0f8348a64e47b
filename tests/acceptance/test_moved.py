"""A mail that is moved, deleted, or filed as junk, in a real Dovecot: it is watched where it went, and what is told of
it is true."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import ManualClock
from bot.intake import Intake
from channels.imap import sync
from channels.imap.mailbox import Arrived, Cursor, FlagsChanged, MailboxBatch, Removed, Watched
from channels.imap.watcher import MailWatcher
from escalation.alert import AlertStatus
from escalation.event import ReceiptReported
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.fakes.dovecot import Dovecot, running
from tests.fakes.imap_watch import account_on, do, mail
from tests.fakes.ledger import RecordingLedger

pytestmark = pytest.mark.real


class Told(RecordingLedger):
    """The bot's own ledger, and what it was told: a second later each time."""

    def __init__(self, intake: Intake, clock: ManualClock) -> None:
        super().__init__()
        self.intake = intake
        self.clock = clock

    async def load(self, account: str, folder: str) -> tuple[Cursor | None, Mapping[int, Watched]]:
        return await self.intake.load(account, folder)

    async def followed(self, account: str) -> Collection[str]:  # type: ignore[override]
        return await self.intake.followed(account)

    async def commit(self, batch: MailboxBatch) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=1))
        await self.intake.commit(batch)
        await self.note(batch)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running() as server:
        yield server


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


class Mailbox:
    """Alice's, watched by the bot on the stage; everything in it is done by another mail program."""

    def __init__(self, dovecot: Dovecot, stage: Stage, user: str, pool: ThreadPoolExecutor) -> None:
        self.dovecot, self.stage, self.user, self.pool = dovecot, stage, user, pool
        self.ledger = Told(stage.app.intake, stage.clock)

    @contextlib.asynccontextmanager
    async def watched(self, *folders: str, **more: object) -> AsyncIterator[None]:
        account = account_on(self.dovecot, self.user, folders=folders or ("INBOX",), **more)
        account = account.model_copy(update={"name": "alice", "owner": "alice"})
        now, followed = self.stage.clock.now, self.ledger.followed
        watcher = MailWatcher(account, self.ledger, now, lambda *_: None, self.pool, followed=followed)
        task = asyncio.create_task(watcher.run())
        try:
            for folder in account.folders:
                await self.ledger.synced("alice", folder)
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def gets(self, subject: str) -> None:
        before = len(self.ledger.of(Arrived))
        await do(self.dovecot.append, self.user, mail(subject))
        await self.ledger.happens(Arrived, before + 1)

    async def makes(self, *folders: str) -> None:
        def make() -> None:
            with self.dovecot.mailbox(self.user) as client:
                for folder in folders:
                    client.create_folder(folder)

        await do(make)

    async def moves(self, to: str) -> Removed:
        before = len(self.ledger.of(Removed))
        await do(self.dovecot.move, self.user, to)
        return await self.ledger.happens(Removed, before + 1)

    async def reads(self, folder: str) -> None:
        def read() -> None:
            with self.dovecot.mailbox(self.user, folder) as client:
                client.add_flags(client.search("ALL"), ["\\Seen"])

        await do(read)

    async def expunges(self, folder: str) -> None:
        def expunge() -> None:
            with self.dovecot.mailbox(self.user, folder) as client:
                client.delete_messages(client.search("ALL"))
                client.expunge()

        await do(expunge)

    async def is_looked_at(self) -> None:
        """Whatever happens in the INBOX is an occasion to look beside it; without one that is done a minute later."""
        await self.gets(f"nothing {len(self.ledger.happened)}")

    async def kinds(self) -> list[ReceiptKind]:
        """The receipts of the first alert, in order."""
        async with self.stage.app.store.reading() as tx:
            return [one.event.kind for one in await tx.events(1) if isinstance(one.event, ReceiptReported)]


@pytest.fixture
def box(dovecot: Dovecot, stage: Stage, request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    with ThreadPoolExecutor(4) as pool:
        yield Mailbox(dovecot, stage, f"user{abs(hash(request.node.name))}", pool)


async def status(stage: Stage) -> AlertStatus:
    return (await stage.alert()).status


async def test_a_mail_moved_unread_and_read_in_the_archive_was_read(box: Mailbox, stage: Stage) -> None:
    async with box.watched():
        await box.gets("【緊急】 down")
        assert (await box.moves("Archive")).moved_to == "Archive"
        assert await status(stage) is AlertStatus.TRIGGERED
        await box.reads("Archive")
        await box.is_looked_at()
        await box.ledger.happens(FlagsChanged)
    assert await status(stage) is AlertStatus.ACKNOWLEDGED
    assert await box.kinds() == [ReceiptKind.SEEN]


async def test_moved_from_one_watched_folder_to_another(box: Mailbox, stage: Stage) -> None:
    await box.makes("Alerts")
    async with box.watched("INBOX", "Alerts"):
        await box.gets("【緊急】 down")
        await box.moves("Alerts")
        await box.ledger.happens(Arrived, 2)
        await box.reads("Alerts")
        await box.ledger.happens(FlagsChanged)
    assert await status(stage) is AlertStatus.ACKNOWLEDGED
    assert await box.kinds() == [ReceiptKind.SEEN]


async def test_moved_to_a_folder_that_nobody_watches_it_is_not_deleted_and_is_watched_there(
    box: Mailbox, stage: Stage
) -> None:
    await box.makes("Done")
    async with box.watched():
        await box.gets("【緊急】 down")
        assert (await box.moves("Done")).moved_to == "Done"
        assert await box.kinds() == []
    # The bot is started anew: it knows where to look.
    async with box.watched():
        await box.reads("Done")
        await box.is_looked_at()
        await box.ledger.happens(FlagsChanged)
    assert await box.kinds() == [ReceiptKind.SEEN]
    assert await status(stage) is AlertStatus.ACKNOWLEDGED


async def test_moved_to_the_trash_and_expunged_there_it_was_deleted_unread(box: Mailbox, stage: Stage) -> None:
    async with box.watched():
        await box.gets("【緊急】 down")
        assert (await box.moves("Trash")).moved_to == "Trash"
        assert await box.kinds() == []
        await box.expunges("Trash")
        await box.is_looked_at()
        await box.ledger.happens(Removed, 2)
    assert await box.kinds() == [ReceiptKind.DELETED_UNREAD]
    assert await status(stage) is AlertStatus.TRIGGERED


async def test_where_there_are_too_many_folders_to_look_into_nothing_is_said_that_may_be_false(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "MOST_SEARCHES", 1)
    await box.makes("Done", "Further", "Still further")
    async with box.watched():
        await box.gets("【緊急】 down")
        removed = await box.moves("Done")
    assert (removed.moved_to, removed.is_lost) == ("", True)
    assert await box.kinds() == []


async def test_filed_as_junk_is_told_once_for_each_move(box: Mailbox, stage: Stage) -> None:
    async with box.watched():
        await box.gets("【緊急】 down")
        await box.moves("Junk")
        await box.is_looked_at()
        await box.ledger.until(lambda: any(one.mail.is_junk for one in box.ledger.of(Arrived)))
    assert await box.kinds() == [ReceiptKind.JUNKED]
