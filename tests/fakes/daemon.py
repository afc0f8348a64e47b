"""Waiting for a real server, run by a test, until it answers."""

import socket
import subprocess
from collections.abc import Callable

MOST_LOOKS = 400


def wait_until_up(process: subprocess.Popen[bytes], port: int, greeting: bytes, log: Callable[[], str]) -> None:
    """Until it greets whoever connects. Raises RuntimeError with its log if it has ended, or does not."""
    for _ in range(MOST_LOOKS):
        if process.poll() is not None:
            error = process.stderr.read().decode() if process.stderr else ""
            raise RuntimeError(f"The server did not start: {error}{log()}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
                if probe.recv(len(greeting)) == greeting:
                    return
        except OSError:
            # Not listening yet: this waits until the server gives it, not for a length of time.
            nap(process)
    raise RuntimeError(f"The server does not answer: {log()}")


def nap(process: subprocess.Popen[bytes]) -> None:
    """Wait a little, or until it has ended."""
    try:
        process.wait(0.02)
    except subprocess.TimeoutExpired:
        return
