"""The mail source against the real Dovecot: IDLE, CONDSTORE, QRESYNC, TLS, moves, crashes."""

import asyncio
import contextlib
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.imap.config import ImapAccount, Security
from channels.imap.mailbox import Arrived, FiledAsJunk, FlagsChanged, Removed, Renumbered
from channels.imap.watcher import MailWatcher
from tests.fakes.dovecot import PASSWORD, Dovecot, make_certificate, running
from tests.fakes.ledger import RecordingLedger

pytestmark = pytest.mark.real
_users = count()


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running() as server:
        yield server


@pytest.fixture
def user() -> str:
    return f"user{next(_users)}"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as one:
        yield one


def account(server: Dovecot, user: str, **more: object) -> ImapAccount:
    values: dict[str, object] = {
        "name": user,
        "host": "localhost",
        "port": server.imaps,
        "username": user,
        "password": SecretStr(PASSWORD),
        "owner": user,
        "ca_file": server.certificate,
        "timeout": timedelta(seconds=10),
    } | more
    return ImapAccount(**values)  # type: ignore[arg-type]


def mail(subject: str, message_id: str = "", body: str = "the body") -> bytes:
    id = message_id or f"{subject.replace(' ', '-')}@carrier.example"
    return f"From: noc@carrier.example\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\n\r\n{body}\r\n".encode()


