"""Whatever a stranger sends to the web receipts: never a fault of ours, never a receipt."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.web.limiter import Limiter, Rate
from bot.web.openings import Fetch, classify
from bot.web.receipts import WebReceipts
from escalation.receipt import ReceiptKind
from tests.fakes.web_desk import SENT_AT, TOKENS, MemoryDesk

NAMES = st.sampled_from(
    [b"user-agent", b"purpose", b"sec-purpose", b"accept-language", b"content-length", b"sec-fetch-site", b"cookie"]
)
HEADERS = st.lists(st.tuples(NAMES, st.binary(max_size=60)), max_size=6)
GENUINE = TOKENS.confirm_token("42.m3")
TEXTS = st.text(max_size=120) | st.builds(
    lambda cut, more: GENUINE[:cut] + more, st.integers(0, 60), st.text(max_size=4)
)
PATHS = st.builds(lambda form, text: form.format(text), st.sampled_from(["/c/{}", "/p/{}.gif"]), TEXTS)


async def ask(desk: MemoryDesk, method: str, path: str, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> int:
    """One request straight to the application, with bytes that no client library would send."""
    receipts = WebReceipts(TOKENS, desk, lambda: SENT_AT + timedelta(hours=1))
    sent: list[Any] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": b"",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": list(headers),
        "client": ("203.0.113.7", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await Starlette(routes=receipts.routes)(scope, receive, send)
    await receipts.close()
    return int(sent[0]["status"])


@settings(max_examples=200)
@given(st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "BREW"]), PATHS, HEADERS, st.binary(max_size=2_000))
def test_a_stranger_reports_nothing(method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    desk = MemoryDesk()
    status = asyncio.run(ask(desk, method, path, headers, body))
    assert status in (200, 404, 405, 413)
    assert desk.reports == []


@given(HEADERS, st.sampled_from(["GET", "POST"]))
def test_any_headers_are_borne_with_a_genuine_link(headers: list[tuple[bytes, bytes]], method: str) -> None:
    desk = MemoryDesk()
    assert asyncio.run(ask(desk, method, f"/c/{GENUINE}", headers, b"")) == 200
    assert asyncio.run(ask(desk, "GET", f"/p/{TOKENS.pixel_token('42.m3')}.gif", headers, b"")) == 200
    kinds = [report.kind for report in desk.reports]
    assert kinds.count(ReceiptKind.CONFIRMED) <= (method == "POST")
    assert len(kinds) - kinds.count(ReceiptKind.CONFIRMED) == 1


@given(st.text(max_size=300), st.text(max_size=40), st.floats(-100, 1e6), st.lists(st.text(max_size=5), max_size=4))
def test_any_fetch_is_something(agent: str, address: str, after: float, together: list[str]) -> None:
    opening = classify(Fetch("42.m3", SENT_AT + timedelta(seconds=after), address, agent), SENT_AT, together)
    assert opening.kind in (ReceiptKind.OPENED, ReceiptKind.OPENED_BY_MACHINE)
    assert opening.reason
    assert 0 < opening.confidence <= 1


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60), st.floats(0.1, 10), st.integers(1, 10))
def test_a_client_gets_no_more_than_its_rate(pauses: list[float], per_second: float, at_once: int) -> None:
    now = 0.0
    limiter = Limiter(Rate(per_second, at_once), lambda: now)
    admitted = 0
    for pause in pauses:
        now += pause
        admitted += limiter.admits("203.0.113.7")
    assert admitted <= at_once + now * per_second + 1e-6
