"""The real clamd from Debian, run by the test from a directory of its own, on a loopback port. It knows one signature:
that of the EICAR test file."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.dovecot import free_port

PROGRAM = "/usr/sbin/clamd"
# In two pieces, so that no scanner takes this file away.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Kidoku.Test.EICAR"
CONFIG = """
DatabaseDirectory {home}/signatures
TCPSocket {port}
TCPAddr 127.0.0.1
TemporaryDirectory {home}
LogFile {home}/clamd.log
Foreground yes
StreamMaxLength 1M
{user}
"""


class Clamd:
    """One scanner; it may be stopped and started again on its port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (home / "signatures").mkdir()
        (home / "signatures" / "test.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
        user = "User root" if os.getuid() == 0 else ""
        (home / "clamd.conf").write_text(CONFIG.format(home=home, port=self.port, user=user))

    def start(self) -> None:
        if not Path(PROGRAM).exists():
            raise RuntimeError("ClamAV is missing: run `make servers`, or apt-get install clamav-daemon")
        self._process = subprocess.Popen(
            [PROGRAM, "--config-file", str(self.home / "clamd.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            if self._process.poll() is not None:
                raise RuntimeError(f"clamd did not start: {self.log()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
                    probe.sendall(b"nPING\n")
                    if probe.recv(4) == b"PONG":
                        return
            except OSError:
                # Not listening yet: this waits until the process ends or a little while has gone by.
                self._nap()
        raise RuntimeError(f"clamd does not answer: {self.log()}")

    def _nap(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(0.05)
        except subprocess.TimeoutExpired:
            return

    def log(self) -> str:
        path = self.home / "clamd.log"
        return path.read_text()[-2000:] if path.exists() else ""

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


@contextmanager
def running() -> Iterator[Clamd]:
    """A clamd for the length of a block."""
    clamd = Clamd(Path(tempfile.mkdtemp(prefix="kclam")))
    try:
        clamd.start()
        yield clamd
    finally:
        clamd.stop()
        shutil.rmtree(clamd.home, ignore_errors=True)
