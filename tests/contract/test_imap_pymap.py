"""The mail source against the embedded server, which has IDLE and no CONDSTORE: flags are compared one by one."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from imapclient import IMAPClient

from bot.demo.mail import mail_of
from bot.demo.mail_server import EmbeddedImap
from channels.imap.mailbox import Arrived, FiledAsJunk, FlagsChanged, Removed
from tests.fakes.dovecot import PASSWORD
from tests.fakes.imap_watch import Watch, account_at, do, mail


@pytest.fixture
async def server() -> AsyncIterator[EmbeddedImap]:
    one = EmbeddedImap(("alice",), PASSWORD)
    await one.start()
    yield one
    await one.stop()


def in_inbox(server: EmbeddedImap, work: Callable[[IMAPClient], object]) -> None:
    """What another mail program does with the INBOX open."""
    with server.client("alice") as client:
        client.select_folder("INBOX")
        work(client)


async def test_new_mail_and_reading_are_seen(server: EmbeddedImap, pool: ThreadPoolExecutor) -> None:
    async with Watch(account_at(server.port), pool, wants_text=True).on() as watch:
        await watch.ledger.synced("alice")
        await server.append("alice", mail_of("【緊急】 回線断", "alice@team.example"))
        arrived = await watch.ledger.happens(Arrived)
        assert arrived.mail.subject == "【緊急】 回線断"
        assert arrived.mail.text.startswith("【緊急】")
        await server.read("alice")
        assert (await watch.ledger.happens(FlagsChanged)).is_seen


async def test_marked_as_unread_again(server: EmbeddedImap, pool: ThreadPoolExecutor) -> None:
    async with Watch(account_at(server.port), pool).on() as watch:
        await watch.ledger.synced("alice")
        await server.append("alice", mail("urgent"))
        await watch.ledger.happens(Arrived)
        await server.read("alice")
        await watch.ledger.happens(FlagsChanged)
        await do(in_inbox, server, lambda client: client.remove_flags(client.search("ALL"), ["\\Seen"]))
        assert not (await watch.ledger.happens(FlagsChanged, 2)).is_seen


async def test_moved_to_junk_and_expunged(server: EmbeddedImap, pool: ThreadPoolExecutor) -> None:
    await do(in_inbox, server, lambda client: client.create_folder("Junk"))
    async with Watch(account_at(server.port), pool).on() as watch:
        await watch.ledger.synced("alice")
        await server.append("alice", mail("spam"))
        await watch.ledger.happens(Arrived)
        await do(in_inbox, server, lambda client: client.move(client.search("ALL"), "Junk"))
        assert (await watch.ledger.happens(FiledAsJunk)).message_id == "spam@carrier.example"
        await server.append("alice", mail("urgent"))
        await watch.ledger.until(lambda: "urgent" in watch.ledger.subjects)

        def expunge(client: IMAPClient) -> None:
            client.delete_messages(client.search("ALL"))
            client.expunge()

        await do(in_inbox, server, expunge)
        removed = await watch.ledger.happens(Removed, 2)
        assert (removed.message_id, removed.moved_to) == ("urgent@carrier.example", "")


async def test_what_happened_while_away(server: EmbeddedImap, pool: ThreadPoolExecutor) -> None:
    watch = Watch(account_at(server.port), pool)
    async with watch.on():
        await watch.ledger.synced("alice")
        await server.append("alice", mail("read meanwhile"))
        await watch.ledger.happens(Arrived)
    await server.read("alice")
    await server.append("alice", mail("came meanwhile"))
    async with watch.on():
        assert (await watch.ledger.happens(FlagsChanged)).message_id == "read-meanwhile@carrier.example"
        await watch.ledger.happens(Arrived, 2)
    assert watch.ledger.subjects == ["read meanwhile", "came meanwhile"]
