"""Asks clamd about bytes, over its INSTREAM command (clamd(8))."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from aioclamd import BufferTooLongError, ClamdAsyncClient, ClamdError

from escalation.phrase import N_


@dataclass(frozen=True, slots=True)
class Clean:
    """Nothing was found."""


@dataclass(frozen=True, slots=True)
class Infected:
    """``signature`` is ClamAV's name of what was found."""

    signature: str


@dataclass(frozen=True, slots=True)
class CantScan:
    """Nothing is known; ``reason`` in words."""

    reason: str


_CUT = (ConnectionResetError, BrokenPipeError)
_LARGE = N_("clamd hung up: it is larger than its StreamMaxLength")

Finding = Clean | Infected | CantScan


class Scanner:
    """One clamd. Its answer is a finding, whatever goes wrong: nothing is raised."""

    def __init__(self, host: str, port: int, timeout: timedelta) -> None:
        self._client = ClamdAsyncClient(host, port, timeout.total_seconds())

    async def scan(self, data: bytes) -> Finding:
        """What is in these bytes: a file, or a whole mail."""
        try:
            answer = await self._client.instream(BytesIO(data))
        except BufferTooLongError:
            return CantScan(_LARGE)
        except (ClamdError, OSError, UnicodeDecodeError) as error:
            # A clamd that has enough hangs up, and its answer is often lost on the way.
            is_cut = isinstance(error, _CUT) or isinstance(error.__cause__, _CUT)
            return CantScan(_LARGE if is_cut else N_("the virus scanner can't be reached"))
        status, signature = next(iter((answer or {}).values()), ("", ""))
        if status == "FOUND":
            return Infected(signature or "unnamed")
        return Clean() if status == "OK" else CantScan(N_("the virus scanner gave no answer"))
