"""Log lines: what the libraries write."""

import logging
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from bot.log_stream import LogStream
from bot.logs import LogFormat, set_up
from bot.store.record import StoreError


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    yield
    structlog.configure(**config)
    root.handlers[:] = handlers
    root.setLevel(level)


def written(capsys: pytest.CaptureFixture[str]) -> str:
    """What stands on stderr when all lines are written."""
    [handler] = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler) and isinstance(handler.stream, LogStream)
    assert handler.stream.drain()
    return capsys.readouterr().err


def test_a_gateway_that_is_gone_takes_one_line_a_try(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogFormat.TEXT)
    try:
        raise ConnectionError("503")
    except ConnectionError:
        logging.getLogger("discord.client").exception("Attempting a reconnect in %.2fs", 1.5)
    [line] = written(capsys).splitlines()
    assert "Attempting a reconnect in 1.50s: ConnectionError: 503" in line and "warning" in line


def test_any_other_fault_of_a_library_keeps_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogFormat.TEXT)
    try:
        raise ValueError("what")
    except ValueError:
        logging.getLogger("discord.client").exception("Ignoring exception in %s", "on_ready")
    assert "Traceback (most recent call last)" in written(capsys)


@pytest.mark.parametrize("form", [LogFormat.TEXT, LogFormat.JSON])
def test_a_database_that_can_not_go_on_takes_one_line(capsys: pytest.CaptureFixture[str], form: LogFormat) -> None:
    set_up(form)
    try:
        raise StoreError("kidoku.sqlite3: another process holds its write lock")
    except StoreError:
        structlog.get_logger("kidoku").exception("What is due could not be decided", alert_id=1)
    [line] = written(capsys).splitlines()
    assert "What is due could not be decided" in line and "holds its write lock" in line
    assert "Traceback" not in line


def test_a_line_says_all_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogFormat.TEXT)
    at = datetime(2026, 11, 27, 15, tzinfo=UTC)
    structlog.get_logger("kidoku").info("Taken", alert_id=1, by="a b", via="x\nTaken alert_id=2", at=at, no=None)
    logging.getLogger("library").warning("said\n%s", "this")
    first, second = written(capsys).splitlines()
    assert first.endswith(
        r"[info     ] Taken alert_id=1 by='a b' via='x\nTaken alert_id=2' at=2026-11-27T15:00:00+00:00 no=None"
    )
    assert second.endswith(r"[warning  ] 'said\nthis'")


def test_what_a_line_of_json_can_not_hold_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogFormat.JSON)
    structlog.get_logger("kidoku").warning("What", why=ValueError("広"), by={1: ("a", None)})
    line = msgspec.json.decode(written(capsys))
    assert (line["event"], line["level"], line["why"], line["by"]) == ("What", "warning", "広", {"1": ["a", None]})


def test_nobody_waits_for_a_reader_that_is_stuck() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as read, capture_logs() as said:
        with os.fdopen(writing, "w") as file:
            stream = LogStream(file, most=10)
            stream.write("x" * 1_000_000 + "\n")
            for number in range(1_000):
                stream.write(f"line {number}\n")
            assert not stream.drain(within=0)
            assert read.readline().startswith("xxx")
            assert stream.drain()
        kept = read.read().splitlines()
    assert kept == [f"line {number}" for number in range(len(kept))] and 9 <= len(kept) <= 10
    [told] = said
    assert (told["log_level"], told["count"]) == ("warning", 1_000 - len(kept))


def test_a_reader_that_is_gone_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    file = os.fdopen(writing, "w")
    stream = LogStream(file)
    for _ in range(2):
        stream.write("line\n")
        assert stream.drain()
    with pytest.raises(BrokenPipeError):
        file.close()


def test_lines_of_many_threads_stay_whole_and_none_is_lost() -> None:
    reading, writing = os.pipe()
    found: list[str] = []
    with os.fdopen(reading) as read:
        reader = threading.Thread(target=lambda: found.extend(read))
        reader.start()
        with os.fdopen(writing, "w") as file:
            stream = LogStream(file)

            def write() -> None:
                for _ in range(1_000):
                    stream.write("0123456789\n")

            threads = [threading.Thread(target=write) for _ in range(4)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            assert stream.drain()
        reader.join()
    assert found == ["0123456789\n"] * 4_000
