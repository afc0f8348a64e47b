"""When a mail may leave, expire, and be wanted read: one rule for every way to send."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.language import N_

FARTHEST = timedelta(days=366)
"""How far ahead a mail may be planned: what is promised for later, nobody remembers to take back."""

_PAST = N_("This time is past already.")
_TOO_FAR = N_("That is more than a year ahead; write an earlier time.")
_NOT_LEFT = N_("By then it has not even left; write a later time.")


def faults_of(
    now: datetime, at: datetime | None, deadline: datetime | None, expires: datetime | None = None
) -> Mapping[str, str]:
    """What is wrong with these instants (aware), by name: a text to be translated. ``at`` is when it leaves."""
    given = {"at": at, "deadline": deadline, "expires": expires}
    found = {name: fault for name, one in given.items() if one is not None and (fault := _fault_of(one, now))}
    if at is not None and deadline is not None and deadline <= at and not found:
        found["deadline"] = _NOT_LEFT
    return found


def _fault_of(one: datetime, now: datetime) -> str:
    if one <= now:
        return _PAST
    return _TOO_FAR if one - now > FARTHEST else ""
