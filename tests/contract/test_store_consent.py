"""What every store must do with consents, probes and what was learnt of domains."""

from dataclasses import replace

from bot.store.record import Consent, DomainRecord, ProbeRow
from bot.store.store import Store
from tests.fakes.policies import AT, after

AGREED = Consent(subject="a@x.example", given_at=AT, given_by="bob", ground="signed")
DECLINED = Consent(subject="a@x.example", declined_at=after(5), declined_by="page", has_declined_receipts=True)


async def test_what_was_agreed_and_what_was_declined_are_kept_apart(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.put_given(AGREED)
        assert await tx.consents(["a@x.example", "b@x.example"], locks=True) == {"a@x.example": AGREED}
        await tx.put_declined(DECLINED)
        both = replace(AGREED, declined_at=after(5), declined_by="page", has_declined_receipts=True)
        assert await tx.all_consents() == [both]
        await tx.put_given(replace(AGREED, ground="signed again"))
        assert await tx.all_consents() == [replace(both, ground="signed again")]
        assert [await tx.forget_consent("a@x.example"), await tx.forget_consent("a@x.example")] == [True, False]


async def test_of_what_was_declined_long_ago_the_wish_alone_is_kept(store: Store) -> None:
    async with store.transaction() as tx:
        for one in (AGREED, replace(AGREED, subject="@x.example"), replace(AGREED, subject="b@x.example")):
            await tx.put_given(one)
        for subject in ("a@x.example", "@x.example"):
            await tx.put_declined(replace(DECLINED, subject=subject))
        await tx.purge(after(5))
        assert len(await tx.all_consents()) == 3
        await tx.purge(after(6))
        assert await tx.all_consents() == [DECLINED, replace(AGREED, subject="b@x.example")]


async def test_a_probe_is_found_until_it_is_finished_and_its_record_stays(store: Store) -> None:
    first, second = ProbeRow(1, "a@x.example", after(60)), ProbeRow(2, "a@x.example", after(90))
    async with store.transaction() as tx:
        await tx.add_probe(first)
        assert (await tx.probe_of("a@x.example"), await tx.probe_of("b@x.example")) == (first, None)
        await tx.add_probe(second)
        assert await tx.probe_of("a@x.example") == second
        assert [await tx.is_probe(1), await tx.is_probe(3)] == [True, False]
        assert await tx.ended_probes(after(59), 10) == []
        assert await tx.ended_probes(after(60), 10) == [first]
        await tx.finish_probe(1, after(61))
        assert await tx.ended_probes(after(90), 10) == [second]
        for data in ("{}", "[]"):
            await tx.put_domain_record(DomainRecord("x.example", after(60), data))
        assert await tx.domain_records() == [DomainRecord("x.example", after(60), "[]")]
