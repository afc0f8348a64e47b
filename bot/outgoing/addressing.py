"""Who gets a mail: addresses, people, teams, or the lines of a CSV file, as they are written."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import getaddresses

from email_validator import EmailNotValidError, validate_email

from escalation.phrase import N_, Phrase
from escalation.receipt import Recipient
from escalation.roster import Person, Roster

ADDRESS_COLUMNS = ("address", "email", "mail", "to", "メール", "邮箱")
NAME_COLUMNS = ("name", "名前", "氏名", "姓名")
MOST_RECIPIENTS = 10_000
_NO_COLUMN = N_("There is no column email (address, mail, メール, 邮箱) in the first line; it has: %(columns)s")
_REST = "\n"
"""Where the cells stand that are below no heading; a heading has no line break at its ends."""
_TOO_LONG = N_("This line has more cells than the first has columns; write a cell with a comma in quotes.")


class AddressingError(ValueError):
    """Something that is no recipient. ``text`` is what was written, ``where`` the file and line, if it is one;
    ``reason`` a phrase that says what else is wrong."""

    def __init__(self, text: str, where: str = "", reason: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.where = where
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Addressed:
    """One recipient, and what is filled into the mail for them ({"name": "Alice"}). ``where`` is the line of the list
    that they are in ("guests.csv:3"), ``again`` the lines that name them once more, and are left out."""

    recipient: Recipient
    fields: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    again: tuple[str, ...] = ()


def addressed(texts: Iterable[str], roster: Roster) -> list[Addressed]:
    """``alice`` (a person), ``team:noc``, ``a@b.example`` or ``Alice <a@b.example>``; several with commas. Nobody gets
    it twice. Raises AddressingError."""
    listed = [one for text in texts for part in _parts(text) for one in _written(*part, roster)]
    return once(listed)


def from_csv(text: str, name: str, roster: Roster) -> list[Addressed]:
    """A line each, under a heading that has one of ``ADDRESS_COLUMNS``; the other columns are filled into the mail.
    Commas, semicolons or tabs are between the cells. Raises AddressingError with file and line."""
    rows = csv.DictReader(io.StringIO(text, newline=None), restkey=_REST, delimiter=_delimiter(text))
    try:
        return once(_lines(rows, name, roster))
    except csv.Error as error:
        raise AddressingError(str(error), f"{name}:{rows.line_num}") from error


def _delimiter(text: str) -> str:
    """What most often stands in the heading: Excel writes semicolons in half of Europe."""
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)


def _lines(rows: "csv.DictReader[str]", name: str, roster: Roster) -> Iterator[Addressed]:
    headings = [heading.strip() for heading in rows.fieldnames or ()]
    rows.fieldnames = headings
    column = next((one for one in headings if one.lower() in ADDRESS_COLUMNS), None)
    if column is None:
        raise AddressingError(", ".join(headings), f"{name}:1", Phrase(_NO_COLUMN, columns=", ".join(headings) or "–"))
    for row in rows:
        yield from _line(row, column, f"{name}:{rows.line_num}", roster)


def _line(row: Mapping[str, str], column: str, where: str, roster: Roster) -> Iterator[Addressed]:
    """Whoever the cell names, as ``addressed`` reads it: all of a team, each with the line's fields."""
    if any(cell.strip() for cell in row.get(_REST, ())):
        raise AddressingError(",".join(row[_REST]), where, _TOO_LONG)
    fields = {key: (value or "").strip() for key, value in row.items() if key and key != _REST}
    name = next((fields[key] for key in fields if key.lower() in NAME_COLUMNS), "")
    try:
        named = [one for own, text in _parts(fields[column]) for one in _written(name or own, text, roster)]
    except AddressingError as error:
        raise AddressingError(error.text, where) from error
    if not named:
        raise AddressingError(fields[column], where)
    for one in named:
        yield Addressed(one.recipient, {**one.fields, **fields, column: one.recipient.address}, where)


def _parts(text: str) -> list[tuple[str, str]]:
    """Names and what they are the names of. Commas separate, but not within quotes."""
    if "@" in text:
        return getaddresses([text])
    return [("", part.strip()) for part in text.split(",") if part.strip()]


def _written(name: str, text: str, roster: Roster) -> Iterator[Addressed]:
    if text.startswith("team:"):
        members = roster.teams.get(text.removeprefix("team:"))
        if members is None:
            raise AddressingError(text)
        yield from (_filling(_of_person(roster.people[member], text)) for member in members)
    elif (person := roster.people.get(text)) is not None:
        yield _filling(_of_person(person, text))
    else:
        yield _filling(_recipient(text, name, roster))


def _filling(recipient: Recipient) -> Addressed:
    """With the fields that everybody has: ``${name}``, the address for whoever has none, and ``${email}``."""
    return Addressed(recipient, {"name": recipient.name or recipient.address, "email": recipient.address})


def _of_person(person: Person, written: str) -> Recipient:
    if not person.addresses:
        raise AddressingError(written if written == person.id else f"{written}: {person.id}")
    return Recipient(person.id, address=person.addresses[0], name=person.name)


def _recipient(spec: str, name: str, roster: Roster) -> Recipient:
    """Somebody by their address; if it is a known person's, that person."""
    try:
        checked = validate_email(spec, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise AddressingError(spec) from error
    address = checked.normalized.lower()
    person = roster.person_of(address)
    return Recipient(person.id if person else address, address=address, name=name or (person.name if person else ""))


def once(listed: Iterable[Addressed]) -> list[Addressed]:
    """Nobody twice: the first of each recipient, with what is filled in for them in the first list that has them; the
    lines that name them once more beside it."""
    found: dict[str, Addressed] = {}
    ids: dict[str, str] = {}
    for one in listed:
        address = ids.setdefault(one.recipient.id, one.recipient.address)
        found[address] = _merged(found[address], one) if address in found else one
        if len(found) > MOST_RECIPIENTS:
            raise AddressingError(f"> {MOST_RECIPIENTS:,}")
    return list(found.values())


def _merged(first: Addressed, other: Addressed) -> Addressed:
    again = (*first.again, *other.again)
    if not other.where:
        return replace(first, again=again)
    if not first.where:
        return replace(other, recipient=first.recipient, again=again)
    return replace(first, again=(*again, other.where))
