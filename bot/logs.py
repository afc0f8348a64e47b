"""Log lines: one sentence and its fields; readable text, or JSON."""

import logging
import sys
from enum import StrEnum
from typing import Any

import structlog

from bot.store.record import StoreError


class LogFormat(StrEnum):
    """How log lines are written; ``quiet`` shows only warnings, for the commands."""

    TEXT = "text"
    JSON = "json"
    QUIET = "quiet"


_LOUD_ONLY = structlog.make_filtering_bound_logger(logging.ERROR)


def set_up(form: LogFormat) -> None:
    """Send structlog's and the standard library's records to stderr in one form."""
    shared: list[Any] = [
        _without_known_traceback,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # What is not shown is not made either: a line costs more than what it tells of.
        wrapper_class=_LOUD_ONLY if form is LogFormat.QUIET else structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(form)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.ERROR if form is LogFormat.QUIET else logging.INFO)
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
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Never rich's traceback: it shows local variables, and among those are secrets and mail.
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    ]
