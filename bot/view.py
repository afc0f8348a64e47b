"""What the commands print: tables that fit a narrow terminal, or JSON."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.alert_named import alerts_named
from bot.chatops.order import Order, carried_out
from bot.language import N_
from bot.linebreak import broken
from bot.office import Office
from bot.refusal import BadArgumentError
from bot.store.record import NotificationRow
from bot.wanted import MOST_LISTED, OPEN, Wanted
from bot.wording import (
    channel_name,
    cost_lines,
    matrix_of,
    next_step,
    read_matrix,
    sender_of,
    standing_of,
    status_word,
    subject_of,
    title_of,
    told_who,
    unsent_lines,
    why_lines,
)
from bot.wording.status import marked
from channels.console.render import printable
from channels.cut import cut
from escalation.alert import Alert
from escalation.command import Purpose

NARROW = 60
"""Columns below which a list is lines, not a table."""
MOST_SUBJECT = 200

Work = Callable[[Office], Awaitable[int]]


class NotOneError(Exception):
    """An id that names no alert, or several; the text says what to type instead."""


async def one_alert(office: Office, id: str, verb: str = "status") -> int:
    """The alert that "42", "#42", a link to its message or a part of its subject names; "" is the only open one.
    ``verb``: what is to be done with it. Raises NotOneError."""
    words = office.words
    if not id:
        return await _only_open(office, verb)
    async with office.store.reading() as tx:
        found = await alerts_named(tx, id)
        silences = [] if found else await tx.find_swallowed(id)
    if silences:
        raise NotOneError(
            words.gettext(
                "No alert matches “%(text)s”, but silence %(id)d swallowed such a mail: kidoku silences %(id)d"
            )
            % {"text": id, "id": silences[0]}
        )
    if not found:
        raise NotOneError(
            words.gettext("No alert matches “%(text)s”. “kidoku list --all” shows them all.") % {"text": id}
        )
    if len(found) > 1:
        several = ", ".join(f"#{one}" for one in found[:10])
        raise NotOneError(
            words.gettext("“%(text)s” matches several alerts: %(ids)s. Name one of them.")
            % {"text": id, "ids": several}
        )
    return found[0]


async def _only_open(office: Office, verb: str) -> int:
    found = await open_ids(office, 11)
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotOneError(office.words.gettext("No open alerts."))
    values = {"ids": ", ".join(f"#{one}" for one in found[:10]), "verb": verb, "id": found[0]}
    raise NotOneError(office.words.gettext("Which alert? Open are %(ids)s. Write: kidoku %(verb)s %(id)d") % values)


async def open_ids(office: Office, limit: int) -> list[int]:
    """Of the open alerts, the newest."""
    async with office.store.reading() as tx:
        return [one.id for one in await tx.list_alerts(statuses=OPEN, limit=limit)]


def one_person(office: Office, written: str) -> str:
    """The id of the person that an id or a mail address names. Raises NotOneError: what nobody did takes no alert."""
    roster = office.engine.rules.roster
    found = roster.people.get(written) or roster.person_of(written)
    if found is None:
        values = {"text": written, "people": ", ".join(sorted(roster.people))}
        raise NotOneError(
            office.words.gettext("There is no person “%(text)s”. Say who does it: --by with one of %(people)s.")
            % values
        )
    return found.id


async def list_alerts(office: Office, wanted: Wanted, as_json: bool) -> int:
    async with office.store.reading() as tx:
        found = await tx.list_alerts(statuses=wanted.statuses, limit=MOST_LISTED)
    alerts = [alert for alert in found if wanted.takes(alert)][: wanted.limit]
    if as_json:
        return _json([_brief(office, alert) for alert in alerts])
    if not alerts:
        is_any = wanted.everything or wanted.is_over
        print(office.words.gettext("No alerts.") if is_any else office.words.gettext("No open alerts."))
        return 0
    out = _console()
    if out.width < NARROW:
        for alert in alerts:
            out.print(Text("\n".join(broken(" · ".join(_listed(office, alert)), out.width))))
    else:
        out.print(_list_table(office, alerts))
    return 0


def _listed(office: Office, alert: Alert) -> tuple[str, str, str, str, str]:
    """Number, status, age, how many have read, subject: what a list says of an alert."""
    words, now = office.words, office.clock.now()
    subject = cut(_plain(subject_of(alert.mail, words)), MOST_SUBJECT)
    read = sum(alert.has_read(one) for one in alert.recipients)
    return (
        f"#{alert.id}",
        status_word(alert, words, now),
        words.duration(now - alert.out_at),
        f"{read}/{len(alert.recipients)}",
        marked(subject, words) if alert.is_exercise else subject,
    )


def _list_table(office: Office, alerts: list[Alert]) -> Table:
    words = office.words
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("#", justify="right")
    table.add_column(words.gettext("Status"), no_wrap=True)
    table.add_column(words.gettext("Age"), no_wrap=True)
    table.add_column(words.gettext("Read"), no_wrap=True)
    table.add_column(words.gettext("Subject"), overflow="fold")
    for alert in alerts:
        id, *rest = _listed(office, alert)
        table.add_row(id.removeprefix("#"), *rest)
    return table


def _brief(office: Office, alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "status": alert.status,
        "is_exercise": alert.is_exercise,
        "severity": alert.severity,
        "subject": alert.mail.subject,
        "sender": alert.mail.sender,
        "policy": alert.policy.name,
        "opened_at": alert.opened_at.isoformat(),
        "age_s": round((office.clock.now() - alert.opened_at).total_seconds()),
        "recipients": len(alert.recipients),
        "read": sum(alert.has_read(one) for one in alert.recipients),
        "taken_by": list(alert.taken_by),
        "next_at": alert.due_at.isoformat() if alert.due_at else None,
        "deadline": alert.deadline.isoformat() if alert.deadline else None,
        "snoozed_until": alert.snoozed_until.isoformat() if alert.snoozed_until else None,
    }


async def status(office: Office, alert_id: int, as_json: bool) -> int:
    async with office.store.reading() as tx:
        alert = (await tx.alerts([alert_id]))[alert_id]
        rows = await tx.notifications_of(alert_id)
    if as_json:
        return _json(whole(office, alert, rows))
    _print_status(office, alert, rows)
    return 0


def whole(office: Office, alert: Alert, rows: list[NotificationRow]) -> dict[str, Any]:
    """One alert for programs: who has read it and how that is known, and who was told."""
    recipients = [
        {
            "id": one.id,
            "address": one.address,
            "name": one.name,
            "is_team": one.is_team,
            "has_read": alert.has_read(one),
            "mail_fails": alert.is_failing(one),
            "receipts": [
                {
                    "kind": item.kind,
                    "at": item.at.isoformat() if item.at else None,
                    "via": item.via,
                    "by": item.by,
                    "detail": item.detail,
                }
                for item in one.evidence
                if item.stands
            ],
        }
        for one in alert.recipients
    ]
    return {**_brief(office, alert), "recipients": recipients, "notifications": [_told(row) for row in rows]}


def _told(row: NotificationRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "channel": row.channel,
        "target": row.target,
        "person": row.person,
        "purpose": row.purpose,
        "step": row.step + 1,
        "loop": row.loop,
        "state": row.state,
        "outcome": row.outcome,
        "detail": row.detail,
        "due_at": row.due_at.isoformat(),
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "cost": {name: row.ref[name] for name in ("seconds", "price", "currency") if name in row.ref},
    }


def _print_status(office: Office, alert: Alert, rows: list[NotificationRow]) -> None:
    words, out = office.words, _console()
    roster = office.engine.rules.roster
    out.print(Text(f"#{alert.id} {_plain(subject_of(alert.mail, words))}", style="bold"))
    now = office.clock.now()
    out.print(Text(title_of(alert, words, roster, now)))
    at = words.instant(alert.mail.received_at)
    label = words.gettext("Sent") if alert.sent_by else words.gettext("Received")
    out.print(Text(f"{words.gettext('From')}: {_plain(sender_of(alert.mail, words))}"))
    out.print(Text(f"{label}: {at}"))
    if alert.deadline is not None:
        out.print(Text(f"{words.gettext('To be read by')}: {words.instant(alert.deadline, now)}"))
    upcoming = next_step(alert, words, roster)
    if upcoming:
        out.print(Text("\n".join(broken(upcoming, out.width, f"{words.gettext('Next')}: "))))
    for line in _matrix(office, alert) if alert.sent_by else [_readers(office, alert)]:
        out.print(line)
    told = [row for row in rows if row.purpose != Purpose.MAIL]
    if told:
        out.print(_told_table(office, told))


def _readers(office: Office, alert: Alert) -> Table:
    words = office.words
    matrix = _table(words.gettext("Recipient"), words.gettext("Read"), words.gettext("How we know"))
    for line in read_matrix(alert, words, office.engine.rules.roster):
        matrix.add_row(*(escape(_plain(cell)) for cell in line))
    return matrix


def _matrix(office: Office, alert: Alert) -> list[Table | Text]:
    """Of a mail that was sent: how far it came with each recipient."""
    words = office.words
    found = matrix_of(alert, words, office.engine.rules.roster, office.clock.now())
    table = _table(*(words.gettext(one) for one in (N_("Recipient"), N_("Delivered"), N_("Opened"), N_("Read"))))
    for line in found.lines:
        table.add_row(*(_plain(cell) for cell in (line.name, line.delivered, line.opened, line.read)))
    return [table, *(Text(_plain(line)) for line in found.folded)]


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _told_table(office: Office, rows: list[NotificationRow]) -> Table:
    words, roster = office.words, office.engine.rules.roster
    table = _table(words.gettext("When"), words.gettext("Channel"), words.gettext("To"), words.gettext("Outcome"))
    for row in rows:
        who = told_who(row, roster, words)
        where = channel_name(row.channel, words)
        table.add_row(words.instant(row.sent_at or row.due_at), where, _plain(who), _plain(standing_of(row, words)))
    return table


async def why(office: Office, alert_id: int, as_json: bool) -> int:
    async with office.store.reading() as tx:
        alert = (await tx.alerts([alert_id]))[alert_id]
        events = await tx.events(alert_id)
        rows = await tx.notifications_of(alert_id)
    roster, words = office.engine.rules.roster, office.words
    lines = why_lines(alert, [(one.event, one.at) for one in events], roster, words)
    lines += [*cost_lines(rows, roster, words), *unsent_lines(rows, roster, words)]
    if as_json:
        return _json([{"at": at.isoformat(), "text": text} for at, text in lines])
    out = _console()
    for at, text in lines:
        out.print(Text("\n".join(broken(f"{office.words.instant(at)}  {_plain(text)}", out.width))))
    return 0


async def carry_out(office: Office, order: Order, as_json: bool, *, running: bool = False) -> int:
    """Do a verb, and print what came of it. Exit code 1: it was refused. ``running``: the office's engine runs already.
    Raises NotOneError."""
    commit = office.engine.submit if running else office.engine.run_now
    try:
        done = await commit(lambda desk: carried_out(desk, order, office.settings.zone, office.words))
    except BadArgumentError as error:
        raise NotOneError(office.words.sentence(error.at_terminal)) from error
    if not as_json:
        print(done.text)
        return int(done.is_refused)
    async with office.store.reading() as tx:
        alert = (await tx.alerts([order.alert_id]))[order.alert_id]
    _json({"text": done.text, "is_refused": done.is_refused, **_brief(office, alert)})
    return int(done.is_refused)


def say(text: str, *, as_json: bool) -> None:
    """Print what came of a command."""
    print(json.dumps({"text": text}, ensure_ascii=False) if as_json else text)


def _plain(text: str) -> str:
    return printable(text.replace("\n", " "))


def _json(value: Mapping[str, Any] | list[Any]) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0


def _console() -> Console:
    return Console(soft_wrap=False, highlight=False, markup=False)
