"""What the measurements share: a policy, a bot on a fresh database, figures."""

import json
import resource
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import SystemClock
from bot.desk import Rules
from bot.engine import Engine
from bot.intake import Intake
from bot.routes import Owner, Routes
from bot.store.store import Store
from channels.imap.mailbox import Arrived, Cursor, MailboxBatch
from escalation.mail import Mail
from escalation.policy import Action, EscalationPolicy, Ladder, Step, Target
from escalation.roster import Person, Roster
from escalation.routing import Rule

ROSTER = Roster(
    people={"alice": Person("alice", "Alice", contacts={"slack": "U0ALICE000", "phone": "+81312345678"})},
    rooms={"#noc": {"slack": "C0OPS"}},
)


def policy(after: timedelta) -> EscalationPolicy:
    room, person = Target.parse("#noc"), Target.parse("alice")
    steps = (Step(Action("slack", (room,)), after), Step(Action("phone", (person,)), timedelta(hours=1)))
    return EscalationPolicy(name="urgent", ladders=(Ladder(steps),), last_resort=(Action("phone", (person,)),))


@dataclass
class Bench:
    """A store and an engine on a new database file, with synchronous=FULL as in production."""

    folder: Path
    store: Store
    engine: Engine
    intake: Intake

    @classmethod
    async def open(cls, after: timedelta, engine_type: type[Engine] = Engine) -> "Bench":
        folder = Path(tempfile.mkdtemp(prefix="kidoku-bench-"))
        clock = SystemClock()
        store = await Store.open(f"sqlite+aiosqlite:///{folder}/bench.sqlite3", clock.now())
        engine = engine_type(store, clock, Rules(ROSTER, (), frozenset({"slack"})))
        routes = Routes((Rule(name="all", policy="urgent"),), {"urgent": policy(after)}, {"alice": Owner("alice")})
        return cls(folder, store, engine, Intake(engine, lambda: routes))

    async def burst(self, count: int, at_once: int = 100) -> None:
        """So many urgent mails, as the mailbox hands them over after an outage."""
        for start in range(0, count, at_once):
            mails = [Arrived(n + 1, mail(n)) for n in range(start, min(count, start + at_once))]
            cursor = Cursor(1, start + at_once + 1, None, datetime.now(UTC))
            await self.intake.commit(MailboxBatch("alice", "INBOX", tuple(mails), cursor))


def mail(number: int) -> Mail:
    return Mail(
        message_id=f"{number}@bench.example",
        account="alice",
        folder="INBOX",
        received_at=datetime.now(UTC),
        subject=f"【緊急】 回線障害のお知らせ {number}",
        sender="noc@carrier.example",
        sender_name="Carrier NOC",
    )


def quantile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def resident() -> int:
    """Bytes of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def row(what: str, figure: str, beside: str = "", target: str = "", is_met: bool | None = None) -> None:
    """One line of the table, for the process that gathers them."""
    print(json.dumps({"what": what, "figure": figure, "beside": beside, "target": target, "is_met": is_met}))
