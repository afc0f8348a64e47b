"""Why a file can't be read, in words that can be said in every language."""

import errno

from escalation.phrase import Phrase

_WHY = {
    errno.ENOENT: Phrase("no such file or directory"),
    errno.EACCES: Phrase("permission denied"),
    errno.EISDIR: Phrase("is a directory"),
    errno.ENOTDIR: Phrase("not a directory"),
}


def why_unreadable(error: OSError) -> str:
    """A phrase for what people meet; else the system's own English."""
    return _WHY.get(error.errno or 0) or (error.strerror or str(error)).lower()


def unreadable(error: OSError) -> Phrase:
    return Phrase("can't read the file: %(why)s", why=why_unreadable(error))
