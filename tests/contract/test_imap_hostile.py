"""Mail and mailboxes that mean ill, or were made by bad luck, on the real Dovecot: the watching goes on."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.imap.mailbox import Arrived, FiledAsJunk, Removed
from tests.fakes.dovecot import Dovecot, running
from tests.fakes.imap_watch import Watch, account_on, do, mail

pytestmark = pytest.mark.real

# Each is put into a SEARCH when the mail has vanished. The first would be a literal that the server waits for.
IDS = ["{9999}", "{9+}", "x{12}", "café@x.example", "緊急@x.example", 'a"b\\c@x.example', "%@*", "NIL", "a" * 480, "é"]


@pytest.fixture
async def watch(dovecot: Dovecot, user: str, pool: ThreadPoolExecutor) -> AsyncIterator[Watch]:
    async with Watch(account_on(dovecot, user), pool, wants_text=True).on() as one:
        await one.ledger.synced(user)
        yield one


@pytest.mark.parametrize("message_id", [*IDS, ""])
async def test_any_message_id_is_found_where_it_went(
    dovecot: Dovecot, user: str, watch: Watch, message_id: str
) -> None:
    await do(dovecot.append, user, mail("urgent", message_id))
    await watch.ledger.happens(Arrived)
    await do(dovecot.move, user, "Junk")
    assert (await watch.ledger.happens(FiledAsJunk)).message_id == watch.ledger.of(Arrived)[0].mail.message_id
    assert [is_up for _, is_up, _ in watch.health if not is_up] == []


@pytest.mark.parametrize("message_id", ["{9999}", "緊急@x.example", ""])
async def test_any_message_id_is_found_again_under_new_uids(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor, message_id: str
) -> None:
    watch = Watch(account_on(dovecot, user), pool)
    async with watch.on():
        await watch.ledger.synced(user)
        await do(dovecot.append, user, mail("urgent", message_id))
        await watch.ledger.happens(Arrived)
    before = watch.ledger.cursors[(user, "INBOX")].uidvalidity
    await do(dovecot.change_uidvalidity, user)
    async with watch.on():
        await watch.ledger.until(lambda: watch.ledger.cursors[(user, "INBOX")].uidvalidity != before)
    assert watch.ledger.of(Removed) == []
    assert len(watch.inbox) == 1


async def test_an_id_that_holds_another_one_is_not_taken_for_it(dovecot: Dovecot, user: str, watch: Watch) -> None:
    await do(dovecot.append, user, mail("a stranger's", "prefix-id@x.example"), folder="Junk")
    await do(dovecot.append, user, mail("urgent", "id@x.example"))
    await watch.ledger.happens(Arrived)
    await do(dovecot.expunge, user)
    assert (await watch.ledger.happens(Removed)).moved_to == ""
    assert watch.ledger.of(FiledAsJunk) == []


async def test_parts_within_parts_within_parts(dovecot: Dovecot, user: str, watch: Watch) -> None:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(300)
    )
    head = b"Subject: deep\r\nMessage-ID: <deep@x.example>\r\nMIME-Version: 1.0\r\n"
    await do(dovecot.append, user, head + opening + b"Content-Type: text/plain\r\n\r\nat the bottom\r\n")
    assert (await watch.ledger.happens(Arrived)).mail.subject == "deep"
    await do(dovecot.append, user, mail("after it"))
    assert (await watch.ledger.happens(Arrived, 2)).mail.text.strip() == "the body"


async def test_two_megabytes_of_headers(dovecot: Dovecot, user: str, watch: Watch) -> None:
    noise = b"".join(b"X-Noise-%d: %s\r\n" % (number, b"n" * 900) for number in range(2300))
    await do(dovecot.append, user, b"Subject: urgent\r\nMessage-ID: <big@x.example>\r\n" + noise + b"\r\nbody\r\n")
    arrived = (await watch.ledger.happens(Arrived)).mail
    assert (arrived.subject, arrived.message_id) == ("urgent", "big@x.example")
    assert "very long" in " ".join(arrived.defects)


@pytest.mark.parametrize("noise", ["field", "addresses"])
async def test_whatever_stands_before_the_subject_it_is_read_and_the_mail_found_where_it_went(
    dovecot: Dovecot, user: str, watch: Watch, noise: str
) -> None:
    addresses = b",\r\n ".join(b"somebody.%d@partner.example" % number for number in range(15_000))
    head = {"field": b"X-Long: " + b"a" * 2_000_000, "addresses": b"To: " + addresses}[noise]
    rest = b"Subject: urgent\r\nFrom: noc@carrier.example\r\nMessage-ID: <big@x.example>\r\n\r\nbody\r\n"
    await do(dovecot.append, user, head + b"\r\n" + rest)
    arrived = (await watch.ledger.happens(Arrived)).mail
    assert (arrived.subject, arrived.message_id, arrived.text.strip()) == ("urgent", "big@x.example", "body")
    await do(dovecot.move, user, "Junk")
    assert (await watch.ledger.happens(Removed)).moved_to == "Junk"


def forbid(server: Dovecot, user: str, folder: str) -> Path:
    server.append(user, mail("old"), folder)
    path = server.home / "mail" / user / f".{folder}"
    path.chmod(0)
    return path


@pytest.mark.parametrize("folder", ["Trash", "Archive"])
async def test_a_folder_that_can_not_be_opened_hides_no_removal(
    dovecot: Dovecot, user: str, watch: Watch, folder: str
) -> None:
    await do(dovecot.append, user, mail("urgent"))
    await watch.ledger.happens(Arrived)
    path = await asyncio.to_thread(forbid, dovecot, user, folder)
    try:
        await do(dovecot.expunge, user)
        await watch.ledger.happens(Removed)
    finally:
        path.chmod(0o700)
    assert False not in [is_up for _, is_up, _ in watch.health]


async def test_a_junk_folder_that_can_not_be_opened_leaves_the_inbox_watched(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    path = await asyncio.to_thread(forbid, dovecot, user, "Junk")
    try:
        async with Watch(account_on(dovecot, user), pool).on() as watch:
            await watch.ledger.synced(user)
            await do(dovecot.append, user, mail("urgent"))
            await watch.ledger.happens(Arrived)
    finally:
        path.chmod(0o700)


@pytest.mark.parametrize("name", ["alice", "alice smith", "山田"])
async def test_names_and_passwords_of_any_characters_log_in(pool: ThreadPoolExecutor, name: str) -> None:
    password = 'pässwörd "緊急" \\'
    with running(password=password) as server:
        account = account_on(server, name, password=SecretStr(password))
        async with Watch(account, pool).on() as watch:
            await watch.ledger.synced(name)
    assert "pässwörd" not in repr(watch.health) + repr(account)


async def test_a_watch_that_is_cancelled_leaves_no_connection(
    dovecot: Dovecot, user: str, pool: ThreadPoolExecutor
) -> None:
    async with Watch(account_on(dovecot, user), pool).on() as watch:
        await asyncio.sleep(0)
    # Warnings are errors here: a socket that nobody closed would fail the test.
    assert watch.health == []
