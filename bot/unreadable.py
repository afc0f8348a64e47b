"""Why a file can't be read, in words that can be said in every language."""

from channels.system_fault import why_of
from escalation.phrase import Phrase


def unreadable(error: OSError) -> Phrase:
    return Phrase("can't read the file: %(why)s", why=why_of(error))
