"""Secrets, and any other single value, from the environment: ``KIDOKU_SLACK__BOT_TOKEN``, or with ``_FILE`` a path.

The names follow pydantic-settings: prefix, then the keys joined by two underscores. A mailbox's name is written in
capitals, every other sign as one underscore: the password of ``noc-tokyo`` is ``KIDOKU_IMAP__NOC_TOKYO__PASSWORD``.
So is a calendar's: ``KIDOKU_CALENDARS__NOC__URL``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.calendars.address import has_password, looks_secret
from bot.settings import tree
from bot.settings.model import Document
from bot.settings.problem import Loc, Problem, suggestion, written
from bot.settings.source import Node
from channels.apprise.config import STAND_IN
from channels.gateway.password import NOBODY
from channels.system_fault import why_of
from escalation.phrase import N_, Phrase

PREFIX = "KIDOKU_"
OTHERS = frozenset({"KIDOKU_CONFIG", "KIDOKU_FAILPOINT", "KIDOKU_LOG"})
"""Variables that are read elsewhere."""
_CHANNELS = frozenset({"slack", "discord", "twilio", "smtp", "gateway", "apprise", "translation"})
"""Sections that set a channel up by being there: a variable alone does not."""


def variable(loc: Loc) -> str:
    """The environment variable for a place."""
    return PREFIX + "__".join(_shout(str(part)) for part in loc)


def _shout(key: str) -> str:
    return re.sub(r"\W", "_", key).upper()


@dataclass(frozen=True, slots=True)
class _Entry:
    variable: str
    value: str
    loc: Loc
    is_file: bool


_SECRETS = {
    "slack": ("bot_token", "app_token", "signing_secret"),
    "discord": ("bot_token",),
    "twilio": ("auth_token",),
    "translation": ("api_key",),
}


def standing_in(root: Node, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with a stand-in for each secret that the file's sections want."""
    document = root.value if isinstance(root.value, Mapping) else {}
    wanted: list[Loc] = [(section, key) for section, keys in _SECRETS.items() if section in document for key in keys]
    accounts = document["imap"].value if "imap" in document else {}
    if isinstance(accounts, Mapping):
        wanted += [("imap", str(name), "password") for name in accounts]
    given = {variable(loc): _NOWHERE for loc in _unplaced_calendars(document)}
    smtp = document["smtp"].value if "smtp" in document else None
    if isinstance(smtp, Mapping) and "username" in smtp:
        wanted.append(("smtp", "password"))
    twilio = document["twilio"].value if "twilio" in document else None
    if isinstance(twilio, Mapping) and "fallback" in twilio:
        wanted.append(("twilio", "fallback", "auth_token"))
    given |= {variable(loc): "-" for loc in wanted}
    services = document["apprise"].value if "apprise" in document else {}
    if isinstance(services, Mapping):
        given |= {variable(("apprise", str(name), "url")): STAND_IN for name in services}
    if "gateway" in document:
        given[variable(("gateway", "passwords"))] = NOBODY
    hidden = given.keys() | {f"{name}_FILE" for name in given}
    return {name: value for name, value in environ.items() if name not in hidden} | given


_NOWHERE = "https://calendar.invalid/"


def _unplaced_calendars(document: Mapping[str, Node]) -> list[Loc]:
    """The addresses of calendars that the file leaves to the environment."""
    calendars = document["calendars"].value if "calendars" in document else {}
    found = calendars.items() if isinstance(calendars, Mapping) else ()
    return [
        ("calendars", str(name), "url")
        for name, one in found
        if one.value is None or (isinstance(one.value, Mapping) and not one.value.keys() & {"url", "file"})
    ]


def without_secrets(root: Node) -> list[Problem]:
    """Take every secret out of what was read from the file; each is a problem that names its variable."""
    problems = []
    for loc in list(tree.secrets(Document, root)):
        node, _ = root.deepest(loc)
        if loc == ("database",) and not re.search(r"//[^/@]*:[^/@]*@", str(node.value)):
            continue
        if loc[0] == "calendars" and not has_password(str(node.value)):
            problems += [_readable(loc, node)] if looks_secret(str(node.value)) else []
            continue
        problems.append(_exposed(loc, node))
        node.value = SecretStr(str(node.value))
    return problems


def _exposed(loc: Loc, node: Node) -> Problem:
    name = variable(loc)
    is_url = loc == ("database",) or loc[0] == "calendars"
    what = Phrase("a password stands in the URL") if is_url else Phrase("a secret stands in the file")
    fix = Phrase(
        "take it out (and change it), and set the environment variable %(name)s, or %(name)s_FILE to a file with it",
        name=name,
    )
    return Problem(node.file, node.key_line, written(loc), what, fix)


