"""What every store must do for confidential mail: keep it until it expires, and count every try of a code."""

import asyncio
from dataclasses import replace

import msgspec
from sqlalchemy import update

from bot.store.outgoing import AT_ONCE
from bot.store.record import CodeRow, Enclosure, OutgoingMail
from bot.store.store import Store
from bot.store.tables import outgoing_mail
from escalation.event import Resolved
from tests.fakes.policies import after
from tests.fakes.stored import open_alerts, then

MAIL = OutgoingMail(
    sender="NOC <noc@team.example>",
    subject="Merger",
    text="Friday",
    html="<p>Friday",
    enclosures=(Enclosure("plan.pdf", "application/pdf", b"%PDF"),),
    fields={"a@b.example": {"name": "A"}},
    is_confidential=True,
    expires_at=after(60),
)


def code(number: int = 1, mail_key: str = "1.m0", alert_id: int = 1) -> CodeRow:
    return CodeRow(
        mail_key=mail_key, number=number, alert_id=alert_id, nonce=f"n{number}", made_at=after(number), asker="Chrome"
    )


async def test_what_is_said_goes_when_it_expires_and_the_sender_stays(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.put_outgoing(1, MAIL)
        await tx.put_outgoing(2, replace(MAIL, expires_at=after(61)))
        await tx.put_outgoing(3, replace(MAIL, expires_at=None))
    async with store.transaction() as tx:
        assert await tx.delete_expired(after(59)) == []
        assert await tx.delete_expired(after(60)) == [1]
        assert await tx.delete_expired(after(60)) == []
    async with store.reading() as tx:
        assert await tx.outgoing(1) == OutgoingMail(
            sender=MAIL.sender, subject="", text="", is_confidential=True, expires_at=after(60)
        )
        assert await tx.outgoing(2) == replace(MAIL, expires_at=after(61))
        assert await tx.outgoing(3) == replace(MAIL, expires_at=None)
    await store.forget_log()


async def test_much_that_expires_at_once_goes_bit_by_bit(store: Store) -> None:
    async with store.transaction() as tx:
        for id in range(1, AT_ONCE + 2):
            await tx.put_outgoing(id, MAIL)
    async with store.transaction() as tx:
        assert [len(await tx.delete_expired(after(60))) for _ in range(3)] == [AT_ONCE, 1, 0]


async def test_a_mail_of_an_earlier_version_is_not_confidential(store: Store) -> None:
    written = {"sender": "noc@team.example", "subject": "Works", "text": "x", "html": "", "reply_to": ""}
    data = msgspec.msgpack.encode(written | {"enclosures": [], "fields": {}})
    async with store.transaction() as tx:
        await tx.put_outgoing(1, MAIL)
        await tx.connection.execute(update(outgoing_mail).values(data=data, expires_at=None))
    async with store.reading() as tx:
        assert await tx.outgoing(1) == OutgoingMail(sender="noc@team.example", subject="Works", text="x")


async def test_codes_come_back_the_newest_first(store: Store, other: Store) -> None:
    used = replace(code(2), tries=1, used_at=after(3), viewer="Firefox")
    async with store.transaction() as tx:
        for one in (code(1), code(2), code(1, "1.m1")):
            await tx.add_code(one)
        assert await tx.take_try(code(2), 5)
        await tx.use_code(code(2), "Firefox", after(3))
        assert not await tx.take_try(code(2), 5)
    async with other.reading() as tx:
        assert await tx.codes("1.m0") == [used, code(1)]
        assert await tx.codes("1.m2") == []


async def test_of_tries_at_once_none_is_forgotten(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_code(code())

    async def tries(one: Store) -> bool:
        async with one.transaction() as tx:
            return await tx.take_try(code(), 5)

    taken = await asyncio.gather(*(tries(one) for one in (store, other) * 6))
    assert sum(taken) == 5
    async with store.reading() as tx:
        assert (await tx.codes("1.m0"))[0].tries == 5


async def test_codes_go_with_their_alert(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 2)
        for one in made:
            await tx.add_code(code(mail_key=f"{one.id}.m0", alert_id=one.id))
        await tx.save([then(made[0], Resolved("alice"))])
    async with store.transaction() as tx:
        assert await tx.purge(after(100)) == 1
        assert await tx.codes("1.m0") == []
        assert len(await tx.codes("2.m0")) == 1