class Watch:
    """A watcher that runs, with its ledger and what it says of its health."""

    def __init__(self, one: ImapAccount, pool: ThreadPoolExecutor, wants_text: bool = False) -> None:
        self.ledger = RecordingLedger()
        self.health: list[tuple[str, bool, str]] = []
        self.heard = asyncio.Event()
        self.watcher = MailWatcher(one, self.ledger, lambda: datetime.now(UTC), self._hear, pool, wants_text)

    def _hear(self, *state: object) -> None:
        self.health.append(state)  # type: ignore[arg-type]
        self.heard.set()

    @contextlib.asynccontextmanager
    async def on(self) -> AsyncIterator["Watch"]:
        task = asyncio.create_task(self.watcher.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def watch(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> AsyncIterator[Watch]:
    async with Watch(account(dovecot, user), pool).on() as one:
        await one.ledger.synced(user)
        yield one


async def do(work: object, *arguments: object, **more: object) -> None:
    await asyncio.to_thread(work, *arguments, **more)  # type: ignore[arg-type]


async def test_new_mail_is_heard_over_tls_while_idle(dovecot: Dovecot, user: str, watch: Watch) -> None:
    for number in range(5):
        await do(dovecot.append, user, mail(f"mail {number}"))
        arrived = await watch.ledger.happens(Arrived, number + 1)
        assert arrived.mail.subject == f"mail {number}"
    assert watch.ledger.subjects == [f"mail {number}" for number in range(5)]


async def test_a_burst_while_the_watcher_turns_around_is_seen_whole(dovecot: Dovecot, user: str, watch: Watch) -> None:
    for number in range(30):
        await do(dovecot.append, user, mail(f"mail {number}"))
    await watch.ledger.happens(Arrived, 30)
    assert sorted(watch.ledger.subjects) == sorted(f"mail {number}" for number in range(30))


async def test_seen_by_another_program_and_taken_back(dovecot: Dovecot, user: str, watch: Watch) -> None:
    await do(dovecot.append, user, mail("urgent"))
    await watch.ledger.happens(Arrived)
    await do(dovecot.set_seen, user)
    assert (await watch.ledger.happens(FlagsChanged)).is_seen
    await do(dovecot.set_seen, user, is_seen=False)
    assert not (await watch.ledger.happens(FlagsChanged, 2)).is_seen


async def test_the_watcher_itself_never_marks_anything_as_read(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    async with Watch(account(dovecot, user), pool, wants_text=True).on() as watch:
        await watch.ledger.synced(user)
        await do(dovecot.append, user, mail("urgent", body="what happened"))
        arrived = await watch.ledger.happens(Arrived)
        assert arrived.mail.text.strip() == "what happened"
        with dovecot.mailbox(user) as client:
            assert client.search("UNSEEN") == [arrived.uid]


async def test_an_expunged_mail_is_removed_unread(dovecot: Dovecot, user: str, watch: Watch) -> None:
    await do(dovecot.append, user, mail("urgent"))
    await watch.ledger.happens(Arrived)
    await do(dovecot.expunge, user)
    removed = await watch.ledger.happens(Removed)
    assert (removed.is_seen, removed.moved_to) == (False, "")


async def test_a_mail_that_is_moved_to_junk_is_said_to_be(dovecot: Dovecot, user: str, watch: Watch) -> None:
    await do(dovecot.append, user, mail("urgent"))
    await watch.ledger.happens(Arrived)
    await do(dovecot.move, user, "Junk")
    assert (await watch.ledger.happens(FiledAsJunk)).is_junk
    assert watch.ledger.of(Removed)[0].moved_to == "Junk"


async def test_a_mail_read_and_archived_in_one_go_was_read(dovecot: Dovecot, user: str, watch: Watch) -> None:
    await do(dovecot.append, user, mail("urgent"))
    await watch.ledger.happens(Arrived)

    def read_and_archive() -> None:
        with dovecot.mailbox(user) as client:
            client.add_flags([1], ["\\Seen"])
            client.move([1], "Archive")

    await do(read_and_archive)
    removed = await watch.ledger.happens(Removed)
    flagged = any(one.is_seen for one in watch.ledger.of(FlagsChanged))
    assert removed.is_seen or flagged


async def test_mail_that_goes_straight_to_junk_is_found(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> None:
    await do(dovecot.append, user, mail("in junk"), folder="Junk")
    async with Watch(account(dovecot, user), pool).on() as watch:
        arrived = await watch.ledger.happens(Arrived)
        assert (arrived.mail.subject, arrived.mail.is_junk, arrived.mail.folder) == ("in junk", True, "Junk")


async def test_the_first_look_takes_young_unread_mail_only(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    with dovecot.mailbox(user) as client:
        old = datetime.now(UTC) - timedelta(hours=5)
        client.append("INBOX", mail("old"), msg_time=old)
        client.append("INBOX", mail("read"), flags=["\\Seen"])
        client.append("INBOX", mail("young"))
    async with Watch(account(dovecot, user), pool).on() as watch:
        await watch.ledger.happens(Arrived)
        assert watch.ledger.subjects == ["young"]


async def test_what_happened_during_an_outage_is_found_once(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    watch = Watch(account(dovecot, user), pool)
    async with watch.on():
        await watch.ledger.synced(user)
        await do(dovecot.append, user, mail("before"))
        await watch.ledger.happens(Arrived)
    await do(dovecot.set_seen, user)
    await do(dovecot.append, user, mail("meanwhile"))
    async with watch.on():
        assert (await watch.ledger.happens(FlagsChanged)).is_seen
        await watch.ledger.happens(Arrived, 2)
        await do(dovecot.append, user, mail("after"))
        await watch.ledger.happens(Arrived, 3)
    assert watch.ledger.subjects == ["before", "meanwhile", "after"]


async def test_a_killed_server_is_found_again_with_what_came_meanwhile(
    tmp_path: Path, user: str, pool: ThreadPoolExecutor
) -> None:
    with running() as dovecot:
        async with Watch(account(dovecot, user), pool).on() as watch:
            await watch.ledger.synced(user)
            await do(dovecot.append, user, mail("before"))
            await watch.ledger.happens(Arrived)
            await do(dovecot.kill)
            await do(dovecot.start)
            await do(dovecot.append, user, mail("after"))
            await do(dovecot.set_seen, user)
            await watch.ledger.happens(Arrived, 2)
            await watch.ledger.happens(FlagsChanged)
            assert watch.ledger.subjects == ["before", "after"]
            assert False in [is_up for _, is_up, _ in watch.health]


async def test_new_uids_for_old_mails_page_nobody_again(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> None:
    watch = Watch(account(dovecot, user), pool)
    async with watch.on():
        await watch.ledger.synced(user)
        for number in range(3):
            await do(dovecot.append, user, mail(f"mail {number}"))
        await watch.ledger.happens(Arrived, 3)
    before = watch.ledger.cursors[(user, "INBOX")].uidvalidity
    await do(dovecot.expunge_first, user)
    await do(dovecot.change_uidvalidity, user)
    async with watch.on():
        await watch.ledger.until(lambda: watch.ledger.cursors[(user, "INBOX")].uidvalidity != before)
        await do(dovecot.append, user, mail("new"))
        await watch.ledger.until(lambda: "new" in watch.ledger.subjects)
    ids = {one.message_id for one in watch.ledger.of(Renumbered)}
    assert ids == {"mail-1@carrier.example", "mail-2@carrier.example"}
    assert [one.message_id for one in watch.ledger.of(Removed)] == ["mail-0@carrier.example"]


async def test_a_certificate_of_nobody_we_trust_is_refused(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        other = make_certificate(folder)
        async with Watch(account(dovecot, user, ca_file=other), pool).on() as watch:
            async with asyncio.timeout(10):
                await watch.heard.wait()
    finally:
        shutil.rmtree(folder)
    assert "CERTIFICATE_VERIFY_FAILED" in watch.health[0][2]
    assert watch.ledger.batches == []


async def test_starttls_and_plain_to_loopback(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> None:
    for security in (Security.STARTTLS, Security.PLAIN):
        one = account(dovecot, user, port=dovecot.imap, security=security)
        async with Watch(one, pool).on() as watch:
            await watch.ledger.synced(user)
            await do(dovecot.append, user, mail(f"over {security}"))
            await watch.ledger.until(lambda: f"over {security}" in watch.ledger.subjects)  # noqa: B023


async def test_a_refused_login_is_said_without_the_password(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    wrong = "not-the-password"
    async with Watch(account(dovecot, user, password=SecretStr(wrong)), pool).on() as watch:
        async with asyncio.timeout(15):
            await watch.heard.wait()
    assert watch.health[0][1:] == (False, "the server refused the login; check username and password")
    assert wrong not in repr(watch.watcher.account) + repr(watch.health)


async def test_forty_mailboxes_share_four_threads(dovecot: Dovecot, pool: ThreadPoolExecutor) -> None:
    users = [f"many{number}" for number in range(40)]
    watches = [Watch(account(dovecot, one), pool) for one in users]
    async with contextlib.AsyncExitStack() as stack:
        for watch in watches:
            await stack.enter_async_context(watch.on())
        for watch, one in zip(watches, users, strict=True):
            await watch.ledger.synced(one)
        await asyncio.gather(*(do(dovecot.append, one, mail(f"for {one}")) for one in users))
        for watch in watches:
            await watch.ledger.happens(Arrived)
        imap_threads = [one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")]
        assert len(imap_threads) <= 4
    assert [watch.ledger.subjects for watch in watches] == [[f"for {one}"] for one in users]