def _readable(loc: Loc, node: Node) -> Problem:
    what = Phrase("whoever knows this address can read the calendar")
    form = N_("if nobody else may, set %(name)s, or %(name)s_FILE to a file with it")
    return Problem(node.file, node.line, written(loc), what, Phrase(form, name=variable(loc)), is_warning=True)


def overlay(root: Node, environ: Mapping[str, str]) -> list[Problem]:
    """Put what the environment says into the tree. What it says goes before what the file says."""
    problems: list[Problem] = []
    entries: dict[Loc, _Entry] = {}
    known = {variable(loc): loc for loc in reversed([*places(root)])}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in OTHERS:
            continue
        entry = _entry(name, environ[name], known)
        if entry is None:
            problems.append(_unknown(name, known))
        elif entry.loc[0] in _CHANNELS and entry.loc[0] not in root.value:
            problems.append(_unused(name, str(entry.loc[0])))
        elif entry.loc in entries:
            twice = Phrase("%(name)s is set as well", name=entries[entry.loc].variable)
            problems.append(Problem("environment", 0, name, twice, Phrase("set one of the two")))
        else:
            entries[entry.loc] = entry
    for entry in entries.values():
        problems += _apply(root, entry)
    return problems


def _entry(name: str, value: str, known: Mapping[str, Loc]) -> _Entry | None:
    """What a variable sets, by what the places are called."""
    if (loc := known.get(name.upper())) is not None:
        return _Entry(name, value, loc, is_file=False)
    loc = known.get(name.removesuffix("_FILE").upper()) if name.endswith("_FILE") else None
    return None if loc is None else _Entry(name, value, loc, is_file=True)


def places(root: Node) -> Iterator[Loc]:
    """Every place whose value the environment may give: single values outside of lists and of names that people
    choose, but for the mailboxes, calendars and services of apprise that stand in the file."""
    for key, info in tree.fields(Document).items():
        kind = tree.bare(info.annotation)
        node = root.child(key)
        if key in ("imap", "calendars", "apprise") and node is not None and isinstance(node.value, dict):
            for name in node.value:
                yield from _singles(tree.below(kind, name), (key, name))
        elif key in ("database", "language", "zone", "retention_days"):
            yield (key,)
        elif tree.is_shape(kind):
            yield from _singles(kind, (key,))


def _singles(kind: type, loc: Loc) -> Iterator[Loc]:
    for key, info in tree.fields(kind).items():
        annotation = tree.bare(info.annotation)
        if tree.is_shape(annotation):
            yield from _singles(annotation, (*loc, key))
        else:
            yield (*loc, key)


def _unknown(name: str, known: Iterable[str]) -> Problem:
    fix = suggestion(name.upper(), known, Phrase("see config/example.yaml for the names"))
    return Problem("environment", 0, name, Phrase("there is no such setting"), fix, is_warning=True)


def _unused(name: str, section: str) -> Problem:
    what = Phrase("the file has no section %(section)s", section=section)
    fix = Phrase("add %(section)s: to the file, or take the variable away", section=section)
    return Problem("environment", 0, name, what, fix, is_warning=True)


def _apply(root: Node, entry: _Entry) -> list[Problem]:
    value = entry.value
    if entry.is_file:
        try:
            value = Path(entry.value).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, ValueError) as error:
            why = why_of(error) if isinstance(error, OSError) else Phrase("it is not UTF-8")
            what = Phrase("can't read the file that it names: %(why)s", why=why)
            fix = Phrase("name a file that Kidoku may read")
            return [Problem("environment", 0, entry.variable, what, fix)]
    if not value.strip():
        fix = Phrase("set it, or take the variable away")
        return [Problem("environment", 0, entry.variable, Phrase("it is empty"), fix)]
    _put(root, entry, value)
    return []


def _put(root: Node, entry: _Entry, value: str) -> None:
    """Set one value. A section that is no mapping is left alone: that is told when the model reads it."""
    node = root
    for part in entry.loc[:-1]:
        below = node.child(part) or Node({}, (*node.path, str(part)), "environment", 0)
        if below.value is None:
            below.value = {}
        if not isinstance(below.value, dict):
            return
        node.value[part] = below
        node = below
    node.value[entry.loc[-1]] = Node(value, (entry.variable,), "environment", 0)
