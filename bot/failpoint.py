"""Places where the crash tests kill the process. Does nothing unless KIDOKU_FAILPOINT names the place.

``KIDOKU_FAILPOINT=outbox.sent:2`` kills the process, as if by ``kill -9``, the second time it gets to ``outbox.sent``.
"""

import os
import signal

_name, _, _nth = os.environ.get("KIDOKU_FAILPOINT", "").partition(":")
_left = int(_nth or 1)


def failpoint(name: str) -> None:
    """Die here if this is the named place and its turn has come."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
