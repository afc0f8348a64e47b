"""What every telling of an alert's events needs: the names, places and times of its reader."""

from collections.abc import Sequence
from datetime import datetime

from bot.language import N_, Words
from bot.wording.name import channel_name, name_of, place_of
from bot.wording.reason import reason
from channels.inbox import WRONG_KEYS
from escalation.alert import Alert
from escalation.decided import (
    ApprovalAsked,
    CallBackPromised,
    ClimbStarted,
    Event,
    Exhausted,
    LadderChanged,
    NotApproved,
    Notified,
    RungFired,
    Skipped,
    SkipReason,
    TakenForward,
    ToldBeside,
)
from escalation.event import Outcome
from escalation.policy import Target, TargetKind
from escalation.reason import of_choice
from escalation.roster import Roster

Listed = Sequence[tuple[Event, datetime]]
"""All events of an alert, each with the instant of its decision (aware), oldest first."""

_SKIPS = {
    SkipReason.HAS_READ: N_("has read already"),
    SkipReason.NO_CONTACT: N_("has no contact there"),
    SkipReason.NOBODY_ON_CALL: N_("nobody is on call"),
    SkipReason.UNKNOWN_TARGET: N_("not in the settings"),
    SkipReason.ALREADY_TOLD: N_("told a moment ago"),
    SkipReason.OUTSIDE: N_("is outside: only mail gets there"),
    SkipReason.TOO_SOON: N_("reminded a short while ago"),
    SkipReason.REMINDED_ENOUGH: N_("reminded as often as the policy allows"),
    SkipReason.NOT_NOW: N_("not at this time"),
    SkipReason.QUIET_HOURS: N_("keeps quiet hours, and this is not severe enough to break them"),
    SkipReason.ON_LEAVE: N_("is on leave"),
    SkipReason.NO_NEW_WAY: N_("has no other way that is due now"),
    SkipReason.MAIL_FAILED: N_("mail does not get there: no reminder by mail"),
    SkipReason.NO_REDIAL: N_("the call before ended otherwise than the retry asks for"),
}
_REASONS = {
    TargetKind.ONCALL: N_("%(where)s (on call for %(name)s at that time)"),
    TargetKind.TEAM: N_("%(where)s (of team %(name)s)"),
    TargetKind.ROUND_ROBIN: N_("%(where)s (whose turn it was in team %(name)s)"),
    TargetKind.UNREAD: N_("%(where)s (has not read it)"),
}
_WRONG_KEYS = N_("%(where)s: the keys were wrong too often. That is no answer.")
_OUTCOMES = {
    Outcome.REJECTED: N_("%(where)s: can't be told: %(detail)s"),
    Outcome.STALLED: N_("%(where)s: does not get through for now: %(detail)s"),
    Outcome.HELD_BACK: N_("%(where)s: not rung, because this phone has rung as often as it may of late."),
    Outcome.BUSY: N_("%(where)s: busy. That is no answer."),
    Outcome.NO_ANSWER: N_("%(where)s: no answer."),
    Outcome.VOICEMAIL: N_("%(where)s: a machine answered. That is no answer."),
    Outcome.HUNG_UP: N_("%(where)s: hung up without pressing the digit. That is no answer."),
}


