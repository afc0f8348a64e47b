"""A notification in words: title by state, facts, readers, what comes next, buttons, the thread's timeline."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.language import N_, Words
from bot.wording.name import channel_name, name_of, recipient_name
from bot.wording.speech import cut, speech_of, speech_of_alarm
from bot.wording.story import RECEIPTS, Listed, Story
from channels.base import Button, Fact, Message, Tone, Verb
from escalation.alert import Alert, AlertStatus
from escalation.command import AlarmKind
from escalation.roster import Roster

TIMELINE = 200
"""Lines that a thread shows at most; what is older stays in ``kidoku why``."""

_TONES = {
    AlertStatus.TRIGGERED: Tone.OPEN,
    AlertStatus.ACKNOWLEDGED: Tone.TAKEN,
    AlertStatus.RESOLVED: Tone.CLOSED,
    AlertStatus.CANCELLED: Tone.CLOSED,
    AlertStatus.EXHAUSTED: Tone.ALARM,
}
_STATUS = {
    AlertStatus.TRIGGERED: N_("unread"),
    AlertStatus.ACKNOWLEDGED: N_("taken"),
    AlertStatus.RESOLVED: N_("resolved"),
    AlertStatus.CANCELLED: N_("cancelled"),
    AlertStatus.EXHAUSTED: N_("NOBODY came"),
}
_SEVERITY = {"critical": N_("critical"), "error": N_("error"), "warning": N_("warning"), "info": N_("info")}
_ALARMS = {
    AlarmKind.EXHAUSTED: N_("Nobody has read #%(id)s “%(subject)s”: its ladder has ended (%(detail)s)."),
    AlarmKind.NOBODY_REACHED: N_("#%(id)s “%(subject)s”: nobody was reached (%(detail)s)."),
    AlarmKind.NO_LADDER: N_("#%(id)s “%(subject)s”: policy %(detail)s has no ladder for this time."),
    AlarmKind.NO_CONTACT: N_("#%(id)s “%(subject)s”: no contact for %(detail)s."),
    AlarmKind.NOBODY_ON_CALL: N_("#%(id)s “%(subject)s”: nobody is on call for %(detail)s."),
    AlarmKind.PARKED: N_("#%(id)s “%(subject)s” could not be decided and is parked: look at it now (%(detail)s)."),
    AlarmKind.CHANNEL_DOWN: N_("Kidoku can't reach a channel: %(detail)s"),
    AlarmKind.MAILBOX_DOWN: N_("Kidoku can't reach a mailbox and sees no mail there: %(detail)s"),
    AlarmKind.CLOCK_JUMPED: N_("The clock of Kidoku's machine jumped by %(detail)s."),
    AlarmKind.STORE_FAILED: N_("Kidoku can't save: %(detail)s"),
    AlarmKind.RECOVERED: N_("Kidoku reaches %(detail)s again."),
}


class Row(Protocol):
    """What of an outbox row is worded."""

    @property
    def key(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def digits(self) -> str: ...
    @property
    def person(self) -> str | None: ...
    @property
    def text(self) -> str: ...


def word_notification(
    alert: Alert,
    row: Row,
    words: Words,
    roster: Roster,
    now: datetime,
    events: Listed,
    mentions: Sequence[str] = (),
) -> Message:
    """The message of an alert as of now. ``events`` are the alert's, for the timeline."""
    age = words.duration(now - alert.opened_at)
    title = title_of(alert, words, roster, age)
    lines = [f"{words.clock(at)} {text}" for at, text in Story(alert, events, roster, words).lines()]
    spoken_age = words.spoken_duration(now - alert.opened_at)
    return Message(
        key=row.key,
        address=row.address,
        language=words.language,
        title=title,
        summary=title,
        alert_id=alert.id,
        is_direct=row.person is not None,
        facts=_facts(alert, words, roster),
        buttons=_buttons(alert, words),
        mentions=tuple(mentions),
        timeline=tuple(lines[-TIMELINE:]),
        footer=f"Kidoku #{alert.id}",
        tone=_TONES[alert.status],
        speech=speech_of(alert, row.digits, words, spoken_age) if row.channel == "phone" else None,
    )


def word_alarm(row: Row, words: Words) -> Message:
    """An alarm about Kidoku itself. The row's ``text`` is its JSON: kind, detail, the alert it is about, if any."""
    alarm = json.loads(row.text)
    form = _ALARMS[AlarmKind(alarm["kind"])]
    said = words.gettext(form) % {
        "id": alarm.get("alert_id") or "?",
        "subject": cut(alarm.get("subject") or ""),
        "detail": alarm.get("detail") or "",
    }
    is_good = alarm["kind"] == AlarmKind.RECOVERED
    return Message(
        key=row.key,
        address=row.address,
        is_direct=row.person is not None,
        language=words.language,
        title=said,
        summary=said,
        footer=words.gettext("An alarm of Kidoku about itself"),
        tone=Tone.CLOSED if is_good else Tone.ALARM,
        speech=speech_of_alarm(said, words, row.digits) if row.channel == "phone" else None,
    )


