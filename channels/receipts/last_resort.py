"""What flufl.bounce makes of a mail that our own rules make nothing of. It raises on some mails: then nothing."""

from collections.abc import Iterable
from email import message_from_bytes

from channels.receipts.address import typed
from channels.receipts.understood import Reported

MOST_BYTES = 1024 * 1024


def reported(raw: bytes) -> list[Reported]:
    """Recipients with ``failed`` or ``delayed``; flufl.bounce knows no more."""
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(message_from_bytes(raw[:MOST_BYTES]))
    except Exception:
        # Its detectors fail in many ways on mails that break the rules; a receipt that can't be read is no fault.
        return []
    those = [(address, "failed") for address in _texts(permanent)]
    those += [(address, "delayed") for address in _texts(temporary)]
    return [Reported(address, action=action) for address, action in those if typed(address)]


def _texts(addresses: Iterable[bytes]) -> list[str]:
    return sorted(address.decode("utf-8", "replace").strip() for address in addresses)