class Teller:
    """One alert, told to one reader."""

    def __init__(self, alert: Alert, roster: Roster, words: Words) -> None:
        self.alert = alert
        self.roster = roster
        self.words = words
        self.told: dict[str, Notified] = {}
        self.ladder: int | None = None
        self.is_exhausted = False
        self.waiting: set[tuple[int, int | None, int]] = set()

    def note(self, event: Event) -> None:
        """Come to an event: what is told from here on may refer to whom it notified, never to what comes later."""
        telling = RungFired | Exhausted | CallBackPromised | TakenForward | ToldBeside | ApprovalAsked | NotApproved
        if isinstance(event, telling):
            self.told |= {one.key: one for one in event.notified}
        if isinstance(event, ClimbStarted | LadderChanged):
            self.ladder = event.ladder
        if isinstance(event, ClimbStarted | Exhausted):
            self.is_exhausted = isinstance(event, Exhausted)

    def said(self, form: str, **values: object) -> str:
        """A form (marked by N_) in the reader's language, filled in."""
        return self.words.gettext(form) % values

    def name(self, id: str | None) -> str:
        return name_of(id, self.roster, self.words)

    def names(self, ids: Sequence[str]) -> str:
        return self.words.listed([self.name(one) for one in ids])

    def recipient(self, id: str) -> str:
        found = self.alert.recipient(id)
        if found is not None and found.is_team:
            return self.said(N_("team %(name)s"), name=id)
        return self.name(id)

    def channel(self, channel: str) -> str:
        return channel_name(channel, self.words)

    def place(self, one: Notified) -> str:
        """ "phone → Alice", "phone → Bob, standing in for Alice"."""
        return f"{self.channel(one.channel)} → {self._who(one) if one.person else place_of(one.target, one.address)}"

    def _who(self, one: Notified | Skipped) -> str:
        name = self.name(one.person)
        if one.stands_in_for is None:
            return name
        return self.said(N_("%(name)s, standing in for %(other)s"), name=name, other=self.name(one.stands_in_for))

    def places(self, notified: Sequence[Notified]) -> str:
        return self.words.listed([self.place(one) for one in notified])

    def reasoned(self, notified: Sequence[Notified]) -> str:
        """The places, each with why the step's target meant this person."""
        return self.words.listed([self._reasoned(one) for one in notified]) or self.words.gettext("it told nobody")

    def _reasoned(self, one: Notified) -> str:
        target = Target.parse(one.target)
        if one.stands_in_for is not None:
            values = {"where": self.place(one), "other": self.name(one.stands_in_for)}
            return self.said(N_("%(where)s (%(other)s is on leave)"), **values)
        if one.choice is not None and one.choice.other:
            why = self.words.said(of_choice(one.choice, self.name(one.choice.other)))
            values = {"where": self.place(one), "name": target.name, "why": why}
            return self.said(N_("%(where)s (whose turn it was in team %(name)s: %(why)s)"), **values)
        form = _REASONS.get(target.kind)
        return self.said(form, where=self.place(one), name=target.name) if form else self.place(one)

    def skipped(self, one: Skipped) -> str:
        """ "Bob (has read already)"; the target too, where it is not plain from the person."""
        who = self._who(one) if one.person else self.target(one.target)
        return self.said(N_("%(name)s (%(how)s)"), name=who, how=self.words.gettext(_SKIPS[one.reason]))

    def target(self, text: str) -> str:
        """A target as it is written in the settings, in words."""
        target = Target.parse(text)
        match target.kind:
            case TargetKind.ONCALL:
                return self.said(N_("on call: %(schedule)s"), schedule=target.name)
            case TargetKind.TEAM:
                return self.said(N_("team %(name)s"), name=target.name)
            case TargetKind.ROUND_ROBIN:
                return self.said(N_("whose turn it is in team %(name)s"), name=target.name)
            case TargetKind.UNREAD:
                return self.words.gettext("whoever has not read it")
            case TargetKind.SENDER:
                return self.words.gettext("the sender")
            case TargetKind.PERSON:
                return self.name(target.name)
        return text

    def outcome(self, key: str, outcome: Outcome, detail: str) -> str:
        """What became of a notification, if that is worth a line; empty if not, or if it is not of this alert."""
        is_wrong = outcome is Outcome.HUNG_UP and detail == WRONG_KEYS
        form, one = _WRONG_KEYS if is_wrong else _OUTCOMES.get(outcome), self.told.get(key)
        why = reason(detail or outcome, self.words)
        return self.said(form, where=self.place(one), detail=why) if form and one else ""
