"""When a step may be climbed: inside or outside of a window, or while somebody is on call.

The rules:

1. A step that is due while its condition does not hold is passed over, or waits for the first instant at which it
   holds, as the policy says. A retry never waits. One that was due at its time and comes late is climbed.
2. Nobody waits longer than ``MOST_WAIT``: then the step is climbed all the same. Nor past the time of a step above that
   stands before a deadline: then the one that waits is passed over.
3. The schedule may be changed meanwhile: who waits for somebody on call looks again every ``LOOK_AGAIN``.
4. A person who asks for the next step, or passes the alert on to it, gets it at any time. A step that comes forward
   because others reached nobody is passed over if it is not its time: something that holds is looked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.calendar import Window
from escalation.roster import Roster
from escalation.schedule import shifts

MOST_WAIT = timedelta(days=7)
LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Condition:
    """``only`` is the window that a step keeps to, ``never`` one that it keeps out of, ``on_call`` what stands after
    ``oncall:`` if somebody must be on call for it."""

    only: Window | None = None
    never: Window | None = None
    on_call: str = ""
    is_waiting: bool = False

    def holds(self, at: datetime, roster: Roster) -> bool:
        return (
            (self.only is None or self.only.contains(at))
            and (self.never is None or not self.never.contains(at))
            and (not self.on_call or bool(roster.on_call(self.on_call, at)))
        )

    def waits_until(self, at: datetime, since: datetime, roster: Roster) -> datetime | None:
        """When a step that has waited ``since`` then, and does not hold at ``at``, is looked at again (rules 2 and 3).
        None: it waits no more."""
        end = since + MOST_WAIT
        if at >= end:
            return None
        found = self._next_instant(at, end, roster)
        return min(found, at + LOOK_AGAIN, end) if self.on_call else min(found, end)

    def _next_instant(self, at: datetime, end: datetime, roster: Roster) -> datetime:
        """The first instant at which it holds; ``end`` if that does not come."""
        begins = self._begins(at, end, roster)
        found = at
        while (upcoming := self._next_change(found, end, begins)) is not None:
            if self.holds(upcoming, roster):
                return upcoming
            found = upcoming
        return end

    def _begins(self, at: datetime, end: datetime, roster: Roster) -> list[datetime]:
        """When somebody else comes to be on call."""
        duty = roster.duty(self.on_call) if self.on_call else None
        return [one.start for one in shifts(duty[0], at, end, duty[1])] if duty else []

    def _next_change(self, at: datetime, end: datetime, begins: list[datetime]) -> datetime | None:
        windows = [one for one in (self.only, self.never) if one is not None]
        changes = [one.next_change(at, end - at) for one in windows]
        changes.append(next((one for one in begins if one > at), None))
        return min((one for one in changes if one is not None), default=None)
