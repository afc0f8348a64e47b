"""Log lines: one sentence and its fields; readable text, or JSON."""

import logging
import re
import sys
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import structlog

from bot.log_stream import LogStream
from bot.store.record import StoreError


class LogFormat(StrEnum):
    """How log lines are written; ``quiet`` shows only warnings, for the commands."""

    TEXT = "text"
    JSON = "json"
    QUIET = "quiet"


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_QUOTED = re.compile(rf"[\s=\"']|{_CONTROL.pattern}")


def set_up(form: LogFormat) -> None:
    """Send structlog's and the standard library's records to stderr in one form. The bot's lines go there through a
    thread, the few of a command at once."""
    level = logging.ERROR if form is LogFormat.QUIET else logging.INFO
    stream: Any = sys.stderr if form is LogFormat.QUIET else LogStream(sys.stderr)
    shared: list[Any] = [
        _without_known_traceback,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers = _renderers(form)
    structlog.configure(
        processors=[*shared, *renderers],
        logger_factory=structlog.WriteLoggerFactory(stream),
        # What is not shown is not made either: a line costs more than what it tells of.
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("apscheduler", "alembic", "discord", "slack_bolt", "slack_sdk", "twilio", "aiohttp", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("discord.client").addFilter(_on_one_line)


def _without_known_traceback(_: Any, __: str, line: Any) -> Any:
    """The database that can't go on is a fault of no line of ours: what it says is enough, and it says it often."""
    error = sys.exc_info()[1] if line.get("exc_info") is True else line.get("exc_info")
    if isinstance(error, StoreError):
        del line["exc_info"]
        line["reason"] = str(error)
    return line


def _on_one_line(record: logging.LogRecord) -> bool:
    """discord.py tells of each try to reach the gateway again, with a traceback of thirty lines: in an outage, hundreds
    of times. What went wrong is enough."""
    if record.exc_info is not None and isinstance(record.msg, str) and record.msg.startswith("Attempting a reconnect"):
        error = record.exc_info[1]
        record.msg, record.args = f"{record.getMessage()}: {type(error).__name__}: {error}", None
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def _renderers(form: LogFormat) -> list[Any]:
    if form is LogFormat.JSON:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)]
    if sys.stderr.isatty():
        # Never rich's traceback: it shows local variables, and among those are secrets and mail.
        return [structlog.dev.ConsoleRenderer(pad_event_to=0, exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, _plain]


_encode = msgspec.json.Encoder(enc_hook=str).encode


def _json(line: Any, **_: Any) -> str:
    return _encode(line).decode()


def _plain(_: Any, __: str, line: Any) -> str:
    """What structlog's ConsoleRenderer makes without colours, in a third of its time."""
    at, level, said = line.pop("timestamp"), line.pop("level"), line.pop("event")
    traceback = line.pop("exception", None)
    fields = "".join([f" {name}={_shown(value)}" for name, value in line.items()])
    if _CONTROL.search(said):
        said = repr(said)
    return f"{at} [{level:9}] {said}{fields}" + (f"\n{traceback}" if traceback else "")


def _shown(value: object) -> str:
    """One word, whatever it holds: what a mail says can't begin a line of its own."""
    if type(value) is int:
        return str(value)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return repr(text) if _QUOTED.search(text) else text
