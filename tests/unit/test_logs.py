"""Log lines: what the libraries write."""

import logging
from collections.abc import Iterator

import pytest
import structlog

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


def test_a_gateway_that_is_gone_takes_one_line_a_try(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogFormat.TEXT)
    try:
        raise ConnectionError("503")
    except ConnectionError:
        logging.getLogger("discord.client").exception("Attempting a reconnect in %.2fs", 1.5)
    [line] = capsys.readouterr().err.splitlines()
    assert "Attempting a reconnect in 1.50s: ConnectionError: 503" in line and "warning" in line


def test_any_other_fault_of_a_library_keeps_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(LogFormat.TEXT)
    try:
        raise ValueError("what")
    except ValueError:
        logging.getLogger("discord.client").exception("Ignoring exception in %s", "on_ready")
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize("form", [LogFormat.TEXT, LogFormat.JSON])
def test_a_database_that_can_not_go_on_takes_one_line(capsys: pytest.CaptureFixture[str], form: LogFormat) -> None:
    set_up(form)
    try:
        raise StoreError("kidoku.sqlite3: another process holds its write lock")
    except StoreError:
        structlog.get_logger("kidoku").exception("What is due could not be decided", alert_id=1)
    [line] = capsys.readouterr().err.splitlines()
    assert "What is due could not be decided" in line and "holds its write lock" in line
    assert "Traceback" not in line