def title_of(alert: Alert, words: Words, roster: Roster, age: str) -> str:
    values = {
        "subject": alert.mail.subject or words.gettext("(no subject)"),
        "age": age,
        "names": words.listed([name_of(one, roster, words) for one in alert.taken_by]),
        "until": words.instant(alert.snoozed_until) if alert.snoozed_until else "",
    }
    return words.gettext(_title_form(alert)) % values


def _title_form(alert: Alert) -> str:
    if alert.snoozed_until is not None:
        return N_("Silent until %(until)s: %(subject)s")
    match alert.status:
        case AlertStatus.TRIGGERED:
            return N_("Unread for %(age)s: %(subject)s")
        case AlertStatus.ACKNOWLEDGED if alert.is_taken_by_reading:
            return N_("Read by %(names)s: %(subject)s")
        case AlertStatus.ACKNOWLEDGED:
            return N_("Taken by %(names)s: %(subject)s")
        case AlertStatus.EXHAUSTED:
            return N_("NOBODY has read this: %(subject)s")
        case AlertStatus.RESOLVED:
            return N_("Resolved: %(subject)s")
        case AlertStatus.CANCELLED:
            return N_("Cancelled: %(subject)s")


def status_word(alert: Alert, words: Words) -> str:
    if alert.status is AlertStatus.ACKNOWLEDGED and alert.is_taken_by_reading:
        return words.gettext("read")
    return words.gettext(_STATUS[alert.status])


def _facts(alert: Alert, words: Words, roster: Roster) -> tuple[Fact, ...]:
    mail = alert.mail
    sender = f"{mail.sender_name} <{mail.sender}>" if mail.sender_name else mail.sender
    facts = [
        Fact(words.gettext("From"), sender or words.gettext("unknown")),
        Fact(words.gettext("Received"), words.instant(mail.received_at)),
        Fact(words.gettext("Severity"), words.gettext(_SEVERITY.get(alert.severity, alert.severity))),
    ]
    if alert.is_junk:
        facts.append(Fact(words.gettext("Careful"), words.gettext("The mail was filed as junk.")))
    read = [recipient_name(one, roster, words) for one in alert.recipients if alert.has_read(one)]
    unread = [recipient_name(one, roster, words) for one in alert.recipients if not alert.has_read(one)]
    if unread:
        facts.append(Fact(words.gettext("Not read by"), words.listed(unread)))
    if read:
        facts.append(Fact(words.gettext("Read by"), words.listed(read)))
    upcoming = next_step(alert, words, roster)
    return (*facts, Fact(words.gettext("Next"), upcoming)) if upcoming else tuple(facts)


def next_step(alert: Alert, words: Words, roster: Roster) -> str:
    """What happens next, and when: "step 2 of 3 at 02:15: phone → Alice". Empty if nothing does."""
    if alert.due_at is None:
        return ""
    at = words.clock(alert.due_at)
    ladder = alert.active_ladder
    if alert.status is not AlertStatus.TRIGGERED:
        is_again = alert.snoozed_until is not None or (
            alert.policy.ack_timeout is not None and not alert.is_taken_by_reading
        )
        return words.gettext("starts again at %(at)s unless it is resolved") % {"at": at} if is_again else ""
    if ladder is None or alert.rung >= len(ladder.rungs):
        is_last = ladder is None or alert.loop > ladder.repeat
        form = N_("last resort at %(at)s") if is_last else N_("once more from the start, from %(at)s")
        return words.gettext(form) % {"at": at}
    step = ladder.steps[ladder.rungs[alert.rung].step]
    targets = [name_of(one.name, roster, words) if one.kind == "person" else str(one) for one in step.action.targets]
    return words.gettext("step %(step)d of %(steps)d at %(at)s: %(channel)s → %(targets)s") % {
        "step": ladder.rungs[alert.rung].step + 1,
        "steps": len(ladder.steps),
        "at": at,
        "channel": channel_name(step.action.channel, words),
        "targets": words.listed(targets),
    }


def read_matrix(alert: Alert, words: Words, roster: Roster) -> list[tuple[str, str, str]]:
    """For each recipient, the unread first: name, whether and when read, and how we know."""
    rows = []
    for one in sorted(alert.recipients, key=lambda one: (alert.has_read(one), one.id)):
        evidence = one.read_evidence(alert.policy.counts, alert.read_since) if alert.has_read(one) else None
        when = words.instant(evidence.at) if evidence and evidence.at else words.gettext("not yet")
        standing = [words.gettext(RECEIPTS[item.kind]) for item in one.evidence if item.stands]
        rows.append((recipient_name(one, roster, words), when, words.listed(standing) if standing else "–"))
    return rows


def _buttons(alert: Alert, words: Words) -> tuple[Button, ...]:
    if alert.status.is_closed:
        return ()
    resolve = Button(Verb.RESOLVE, words.gettext("Resolve"))
    escalate = Button(Verb.ESCALATE, words.gettext("Escalate now"))
    if alert.status is AlertStatus.ACKNOWLEDGED:
        return (resolve, escalate)
    return (
        Button(Verb.ACK, words.gettext("Acknowledge"), is_primary=True),
        escalate,
        Button(Verb.SNOOZE, words.gettext("Snooze 15 min"), "15m"),
        Button(Verb.SNOOZE, words.gettext("Snooze 1 h"), "1h"),
        Button(Verb.SNOOZE, words.gettext("Until morning"), "morning"),
        resolve,
    )
