"""The mail source against the real Dovecot: IDLE, CONDSTORE, QRESYNC, TLS, moves, crashes."""

import asyncio
import contextlib
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from imapclient.exceptions import IMAPClientError
from pydantic import SecretStr
from structlog.testing import capture_logs

from channels.host import Security
from channels.imap.mailbox import (
    Arrived,
    FiledAsJunk,
    FlagsChanged,
    MailboxBatch,
    Removed,
    Renumbered,
    UnsavedError,
)
from channels.imap.peek import peek
from tests.fakes.dovecot import Dovecot, make_certificate, running
from tests.fakes.imap_watch import Watch, account_at, account_on, do, mail

pytestmark = pytest.mark.real


@pytest.fixture
async def watch(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> AsyncIterator[Watch]:
    async with Watch(account_on(dovecot, user), pool).on() as one:
        await one.ledger.synced(user)
        yield one


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
    async with Watch(account_on(dovecot, user), pool, wants_text=True).on() as watch:
        await watch.ledger.synced(user)
        await do(dovecot.append, user, mail("urgent", body="what happened"))
        arrived = await watch.ledger.happens(Arrived)
        assert arrived.mail.text.strip() == "what happened"
        with dovecot.mailbox(user) as client:
            assert client.search("UNSEEN") == [arrived.uid]


async def test_the_text_of_a_mail_is_read_anew_and_nothing_is_marked(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor, watch: Watch
) -> None:
    await do(dovecot.append, user, mail("urgent", body="what happened"))
    arrived = await watch.ledger.happens(Arrived)
    account = account_on(dovecot, user)
    now = datetime.now(UTC)
    assert (await peek(account, pool, "INBOX", arrived.mail.message_id, now)).strip() == "what happened"
    assert await peek(account, pool, "INBOX", "nobody@nowhere.example", now) == ""
    with dovecot.mailbox(user) as client:
        assert client.search("UNSEEN") == [arrived.uid]
    with pytest.raises(IMAPClientError):
        await peek(account, pool, "No such folder", arrived.mail.message_id, now)


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
    async with Watch(account_on(dovecot, user), pool).on() as watch:
        arrived = await watch.ledger.happens(Arrived)
        assert (arrived.mail.subject, arrived.mail.is_junk, arrived.mail.folder) == ("in junk", True, "Junk")


async def test_a_mail_put_away_unread_is_still_watched_where_it_went(dovecot: Dovecot, user: str, watch: Watch) -> None:
    await do(dovecot.append, user, mail("urgent"))
    await watch.ledger.happens(Arrived)
    await do(dovecot.move, user, "Archive")
    assert (await watch.ledger.happens(Removed)).moved_to == "Archive"

    def read_it_there() -> None:
        with dovecot.mailbox(user, "Archive") as client:
            client.add_flags(client.search("ALL"), ["\\Seen"])

    await do(read_it_there)
    # Whatever happens in the INBOX is an occasion to look; without one it would be looked a minute later.
    await do(dovecot.append, user, mail("another"))
    assert (await watch.ledger.happens(FlagsChanged)).message_id == "urgent@carrier.example"


async def test_answering_is_heard(dovecot: Dovecot, user: str, watch: Watch) -> None:
    await do(dovecot.append, user, mail("urgent"))
    await watch.ledger.happens(Arrived)

    def answer() -> None:
        with dovecot.mailbox(user) as client:
            client.add_flags([1], ["\\Answered"])

    await do(answer)
    change = await watch.ledger.happens(FlagsChanged)
    assert (change.is_seen, change.is_answered) == (False, True)


async def test_what_comes_between_reading_and_listening_is_heard(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    watch = Watch(account_on(dovecot, user), pool)
    pending = [mail("in the gap")]
    # Health is told after the folder was read and before IDLE begins; the loop stands still until the mail is there.
    watch.on_each = lambda is_up: dovecot.append(user, pending.pop()) if pending else None
    async with watch.on():
        assert (await watch.ledger.happens(Arrived)).mail.subject == "in the gap"


async def test_two_folders_of_one_account(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> None:
    def make() -> None:
        with dovecot.mailbox(user) as client:
            client.create_folder("Alerts")

    await do(make)
    async with Watch(account_on(dovecot, user, folders=("INBOX", "Alerts")), pool).on() as watch:
        await watch.ledger.synced(user)
        await watch.ledger.synced(user, "Alerts")
        await do(dovecot.append, user, mail("for alerts"), folder="Alerts")
        assert (await watch.ledger.happens(Arrived)).mail.folder == "Alerts"
        await do(dovecot.append, user, mail("to be moved"))
        await watch.ledger.happens(Arrived, 2)
        await do(dovecot.move, user, "Alerts")
        assert (await watch.ledger.happens(Removed)).moved_to == "Alerts"
        assert (await watch.ledger.happens(Arrived, 3)).mail.subject == "to be moved"


async def test_more_mails_than_one_command_takes_are_read_once_each(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    watch = Watch(account_on(dovecot, user), pool, wants_text=True)
    async with watch.on():
        await watch.ledger.synced(user)

    def fill() -> None:
        with dovecot.mailbox(user) as client:
            for number in range(230):
                client.append("INBOX", mail(f"mail {number}", body=f"body {number}"))

    await do(fill)
    async with watch.on():
        await watch.ledger.happens(Arrived, 230)
    assert watch.ledger.subjects == [f"mail {number}" for number in range(230)]
    assert [one.mail.text.strip() for one in watch.ledger.of(Arrived)] == [f"body {number}" for number in range(230)]


async def test_the_first_look_takes_young_unread_mail_only(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    with dovecot.mailbox(user) as client:
        old = datetime.now(UTC) - timedelta(hours=5)
        client.append("INBOX", mail("old"), msg_time=old)
        client.append("INBOX", mail("read"), flags=["\\Seen"])
        client.append("INBOX", mail("young"))
    async with Watch(account_on(dovecot, user), pool).on() as watch:
        await watch.ledger.happens(Arrived)
        assert watch.ledger.subjects == ["young"]


async def test_what_happened_during_an_outage_is_found_once(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    watch = Watch(account_on(dovecot, user), pool)
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
        async with Watch(account_on(dovecot, user), pool).on() as watch:
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
    watch = Watch(account_on(dovecot, user), pool)
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
        async with Watch(account_on(dovecot, user).model_copy(update={"ca_file": other}), pool).on() as watch:
            detail = await watch.until_health(False)
    finally:
        shutil.rmtree(folder)
    assert detail.startswith("the mail server's TLS can't be trusted; look at the account's host, port, security")
    assert "certificate" in detail.rpartition(": ")[2]
    assert watch.ledger.batches == []


@pytest.mark.parametrize(("name", "why"), [("missing", "no such file or directory"), ("text", "no certificate in it")])
async def test_a_ca_file_that_can_not_be_read_is_named_with_its_setting(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor, tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "text").write_text("no certificate")
    account = account_on(dovecot, user).model_copy(update={"ca_file": tmp_path / name})
    async with Watch(account, pool).on() as watch:
        detail = await watch.until_health(False)
    assert detail.startswith(f"imap.{user}.ca_file: {tmp_path / name} can't be read: ")
    assert why in detail


async def test_starttls_and_plain_to_loopback(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> None:
    for security in (Security.STARTTLS, Security.PLAIN):
        one = account_at(dovecot.imap, user, host="localhost", security=security, ca_file=dovecot.certificate)
        async with Watch(one, pool).on() as watch:
            await watch.ledger.synced(user)
            await do(dovecot.append, user, mail(f"over {security}"))
            await watch.ledger.until(lambda: f"over {security}" in watch.ledger.subjects)  # noqa: B023


async def test_a_refused_login_is_said_without_the_password(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    wrong = "not-the-password"
    async with Watch(account_on(dovecot, user, password=SecretStr(wrong)), pool).on() as watch:
        assert await watch.until_health(False) == "the server refused the login; check username and password"
    assert wrong not in repr(watch.watcher.account) + repr(watch.health)


async def test_forty_mailboxes_share_four_threads(dovecot: Dovecot, pool: ThreadPoolExecutor) -> None:
    before = set(threading.enumerate())
    users = [f"many{number}" for number in range(40)]
    watches = [Watch(account_on(dovecot, one), pool) for one in users]
    async with contextlib.AsyncExitStack() as stack:
        for watch in watches:
            await stack.enter_async_context(watch.on())
        for watch, one in zip(watches, users, strict=True):
            await watch.ledger.synced(one)
        await asyncio.gather(*(do(dovecot.append, one, mail(f"for {one}")) for one in users))
        for watch in watches:
            await watch.ledger.happens(Arrived)
        begun = {one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")} - before
        assert len(begun) <= 4
    assert [watch.ledger.subjects for watch in watches] == [[f"for {one}"] for one in users]


async def test_what_can_not_be_saved_is_no_fault_of_the_mailbox_and_is_read_again(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    watch = Watch(account_on(dovecot, user), pool)
    faults = [UnsavedError("the write lock is held"), UnsavedError("still")]
    save = watch.ledger.commit

    async def commit(batch: MailboxBatch) -> None:
        if batch.happenings and faults:
            raise faults.pop()
        await save(batch)

    watch.ledger.commit = commit  # type: ignore[method-assign]
    with capture_logs() as logs:
        async with watch.on():
            await watch.ledger.synced(user)
            await do(dovecot.append, user, mail("urgent"))
            assert (await watch.ledger.happens(Arrived)).mail.subject == "urgent"
    assert False not in [is_up for _, is_up, _ in watch.health]
    said = [one for one in logs if "can't be saved" in one["event"]]
    assert [one["reason"] for one in said] == ["still", "the write lock is held"]
    assert [one for one in logs if one.get("exc_info")] == []
