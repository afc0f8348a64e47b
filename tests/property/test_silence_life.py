"""Whatever happens in whatever order: each urgent mail is an alert, or somebody is told that it was swallowed."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import silence
from bot.clock import ManualClock
from bot.desk import Rules
from bot.engine import Engine
from bot.intake import Intake
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.routes import Owner, Routes
from bot.store.store import Store
from bot.store.tables import notification
from channels.imap.mailbox import Arrived, Cursor, MailboxBatch
from escalation.calendar import Span, Window
from escalation.mail import Mail
from escalation.routing import Rule
from escalation.silence import Maintenance, Scope, Silence
from tests.fakes.policies import AT, action, minutes, policy, roster

WORDS = Words("en", "UTC")
RULES = (Rule(name="disk", policy="p", subjects=("disk",)), Rule(name="cpu", policy="p", subjects=("cpu",)))
HOURLY = tuple(
    Span(start=(AT + timedelta(hours=n, minutes=20)).time(), end=(AT + timedelta(hours=n, minutes=30)).time())
    for n in range(24)
)
NIGHT = Maintenance(name="night", scope=Scope(rules=("cpu",)), why="w", window=Window("n", spans=HOURLY))
ROUTES = Routes(RULES, {"p": policy()}, {"alice": Owner("alice"), "noc": Owner("noc", is_team=True)}, (NIGHT,))

makes = st.tuples(st.just("make"), st.sampled_from([("disk",), ("cpu",), ("disk", "cpu")]), st.integers(1, 30))
lifts = st.tuples(st.just("lift"), st.sampled_from(["1", "2", "3", "night"]))
passing = st.tuples(st.just("pass"), st.integers(1, 20))
comes = st.tuples(
    st.just("come"),
    st.sampled_from(["disk", "cpu"]),
    st.integers(1, 6),
    st.sampled_from(["alice", "noc"]),
    st.booleans(),
)
steps = st.lists(makes | lifts | passing | comes | comes, min_size=4, max_size=14)


class World:
    """A store, an intake, and a clock: what the bot is but for its channels."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = ManualClock(AT)
        self.engine = Engine(store, self.clock, Rules(roster(), (action("slack", "#ops"),), frozenset()))
        self.intake = Intake(self.engine, lambda: ROUTES)
        self.uid = 0
        self.urgent: set[str] = set()

    async def make(self, rules: tuple[str, ...], span: int) -> None:
        now = self.clock.now()
        wanted = Silence(scope=Scope(rules=rules), start=now, end=now + minutes(span), why="w", by="alice")
        await self.engine.submit(lambda desk: silence.silence(desk, wanted, RULES, WORDS))

    async def lift(self, which: str) -> None:
        try:
            await self.engine.submit(lambda desk: silence.lift(desk, which, "bob", (NIGHT,), WORDS))
        except BadArgumentError:
            pass

    async def pass_(self, count: int) -> None:
        """Time goes by; the clockwork looks only now and then, so that silences end late."""
        self.clock.move_to(self.clock.now() + minutes(count))
        if count % 2:
            await self.end()

    async def end(self) -> None:
        async with self.store.reading() as tx:
            ended = await tx.ended_silences(self.clock.now())
        for id in ended:
            await self.engine.submit(partial(silence.end, id=id))

    async def come(self, rule: str, number: int, account: str, is_late: bool) -> None:
        """The same few mails again and again, in two mailboxes; some came a while ago."""
        self.uid += 1
        now = self.clock.now()
        one = Mail(message_id=f"{rule}{number}", account=account, folder="INBOX", received_at=now, subject=rule)
        one = replace(one, received_at=now - minutes(7)) if is_late else one
        self.urgent.add(one.message_id)
        cursor = Cursor(1, self.uid + 1, None, now)
        await self.intake.commit(MailboxBatch(account, "INBOX", (Arrived(self.uid, one),), cursor))

    async def told(self) -> dict[int, int]:
        """How many mails each summary counted."""
        async with self.store.reading() as tx:
            rows = await tx.connection.execute(select(notification.c.text).where(notification.c.alert_id.is_(None)))
        found = [json.loads(text) for text in rows.scalars()]
        summaries = [(one["silence"], one["count"]) for one in found if one["kind"] == "silence_ended"]
        assert len(dict(summaries)) == len({*summaries})
        return dict(summaries)


async def live(folder: str, story: list[tuple[object, ...]]) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{folder}/kidoku.sqlite3", AT)
    world = World(store)
    running = asyncio.create_task(world.engine.run())
    try:
        for verb, *arguments in story:
            await getattr(world, "pass_" if verb == "pass" else str(verb))(*arguments)
        await world.pass_(121)
        told = await world.told()
        async with store.reading() as tx:
            opened = set(await tx.alert_of_mails(world.urgent))
            kept = {one.id: await tx.swallowed(one.id) for one in await tx.all_silences()}
        assert told == {id: len(mails) for id, mails in kept.items() if mails}
        assert world.urgent <= opened | {one.mail.message_id for mails in kept.values() for one in mails}
    finally:
        await world.engine.stop()
        await running
        await store.close()


@settings(max_examples=25, deadline=None)
@given(steps)
def test_each_urgent_mail_is_an_alert_or_is_told_of(story: list[tuple[object, ...]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(live(folder, story))
