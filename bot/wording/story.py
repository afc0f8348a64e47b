"""An alert's events as sentences: the thread's timeline, and ``kidoku why``."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.language import N_, Words
from bot.wording.name import channel_name, name_of
from escalation.alert import Alert
from escalation.event import (
    Acknowledged,
    Cancelled,
    ClimbReason,
    ClimbStarted,
    DeliveryReported,
    EscalatedNow,
    Event,
    Exhausted,
    FireReason,
    LoopEnded,
    MailJoined,
    Notified,
    Opened,
    Outcome,
    PassedOn,
    ReadReached,
    ReceiptReported,
    ReceiptWithdrawn,
    RecipientAdded,
    Resolved,
    RungFired,
    Skipped,
    SkipReason,
    Snoozed,
)
from escalation.receipt import ReceiptKind
from escalation.roster import Roster

Listed = Sequence[tuple[Event, datetime]]

RECEIPTS: Mapping[ReceiptKind, str] = MappingProxyType(
    {
        ReceiptKind.ACCEPTED: N_("accepted by the next mail server"),
        ReceiptKind.DELIVERED: N_("delivered"),
        ReceiptKind.DELAYED: N_("delayed"),
        ReceiptKind.FAILED: N_("not delivered"),
        ReceiptKind.JUNKED: N_("filed as junk"),
        ReceiptKind.OPENED_BY_MACHINE: N_("opened by a machine"),
        ReceiptKind.OPENED: N_("opened"),
        ReceiptKind.DELETED_UNREAD: N_("deleted unread"),
        ReceiptKind.DISPLAYED: N_("displayed, says the mail program"),
        ReceiptKind.SEEN: N_("marked as read in the mailbox"),
        ReceiptKind.SEEN_SHARED: N_("marked as read in the shared mailbox, by somebody"),
        ReceiptKind.REPLIED: N_("answered the mail"),
        ReceiptKind.CONFIRMED: N_("confirmed on the page"),
        ReceiptKind.ACKNOWLEDGED: N_("acknowledged"),
    }
)
_SKIPS = {
    SkipReason.HAS_READ: N_("has read already"),
    SkipReason.NO_CONTACT: N_("has no contact there"),
    SkipReason.NOBODY_ON_CALL: N_("nobody is on call"),
    SkipReason.UNKNOWN_TARGET: N_("not in the settings"),
    SkipReason.ALREADY_TOLD: N_("told a moment ago"),
}
_CLIMBS = {
    ClimbReason.OPENED: N_("The ladder begins; the first step is due at %(due)s."),
    ClimbReason.ACK_TIMEOUT: N_("Taken, but not resolved in time: the ladder begins again."),
    ClimbReason.MARKED_UNREAD: N_("Marked as unread again: the ladder begins again."),
    ClimbReason.MAIL_JOINED: N_("A later mail is unread: the ladder begins again."),
    ClimbReason.RECIPIENT_ADDED: N_("One more recipient has not read: the ladder begins again."),
    ClimbReason.SNOOZE_ENDED: N_("The snooze is over: the ladder begins again."),
    ClimbReason.ASKED_FOR: N_("The climb goes on, because somebody asked for it."),
}
_FIRES = {
    FireReason.DUE: N_("Step %(step)d was due at %(due)s and the mail was still unread: %(told)s."),
    FireReason.UNREACHABLE: N_("Step %(step)d came forward, because nobody was reached before: %(told)s."),
    FireReason.ASKED_FOR: N_("Step %(step)d came forward, because somebody asked for it: %(told)s."),
    FireReason.PASSED_ON: N_("Step %(step)d came forward, because the call was passed on: %(told)s."),
}
_OUTCOMES = {
    Outcome.REJECTED: N_("%(where)s can't be reached: %(detail)s."),
    Outcome.STALLED: N_("%(where)s does not take it for now: %(detail)s."),
    Outcome.BUSY: N_("%(where)s: busy. That is no answer."),
    Outcome.NO_ANSWER: N_("%(where)s: no answer."),
    Outcome.VOICEMAIL: N_("%(where)s: a machine answered. That is no answer."),
    Outcome.HUNG_UP: N_("%(where)s: hung up without pressing the digit. That is no answer."),
}


class Story:
    """Tells one alert's events to one reader."""

    def __init__(self, alert: Alert, events: Listed, roster: Roster, words: Words) -> None:
        self.alert = alert
        self.events = events
        self.roster = roster
        self.words = words
        self._where = {
            one.key: self._told(one)
            for event, _ in events
            if isinstance(event, RungFired | Exhausted)
            for one in event.notified
        }

    def lines(self) -> list[tuple[datetime, str]]:
        """Every sentence, oldest first."""
        return [(at, text) for event, at in self.events for text in self._sentences(event)]

    def _sentences(self, event: Event) -> list[str]:
        teller = _TELLERS.get(type(event))
        return [] if teller is None else [text for text in teller(self, event) if text]

    def _(self, text: str, **values: Any) -> str:
        return self.words.gettext(text) % values

    def _name(self, id: str | None) -> str:
        return name_of(id, self.roster, self.words)

    def _told(self, one: Notified) -> str:
        who = self._name(one.person) if one.person else one.target
        return f"{channel_name(one.channel, self.words)} → {who}"

    def _everybody(self, notified: Sequence[Notified]) -> str:
        if not notified:
            return self.words.gettext("nobody")
        return self.words.listed([self._told(one) for one in notified])

    def _missed(self, skipped: Sequence[Skipped]) -> list[str]:
        form = self.words.gettext("Not told: %(who)s (%(why)s).")
        return [
            form
            % {
                "who": self._name(one.person) if one.person else one.target,
                "why": self.words.gettext(_SKIPS[one.reason]),
            }
            for one in skipped
        ]

    # One teller for each kind of event -------------------------------------------------------------------------------

    def opened(self, event: Opened) -> list[str]:
        said = self._(
            N_("An urgent mail came (rule %(rule)s, policy %(policy)s)."), rule=event.rule, policy=event.policy.name
        )
        return [said, self.words.gettext("It was filed as junk.") if event.is_junk else ""]

    def recipient_added(self, event: RecipientAdded) -> list[str]:
        return [self._(N_("The same mail is for %(who)s too."), who=self._name(event.recipient.id))]

    def mail_joined(self, event: MailJoined) -> list[str]:
        return [self._(N_("A later mail of the thread came: %(subject)s"), subject=event.mail.subject)]

    def receipt_reported(self, event: ReceiptReported) -> list[str]:
        how = self.words.gettext(RECEIPTS[event.kind])
        return [self._(N_("%(who)s: %(how)s."), who=self._name(event.recipient), how=how)]

    def receipt_withdrawn(self, event: ReceiptWithdrawn) -> list[str]:
        how = self.words.gettext(RECEIPTS[event.kind])
        return [self._(N_("%(who)s: no longer %(how)s."), who=self._name(event.recipient), how=how)]

    def acknowledged(self, event: Acknowledged) -> list[str]:
        where = channel_name(event.via, self.words)
        return [self._(N_("%(who)s took it (%(where)s). Everything stops."), who=self._name(event.by), where=where)]

    def passed_on(self, event: PassedOn) -> list[str]:
        return [self._(N_("%(who)s was reached and passed it on."), who=self._name(event.by))]

    def escalated_now(self, event: EscalatedNow) -> list[str]:
        return [self._(N_("%(who)s asked for the next step."), who=self._name(event.by))]

    def snoozed(self, event: Snoozed) -> list[str]:
        until = self.words.instant(event.until)
        return [self._(N_("%(who)s asked for silence until %(until)s."), who=self._name(event.by), until=until)]

    def resolved(self, event: Resolved) -> list[str]:
        if event.by is None:
            return [self.words.gettext("Resolved by itself after some time.")]
        said = self._(N_("%(who)s resolved it."), who=self._name(event.by))
        return [f"{said} {event.why}".strip()]

    def cancelled(self, event: Cancelled) -> list[str]:
        return [self._(N_("%(who)s cancelled it."), who=self._name(event.by))]

    def delivery_reported(self, event: DeliveryReported) -> list[str]:
        form = _OUTCOMES.get(event.outcome)
        where = self._where.get(event.key)
        return [self._(form, where=where, detail=event.detail)] if form and where else []

    def climb_started(self, event: ClimbStarted) -> list[str]:
        if event.ladder is None:
            return [self.words.gettext("No ladder holds at this time: the last resort is told at once.")]
        return [self._(_CLIMBS[event.reason], due=self.words.clock(event.due_at))]

    def rung_fired(self, event: RungFired) -> list[str]:
        values = {
            "step": event.step + 1,
            "due": self.words.clock(event.due_at),
            "told": self._everybody(event.notified),
        }
        if event.is_else:
            said = self._(N_("The fallback of step %(step)d, because nobody was reached: %(told)s."), **values)
        elif event.attempt:
            said = self._(N_("Step %(step)d once more, still unread: %(told)s."), **values)
        else:
            said = self._(_FIRES[event.reason], **values)
        return [said, *self._missed(event.skipped)]

    def loop_ended(self, event: LoopEnded) -> list[str]:
        return [self._(N_("Round %(loop)d of the ladder ended and nobody came."), loop=event.loop)]

    def read_reached(self, event: ReadReached) -> list[str]:
        names = self.words.listed([self._name(one) for one in event.readers])
        return [self._(N_("Read by %(names)s: that is enough. Everything stops."), names=names)]

    def exhausted(self, event: Exhausted) -> list[str]:
        told = self._everybody(event.notified)
        return [
            self._(N_("The ladder ended and NOBODY has read it. The last resort was told: %(told)s."), told=told),
            *self._missed(event.skipped),
        ]


_TELLERS: Mapping[type, Callable[[Story, Any], list[str]]] = MappingProxyType(
    {
        Opened: Story.opened,
        RecipientAdded: Story.recipient_added,
        MailJoined: Story.mail_joined,
        ReceiptReported: Story.receipt_reported,
        ReceiptWithdrawn: Story.receipt_withdrawn,
        Acknowledged: Story.acknowledged,
        PassedOn: Story.passed_on,
        EscalatedNow: Story.escalated_now,
        Snoozed: Story.snoozed,
        Resolved: Story.resolved,
        Cancelled: Story.cancelled,
        DeliveryReported: Story.delivery_reported,
        ClimbStarted: Story.climb_started,
        RungFired: Story.rung_fired,
        LoopEnded: Story.loop_ended,
        ReadReached: Story.read_reached,
        Exhausted: Story.exhausted,
    }
)


def why_lines(alert: Alert, events: Listed, roster: Roster, words: Words) -> list[tuple[datetime, str]]:
    """An alert's story: why this person was told then, and why that one was not."""
    return Story(alert, events, roster, words).lines()
