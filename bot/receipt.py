"""``kidoku receipt FILE.eml``: what Kidoku understands of a mail that reports on another. Changes nothing."""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels.receipts import MailKind, Reported, Understood, understand

_WIDEST = 100
_NARROWEST = 30


@dataclass(frozen=True, slots=True)
class Read:
    """One file and what it means."""

    path: Path
    understood: Understood


def receipt_command(paths: Sequence[Path], as_json: bool) -> int:
    """Print what each mail means. 0 if every file could be read, else 2; a file that can't be is in the list, too."""
    found = [_read(path) for path in paths]
    if as_json:
        print(json.dumps([_record(one) for one in found], ensure_ascii=False, indent=2))
    else:
        print("\n\n".join("\n".join(_lines(one)) for one in found))
    return 2 if any(one.understood.error.startswith(_UNREADABLE) for one in found) else 0


_UNREADABLE = "can't read the file"


def _read(path: Path) -> Read:
    try:
        return Read(path, understand(path.read_bytes()))
    except OSError as error:
        reason = f"{_UNREADABLE}: {(error.strerror or '').lower()}"
        print(f"{path}: {reason}", file=sys.stderr)
        return Read(path, Understood(MailKind.NONE, error=reason))


def _record(one: Read) -> dict[str, Any]:
    understood = one.understood
    return {
        "file": str(one.path),
        "kind": understood.kind.value,
        "original_message_id": understood.original_message_id,
        "recipients": [_recipient(said) for said in understood.recipients],
        "error": understood.error or None,
    }


def _recipient(said: Reported) -> dict[str, str]:
    return {
        "address": said.address,
        "original_address": said.original_address,
        "action": said.action,
        "status": said.status,
        "disposition": said.disposition,
        "mode": said.mode,
        "diagnostic": said.diagnostic,
    }


_KINDS = {
    MailKind.DSN: "a delivery report (DSN)",
    MailKind.MDN: "a read receipt (MDN)",
    MailKind.REPLY: "a reply",
    MailKind.AUTO_REPLY: "an automatic reply",
    MailKind.FEEDBACK: "a complaint (feedback report)",
    MailKind.NONE: "no receipt",
}


def _lines(one: Read) -> Iterator[str]:
    yield str(one.path)
    yield from _wrapped(_KINDS[one.understood.kind], "  ")
    if one.understood.original_message_id:
        yield from _wrapped(f"about <{one.understood.original_message_id}>", "  ")
    for said in one.understood.recipients:
        sent_to = f" (sent to {said.original_address})" if said.original_address else ""
        yield from _wrapped(f"{said.address or '(no address)'}{sent_to}", "  - ")
        yield from _said(said)
    if one.understood.error:
        yield from _wrapped(f"error: {one.understood.error}", "  ")


def _said(said: Reported) -> Iterator[str]:
    facts = [said.action, said.status, said.disposition, said.mode]
    if any(facts):
        yield from _wrapped(", ".join(fact for fact in facts if fact), "    ")
    if said.diagnostic:
        yield from _wrapped(said.diagnostic, "    ")


def _wrapped(text: str, head: str) -> Iterator[str]:
    """Lines that fit the terminal, at most 100 columns; those after the first are indented as deep."""
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
    yield from textwrap.wrap(text, width, initial_indent=head, subsequent_indent=" " * len(head)) or [head]
