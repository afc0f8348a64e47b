"""What ``kidoku probe`` and ``kidoku clients`` do and print."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.compatibility import Learnt, learnt
from bot.consent import trackings
from bot.desk import Desk
from bot.finding import Finding, Signal
from bot.language import Words
from bot.office import Office
from bot.outgoing.addressing import Addressed, AddressingError, addressed
from bot.outgoing.probe import LONGEST, SHORTEST, Result, decoded, is_over, result_of, start
from bot.post import Post, open_post
from bot.store.record import AuditEntry, AuditOutcome, ProbeRow
from bot.view import NotOneError
from bot.wording.finding import finding_word, signal_name
from channels.console.render import printable


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an address by a probe: one that is under way (``until``), or its domain's record."""

    domain: str
    at: datetime
    result: Result
    until: datetime | None = None
    alert_id: int | None = None


async def probe_command(
    office: Office, written: str, within: timedelta, by: str, words: Words, *, as_json: bool
) -> int:
    """Send a probe, and say how to look. Raises NotOneError for what must be written otherwise."""
    post, to = await _post(office, words), _one(office, written, words)
    if not SHORTEST <= within <= LONGEST:
        raise NotOneError(words.gettext("A probe lasts from 5 minutes to 30 days: write --within like 12h or 1d."))
    person = office.engine.rules.roster.people.get(to.recipient.id)
    theirs = office.words.of(person.language, person.zone) if person else office.words

    async def job(desk: Desk) -> ProbeRow:
        begun = await start(desk, to, by, within, post, theirs)
        kept = AuditEntry(
            at=desk.now, who=by, via="cli", verb="probe", outcome=AuditOutcome.DONE, argument=begun.address
        )
        await desk.tx.add_audit(replace(kept, alert_id=begun.alert_id))
        return begun

    probe = await office.engine.run_now(job)
    hint = await _no_picture(office, probe.address, words)
    if as_json:
        said = {"id": probe.alert_id, "address": probe.address, "until": probe.until.isoformat(), "no_picture": hint}
        print(json.dumps(said, ensure_ascii=False, indent=2))
        return 0
    values = {"id": probe.alert_id, "address": probe.address, "until": words.instant(probe.until)}
    form = words.gettext(
        "#%(id)d tests %(address)s until %(until)s. What has come back: kidoku probe %(address)s --result"
    )
    print(printable(form % values))
    if hint:
        print(printable(hint))
    return 0


async def _no_picture(office: Office, address: str, words: Words) -> str:
    """Why the probe has no picture; "" if it has one."""
    if not office.settings.sending.pictures:
        return words.gettext("It has no picture: sending.pictures is not true.")
    async with office.store.reading() as tx:
        tracking = (await trackings(tx, [address]))[address]
    if tracking.may_show_picture:
        return ""
    form = words.gettext("It has no picture: no consent is recorded (kidoku consent %(address)s --give).")
    return form % {"address": address}


async def result_command(office: Office, written: str, words: Words, *, as_json: bool) -> int:
    """What the probe of an address has given so far, or gave. Exit code 1: there was none."""
    post, to = await _post(office, words), _one(office, written, words)
    found = await _standing(office, to.recipient.address, post)
    if found is None:
        print("null" if as_json else words.gettext("Nothing is known yet: kidoku probe sends a test."))
        return 1
    if as_json:
        print(json.dumps(_object(found), ensure_ascii=False, indent=2))
        return 0
    _print_standing(found, words)
    return 0


async def _standing(office: Office, address: str, post: Post) -> Standing | None:
    domain, now = address.rpartition("@")[2], office.clock.now()
    async with office.store.reading() as tx:
        probe = await tx.probe_of(address)
        if probe is not None and (result := await result_of(tx, probe, has_page=bool(post.public_url))) is not None:
            return _under_way(domain, probe, result, now)
        records = {one.domain: one for one in await tx.domain_records()}
    if domain not in records:
        return None
    return Standing(domain, records[domain].probed_at, decoded(records[domain].data))


def _under_way(domain: str, probe: ProbeRow, result: Result, now: datetime) -> Standing:
    return Standing(domain, probe.until, result, None if is_over(probe, now) else probe.until, probe.alert_id)


