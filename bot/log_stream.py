"""Where the bot's log lines go: through a thread of their own, so that whoever reads them slowly, or not at all, holds
no page up."""

import atexit
import threading
from collections import deque
from typing import TextIO

import structlog

log = structlog.get_logger(__name__)

MOST_LINES = 20_000
"""Lines that wait to be written: what bounds memory when nobody reads. What comes then is left out, and counted."""

DRAIN_S = 2.0
"""Seconds that the end of the process waits for the last lines."""


class LogStream:
    """A text file, as loggers take one, over another. ``write`` takes one line and never waits."""

    def __init__(self, file: TextIO, most: int = MOST_LINES) -> None:
        self._file = file
        self._most = most
        self._lines: deque[str] = deque()
        self._left_out = 0
        self._lock = threading.Lock()
        self._has_lines = threading.Event()
        self._is_drained = threading.Event()
        self._is_drained.set()
        threading.Thread(target=self._run, name="log", daemon=True).start()
        atexit.register(self.drain)

    def write(self, line: str) -> None:
        """Take a line, with its end; it is left out if too many wait already."""
        with self._lock:
            if len(self._lines) >= self._most:
                self._left_out += 1
                return
            self._lines.append(line)
            if len(self._lines) == 1:
                self._is_drained.clear()
                self._has_lines.set()

    def flush(self) -> None:
        """Nothing is to be done: a line is written as soon as it can be."""

    def drain(self, within: float = DRAIN_S) -> bool:
        """Wait until all is written; False if it was not within so many seconds."""
        return self._is_drained.wait(within)

    def _run(self) -> None:
        while self._has_lines.wait():
            self._has_lines.clear()
            with self._lock:
                lines, left_out = list(self._lines), self._left_out
                self._lines.clear()
                self._left_out = 0
            self._write("".join(lines))
            if left_out:
                log.warning("Log lines were left out: they are read too slowly", count=left_out)
            with self._lock:
                if not self._lines:
                    self._is_drained.set()

    def _write(self, text: str) -> None:
        try:
            self._file.write(text)
            self._file.flush()
        except (OSError, ValueError):
            # Nobody reads the log any more, or its disk is full: there is nowhere to say so, and pages go on.
            return
