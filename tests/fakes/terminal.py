"""A terminal with a program in it: what stands on the lines of its screen, and a keyboard."""

import asyncio
import codecs
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from rich.cells import cell_len

from tests.fakes.patience import PATIENCE

_SGR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Lines:
    """What a terminal shows: \\r goes back to the first cell, what is written there replaces what stood there."""

    width: int
    lines: list[str] = field(default_factory=lambda: [""])
    _column: int = 0
    _left: str = ""

    def write(self, text: str) -> None:
        text = self._left + text
        cut = text.rfind("\x1b") if "\x1b" in text and not _SGR.match(text, text.rfind("\x1b")) else len(text)
        self._left = text[cut:]
        for char in _SGR.sub("", text[:cut]):
            self._put(char)

    def _put(self, char: str) -> None:
        if char == "\r":
            self._column = 0
        elif char == "\n":
            self.lines.append("")
            self._column = 0
        else:
            self._overwrite(char)

    def _overwrite(self, char: str) -> None:
        if self._column + cell_len(char) > self.width:
            self._put("\n")
        before, after = _split(self.lines[-1], self._column)
        _, rest = _split(after, cell_len(char))
        self.lines[-1] = before + char + rest
        self._column += cell_len(char)


def _split(text: str, cells: int) -> tuple[str, str]:
    """The first so many cells of a line, and the rest."""
    end = 0
    while end < len(text) and cell_len(text[: end + 1]) <= cells:
        end += 1
    return text[:end], text[end:]


@dataclass
class Terminal:
    """A running program on a pseudo terminal. ``process`` ends by itself or with the terminal."""

    process: asyncio.subprocess.Process
    master: int
    slave: int
    screen: Lines
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.lines]

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    async def until(self, holds: Callable[[Sequence[str]], bool]) -> list[str]:
        """The lines, as soon as this holds of them. Raises AssertionError that shows the screen."""
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(lambda: holds(self.lines))
        except TimeoutError:
            raise AssertionError("not shown; the screen:\n" + "\n".join(self.lines[-60:])) from None
        return self.lines

    async def read(self) -> None:
        """Show what the program writes until it is cancelled."""
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.master, arrived.set)
        try:
            while True:
                await arrived.wait()
                arrived.clear()
                with suppress(BlockingIOError):
                    self.screen.write(self._decoder.decode(os.read(self.master, 65536)))
                async with self._changed:
                    self._changed.notify_all()
        finally:
            loop.remove_reader(self.master)

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows by itself what is typed, as a shell expects it."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)


@asynccontextmanager
async def running(arguments: Sequence[str], environ: Mapping[str, str], width: int = 80) -> AsyncIterator[Terminal]:
    """Python with these arguments, in a terminal so many cells wide."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments), stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
    )
    terminal = Terminal(process, master, slave, Lines(width))
    reading = asyncio.create_task(terminal.read())
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        os.close(master)
        os.close(slave)
