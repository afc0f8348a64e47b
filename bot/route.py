"""``kidoku route FILE.eml``: which routing rule a mail matches, why the others do not, and what silence would swallow
it. Opens no alert."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.clock import wall
from bot.language import N_, Words
from bot.settings import Settings, load
from bot.store.dialect import parse, path_of
from bot.store.record import StoreError
from bot.store.store import Store
from bot.unreadable import unreadable
from bot.wording.name import plain
from bot.wording.silence import silence_name
from bot.wrapping import columns, wrapped
from channels.imap.config import ImapAccount
from channels.imap.parse import parse_file
from escalation.mail import Mail
from escalation.phrase import Phrase
from escalation.roster import Roster
from escalation.routing import RuleOutcome, Verdict, route
from escalation.silence import Silence, silenced_by
from escalation.why import Why

_WIDEST = 100
_NARROWEST = 30


@dataclass(frozen=True, slots=True)
class Routed:
    """One file, its mail, and what the rules say of it."""

    path: Path
    mail: Mail
    verdict: Verdict
    silence: Silence | None = None


def route_command(paths: Sequence[Path], config: Path, as_json: bool, environ: Mapping[str, str] | None = None) -> int:
    """Print the verdict on each mail. 0 if all could be read; 2 if the settings are wrong or a file can't be read."""
    loaded = load(config, os.environ if environ is None else environ, needs_secrets=False)
    if loaded.settings is None:
        print(loaded.worded_errors(), file=sys.stderr)
        return 2
    words, now = loaded.words, wall()
    silences = asyncio.run(_silences(loaded.settings, now))
    found = [_routed(path, loaded.settings, silences, now, words) for path in paths]
    routed = [one for one in found if one is not None]
    if as_json:
        print(json.dumps([_record(one, words) for one in routed], ensure_ascii=False, indent=2))
    else:
        print("\n\n".join("\n".join(_lines(one, words)) for one in routed))
    return 0 if len(routed) == len(found) else 2


async def _silences(settings: Settings, now: datetime) -> list[Silence]:
    """Those that stand now, where the bot has a database here; the rules are told without them."""
    path = path_of(parse(settings.database_url))
    if path is not None and not path.exists():
        return []
    try:
        store = await Store.open(settings.database_url, now)
        try:
            async with store.reading() as tx:
                return await tx.standing_silences(now)
        finally:
            await store.close()
    except StoreError as error:
        words = Words(settings.language, settings.zone)
        print(words.gettext("The database: %(why)s") % {"why": words.said(error.why)}, file=sys.stderr)
        return []


def _routed(path: Path, settings: Settings, silences: Sequence[Silence], now: datetime, words: Words) -> Routed | None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        print(f"{path}: {words.said(unreadable(error))}", file=sys.stderr)
        return None
    mail = parse_file(raw, now)
    mail = replace(mail, account=account_for(mail, settings.imap, settings.roster()))
    verdict = route(settings.routing_rules(), mail)
    return Routed(path, mail, verdict, silenced_by(verdict, mail, now, silences, settings.maintenance()))


def account_for(mail: Mail, accounts: Mapping[str, ImapAccount], roster: Roster) -> str:
    """The mailbox into which this mail would have come: one that it is addressed to, else the first."""
    for name, account in accounts.items():
        owner = roster.people.get(account.owner or "")
        own = {account.username.lower(), *(owner.addresses if owner else ())}
        if not own.isdisjoint(mail.to):
            return name
    return next(iter(accounts), "")


def _decision(verdict: Verdict) -> Phrase:
    if verdict.policy is not None:
        return Phrase(
            "alert: policy %(policy)s, severity %(severity)s", policy=verdict.policy, severity=verdict.severity
        )
    if verdict.ignored:
        return Phrase("no alert: the rule ignores it")
    if verdict.unfit is not None and verdict.is_excluded:
        return Phrase("no alert: mail of this kind wakes nobody (%(sign)s)", sign=verdict.unfit.sign)
    return Phrase("no alert: no rule matches")


def _swallowed(one: Silence, words: Words) -> Phrase:
    form = N_("%(silence)s would swallow it now, until %(until)s: %(why)s")
    return Phrase(form, silence=silence_name(one, words), until=words.instant(one.end), why=plain(one.why))


_FIELDS = {
    "from": N_("from"),
    "subject": N_("subject"),
    "mailbox": N_("mailbox"),
    "defect": N_("defect"),
    "result": N_("result"),
    "silence": N_("silence"),
}


def _lines(one: Routed, words: Words) -> Iterator[str]:
    mail, verdict = one.mail, one.verdict
    none = Phrase("none")
    mailbox = Phrase("%(mailbox)s (as if it had come there)", mailbox=mail.account or none)
    yield str(one.path)
    yield from _field("from", mail.sender or Phrase("nobody"), words)
    yield from _field("subject", mail.subject or none, words)
    yield from _field("mailbox", mailbox, words)
    for defect in mail.defects:
        yield from _field("defect", defect, words)
    yield from _field("result", _decision(verdict), words)
    if one.silence is not None:
        yield from _field("silence", _swallowed(one.silence, words), words)
    for outcome in verdict.trail:
        yield from _outcome(outcome, words)


def _outcome(outcome: RuleOutcome, words: Words) -> Iterator[str]:
    sign = "+" if outcome.matched else "-"
    yield from _below(outcome.rule, f"  {sign} ")
    yield from _below(words.gettext(N_("; ")).join(words.said(why.sentence) for why in outcome.why), "      ")


def _field(name: str, text: str, words: Words) -> Iterator[str]:
    label = words.gettext(_FIELDS[name])
    return _below(words.said(text), f"  {label}{' ' * (8 - columns(label))} ")


def _below(text: str, head: str) -> Iterator[str]:
    """Lines that fit the terminal, at most 100 columns; those after the first stand below the text."""
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns)) - columns(head)
    first, *rest = wrapped(text, width)
    yield head + first
    yield from (" " * columns(head) + line for line in rest)


def _record(one: Routed, words: Words) -> dict[str, Any]:
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
        "decision": words.said(_decision(verdict)),
        "silence": None if one.silence is None else _silence(one.silence),
        "trail": [_trail(outcome, words) for outcome in verdict.trail],
    }


def _silence(one: Silence) -> dict[str, Any]:
    return {
        "id": one.id or None,
        "maintenance": one.maintenance or None,
        "until": one.end.isoformat(),
        "why": one.why,
    }


def _trail(outcome: RuleOutcome, words: Words) -> dict[str, Any]:
    return {"rule": outcome.rule, "matched": outcome.matched, "why": [_why(why, words) for why in outcome.why]}


def _why(why: Why, words: Words) -> dict[str, Any]:
    return {
        "code": why.code.value,
        "holds": why.holds,
        "wanted": why.wanted,
        "found": why.found,
        "sentence": words.said(why.sentence),
    }