def _print_standing(found: Standing, words: Words) -> None:
    out = _console()
    out.print(Text(printable(_title(found, words)), style="bold"))
    table = Table(box=None, pad_edge=False, show_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for one in found.result.findings:
        table.add_row(signal_name(one.signal, words), finding_word(one, words, is_over=found.until is None))
    out.print(table)


def _title(found: Standing, words: Words) -> str:
    values = {"domain": found.domain, "at": words.instant(found.at)}
    if found.result.way == "refused":
        return words.gettext("%(domain)s: the test mail was refused") % values
    if found.result.way == "waiting":
        return words.gettext("%(domain)s: the test mail has not left yet") % values
    if found.until is not None:
        return words.gettext("%(domain)s: test under way until %(at)s") % values
    return words.gettext("%(domain)s: test ended %(at)s") % values


def _object(found: Standing) -> dict[str, Any]:
    return {
        "domain": found.domain,
        "id": found.alert_id,
        "is_over": found.until is None,
        "until": found.until.isoformat() if found.until else None,
        "way": found.result.way,
        "findings": _findings(found.result),
    }


def _findings(result: Result) -> list[dict[str, Any]]:
    return [{"receipt": one.signal, "is_asked": one.is_asked, "given": one.given} for one in result.findings]


# The table of all that was learnt ------------------------------------------------------------------------------------


async def clients_command(office: Office, words: Words, *, as_json: bool) -> int:
    """Every domain of which anything is known."""
    post = await _post(office, words)
    async with office.store.reading() as tx:
        found = await learnt(tx, has_page=bool(post.public_url))
    if as_json:
        print(json.dumps([_learnt_object(one) for one in found], ensure_ascii=False, indent=2))
    elif not found:
        print(words.gettext("Nothing is known yet: kidoku probe sends a test."))
    else:
        _console().print(_table(found, words))
    return 0


def _table(found: list[Learnt], words: Words) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column(words.gettext("Domain"), overflow="fold")
    table.add_column(words.gettext("Learnt by"), overflow="fold")
    for signal in Signal:
        table.add_column(signal_name(signal, words, is_short=True), overflow="fold")
    for one in found:
        for row in _rows(one, words):
            table.add_row(*(printable(cell) for cell in row))
    return table


def _rows(one: Learnt, words: Words) -> list[list[str]]:
    rows = []
    if one.record is not None and one.result is not None:
        by = words.gettext("test of %(day)s") % {"day": f"{one.record.probed_at.astimezone(words.zone):%Y-%m-%d}"}
        found = {finding.signal: finding for finding in one.result.findings}
        cells = [finding_word(found.get(signal, Finding(signal, False)), words) for signal in Signal]
        rows.append([one.domain, by, *cells])
    if one.tally.mails:
        by = words.ngettext("%(n)d mail", "%(n)d mails", one.tally.mails) % {"n": one.tally.mails}
        rows.append([one.domain, by, *(_ratio(one, signal) for signal in Signal)])
    return rows


def _ratio(one: Learnt, signal: Signal) -> str:
    asked = one.tally.asked[signal]
    return f"{one.tally.given[signal]}/{asked}" if asked else "–"


def _learnt_object(one: Learnt) -> dict[str, Any]:
    probe = None
    if one.record is not None and one.result is not None:
        at = one.record.probed_at.isoformat()
        probe = {"at": at, "way": one.result.way, "findings": _findings(one.result)}
    counted = {
        one_signal: {"asked": one.tally.asked[one_signal], "given": one.tally.given[one_signal]}
        for one_signal in Signal
    }
    return {"domain": one.domain, "probe": probe, "mails": one.tally.mails, "receipts": counted}


async def _post(office: Office, words: Words) -> Post:
    post = await open_post(office.settings, office.store)
    if post is None:
        raise NotOneError(words.gettext("No mail can be sent: add smtp: to the settings (see config/example.yaml)."))
    return post


def _one(office: Office, written: str, words: Words) -> Addressed:
    """The one recipient. Raises NotOneError."""
    try:
        found = addressed([written], office.engine.rules.roster)
    except AddressingError:
        found = []
    if len(found) != 1:
        raise NotOneError(
            words.gettext("“%(text)s” is not one recipient; write a mail address or a person.")
            % {"text": written[:200]}
        )
    return found[0]


def _console() -> Console:
    return Console(soft_wrap=False, highlight=False, markup=False)
