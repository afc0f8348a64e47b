"""What the system says of a file, a disk or the network that fails, in words that can be said in every language."""

import errno
import socket

from escalation.phrase import Phrase

_CUT = Phrase("the connection was cut")
_NO_WAY = Phrase("no way leads there")
_WHY = {
    errno.ENOENT: Phrase("no such file or directory"),
    errno.EACCES: Phrase("permission denied"),
    errno.EPERM: Phrase("permission denied"),
    errno.EISDIR: Phrase("is a directory"),
    errno.ENOTDIR: Phrase("not a directory"),
    errno.EEXIST: Phrase("something else has that name"),
    errno.EROFS: Phrase("the disk is mounted read-only"),
    errno.ENOSPC: Phrase("the disk is full"),
    errno.EADDRINUSE: Phrase("another program listens there"),
    errno.EADDRNOTAVAIL: Phrase("this machine has no such address"),
    errno.ECONNREFUSED: Phrase("nobody listens there"),
    errno.EHOSTUNREACH: _NO_WAY,
    errno.ENETUNREACH: _NO_WAY,
    errno.ETIMEDOUT: Phrase("no answer in time"),
    errno.ECONNRESET: _CUT,
    errno.ECONNABORTED: _CUT,
    errno.EPIPE: _CUT,
}


def why_of(error: OSError) -> str:
    """A phrase for what people meet, or that an error of our own carries; else the system's own English, or the kind of
    the fault."""
    if error.args and isinstance(error.args[0], Phrase):
        return error.args[0]
    if isinstance(error, socket.gaierror):
        return Phrase("its name is not found")
    if isinstance(error, TimeoutError):
        return _WHY[errno.ETIMEDOUT]
    return _WHY.get(error.errno or 0) or error.strerror or type(error).__name__
