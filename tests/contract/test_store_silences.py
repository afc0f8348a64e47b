"""What every store must do with silences, and the mail that they swallow."""

import asyncio
from dataclasses import replace

from bot.store.record import Swallowed
from bot.store.silences import WATCHED_FOR
from bot.store.store import Store, Tx
from channels.imap.mailbox import Cursor, Watched
from escalation.mail import MailBrief
from escalation.silence import Scope, Silence
from tests.fakes.policies import AT, after
from tests.fakes.stored import copy, open_alerts

DISK = Silence(
    scope=Scope(rules=("disk",), senders=("x.example",), subjects=("障害",)),
    start=after(10),
    end=after(20),
    why="the disk is being changed",
    by="alice",
    at=AT,
)
LATER = Silence(scope=Scope(rules=("cpu",)), start=after(30), end=after(40), why="w", by="bob", at=AT)
NIGHT = Silence(scope=Scope(rules=("cpu",)), start=after(12), end=after(60), why="w", maintenance="night")


def swallowed(
    silence_id: int = 1, message_id: str = "a@x.example", subject: str = "Disk full", at: int = 11
) -> Swallowed:
    brief = MailBrief(
        message_id=message_id, subject=subject, sender="noc@x.example", sender_name="NOC", received_at=after(at)
    )
    return Swallowed(
        silence_id=silence_id, mail=brief, rule="disk", policy="urgent", severity="critical", at=after(at), is_junk=True
    )


async def keep(tx: Tx, one: Swallowed, uid: int = 7) -> None:
    """In Alice's INBOX."""
    assert await tx.swallow(one) is True
    await tx.put_copies([copy(uid, one.mail.message_id, 0, silence_id=one.silence_id)])


async def test_a_silence_comes_back_as_it_was(store: Store) -> None:
    async with store.transaction() as tx:
        assert [await tx.add_silence(LATER), await tx.add_silence(DISK)] == [1, 2]
    async with store.reading() as tx:
        disk, later = replace(DISK, id=2), replace(LATER, id=1)
        assert await tx.silences(AT) == await tx.all_silences() == [disk, later]
        assert await tx.silences(after(20)) == [later]
        assert (await tx.silence(2), await tx.silence(3), await tx.silence(10**30)) == (disk, None, None)


