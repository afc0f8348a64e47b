"""The apprise channel through its public ``send``, with the real library, against services on loopback."""

import asyncio
import io
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from channels.apprise.config import AppriseService
from channels.apprise.notifier import AppriseNotifier
from channels.base import Rejected, RetryLater, SendResult, Sent
from channels.message import Fact, Message, Tone
from tests.fakes.apprise import HANG, HIDDEN, SECRETS, Services, services

AT = datetime(2026, 5, 3, tzinfo=UTC)
LINK = "https://kidoku.company.example/a/IjQyLjEi.abc-DEF_1.sig_nature"
MESSAGE = Message(
    key="42.1",
    address="ops",
    language="ja",
    title="未読のまま 5 分: 【緊急】 @everyone <!channel> [ここ](http://evil.example)",
    summary="x",
    alert_id=42,
    facts=(Fact("差出人", "NOC <noc@carrier.example>"), Fact("次", "電話 → 佐藤 花子")),
    timeline=("02:05 緊急メールが届きました。",),
    footer="Kidoku #42",
    link=LINK,
    link_label="対応する",
)


class Bench:
    """One notifier, and everything it said."""

    def __init__(self, there: Services, log: io.StringIO, out: pytest.CaptureFixture[str]) -> None:
        self.there = there
        self.health: list[tuple[str, bool, str]] = []
        self.log = log
        self.out = out
        self.results: list[object] = []

    def notifier(self, url: str, **more: Any) -> AppriseNotifier:
        settings = AppriseService(url=SecretStr(url), **more)
        made = AppriseNotifier({"ops": settings}, lambda *said: self.health.append(said))
        self.results += [settings, made]
        return made

    async def send(self, name: str, message: Message = MESSAGE, **more: Any) -> SendResult:
        result = await self.notifier(self.there.url(name), **more).send(message)
        self.results.append(result)
        self.leaks_nothing(name)
        return result

    def leaks_nothing(self, name: str) -> None:
        captured = self.out.readouterr()
        said = f"{self.results!r} {self.health!r} {self.log.getvalue()} {captured.out} {captured.err}"
        assert not [secret for secret in HIDDEN[name] if secret.lower() in said.lower()]


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Bench]:
    # Not caplog: it listens to loggers that tell nobody else. As the bot does: all that is INFO and more.
    root, log = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(log)
    root.addHandler(handler)
    monkeypatch.setattr(root, "level", logging.INFO)
    async with services(monkeypatch) as there:
        yield Bench(there, log, capsys)
    root.removeHandler(handler)


