"""What the commands about silences print: what holds, what comes, what ended; and what each swallowed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.duty_view import Act
from bot.language import Words
from bot.office import Office
from bot.routes import routes_of
from bot.silence import BadSilenceError
from bot.store.record import Swallowed
from bot.swallowed import Reopened, open_waiting
from bot.view import NotOneError
from bot.wording import name_of, subject_of
from bot.wording.name import cut, plain, short_sender_of
from bot.wording.silence import scope_line, silence_name
from channels.console.render import printable
from escalation.silence import Maintenance, Silence

RECENT = timedelta(days=1)
"""What ended so recently is listed too."""

MOST_LISTED = 5
"""Mails of each silence in a list; asked for by its number, all of them are shown."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One silence, and what it swallowed."""

    one: Silence
    mails: Sequence[Swallowed]

    @property
    def waiting(self) -> int:
        return sum(mail.is_waiting for mail in self.mails)


async def carry_out(office: Office, act: Act, words: Words, *, as_json: bool) -> int:
    """Change the silences, and print what came of it. Raises NotOneError."""
    try:
        text = await office.engine.run_now(act)
    except BadSilenceError as error:
        raise NotOneError(words.said(error.args[0])) from error
    print(json.dumps({"text": text}, ensure_ascii=False) if as_json else text)
    return 0


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
    done = await office.engine.run_now(lambda desk: open_waiting(desk, id, by, routes))
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
    one, roster, now = each.one, office.engine.rules.roster, office.clock.now()
    heading = f"{silence_name(one, words).strip()}: {scope_line(one.scope, words)}"
    yield Text(_plain(heading), style="bold" if one.holds(now) else "")
    yield _below(f"{_standing(one, now, words)}, {words.instant(one.start)} – {words.instant(one.until)}")
    if one.by:
        values = {"who": name_of(one.by, roster, words), "why": plain(one.why)}
        yield _below(words.gettext("%(who)s: %(why)s") % values)
    else:
        yield _below(plain(one.why))
    if one.lifted_by:
        yield _below(words.gettext("lifted by %(who)s") % {"who": name_of(one.lifted_by, roster, words)})
    yield _below(_count(each, words))
    yield from (_below(_mail_line(mail, words), 4) for mail in list(each.mails)[-most:] if most)
    if len(each.mails) > most:
        yield _below(words.gettext("all of them: kidoku silences %(id)d") % {"id": one.id}, 4)
    if each.waiting and not one.holds(now):
        yield _below(words.gettext("open alerts for the unread: kidoku silences %(id)d --open") % {"id": one.id})


def _standing(one: Silence, now: datetime, words: Words) -> str:
    if one.holds(now):
        return words.pgettext("a silence", "holds")
    if now < one.start and one.lifted_at is None:
        return words.pgettext("a silence", "to come")
    return words.pgettext("a silence", "over")


def _count(each: Listed, words: Words) -> str:
    count = len(each.mails)
    if not count:
        return words.gettext("swallowed nothing")
    form = words.ngettext(
        "swallowed %(n)d mail, unread: %(waiting)d", "swallowed %(n)d mails, unread: %(waiting)d", count
    )
    return form % {"n": count, "waiting": each.waiting}


def _mail_line(mail: Swallowed, words: Words) -> str:
    state = words.pgettext("a mail", "read") if mail.is_read else words.pgettext("a mail", "unread")
    if mail.alert_id is not None:
        state = f"#{mail.alert_id}"
    sender, subject = cut(short_sender_of(mail.mail, words), 60), subject_of(mail.mail, words)
    return f"{words.instant(mail.mail.received_at)}  {state}  {sender}: {subject} ({plain(mail.rule)})"


def _window_line(one: Maintenance, now: datetime, words: Words) -> Text:
    values = {"name": plain(one.name), "scope": scope_line(one.scope, words), "why": plain(one.why)}
    line = words.gettext("Maintenance “%(name)s”: %(scope)s; %(why)s") % values
    holds, begins = one.silence_at(now), one.next_begin(now)
    if holds is not None:
        line += " · " + words.gettext("holds until %(until)s") % {"until": words.instant(holds.end)}
    elif begins is not None:
        line += " · " + words.gettext("next from %(start)s") % {"start": words.instant(begins)}
    else:
        line += " · " + words.pgettext("a silence", "over")
    return Text(_plain(line), style="bold" if holds else "")


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
