"""A command that was typed, and what is said of a line that is none. Pure."""

from dataclasses import dataclass, field, fields
from difflib import get_close_matches

from bot.chatops.vocabulary import NAMES, USAGE, Name, key_of
from bot.refusal import RefusalError
from escalation.phrase import Phrase, advice


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``alert``: what was typed of which alert ("#42", a link, a part of a subject), "" for the only one
    that is open. ``argument``: a reason, a note, a time, a filter, a language; of ``escalate`` a step's number or a
    person; of ``who`` a schedule; of ``silence`` why, of ``silences`` and ``unsilence`` which, of ``swap`` an answer to
    the one with this ``number``, of ``report`` a span. ``start`` and ``end`` are times, ``theirs`` is one in the shift
    that is wanted for one's own; ``rule``, ``sender`` and ``subject`` have a line for each; ``reads`` and ``acks`` are
    who does so when in a simulation; ``code`` is one that came to a contact."""

    name: Name
    alert: str = ""
    argument: str = ""
    is_shared: bool = False
    schedule: str = ""
    person: str = ""
    start: str = ""
    end: str = ""
    theirs: str = ""
    number: str = ""
    rule: str = ""
    sender: str = ""
    subject: str = ""
    policy: str = ""
    severity: str = ""
    reads: str = ""
    acks: str = ""
    code: str = field(default="", repr=False)

    @property
    def said(self) -> str:
        """All that was typed after the verb, for the audit trail; never a code."""
        parts = (getattr(self, one) for one in ("alert", "argument", *sorted(FIELDS - {"alert", "argument", "code"})))
        return " ".join(part for part in parts if part)


class NotUnderstoodError(RefusalError):
    """What was typed is no command; ``phrase`` says what to type instead."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase, typed_there(phrase))
        self.phrase = phrase


class LackingError(NotUnderstoodError):
    """A command lacks what it needs: ``command`` is what there is of it, and a dialog may ask for the rest."""

    def __init__(self, phrase: Phrase, command: Command) -> None:
        super().__init__(phrase)
        self.command = command


def typed_there(phrase: Phrase) -> Phrase:
    """The same at the command line, where the program's name comes before what is to be typed (``usage``)."""
    there = {
        name: f"kidoku {value}" if name == "usage" else typed_there(value) if isinstance(value, Phrase) else value
        for name, value in phrase.values.items()
    }
    return Phrase(phrase.form, **there)


FIELDS = frozenset(one.name for one in fields(Command)) - {"name", "is_shared"}


def unknown_of(text: str) -> NotUnderstoodError:
    near = get_close_matches(key_of(text), NAMES, n=1, cutoff=0.6)
    fix = Phrase("did you mean “%(usage)s”?", usage=USAGE[NAMES[near[0]]]) if near else Phrase("“help” lists them all")
    return NotUnderstoodError(advice(Phrase("there is no command “%(text)s”", text=text[:60]), fix))


def wrong_of(what: str, name: Name) -> NotUnderstoodError:
    return NotUnderstoodError(_advised(what, name))


def _advised(what: str, name: Name) -> Phrase:
    return advice(what, Phrase("write it like: %(usage)s", usage=USAGE[name]))


def lacking_of(what: str, command: Command) -> LackingError:
    return LackingError(_advised(what, command.name), command)
