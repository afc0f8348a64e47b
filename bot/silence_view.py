"""What the commands about silences print: what holds, what comes, what ended; and what each swallowed."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.desk import Desk
from bot.language import Words
from bot.office import Office
from bot.routes import routes_of
from bot.store.record import AuditEntry, AuditOutcome, Swallowed
from bot.swallowed import Reopened, open_waiting
from bot.view import NotOneError
from bot.wording.silenced import RECENT, Listed, told_of, window_line
from channels.console.render import printable
from escalation.silence import Maintenance, Silence

MOST_LISTED = 5
"""Mails of each silence in a list; asked for by its number, all of them are shown."""


async def list_silences(office: Office, words: Words, *, everything: bool, as_json: bool) -> int:
    """Those that hold and that come, and those that ended within a day, or all; then the maintenance windows."""
    now = office.clock.now()
    async with office.store.reading() as tx:
        found = await tx.all_silences() if everything else await tx.silences(now - RECENT)
        listed = [Listed(one, await tx.swallowed(one.id)) for one in found]
    windows = office.settings.maintenance()
    if as_json:
        return _json(
            {
                "silences": [_object(each, now) for each in listed],
                "maintenance": [_window_object(one, now) for one in windows],
            }
        )
    lines = [line for each in listed for line in _lines(office, each, words, MOST_LISTED)]
    lines += [_window_line(one, now, words) for one in windows]
    _print(lines or [words.gettext("No silences.")])
    return 0


async def show(office: Office, id: int, words: Words, *, as_json: bool) -> int:
    """One silence with everything that it swallowed. Raises NotOneError."""
    each = await _one(office, id, words)
    if as_json:
        return _json(_object(each, office.clock.now()))
    _print(list(_lines(office, each, words, len(each.mails))))
    return 0


async def _one(office: Office, id: int, words: Words) -> Listed:
    async with office.store.reading() as tx:
        found = await tx.silence(id)
        mails = await tx.swallowed(id)
    if found is None:
        form = words.gettext("There is no silence %(id)d. “kidoku silences --all” lists them all.")
        raise NotOneError(form % {"id": id})
    return Listed(found, mails)


async def open_alerts(office: Office, id: int, by: str, words: Words, *, as_json: bool) -> int:
    """Open an alert for everything that this silence swallowed and nobody has read. Exit code 1: some could not be,
    since their policy is gone. Raises NotOneError."""
    await _one(office, id, words)
    routes = routes_of(office.settings)

    async def job(desk: Desk) -> Reopened:
        done = await open_waiting(desk, id, by, routes)
        outcome = AuditOutcome.DONE if done.alerts else AuditOutcome.NOTHING
        kept = AuditEntry(at=desk.now, who=by, via="cli", verb="silences", outcome=outcome, argument=f"{id} --open")
        await desk.tx.add_audit(kept)
        return done

    done = await office.engine.run_now(job)
    text = " ".join(_opened(done, words))
    if as_json:
        _json({"text": text, "alerts": list(done.alerts), "lacking": list(done.lacking)})
    else:
        print(text)
    return 1 if done.lacking else 0


def _opened(done: Reopened, words: Words) -> Iterator[str]:
    if done.alerts:
        yield words.gettext("Opened: %(alerts)s.") % {"alerts": words.listed([f"#{one}" for one in done.alerts])}
    elif not done.lacking:
        yield words.gettext("Nothing of it is unread and without an alert.")
    if done.lacking:
        form = words.gettext("Not opened, because the settings no longer have the policy: %(policies)s.")
        yield form % {"policies": words.listed(done.lacking)}


# Lines ---------------------------------------------------------------------------------------------------------------


def _lines(office: Office, each: Listed, words: Words, most: int) -> Iterator[Text | Padding]:
    roster, now = office.engine.rules.roster, office.clock.now()
    heading, *below = told_of(each, roster, now, words, most)
    yield Text(_plain(heading[1]), style="bold" if each.one.holds(now) else "")
    yield from (_below(text, deep) for deep, text in below)
    if len(each.mails) > most:
        yield _below(words.gettext("all of them: kidoku silences %(id)d") % {"id": each.one.id}, 4)
    if each.waiting and not each.one.holds(now):
        yield _below(words.gettext("open alerts for the unread: kidoku silences %(id)d --open") % {"id": each.one.id})


def _window_line(one: Maintenance, now: datetime, words: Words) -> Text:
    return Text(_plain(window_line(one, now, words)), style="bold" if one.holds(now) else "")


def _below(text: str, deep: int = 2) -> Padding:
    return Padding(Text(_plain(text)), (0, 0, 0, deep), expand=False)


def _plain(text: str) -> str:
    return printable(text.replace("\n", " "))


def _print(lines: Sequence[Text | Padding | str]) -> None:
    console = Console(soft_wrap=False, highlight=False, markup=False)
    for line in lines:
        console.print(line)


# JSON ----------------------------------------------------------------------------------------------------------------


def _json(value: Any) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0


def _scope_object(one: Silence | Maintenance) -> dict[str, Any]:
    scope = one.scope
    return {"rules": list(scope.rules), "from": list(scope.senders), "subject": list(scope.subjects)}


def _object(each: Listed, now: datetime) -> dict[str, Any]:
    one = each.one
    state = "active" if one.holds(now) else "coming" if now < one.start and one.lifted_at is None else "ended"
    return {
        "id": one.id,
        "state": state,
        "maintenance": one.maintenance or None,
        **_scope_object(one),
        "start": one.start.isoformat(),
        "until": one.until.isoformat(),
        "why": one.why,
        "by": one.by or None,
        "lifted_by": one.lifted_by or None,
        "swallowed": len(each.mails),
        "unread": each.waiting,
        "mails": [_mail_object(mail) for mail in each.mails],
    }


def _mail_object(mail: Swallowed) -> dict[str, Any]:
    return {
        "message_id": mail.mail.message_id,
        "from": mail.mail.sender,
        "subject": mail.mail.subject,
        "received_at": mail.mail.received_at.isoformat(),
        "swallowed_at": mail.at.isoformat(),
        "rule": mail.rule,
        "policy": mail.policy,
        "is_read": mail.is_read,
        "alert_id": mail.alert_id,
    }


def _window_object(one: Maintenance, now: datetime) -> dict[str, Any]:
    holds, begins = one.silence_at(now), one.next_begin(now)
    return {
        "name": one.name,
        **_scope_object(one),
        "why": one.why,
        "holds_until": holds.end.isoformat() if holds else None,
        "next": begins.isoformat() if begins else None,
    }
