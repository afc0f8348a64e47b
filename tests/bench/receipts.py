"""Receipts understood a second, against the standard library's bare parse of the same mails in the same run."""

import time
from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.policy import Policy, compat32, default
from functools import partial
from pathlib import Path
from typing import Any

from bot.logs import LogFormat, set_up
from channels.receipts import understand
from tests.bench.setting import row
from tests.fakes.bounces import BOUNCES

ROUNDS = 5
MANY = 2_000
TARGET = 0.5
CORPUS = Path(__file__).parents[2].parent / "shared" / "mails" / "bounces"


def bare(policy: "Policy[Any]", raw: bytes) -> None:
    """Every part taken apart and decoded, every header read; nothing is understood."""
    for part in message_from_bytes(raw, policy=policy).walk():
        _ = [str(value) for value in part.values()]
        if not part.is_multipart():
            part.get_payload(decode=True)


def mails() -> tuple[str, list[bytes]]:
    """Real bounces where they are beside the project; else those of the tests, short and for people only."""
    found = [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))]
    what = "real bounces" if found else "notices for people"
    found = found or [one.mail for one in BOUNCES]
    return what, (found * (MANY // len(found) + 1))[:MANY]


def rate(work: Callable[[bytes], object], raws: Sequence[bytes]) -> float:
    """Mails a second."""
    began = time.perf_counter()
    for raw in raws:
        work(raw)
    return len(raws) / (time.perf_counter() - began)


def main() -> None:
    what, raws = mails()
    works = (understand, partial(bare, default), partial(bare, compat32), message_from_bytes)
    rounds = [[rate(work, raws) for work in works] for _ in range(ROUNDS)]
    ours, *bares = (max(rates) for rates in zip(*rounds, strict=True))
    names = (
        "the standard library's bare parse",
        "with its old policy, compat32",
        "compat32, and no part or header read",
    )
    for number, (name, baseline) in enumerate(zip(names, bares, strict=True)):
        label = () if number else (f"receipts understood ({what})", f"{ours:,.0f}/s")
        beside = f"{name}: {baseline:,.0f}/s; ratio {ours / baseline:.0%}"
        row(*(label or ("", "")), beside, f"≥ {TARGET * 100:.0f} %", ours >= baseline * TARGET)


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    main()
