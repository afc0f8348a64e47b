"""Which urgent mail opens no alert for a while: silences, and the maintenance windows of the settings.

The rules:

1. A silence holds from its start until its end, or until somebody lifts it. It is never longer than ``LONGEST``.
2. Its scope names rules, senders or subjects: all kinds that are named must match; of several values of one, any. What
   names nothing, or would match every mail, is no scope.
3. It swallows only mail that came, and is decided about, while it holds: mail from before it, or seen after it, pages.
4. Only mail that would open an alert is swallowed. What joins an alert that is open already is none of its business.
5. Silences come before maintenance windows, and an older one before a newer: the same mail twice is swallowed by one.
6. A maintenance window is a silence each time that its window holds; one that was lifted is over until the next time.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from escalation.calendar import Window
from escalation.mail import Mail
from escalation.pattern import fold, matches_address
from escalation.routing import Verdict, found_in_subject

LONGEST = timedelta(days=30)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ANY_SUBJECTS = ("q", "7", "障", "~")
_ANY_SENDERS = ("a@b.example", "q7@z.test", "x@y.invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Of which mail: ``rules`` are names of routing rules, ``senders`` addresses, domains, globs or ``/regex/``,
    ``subjects`` regexes; compared as the routing rules compare."""

    rules: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.rules or self.senders or self.subjects)

    def matches(self, rule: str, mail: Mail) -> bool:
        """Whether it is about a mail that this rule calls urgent. An empty scope is about none."""
        return (
            not self.is_empty
            and (not self.rules or fold(rule) in map(fold, self.rules))
            and (not self.senders or any(matches_address(one, mail.sender) for one in self.senders))
            and (not self.subjects or found_in_subject(self.subjects, mail.subject) is not None)
        )

    def too_wide(self) -> Iterator[str]:
        """The senders and subjects that would match whatever comes. Judged by what no two texts have in common."""
        for sender in self.senders:
            if all(matches_address(sender, one) for one in _ANY_SENDERS):
                yield sender
        for subject in self.subjects:
            if all(found_in_subject((subject,), one) is not None for one in _ANY_SUBJECTS):
                yield subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Mail of this scope opens no alert from ``start`` until ``end`` (UTC). ``by`` made it at ``at``, and said ``why``.

    ``maintenance`` is the name of the maintenance window that it is one time of, "" for a silence that somebody made.
    ``id`` is its number in the store, 0 before it has one; ``swallowed`` how many mails it kept quiet.
    """

    scope: Scope
    start: datetime
    end: datetime
    why: str
    by: str = ""
    at: datetime = _LONG_AGO
    maintenance: str = ""
    lifted_at: datetime | None = None
    lifted_by: str = ""
    swallowed: int = 0
    id: int = 0

    @property
    def until(self) -> datetime:
        """When it is over, or was."""
        return self.end if self.lifted_at is None else min(self.end, self.lifted_at)

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A silence of the settings: whenever its window holds, or once from ``start`` until ``end`` (UTC)."""

    name: str
    scope: Scope
    why: str
    window: Window | None = None
    start: datetime = _LONG_AGO
    end: datetime = _LONG_AGO

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end if self.window is None else self.window.contains(at)

    def silence_at(self, at: datetime) -> Silence | None:
        """The silence that it is at this instant. Of a window its ``start`` is ``at``; its ``end`` is the same at every
        instant at which the window holds without a break."""
        if not self.holds(at):
            return None
        start, end = (self.start, self.end) if self.window is None else (at, _end_of(self.window, at))
        return Silence(scope=self.scope, start=start, end=end, why=self.why, maintenance=self.name)

    def next_begin(self, at: datetime) -> datetime | None:
        """When it holds next after ``at``; None if that is more than a year away."""
        if self.window is None:
            return self.start if self.start > at else None
        year = at + timedelta(days=366)
        return next((one for one in self.window.changes(at, year) if self.window.contains(one)), None)


def _end_of(window: Window, at: datetime) -> datetime:
    """When a window that holds at ``at`` ends. One that holds for longer than ``LONGEST`` is told of in between: at
    instants that do not depend on ``at``."""
    found = window.next_change(at, LONGEST)
    return found if found is not None else _LONG_AGO + ((at - _LONG_AGO) // LONGEST + 1) * LONGEST


def silenced_by(
    verdict: Verdict, mail: Mail, now: datetime, silences: Iterable[Silence], windows: Collection[Maintenance]
) -> Silence | None:
    """What swallows a mail on which the rules decided so; None if its alert opens (rules 1 to 6).

    ``silences`` are those that somebody made and the times of maintenance windows that are known already, lifted ones
    among them.
    """
    if not verdict.opens:
        return None
    known = sorted(silences, key=lambda one: one.id)
    made = (one for one in known if not one.maintenance and one.holds(now) and one.holds(mail.received_at))
    times = (_time_of_both(one, mail.received_at, now) for one in windows)
    found = (*made, *(one for one in times if one is not None and not _was_lifted(one, known)))
    return next((one for one in found if one.scope.matches(verdict.rule or "", mail)), None)


def _time_of_both(one: Maintenance, came: datetime, now: datetime) -> Silence | None:
    """The time of a maintenance window that holds at both instants: not two with a break between them."""
    then, found = one.silence_at(came), one.silence_at(now)
    return found if then is not None and found is not None and then.end == found.end else None


def _was_lifted(one: Silence, known: Iterable[Silence]) -> bool:
    return any(
        other.maintenance == one.maintenance and other.end == one.end and other.lifted_at is not None for other in known
    )
