"""A notification in words: title by state, facts, readers, what comes next, buttons, the thread's timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.language import Words
from bot.wording.fact import facts_of, translation_of
from bot.wording.name import cut, short_sender_of
from bot.wording.speech import speech_of, spoken_status
from bot.wording.status import title_of, tone_of
from bot.wording.teller import Listed
from bot.wording.timeline import timeline_of
from channels.base import PHONE, SMS, WHATSAPP
from channels.message import Button, Message, Verb
from escalation.alert import Alert, AlertStatus
from escalation.roster import Roster

MOST_TITLE = 400


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
    translated: str = "",
) -> Message:
    """The message of an alert as of now. ``events`` are all of the alert's, for the timeline; ``mentions`` the
    addresses that the step names beside a room; ``translated`` is the subject in the reader's language, if it is known.
    A phone call also gets its speech, and a summary for the ear."""
    title = cut(title_of(alert, words, roster, now), MOST_TITLE)
    is_call = row.channel == PHONE
    sender = {"title": title, "sender": short_sender_of(alert.mail, words)}
    translation = translation_of(translated, words)
    said = (words.gettext("%(title)s (%(sender)s)") % sender, *(f"{one.label}: {one.value}" for one in translation))
    return Message(
        key=row.key,
        address=row.address,
        language=words.language,
        title=title,
        summary=spoken_status(alert, words, roster, now, translated) if is_call else " / ".join(said),
        alert_id=alert.id,
        is_direct=row.person is not None,
        facts=(*translation, *facts_of(alert, words, roster, now)),
        buttons=buttons_of(alert, words),
        menu=menu_of(alert, words),
        menu_label=words.gettext("More…"),
        mentions=tuple(mentions),
        timeline=() if is_call else timeline_of(alert, events, roster, words),
        footer=f"Kidoku #{alert.id}",
        how=how_to_answer(alert, words) if row.channel in (SMS, WHATSAPP) else "",
        tone=tone_of(alert, now),
        speech=speech_of(alert, row.digits, row.person, words, roster, now, translated) if is_call else None,
    )


def how_to_answer(alert: Alert, words: Words) -> str:
    """What to write back, where there are no buttons: "42 a". ``bot/reply.py`` understands it."""
    if alert.status in (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED):
        return words.gettext("Reply %(id)d a to take it, %(id)d e for the next step.") % {"id": alert.id}
    return ""


def buttons_of(alert: Alert, words: Words) -> tuple[Button, ...]:
    """What can be done with an alert now. What a person took can still be escalated; what was only read, taken."""
    if alert.status.is_closed:
        return ()
    if alert.status is AlertStatus.HELD:
        approve = Button(Verb.APPROVE, words.gettext("Approve"), is_primary=True)
        return (approve, Button(Verb.RECALL, words.gettext("Don't send it")))
    take = Button(Verb.ACK, words.gettext("Acknowledge"), is_primary=True)
    escalate = Button(Verb.ESCALATE, words.gettext("Escalate now"))
    resolve = Button(Verb.RESOLVE, words.gettext("Resolve"))
    if alert.status is AlertStatus.ACKNOWLEDGED:
        return (take, resolve, escalate) if alert.is_taken_by_reading else (resolve, escalate)
    return (
        take,
        escalate,
        Button(Verb.SNOOZE, words.gettext("Snooze 15 min"), "15m"),
        Button(Verb.SNOOZE, words.gettext("Snooze 1 h"), "1h"),
        Button(Verb.SNOOZE, words.gettext("Until morning"), "morning"),
        resolve,
    )


def menu_of(alert: Alert, words: Words) -> tuple[Button, ...]:
    """What opens a dialog. A mail that waits for approval can be neither escalated nor made silent."""
    if alert.status.is_closed or alert.status is AlertStatus.HELD:
        return ()
    return (
        Button(Verb.SNOOZE, words.gettext("Snooze until…")),
        Button(Verb.ESCALATE, words.gettext("Escalate to…")),
    )
