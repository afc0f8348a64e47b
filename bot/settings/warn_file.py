"""Warnings about files of certificates, which ``kidoku check`` reads."""

import ssl
from collections.abc import Iterator
from pathlib import Path

from bot.settings.build import Settings
from bot.settings.problem import Fault, Loc
from bot.unreadable import unreadable
from escalation.phrase import Phrase


def file_warnings(settings: Settings) -> Iterator[Fault]:
    """Files that can't be read now: the bot would reach nobody there. Only a warning: it may run elsewhere."""
    trusted: list[tuple[Loc, Path | None]] = [
        (("imap", name, "ca_file"), one.ca_file) for name, one in settings.imap.items()
    ]
    if settings.smtp is not None:
        trusted.append((("smtp", "ca_file"), settings.smtp.ca_file))
    for loc, path in trusted:
        if path is not None and (message := _fault(path)):
            yield Fault(loc, message, Phrase("name a PEM file that the bot's user may read"), is_warning=True)


def _fault(path: Path) -> Phrase | None:
    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        return Phrase("there is no certificate in the file")
    except OSError as error:
        return unreadable(error)
    return None
