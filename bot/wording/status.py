"""How an alert stands, in a word, in a title, and in a sentence for the ear."""

from datetime import datetime, timedelta

from bot.language import N_, Words
from bot.wording.name import name_of, subject_of
from channels.message import Tone
from escalation.alert import Alert, AlertStatus
from escalation.policy import StopOn
from escalation.receipt import read_evidence
from escalation.roster import Roster

FRESH = timedelta(minutes=1)
"""Before this age nothing is said about how long a mail is unread."""

_TONES = {
    AlertStatus.HELD: Tone.OPEN,
    AlertStatus.TRIGGERED: Tone.OPEN,
    AlertStatus.ACKNOWLEDGED: Tone.TAKEN,
    AlertStatus.RESOLVED: Tone.CLOSED,
    AlertStatus.CANCELLED: Tone.CLOSED,
    AlertStatus.EXHAUSTED: Tone.ALARM,
}
_STATUS = {
    AlertStatus.HELD: N_("waits for approval"),
    AlertStatus.TRIGGERED: N_("unread"),
    AlertStatus.ACKNOWLEDGED: N_("taken"),
    AlertStatus.RESOLVED: N_("resolved"),
    AlertStatus.CANCELLED: N_("cancelled"),
    AlertStatus.EXHAUSTED: N_("NOBODY came"),
}
_SEVERITY = {"critical": N_("critical"), "error": N_("error"), "warning": N_("warning"), "info": N_("info")}


def is_silent(alert: Alert, now: datetime) -> bool:
    """Whether somebody has asked for quiet, and it still holds."""
    return alert.snoozed_until is not None and alert.snoozed_until > now


def tone_of(alert: Alert, now: datetime) -> Tone:
    """A snoozed alert looks taken: by that a call that still rings is ended."""
    if is_silent(alert, now) and not alert.status.is_closed:
        return Tone.TAKEN
    return _TONES[alert.status]


def status_word(alert: Alert, words: Words, now: datetime) -> str:
    if is_silent(alert, now) and not alert.status.is_closed:
        return words.gettext("silent")
    if alert.status is AlertStatus.ACKNOWLEDGED and alert.is_taken_by_reading:
        return words.gettext("read")
    return word_of(alert.status, words)


def word_of(status: AlertStatus, words: Words) -> str:
    return words.gettext(_STATUS[status])


def severity_word(severity: str, words: Words) -> str:
    """The four known ones are translated; any other stands as the rule names it."""
    form = _SEVERITY.get(severity)
    return words.gettext(form) if form else severity


def is_read_but_not_taken(alert: Alert) -> bool:
    """Enough have read, and the policy wants a person who takes it."""
    return alert.policy.stop_on is StopOn.ACKNOWLEDGED and alert.is_read


def was_read(alert: Alert) -> bool:
    """Whether somebody had read before the climb began again: that does not count any more, and is said."""
    counts, read_by = alert.policy.counts, alert.policy.read_by
    return alert.read_since is not None and any(
        read_evidence(one, counts, read_by) is not None and not alert.has_read(one) for one in alert.recipients
    )


def title_of(alert: Alert, words: Words, roster: Roster, now: datetime) -> str:
    """One line: how it stands, and the subject; of an exercise it says first that it is one."""
    values = {
        "subject": subject_of(alert.mail, words),
        "age": words.duration(now - alert.out_at),
        "at": words.moment(alert.out_at, now),
        "names": words.listed([name_of(one, roster, words) for one in alert.taken_by]),
        "until": words.moment(alert.snoozed_until, now) if alert.snoozed_until else "",
    }
    said = words.gettext(_title_form(alert, now)) % values
    return marked(said, words) if alert.is_exercise else said


def marked(text: str, words: Words) -> str:
    """A line of an exercise: nobody may take it for real."""
    return words.gettext("EXERCISE – %(text)s") % {"text": text}


def _title_form(alert: Alert, now: datetime) -> str:
    if is_silent(alert, now) and not alert.status.is_closed:
        return N_("Silent until %(until)s: %(subject)s")
    match alert.status:
        case AlertStatus.HELD:
            return N_("Waits for approval: %(subject)s")
        case AlertStatus.TRIGGERED:
            return _open_form(alert, now)
        case AlertStatus.ACKNOWLEDGED:
            return _taken_form(alert)
        case AlertStatus.EXHAUSTED if is_read_but_not_taken(alert):
            return N_("NOBODY has taken this: %(subject)s")
        case AlertStatus.EXHAUSTED:
            return N_("NOBODY has read this: %(subject)s")
        case AlertStatus.RESOLVED:
            return N_("Resolved: %(subject)s")
        case AlertStatus.CANCELLED:
            return N_("Cancelled: %(subject)s")


def _taken_form(alert: Alert) -> str:
    if not alert.is_taken_by_reading:
        return N_("Taken by %(names)s: %(subject)s")
    if alert.is_read:
        return N_("Read by %(names)s: %(subject)s")
    return N_("Was read by %(names)s, and is marked unread now: %(subject)s")


def _open_form(alert: Alert, now: datetime) -> str:
    if is_read_but_not_taken(alert):
        return N_("Read, but taken by nobody for %(age)s: %(subject)s")
    if was_read(alert):
        return N_("Was read, but asked for again, open for %(age)s: %(subject)s")
    if now < alert.out_at:
        return N_("Leaves at %(at)s: %(subject)s")
    if now - alert.out_at < FRESH:
        return N_("Urgent and unread: %(subject)s")
    return N_("Unread for %(age)s: %(subject)s")
