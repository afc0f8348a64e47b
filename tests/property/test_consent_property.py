"""Consents in any order: a picture never goes to whoever declined last, nor to whoever never agreed."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.consent import Tracking, agree, decline, trackings
from bot.desk import Desk, Rules
from bot.store.store import Store
from escalation.roster import Roster
from tests.fakes.policies import AT, after

ADDRESSES = ("a@x.example", "b@x.example")
SUBJECTS = ("a@x.example", "@x.example")
ACTS = st.tuples(
    st.sampled_from(["agree", "anew", "anew with receipts", "decline", "decline all", "forget"]),
    st.sampled_from(SUBJECTS),
)


@dataclass
class Slow:
    """What holds, by going through everything that was said."""

    said: dict[str, list[str]] = field(default_factory=dict)

    def takes(self, act: str, subject: str) -> None:
        if act == "forget":
            self.said.pop(subject, None)
        elif act != "agree" or not self.has_declined(subject):
            self.said.setdefault(subject, []).append(act)

    def has_declined(self, subject: str) -> bool:
        about = [one.split()[0] for one in self.said.get(subject, ())]
        return bool(about) and about[-1] == "decline"

    def agrees(self, subject: str) -> bool:
        return bool(self.said.get(subject)) and not self.has_declined(subject)

    def tracking(self, address: str) -> Tracking:
        domain = address[address.index("@") :]
        shows = not self.has_declined(address) and (self.agrees(address) or self.agrees(domain))
        about = [one for one in self.said.get(address, ()) if one in ("decline all", "anew with receipts")]
        return Tracking(shows, not about or about[-1] != "decline all")


async def plays(url: str, acts: list[tuple[str, str]]) -> dict[str, Tracking]:
    store = await Store.open(url, AT)
    async with store.transaction() as tx:
        for subject in SUBJECTS:
            await tx.forget_consent(subject)
    for number, (act, subject) in enumerate(acts):
        async with store.transaction() as tx:
            desk = Desk(tx, after(number), Rules(Roster(), (), frozenset()))
            agreed = partial(agree, desk, [subject], "bob", "signed")
            if act == "forget":
                await tx.forget_consent(subject)
            elif act.startswith("decline"):
                await decline(desk, [subject], "page", receipts=act.endswith("all"))
            else:
                await agreed(is_anew=act != "agree", receipts=act.endswith("receipts"))
    async with store.reading() as tx:
        found = await trackings(tx, ADDRESSES)
    await store.close()
    return found


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('consents')}/k.sqlite3"


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTS, min_size=3, max_size=12))
def test_what_holds_is_what_was_said_last(url: str, acts: list[tuple[str, str]]) -> None:
    slow = Slow()
    for one in acts:
        slow.takes(*one)
    assert asyncio.run(plays(url, acts)) == {address: slow.tracking(address) for address in ADDRESSES}