def texts(value: object) -> str:
    """Every text in what a service got."""
    if isinstance(value, dict):
        return "\n".join(map(texts, value.values()))
    return "\n".join(map(texts, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("name", sorted(SECRETS))
async def test_a_message_reaches_each_service_with_its_link_and_pings_nobody(bench: Bench, name: str) -> None:
    assert await bench.send(name) == Sent({"tone": "open"})
    assert len(bench.there.bodies) == 1
    said = texts(bench.there.bodies[0])
    assert LINK in said
    assert "緊急" in said and "佐藤 花子" in said
    assert not [bad for bad in ("@everyone", "<!channel>", "](http://evil") if bad in said]
    assert bench.health == [("apprise:ops", True, "")]


@pytest.mark.parametrize("address", ["lineworks://{id}", "https://webhook.worksmobile.com/message/{id}"])
async def test_line_works_gets_what_its_webhook_takes(bench: Bench, address: str) -> None:
    id = "ED01d020-c8c7-44fe-bf85-1b5db0114df5"
    assert isinstance(await bench.notifier(address.format(id=id)).send(MESSAGE), Sent)
    assert bench.there.paths == [f"/lineworks/{id}"]
    [body] = bench.there.bodies
    assert body.keys() == {"title", "body"} and body["body"].keys() == {"text"}
    assert "緊急" in body["title"] and LINK in body["body"]["text"]
    assert len(body["title"]) <= 100 and len(body["body"]["text"]) <= 1_000


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize(
    ("status", "expected", "maybe_sent"),
    [
        (400, Rejected, None), (401, Rejected, None), (403, Rejected, None), (404, Rejected, None),
        (410, Rejected, None), (413, Rejected, None), (408, RetryLater, False), (429, RetryLater, False),
        (500, RetryLater, True), (502, RetryLater, True), (503, RetryLater, True), (504, RetryLater, True),
    ],
)  # fmt: skip
async def test_each_status_has_its_outcome(
    bench: Bench, name: str, status: int, expected: type, maybe_sent: bool | None
) -> None:
    bench.there.answers.append(status)
    result = await bench.send(name)
    assert type(result) is expected and str(status) in getattr(result, "reason")  # noqa: B009
    if isinstance(result, RetryLater):
        assert (result.maybe_sent, result.is_channel_wide) == (maybe_sent, False)
    assert [(part, is_up) for part, is_up, _ in bench.health] == [("apprise:ops", False)]


async def test_nobody_listens(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    for name in ("json", "ntfy", "teams"):
        result = await bench.notifier(SECRETS[name].format(at=f"127.0.0.1:{port}")).send(MESSAGE)
        bench.results.append(result)
        bench.leaks_nothing(name)
        assert isinstance(result, RetryLater) and "reached" in result.reason


async def test_a_service_that_hangs_is_left_in_time_and_keeps_two_places_at_most(bench: Bench) -> None:
    bench.there.answers += [HANG, HANG]
    notifier = bench.notifier(bench.there.url("json"))
    notifier._services = {"ops": notifier._services["ops"].model_copy(update={"timeout": timedelta(seconds=0.2)})}
    for _ in range(2):
        result = await notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.maybe_sent


async def test_what_drips_for_ever_takes_no_room_from_others(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own limit is for each read: only ours ends such a call, and its thread goes on."""
    monkeypatch.setattr("channels.apprise.notifier.GRACE", timedelta(seconds=-0.8))
    bench.there.answers += [HANG, HANG]
    notifier = bench.notifier(bench.there.url("json"), timeout=timedelta(seconds=1))
    notifier._services = {**notifier._services, "other": notifier._services["ops"]}
    for _ in range(2):
        assert "in time" in getattr(await notifier.send(MESSAGE), "reason")  # noqa: B009
    busy = await notifier.send(MESSAGE)
    assert isinstance(busy, RetryLater) and busy.after == timedelta(seconds=2) and not busy.maybe_sent
    assert await notifier.send(replace(MESSAGE, address="other")) == Sent({"tone": "open"})


async def test_that_it_was_taken_is_told_once_and_a_receipt_is_not(bench: Bench) -> None:
    notifier = bench.notifier(bench.there.url("json"))
    assert await notifier.update(MESSAGE, {"tone": "open"}) == Sent({"tone": "open"})
    assert bench.there.bodies == []
    taken = replace(MESSAGE, tone=Tone.TAKEN, title="佐藤 花子が対応中: 障害", link="")
    assert await notifier.update(taken, {"tone": "open"}) == Sent({"tone": "taken"})
    assert await notifier.update(taken, {"tone": "taken"}) == Sent({"tone": "taken"})
    assert len(bench.there.bodies) == 1 and "佐藤 花子が対応中" in texts(bench.there.bodies[0])
    quiet = bench.notifier(bench.there.url("json"), updates=False)
    assert await quiet.update(taken, {"tone": "open"}) == Sent({"tone": "taken"})
    assert len(bench.there.bodies) == 1


async def test_several_posts_of_one_alert_are_brought_up_to_date_by_one_message(bench: Bench) -> None:
    """Retries and later rounds told the same place: each of these rows asks for the update, and at once."""
    notifier = bench.notifier(bench.there.url("json"))
    taken = replace(MESSAGE, tone=Tone.TAKEN, title="taken", link="")
    told = await asyncio.gather(*(notifier.update(replace(taken, key=f"42.{n}"), {"tone": "open"}) for n in range(4)))
    assert told == [Sent({"tone": "taken"})] * 4
    assert len(bench.there.bodies) == 1
    await notifier.update(replace(MESSAGE, tone=Tone.CLOSED, title="resolved"), {"tone": "taken"})
    assert len(bench.there.bodies) == 2


async def test_pagerduty_has_one_incident_an_alert_and_it_ends_with_it(bench: Bench) -> None:
    notifier = bench.notifier(bench.there.url("pagerduty"))
    await notifier.send(MESSAGE)
    await notifier.update(replace(MESSAGE, tone=Tone.TAKEN, title="taken"), {"tone": "open"})
    await notifier.update(replace(MESSAGE, tone=Tone.CLOSED, title="resolved"), {"tone": "taken"})
    assert [(one["event_action"], one["dedup_key"]) for one in bench.there.bodies] == [
        ("trigger", "kidoku-42"),
        ("trigger", "kidoku-42"),
        ("resolve", "kidoku-42"),
    ]


async def test_a_service_that_the_settings_lost_is_said_so(bench: Bench) -> None:
    result = await bench.notifier(bench.there.url("json")).send(replace(MESSAGE, address="gone"))
    assert isinstance(result, Rejected) and "settings" in result.reason


async def test_it_can_not_be_asked(bench: Bench) -> None:
    answer = await bench.notifier(bench.there.url("json")).reconcile(MESSAGE, AT)
    assert answer.is_final
