"""What commands that only look answer: plain lines, in the reader's words."""

from collections.abc import Sequence
from datetime import datetime

from bot.chatops.role import Role, may
from bot.chatops.vocabulary import ABOUT, USAGE, WORDS, Name, key_of, name_of
from bot.duty import schedule_of
from bot.language import Words
from bot.store.store import Tx
from bot.wanted import MOST_LISTED, Wanted
from bot.wording import (
    cost_lines,
    matrix_of,
    next_step,
    read_matrix,
    sender_of,
    status_word,
    subject_of,
    title_of,
    unsent_lines,
    why_lines,
)
from bot.wording.duty import on_call_lines, on_call_now
from bot.wording.name import plain
from bot.wording.receipt import NOTHING
from bot.wording.status import marked
from escalation.alert import Alert
from escalation.roster import Roster
from escalation.rotation import Role as DutyRole

MOST_ALERTS = 25
MOST_TOLD = 40
"""Lines of a story; what is older is counted."""


async def list_lines(tx: Tx, part: str, person: str, words: Words, now: datetime) -> list[str]:
    """The alerts of one part: "" (all that are open), unread, mine, all, resolved."""
    whose = person if part == "mine" else ""
    wanted = Wanted(everything=part == "all", is_unread=part == "unread", person=whose, is_over=part == "resolved")
    found = [one for one in await tx.list_alerts(statuses=wanted.statuses, limit=MOST_LISTED) if wanted.takes(one)]
    if not found:
        return [words.gettext("No alerts.") if part in ("all", "resolved") else words.gettext("No open alerts.")]
    lines = [brief_line(one, words, now) for one in found[:MOST_ALERTS]]
    rest = len(found) - MOST_ALERTS
    return (
        [*lines, words.ngettext("%(n)d more of them", "%(n)d more of them", rest) % {"n": rest}] if rest > 0 else lines
    )


def brief_line(alert: Alert, words: Words, now: datetime) -> str:
    """ "#42 unread · 0/2 · 5 min · Link down"."""
    read = sum(alert.has_read(one) for one in alert.recipients)
    parts = [
        f"#{alert.id} {status_word(alert, words, now)}",
        f"{read}/{len(alert.recipients)}",
        words.duration(now - alert.opened_at),
        _about(alert, words),
    ]
    return " · ".join(parts)


def _about(alert: Alert, words: Words) -> str:
    """The subject; of an exercise it says first that it is one."""
    subject = subject_of(alert.mail, words)
    return marked(subject, words) if alert.is_exercise else subject


def status_lines(alert: Alert, roster: Roster, words: Words, now: datetime) -> list[str]:
    """How an alert stands: title, sender, what comes next, and each recipient, the unread first."""
    lines = [f"#{alert.id} {title_of(alert, words, roster, now)}"]
    lines.append(f"{words.gettext('From')}: {sender_of(alert.mail, words)}")
    label = words.pgettext("when a mail left", "Sent") if alert.sent_by else words.gettext("Received")
    lines.append(f"{label}: {words.instant(alert.mail.received_at)}")
    if alert.deadline is not None:
        lines.append(f"{words.gettext('To be read by')}: {words.instant(alert.deadline, now)}")
    if upcoming := next_step(alert, words, roster, now):
        lines.append(f"{words.gettext('Next')}: {upcoming}")
    return lines + (_sent_matrix if alert.sent_by else _matrix)(alert, roster, words, now)


def _matrix(alert: Alert, roster: Roster, words: Words, now: datetime) -> list[str]:
    found = list(zip(read_matrix(alert, words, roster), _by_reading(alert), strict=True))
    shown = [f"{_mark(is_read)} {who}: {_known(when, how)}" for (who, when, how), is_read in found[:MOST_TOLD]]
    rest = len(found) - MOST_TOLD
    return [*shown, words.ngettext("%(n)d more", "%(n)d more", rest) % {"n": rest}] if rest > 0 else shown


def _known(when: str, how: str) -> str:
    return when if how == NOTHING else f"{when} ({how})"


def _by_reading(alert: Alert) -> list[bool]:
    """Whether each line of ``read_matrix`` is of somebody who has read: its order is the unread first."""
    return sorted(alert.has_read(one) for one in alert.recipients)


def _sent_matrix(alert: Alert, roster: Roster, words: Words, now: datetime) -> list[str]:
    matrix = matrix_of(alert, words, roster, now)
    marks = _by_reading(alert)
    labels = (words.gettext("Delivered"), words.gettext("Opened"), words.gettext("Read"))
    lines = [
        f"{_mark(is_read)} {one.name}: "
        + ", ".join(
            f"{label}: {cell}" for label, cell in zip(labels, (one.delivered, one.opened, one.read), strict=True)
        )
        for one, is_read in zip(matrix.lines, marks, strict=False)
    ]
    return [*lines, *matrix.folded]


def _mark(is_read: bool) -> str:
    return "✓" if is_read else "✗"


async def why_told(tx: Tx, alert: Alert, roster: Roster, words: Words) -> list[str]:
    """An alert's story in sentences, the newest at the end."""
    events, rows = await tx.events(alert.id), await tx.notifications_of(alert.id)
    told = why_lines(alert, [(one.event, one.at) for one in events], roster, words)
    told += [*cost_lines(rows, roster, words), *unsent_lines(rows, roster, words)]
    lines = [f"{words.moment(at, alert.opened_at)} {plain(text)}" for at, text in told]
    head = f"#{alert.id} {_about(alert, words)} ({words.instant(alert.opened_at)})"
    older = len(lines) - MOST_TOLD
    if older <= 0:
        return [head, *lines]
    said = words.gettext("… %(n)d earlier lines: kidoku why %(id)d") % {"n": older, "id": alert.id}
    return [head, said, *lines[-MOST_TOLD:]]


def who_lines(roster: Roster, schedule: str, words: Words, now: datetime) -> list[str]:
    """Who is on call, until when, and who is next. Raises BadArgumentError for a schedule that is not there."""
    listed = [roster.schedules[schedule_of(roster, schedule)]] if schedule else list(roster.schedules.values())
    if not listed:
        return [words.gettext("The settings have no schedules.")]
    found = [(one, on_call_now(one, now, role)) for one in listed for role in DutyRole if role in one.roles]
    return [line for one, duty in found for line in on_call_lines(one, duty, roster, words)]


def help_lines(role: Role, about: str, words: Words) -> list[str]:
    """What somebody with this role can type; of one command, what it is called, too."""
    name = name_of(key_of(about)) if about else None
    if name is not None:
        return [_usage(name, words), ", ".join(WORDS[name])]
    return [_usage(one, words) for one in Name if may(role, one)]


def _usage(name: Name, words: Words) -> str:
    return f"{USAGE[name]}  –  {words.gettext(ABOUT[name])}"


def offered_alerts(alerts: Sequence[Alert], typed: str, words: Words, now: datetime) -> list[tuple[str, str]]:
    """(label, value) of alerts that what was typed so far may mean, the newest first."""
    key = key_of(typed).lstrip("#")
    named = [(f"#{one.id} {_about(one, words)}", one) for one in alerts]
    return [(f"{label} ({status_word(one, words, now)})", f"#{one.id}") for label, one in named if key in key_of(label)]
