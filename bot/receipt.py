"""``kidoku receipt FILE.eml``: what Kidoku understands of a mail that reports on another. Changes nothing."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.language import N_, Words
from bot.unreadable import unreadable
from bot.wrapping import wrapped
from channels.receipts import MailKind, Reported, Understood, understand

_WIDEST = 100
_NARROWEST = 30


@dataclass(frozen=True, slots=True)
class Read:
    """One file and what it means."""

    path: Path
    understood: Understood
    is_readable: bool = True


def receipt_command(paths: Sequence[Path], as_json: bool, words: Words) -> int:
    """Print what each mail means. 0 if every file could be read, else 2; a file that can't be is in the list, too. JSON
    says it in the words of the standards, whatever the language."""
    found = [_read(path, words) for path in paths]
    if as_json:
        print(json.dumps([_record(one) for one in found], ensure_ascii=False, indent=2))
    else:
        print("\n\n".join("\n".join(_lines(one, words)) for one in found))
    return 0 if all(one.is_readable for one in found) else 2


def _read(path: Path, words: Words) -> Read:
    try:
        return Read(path, understand(path.read_bytes()))
    except OSError as error:
        reason = unreadable(error)
        print(f"{path}: {words.said(reason)}", file=sys.stderr)
        return Read(path, Understood(MailKind.NONE, error=reason), is_readable=False)


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
    MailKind.DSN: N_("a delivery report (DSN)"),
    MailKind.MDN: N_("a read receipt (MDN)"),
    MailKind.REPLY: N_("a reply"),
    MailKind.AUTO_REPLY: N_("an automatic reply"),
    MailKind.FEEDBACK: N_("a complaint (feedback report)"),
    MailKind.NONE: N_("no receipt"),
}
_ACTIONS = {
    "failed": N_("not delivered"),
    "delayed": N_("delayed"),
    "delivered": N_("delivered"),
    "relayed": N_("passed on to a system that tells no more"),
    "expanded": N_("passed on to the members of a list"),
}
_DISPOSITIONS = {
    "displayed": N_("displayed"),
    "deleted": N_("deleted"),
    "dispatched": N_("sent on"),
    "processed": N_("processed, perhaps unread"),
    "denied": N_("they want to tell nothing"),
    "failed": N_("the receipt could not be made"),
}
_MODES = {
    "manual-action": N_("by a person"),
    "automatic-action": N_("by a machine: proves nothing"),
    "MDN-sent-manually": N_("receipt sent by a person"),
    "MDN-sent-automatically": N_("receipt sent by a machine"),
}


def _lines(one: Read, words: Words) -> Iterator[str]:
    yield str(one.path)
    yield from _wrapped(words.gettext(_KINDS[one.understood.kind]), "  ")
    if one.understood.original_message_id:
        yield from _wrapped(words.gettext("about <%(id)s>") % {"id": one.understood.original_message_id}, "  ")
    for said in one.understood.recipients:
        address = said.address or words.gettext("(no address)")
        if said.original_address:
            both = {"address": address, "original": said.original_address}
            address = words.gettext("%(address)s (sent to %(original)s)") % both
        yield from _wrapped(address, "  - ")
        yield from _said(said, words)
    if one.understood.error:
        yield from _wrapped(words.gettext("error: %(error)s") % {"error": words.said(one.understood.error)}, "  ")


def _said(said: Reported, words: Words) -> Iterator[str]:
    facts = [_word(said.action, _ACTIONS, words), said.status, _word(said.disposition, _DISPOSITIONS, words)]
    facts += [_word(part, _MODES, words) for part in said.mode.split("/")]
    if any(facts):
        yield from _wrapped(words.listed([fact for fact in facts if fact]), "    ")
    if said.diagnostic:
        yield from _wrapped(said.diagnostic, "    ")


def _word(said: str, known: Mapping[str, str], words: Words) -> str:
    """What a mail system wrote, in words; what nobody knows stays as it is."""
    return words.gettext(known[said]) if said in known else said


def _wrapped(text: str, head: str) -> Iterator[str]:
    """Lines that fit the terminal, at most 100 columns; those after the first are indented as deep."""
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
    for number, line in enumerate(wrapped(text, width - len(head))):
        yield (" " * len(head) if number else head) + line
