"""``kidoku why``: an alert's story in sentences. Why this person was told then, over this channel; why that one not.

What the thread's timeline says in short (``timeline.py``) stands here with its reasons: how the alert stood at that
instant, whom a target named then, who was left out, and which steps were not reached any more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.language import N_, Words
from bot.wording.forwarded import client_words
from bot.wording.name import sender_of, targets_of
from bot.wording.receipt import receipt_word
from bot.wording.teller import Listed, Teller
from bot.wording.timeline import is_idle, line_of
from escalation.alert import Alert, AlertStatus
from escalation.decided import (
    ClimbReason,
    ClimbStarted,
    Event,
    Exhausted,
    FireReason,
    LadderChanged,
    ReadReached,
    RungFired,
    Skipped,
    SkipReason,
)
from escalation.event import DeliveryReported, Opened, Outcome, ReceiptReported
from escalation.fold import apply, open_alert
from escalation.policy import Ladder, StopOn
from escalation.reason import is_let_be
from escalation.receipt import ReceiptKind
from escalation.roster import Roster

PUNCTUAL = timedelta(seconds=10)
"""A step that fired later than this after its due time is said to be late."""

_FIRES = {
    FireReason.DUE: N_("Step %(step)d was due at %(due)s and %(standing)s: %(told)s."),
    FireReason.UNREACHABLE: N_("Step %(step)d came forward, because nobody was reached before: %(told)s."),
    FireReason.ASKED_FOR: N_("Step %(step)d came forward, because somebody asked for it: %(told)s."),
    FireReason.PASSED_ON: N_("Step %(step)d came forward, because the call was passed on: %(told)s."),
}
_ELSES = {
    False: N_("The fallback of step %(step)d, because its own targets can't be reached: %(told)s."),
    True: N_("The fallback of step %(step)d, because nobody was reached: %(told)s."),
}


def why_lines(alert: Alert, events: Listed, roster: Roster, words: Words) -> list[tuple[datetime, str]]:
    """Every sentence with the instant it is about, oldest first."""
    story = Why(alert, roster, words)
    lines = [(at, text) for event, at in events for text in story.sentences(event, at) if text]
    return sorted([*lines, *story.not_reached()], key=lambda line: line[0])


class Why:
    """Walks along the events, and knows how the alert stood before each."""

    def __init__(self, alert: Alert, roster: Roster, words: Words) -> None:
        self.teller = Teller(alert, roster, words)
        self.words = words
        self.before = alert
        self.at = alert.opened_at
        self.fired: set[int] = set()

    def sentences(self, event: Event, at: datetime) -> list[str]:
        """What is to be said of the next event."""
        self.at = at
        self.teller.note(event)
        if isinstance(event, Opened):
            self.before = open_alert(self.before.id, event, at)
        tell = _TELLERS.get(type(event))
        told = list(tell(self, event)) if tell else [line_of(self.teller, event)]
        if not isinstance(event, Opened):
            self.before = apply(self.before, event, at)
        return told

    def opened(self, event: Opened) -> Iterator[str]:
        yield self._came(event)
        if event.silence:
            values = {"id": event.silence, "who": self.teller.name(event.opened_by)}
            yield self.teller.said(N_("Silence %(id)d had swallowed it; %(who)s opened its alert now."), **values)
        if event.is_junk:
            yield self.words.gettext("It was filed as junk.")
        who = self.words.listed([self.teller.recipient(one.id) for one in event.recipients])
        yield self.teller.said(N_("It is for %(who)s."), who=who) if who else ""

    def _came(self, event: Opened) -> str:
        if event.is_exercise:
            values = {"who": self.teller.name(event.opened_by), "policy": event.policy.name}
            return self.teller.said(N_("%(who)s began an exercise of policy %(policy)s."), **values)
        if event.sent_by:
            values = {"who": self.teller.name(event.sent_by), "policy": event.policy.name}
            return self.teller.said(N_("%(who)s sends an urgent mail (policy %(policy)s)."), **values)
        values = {"sender": sender_of(event.mail, self.words), "rule": event.rule or "–", "policy": event.policy.name}
        return self.teller.said(N_("An urgent mail from %(sender)s came (rule %(rule)s, policy %(policy)s)."), **values)

    def climb_started(self, event: ClimbStarted) -> Iterator[str]:
        self.fired = set()
        if event.reason is not ClimbReason.OPENED:
            yield line_of(self.teller, event)
        if event.ladder is None:
            yield self.words.gettext("No ladder holds at this time: the last resort is told at once.")
            return
        window = self.before.policy.ladders[event.ladder].window.name
        due = self.words.moment(event.due_at, self.at)
        yield self.teller.said(N_("The ladder for “%(window)s” holds; its next step is due at %(due)s."), **{
            "window": window,
            "due": due,
        })  # fmt: skip

    def ladder_changed(self, event: LadderChanged) -> Iterator[str]:
        """What the new ladder passes over is not told as not reached."""
        yield line_of(self.teller, event)
        if event.ladder is None or event.due_at is None or event.is_gap:
            return
        rungs = self.before.policy.ladders[event.ladder].rungs
        self.fired = {rung.step for rung in rungs[: event.rung]}
        yield self.teller.said(N_("Its next step is due at %(due)s."), due=self.words.moment(event.due_at, self.at))

    def rung_fired(self, event: RungFired) -> Iterator[str]:
        self.fired.add(event.step)
        if is_idle(event):
            return
        yield self._fired(event)
        late = self.at - event.due_at
        if event.reason is FireReason.DUE and not event.is_else and late >= PUNCTUAL:
            yield self.teller.said(N_("It was %(late)s late."), late=self.words.duration(late))
        yield from self.missed(event.skipped)

    def _fired(self, event: RungFired) -> str:
        values = {
            "step": event.step + 1,
            "due": self.words.moment(event.due_at, self.at),
            "standing": self.standing(),
            "told": self.teller.reasoned(event.notified),
        }
        if is_let_be(event):
            return self.teller.said(N_("Step %(step)d was to try again at %(due)s, and did not."), **values)
        if event.is_else:
            return self.teller.said(_ELSES[event.reason is FireReason.UNREACHABLE], **values)
        if event.attempt and event.reason is FireReason.DUE:
            return self.teller.said(N_("Step %(step)d once more at %(due)s, %(standing)s: %(told)s."), **values)
        return self.teller.said(_FIRES[event.reason], **values)

    def standing(self) -> str:
        """Why the climb went on: "nobody had read it"."""
        alert = self.before
        if alert.policy.stop_on is StopOn.ACKNOWLEDGED:
            return self.words.gettext("nobody had taken it")
        readers = sum(alert.has_read(one) for one in alert.recipients)
        if not readers:
            return self.words.gettext("nobody had read it")
        needed = alert.policy.read_by.needed(len(alert.recipients))
        values = {"n": readers, "all": len(alert.recipients), "needed": needed}
        return self.teller.said(N_("only %(n)d of %(all)d had read it (%(needed)d must)"), **values)

    def missed(self, skipped: Sequence[Skipped]) -> Iterator[str]:
        for one in (one for one in skipped if one.reason is not SkipReason.NO_NEW_WAY):
            yield self.teller.said(N_("Not told: %(who)s."), who=self._missed(one))

    def _missed(self, one: Skipped) -> str:
        """Who had read: how and when, too."""
        found = self.before.recipient(one.person or "")
        evidence = self.before.read_evidence(found) if found else None
        if one.reason is not SkipReason.HAS_READ or found is None or evidence is None or evidence.at is None:
            return self.teller.skipped(one)
        values = {
            "how": receipt_word(evidence.kind, self.words, evidence.via),
            "at": self.words.moment(evidence.at, self.at),
        }
        return self.teller.said(N_("%(name)s (%(how)s, %(at)s)"), name=self.teller.recipient(found.id), **values)

    def received(self, event: ReceiptReported) -> Iterator[str]:
        said = line_of(self.teller, event)
        yield f"{said} {client_words(event.detail, event.via, self.words)}".rstrip()

    def delivered(self, event: DeliveryReported) -> Iterator[str]:
        one = self.teller.told.get(event.key)
        if event.outcome is Outcome.SENT and one:
            yield self.teller.said(N_("%(where)s: it left."), where=self.teller.place(one))
        else:
            yield self.teller.outcome(event.key, event.outcome, event.detail)

    def read_reached(self, event: ReadReached) -> Iterator[str]:
        values = {"names": self.teller.names(event.readers), "how": self._how_read(event.kind)}
        yield self.teller.said(N_("Read by %(names)s (%(how)s): that is enough. Everything stops."), **values)

    def _how_read(self, kind: ReceiptKind) -> str:
        """In the words of what brought the latest receipt of this kind: a mail program, or the page."""
        evidence = [found for one in self.before.recipients if (found := self.before.read_evidence(one))]
        found = max((one for one in evidence if one.kind is kind), key=lambda one: one.at or self.at, default=None)
        return receipt_word(kind, self.words, found.via if found else "")

    def exhausted(self, event: Exhausted) -> Iterator[str]:
        values = {"standing": self.standing(), "told": self.teller.reasoned(event.notified)}
        yield self.teller.said(N_("The ladder ended and %(standing)s. The last resort: %(told)s."), **values)
        yield from self.missed(event.skipped)

    def not_reached(self) -> Iterator[tuple[datetime, str]]:
        """The steps of the ladder that had not come in any round when somebody stopped the climb."""
        alert = self.teller.alert
        ladder = alert.active_ladder
        if ladder is None or alert.status in (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED):
            return
        at = alert.status_at or self.at
        for number in (number for number in range(len(ladder.steps)) if number not in self.fired):
            yield at, self._step(ladder, number, at)

    def _step(self, ladder: Ladder, number: int, at: datetime) -> str:
        told = targets_of(ladder.steps[number].action, self.teller.roster, self.words, at)
        return self.teller.said(N_("Not reached any more: step %(step)d, %(told)s."), step=number + 1, told=told)


_TELLERS: Mapping[type, Callable[[Why, Any], Iterator[str]]] = MappingProxyType(
    {
        Opened: Why.opened,
        ClimbStarted: Why.climb_started,
        LadderChanged: Why.ladder_changed,
        RungFired: Why.rung_fired,
        DeliveryReported: Why.delivered,
        ReceiptReported: Why.received,
        ReadReached: Why.read_reached,
        Exhausted: Why.exhausted,
    }
)