async def test_a_mail_is_compared_with_those_that_have_begun_and_not_ended(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (DISK, LATER):
            await tx.add_silence(one)
        found = [[one.id for one in await tx.standing_silences(after(at))] for at in (9, 10, 19.9, 20, 30, 40)]
        counts = [await tx.count_silences(after(at)) for at in (9, 10, 20)]
    assert found == [[], [1], [1], [], [2], []]
    assert counts == [0, 1, 0]


async def test_the_same_mail_twice_is_once(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (DISK, LATER):
            await tx.add_silence(one)
        said = [await tx.swallow(one) for one in (swallowed(), swallowed(at=12), swallowed(2), swallowed(7))]
        assert said == [True, False, True, None]
    async with store.reading() as tx:
        assert await tx.swallowed(1) == [swallowed()]
        assert [one.swallowed for one in await tx.all_silences()] == [1, 1]
        assert await tx.were_swallowed({"a@x.example", "b@x.example"}) == {"a@x.example"}


async def test_one_that_was_lifted_swallows_nothing_more(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_silence(DISK)
        await tx.swallow(swallowed())
        assert [await tx.end_silence(1, after(12), "bob"), await tx.end_silence(1, after(13), "eve")] == [True, False]
        assert await tx.swallow(swallowed(message_id="b@x.example")) is None
        lifted = replace(DISK, id=1, swallowed=1, lifted_at=after(12), lifted_by="bob")
        assert await tx.silence(1) == lifted
        # It still has to be known that it was lifted: a maintenance window may hold on.
        assert await tx.standing_silences(after(15)) == [lifted]
        assert (await tx.silences(after(12)), await tx.count_silences(after(15))) == ([], 0)


async def test_whoever_ends_it_sees_all_that_another_node_swallowed(store: Store, other: Store) -> None:
    """At the same moment: what was swallowed is told, and what is not told was not swallowed."""

    async def swallows(id: int) -> bool | None:
        async with store.transaction() as tx:
            return await tx.swallow(swallowed(id))

    async def ends(id: int) -> list[Swallowed]:
        async with other.transaction() as tx:
            assert await tx.end_silence(id, after(12), "bob")
            return await tx.swallowed(id)

    for number in range(1, 21):
        async with store.transaction() as tx:
            await tx.add_silence(DISK)
        ending = asyncio.create_task(ends(number)) if number % 2 else None
        done = await swallows(number)
        told = await (ending or ends(number))
        assert (told != []) == (done is True)


async def test_the_end_comes_once_and_in_order(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (LATER, DISK):
            await tx.add_silence(one)
        assert [await tx.next_silence_end(after(at)) for at in (0, 20, 40)] == [after(20), after(40), None]
        assert [await tx.ended_silences(after(at)) for at in (19, 20, 50)] == [[], [2], [2, 1]]
        assert [await tx.end_silence(2), await tx.end_silence(2)] == [True, False]
        assert (await tx.ended_silences(after(50)), await tx.next_silence_end(AT)) == ([1], after(40))
        assert await tx.swallow(swallowed(2)) is None
        assert (await tx.silence(2)) == replace(DISK, id=2)


async def test_a_time_of_a_maintenance_window_gets_one_number(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.add_silence(DISK) == 1
        assert [await tx.time_of(one) for one in (NIGHT, replace(NIGHT, start=after(15)))] == [2, 2]
        assert await tx.time_of(replace(NIGHT, end=after(90))) == 3
        assert await tx.time_of(replace(NIGHT, maintenance="day")) == 4
        assert (await tx.silence(2)) == replace(NIGHT, id=2)


async def test_reading_a_swallowed_mail_anywhere_is_known(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_silence(DISK)
        await keep(tx, swallowed())
        await tx.put_copies([copy(account="bob", uid=8, message_id="a@x.example", alert_id=0, silence_id=1)])
        assert [one.is_waiting for one in await tx.swallowed(1)] == [True]
        seen = copy(account="bob", uid=8, message_id="a@x.example", alert_id=0, silence_id=1, is_seen=True)
        await tx.put_copies([seen])
        assert [(one.is_read, one.is_waiting) for one in await tx.swallowed(1)] == [(True, False)]


async def test_swallowed_mails_are_watched_until_they_are_read_or_long_over(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_silence(DISK)
        await keep(tx, swallowed())
        here = {7: Watched(7, "a@x.example")}
        late = DISK.end + WATCHED_FOR
        found = [await tx.swallowed_copies("alice", "INBOX", at) for at in (after(12), late)]
        assert found == [here, {}]
        assert (await tx.swallowed_copies("bob", "INBOX", AT), await tx.copies("alice", "INBOX")) == ({}, {})
        await keep_read(tx)
        assert await tx.swallowed_copies("alice", "INBOX", after(12)) == {}


async def keep_read(tx: Tx) -> None:
    (known,) = await tx.silent_copies("a@x.example")
    await tx.put_copies([replace(known, is_seen=True)])


async def test_an_alert_takes_the_copies_over(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_silence(DISK)
        await keep(tx, swallowed())
        (alert,) = await open_alerts(tx, 1)
        await tx.hold_silence(1)
        await tx.link_mails({"a@x.example": alert.id})
        await tx.hand_over("a@x.example", alert.id)
        assert (await tx.silent_copies("a@x.example"), await tx.swallowed_copies("alice", "INBOX", AT)) == ([], {})
        assert list(await tx.copies("alice", "INBOX")) == [7]
        assert [(one.alert_id, one.is_waiting) for one in await tx.swallowed(1)] == [(alert.id, False)]


async def test_a_swallowed_mail_is_found_by_its_subject(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (DISK, LATER):
            await tx.add_silence(one)
        await tx.swallow(swallowed())
        await tx.swallow(swallowed(2, subject="50% 障害"))
        found = {words: await tx.find_swallowed(words) for words in ("disk", "障害", "0%", "_", "", "%")}
    assert found == {"disk": [1], "障害": [2], "0%": [2], "_": [], "": [], "%": [2]}


async def test_what_was_over_long_ago_is_deleted_with_its_mail(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (DISK, LATER):
            await tx.add_silence(one)
        await keep(tx, swallowed())
        await keep(tx, swallowed(2, "b@x.example"), uid=9)
        await tx.put_cursor("alice", "INBOX", Cursor(1, 10, None, AT))
        # What nobody was told of yet is kept, however old.
        await tx.purge(after(1000))
        assert len(await tx.all_silences()) == 2
        for id in (1, 2):
            await tx.end_silence(id)
        await tx.purge(after(35))
        assert [one.id for one in await tx.all_silences()] == [2]
        assert (await tx.swallowed(1), len(await tx.swallowed(2))) == ([], 1)
        assert (await tx.silent_copies("a@x.example"), len(await tx.silent_copies("b@x.example"))) == ([], 1)
        assert await tx.add_silence(DISK) == 3
