"""Whatever happens to a mailbox on the real Dovecot, in whatever order, watched or not: in the end the ledger stands as
the mailbox does, and every mail arrived once."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from imapclient import IMAPClient

from channels.imap.mailbox import Arrived
from tests.fakes.dovecot import Dovecot
from tests.fakes.imap_watch import Watch, account_on, do, mail

pytestmark = pytest.mark.real
STEPS = 40


class Person:
    """Does something at random with a mail program, and knows what came in."""

    def __init__(self, server: Dovecot, user: str, seed: int) -> None:
        self.server = server
        self.user = user
        self.chance = random.Random(seed)
        self.sent: list[str] = []

    def act(self) -> None:
        with self.server.mailbox(self.user) as client:
            self.chance.choice([self._receive, self._receive, self._read, self._unread, self._put_away, self._delete])(
                client
            )

    def _some(self, client: IMAPClient) -> list[int]:
        uids = client.search("ALL")
        return self.chance.sample(uids, min(len(uids), self.chance.randint(1, 3)))

    def _receive(self, client: IMAPClient) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self.sent.append(f"mail {len(self.sent)}")
            client.append("INBOX", mail(self.sent[-1]))

    def _if_any(self, client: IMAPClient, work: Callable[[list[int]], object]) -> None:
        if uids := self._some(client):
            work(uids)

    def _read(self, client: IMAPClient) -> None:
        self._if_any(client, lambda uids: client.add_flags(uids, ["\\Seen"]))

    def _unread(self, client: IMAPClient) -> None:
        self._if_any(client, lambda uids: client.remove_flags(uids, ["\\Seen"]))

    def _put_away(self, client: IMAPClient) -> None:
        to = self.chance.choice(["Junk", "Trash", "Archive"])
        self._if_any(client, lambda uids: client.move(uids, to))

    def _delete(self, client: IMAPClient) -> None:
        def delete(uids: list[int]) -> None:
            client.delete_messages(uids)
            client.expunge()

        self._if_any(client, delete)

    def truth(self) -> dict[int, bool]:
        """The INBOX: UID, and whether it was read."""
        with self.server.mailbox(self.user) as client:
            return {
                uid: b"\\Seen" in told[b"FLAGS"] for uid, told in client.fetch(client.search("ALL"), ["FLAGS"]).items()
            }


@pytest.mark.parametrize("seed", range(4))
async def test_the_ledger_stands_as_the_mailbox_does(dovecot: Dovecot, pool: ThreadPoolExecutor, seed: int) -> None:
    user = f"walker{seed}"
    person = Person(dovecot, user, seed)
    watch = Watch(account_on(dovecot, user), pool)
    async with watch.on():
        await watch.ledger.synced(user)
    for _ in range(4):
        for _ in range(STEPS // 8):
            await do(person.act)
        if seed % 2 and (dovecot.home / "mail" / user / "dovecot-uidlist").exists():
            await do(dovecot.change_uidvalidity, user)
        async with watch.on():
            for _ in range(STEPS // 8):
                await do(person.act)
            await _stands_as(watch, await asyncio.to_thread(person.truth))
    arrived = Counter(one.mail.subject for one in watch.ledger.of(Arrived) if one.mail.folder == "INBOX")
    assert set(arrived.values()) == {1}
    assert set(await asyncio.to_thread(_subjects, dovecot, user)) <= set(arrived)


async def _stands_as(watch: Watch, truth: dict[int, bool]) -> None:
    def is_so() -> bool:
        return {uid: one.is_seen for uid, one in watch.inbox.items()} == truth

    try:
        await watch.ledger.until(is_so)
    except TimeoutError:
        pytest.fail(f"the ledger has {watch.inbox}, the mailbox {truth}; health: {watch.health}")


def _subjects(server: Dovecot, user: str) -> list[str]:
    with server.mailbox(user) as client:
        told = client.fetch(client.search("ALL"), ["ENVELOPE"]).values()
        return [one[b"ENVELOPE"].subject.decode() for one in told]
