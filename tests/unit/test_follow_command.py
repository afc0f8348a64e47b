"""``kidoku report``, ``subscribe`` and ``unsubscribe``, as they are typed; and what the audit trail keeps of others."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.report import Report, Span, report_of
from bot.store.record import NotificationState
from bot.store.store import Store
from escalation.event import Acknowledged
from escalation.roster import Person, Roster
from tests.fakes.command_line import kidoku
from tests.fakes.policies import AT, after
from tests.fakes.stored import database, first, row, then
from tests.unit.test_cli import config

__all__ = ["config"]


def audited(config: str) -> list[tuple[str, str, int | None, str, str]]:
    kept = json.loads(kidoku("audit", "--json", "-c", config).stdout)
    return [(one["who"], one["verb"], one["alert_id"], one["argument"], one["outcome"]) for one in reversed(kept)]


def test_an_alert_is_followed_and_no_longer(config: str) -> None:
    said = [
        kidoku(verb, "1", "--by", "alice", "-c", config, *more).stdout.strip()
        for verb, *more in (("subscribe",), ("subscribe", "--json"), ("unsubscribe",), ("unsubscribe",))
    ]
    assert said[0].startswith("You follow #1: what becomes of it is told to you alone (")
    assert json.loads(said[1]) == {"text": "You follow #1 already."}
    assert said[2:] == ["You no longer follow #1.", "You do not follow #1."]
    assert kidoku("subscribe", "9", "--by", "alice", "-c", config).returncode == 2
    assert audited(config) == [
        ("alice", "subscribe", 1, "", "done"),
        ("alice", "subscribe", 1, "", "nothing"),
        ("alice", "unsubscribe", 1, "", "done"),
        ("alice", "unsubscribe", 1, "", "nothing"),
        ("alice", "subscribe", None, "#9", "mistaken"),
    ]


def test_a_report_is_printed(config: str) -> None:
    since = ("--since", AT.isoformat(), "--until", after(60).isoformat())
    told: dict[str, Any] = json.loads(kidoku("report", *since, "--json", "-c", config).stdout)
    assert (told["since"], told["opened"], told["severities"]) == (AT.isoformat(), 1, {"critical": 1})
    assert (told["taken"], told["median_s"], told["open"], told["pages"], told["costs"]) == (0, None, [1], 0, {})
    lines = kidoku("report", *since, "-c", config).stdout.splitlines()
    assert lines[1:] == ["1 alert: critical 1", "Read or taken: none", "Still open: 1 (#1)"]
    assert "No alerts." in kidoku("report", "-c", config).stdout
    wrong = kidoku("report", "--since", "2026-05-03", "--until", "2026-05-02", "-c", config)
    assert (wrong.returncode, "write --until after --since" in wrong.stderr) == (2, True)


def test_a_silence_and_its_end_are_in_the_audit_trail(config: str) -> None:
    asked = ("--from", "carrier.example", "--until", "2099-01-01T00:00Z", "--start", "2098-12-31T00:00Z")
    assert kidoku("silence", *asked, "--why", "works", "--by", "alice", "-c", config).returncode == 0
    assert kidoku("silence", *asked, "--why", " ", "--by", "alice", "-c", config).returncode == 2
    assert kidoku("unsilence", "1", "--by", "alice", "-c", config).returncode == 0
    assert kidoku("silences", "1", "--open", "--by", "alice", "-c", config).returncode == 0
    assert audited(config) == [
        ("alice", "silence", None, "2099-01-01T00:00+00:00 from carrier.example why works", "done"),
        ("alice", "silence", None, "2099-01-01T00:00+00:00 from carrier.example why", "mistaken"),
        ("alice", "unsilence", None, "1", "done"),
        ("alice", "silences", None, "1 --open", "nothing"),
    ]


# What a report counts -------------------------------------------------------------------------------------------------

ROSTER = Roster({"alice": Person("alice", "Alice"), "bob": Person("bob", "Bob")})


@pytest.fixture
async def report(tmp_path: Path) -> Report:
    """Of three alerts: one taken after 4 minutes, one after 10, one never; and five pages."""
    sent: dict[str, Any] = {"state": NotificationState.ENDED, "send_at": None, "person": "alice"}
    priced = {"price": "0.05", "currency": "USD"}
    async with database("sqlite", tmp_path) as url:
        store = await Store.open(url, AT)
        async with store.transaction() as tx:
            changes = [first(id) for id in (1, 2, 3)]
            await tx.save(changes)
            await tx.add_notifications(
                [
                    row("1.0", channel="phone", ref=priced, sent_at=after(1), **sent),
                    row("1.1", channel="phone", ref=priced | {"price": "0.125"}, sent_at=AT, **sent),
                    row("1.2", channel="sms", sent_at=AT, **sent),
                    row("2.0", alert_id=2, sent_at=AT, **sent | {"person": "bob"}),
                    row("3.0", alert_id=3, channel="phone", ref=priced | {"price": "?"}, sent_at=AT, **sent),
                ]
            )
        async with store.transaction() as tx:
            taken = [then(changes[n].alert, Acknowledged("alice"), minutes) for n, minutes in ((0, 4), (1, 10))]
            await tx.save(taken)
        async with store.reading() as tx:
            found = await report_of(tx, ROSTER, Span(AT, after(1)))
        await store.close()
    return found


async def test_what_came_of_the_alerts(report: Report) -> None:
    assert (report.opened, dict(report.severities), report.open) == (3, {"critical": 3}, (1, 2, 3))
    assert (report.reaction.taken, report.reaction.median) == (2, timedelta(minutes=4))
    assert (report.reaction.slowest, report.reaction.slowest_id) == (timedelta(minutes=10), 2)


async def test_how_late_and_how_dear_the_pages_were(report: Report) -> None:
    assert (report.pages.sent, report.pages.median) == (5, timedelta(0))
    assert report.pages.most == report.pages.latest == timedelta(minutes=1)
    assert (report.costs, report.unpriced) == ({"USD": Decimal("0.175")}, 2)


async def test_who_was_told(report: Report) -> None:
    """What left at the very end of the span is not in it."""
    assert {id: load.pages for id, load in report.people.items()} == {"alice": 3, "bob": 1}


async def test_one_call_about_two_mails_is_paid_for_once(tmp_path: Path) -> None:
    """The first of its pages does not know the price yet; of the other call nobody does."""
    sent: dict[str, Any] = {"state": NotificationState.ENDED, "send_at": None, "person": "alice", "channel": "phone"}
    priced = {"sid": "CA1", "key": "2.0", "price": "0.05", "currency": "USD"}
    async with database("sqlite", tmp_path) as url:
        store = await Store.open(url, AT)
        async with store.transaction() as tx:
            await tx.save([first(id) for id in (1, 2, 3, 4)])
            rows = [row(f"{id}.0", alert_id=id, sent_at=AT, **sent) for id in (1, 2, 3, 4)]
            refs = [{"sid": "CA1"}, priced, {"sid": "CA2"}, {"sid": "CA2", "key": "4.0"}]
            await tx.add_notifications([one._replace(ref=ref) for one, ref in zip(rows, refs, strict=True)])
        async with store.reading() as tx:
            found = await report_of(tx, ROSTER, Span(AT, after(1)))
        await store.close()
    assert (found.costs, found.unpriced) == ({"USD": Decimal("0.05")}, 1)
    assert (found.pages.sent, found.people["alice"].pages, found.people["alice"].calls) == (4, 4, 2)
