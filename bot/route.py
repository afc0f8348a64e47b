"""``kidoku route FILE.eml``: which routing rule a mail matches, and why the others do not. Opens no alert."""

import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.clock import wall
from bot.settings import Settings, load
from channels.imap.config import ImapAccount
from channels.imap.parse import parse_file
from escalation.mail import Mail
from escalation.roster import Roster
from escalation.routing import Rule, RuleOutcome, Verdict, route

_WIDEST = 100
_NARROWEST = 30


@dataclass(frozen=True, slots=True)
class Routed:
    """One file, its mail, and what the rules say of it."""

    path: Path
    mail: Mail
    verdict: Verdict


def route_command(paths: Sequence[Path], config: Path, as_json: bool, environ: Mapping[str, str] | None = None) -> int:
    """Print the verdict on each mail. 0 if all could be read; 2 if the settings are wrong or a file can't be read."""
    loaded = load(config, os.environ if environ is None else environ, needs_secrets=False)
    if loaded.settings is None:
        print("\n".join(map(str, loaded.errors)), file=sys.stderr)
        return 2
    rules = loaded.settings.routing_rules()
    found = [_routed(path, rules, loaded.settings) for path in paths]
    routed = [one for one in found if one is not None]
    if as_json:
        print(json.dumps([_record(one) for one in routed], ensure_ascii=False, indent=2))
    else:
        print("\n\n".join("\n".join(_lines(one)) for one in routed))
    return 0 if len(routed) == len(found) else 2


def _routed(path: Path, rules: Sequence[Rule], settings: Settings) -> Routed | None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        print(f"{path}: can't read the file: {(error.strerror or '').lower()}", file=sys.stderr)
        return None
    mail = parse_file(raw, wall())
    mail = replace(mail, account=account_for(mail, settings.imap, settings.roster()))
    return Routed(path, mail, route(rules, mail))


def account_for(mail: Mail, accounts: Mapping[str, ImapAccount], roster: Roster) -> str:
    """The mailbox into which this mail would have come: one that it is addressed to, else the first."""
    for name, account in accounts.items():
        owner = roster.people.get(account.owner or "")
        own = {account.username.lower(), *(owner.addresses if owner else ())}
        if not own.isdisjoint(mail.to):
            return name
    return next(iter(accounts), "")


def _decision(verdict: Verdict) -> str:
    if verdict.policy is not None:
        return f"alert: policy {verdict.policy}, severity {verdict.severity}"
    if verdict.ignored:
        return "no alert: the rule ignores it"
    if verdict.unfit is not None and verdict.is_excluded:
        return f"no alert: mail of this kind wakes nobody ({verdict.unfit.sign})"
    return "no alert: no rule matches"


def _lines(one: Routed) -> Iterator[str]:
    mail, verdict = one.mail, one.verdict
    yield str(one.path)
    yield from _field("from", mail.sender or "nobody")
    yield from _field("subject", mail.subject or "none")
    yield from _field("mailbox", f"{mail.account or 'none'} (as if it had come there)")
    for defect in mail.defects:
        yield from _field("defect", defect)
    yield from _field("result", _decision(verdict))
    for outcome in verdict.trail:
        yield from _outcome(outcome)


def _outcome(outcome: RuleOutcome) -> Iterator[str]:
    sign = "+" if outcome.matched else "-"
    yield from _wrapped(f"{outcome.rule}", f"  {sign} ")
    yield from _wrapped(outcome.sentence, "      ")


def _field(name: str, text: str) -> Iterator[str]:
    return _wrapped(text, f"  {name:<8} ")


def _wrapped(text: str, head: str) -> Iterator[str]:
    """Lines that fit the terminal, at most 100 columns; those after the first stand below the text."""
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns)) - len(head)
    lines = textwrap.wrap(text, width) or [""]
    if any(_columns(line) > width for line in lines):
        lines = textwrap.wrap(text, width // 2)
    yield head + lines[0]
    yield from (" " * len(head) + line for line in lines[1:])


def _columns(line: str) -> int:
    """How wide a line stands on a terminal: signs of East Asia take two columns."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def _record(one: Routed) -> dict[str, Any]:
    mail, verdict = one.mail, one.verdict
    return {
        "file": str(one.path),
        "message_id": mail.message_id,
        "account": mail.account,
        "from": mail.sender,
        "subject": mail.subject,
        "defects": list(mail.defects),
        "rule": verdict.rule,
        "policy": verdict.policy,
        "severity": verdict.severity or None,
        "ignored": verdict.ignored,
        "unfit": None if verdict.unfit is None else verdict.unfit.kind.value,
        "decision": _decision(verdict),
        "trail": [_trail(outcome) for outcome in verdict.trail],
    }


def _trail(outcome: RuleOutcome) -> dict[str, Any]:
    why = [
        {"code": why.code.value, "holds": why.holds, "wanted": why.wanted, "found": why.found, "sentence": why.sentence}
        for why in outcome.why
    ]
    return {"rule": outcome.rule, "matched": outcome.matched, "why": why}
