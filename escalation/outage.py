"""When a channel is out of order, and when it works again: a pure judgement over the last few calls of its provider.

The rules:

1. It goes out at once when the newest call was put off by the provider for ``pause`` or longer.
2. It goes out when, of the last ``of`` calls of the last ``within``, ``failures`` have failed, the newest among them,
   and there lies at least ``lasting`` between the first failure and the last: a blip fails many calls in one instant.
   A shorter wait that a provider asks for is its pace, and no failure.
3. It goes out when a call has had no answer for ``silence``.
4. It goes out when its connection has been down for ``down``, and no call got through since.
5. It is over when nothing of that holds any more, and it has worked for ``steady``: counted from the first call that
   got through after the last failure. Where only the connection was down, its coming back is enough. No news is no
   good news: while nothing is called, nothing is over.
6. What failed before an end does not count towards the next outage.
7. An outage mends from the first good sign on: until it fails again, what waits has its usual time.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on it is an outage; the rules say of what."""

    failures: int = 5
    of: int = 10
    within: timedelta = timedelta(minutes=5)
    lasting: timedelta = timedelta(seconds=10)
    pause: timedelta = timedelta(minutes=1)
    silence: timedelta = timedelta(seconds=30)
    down: timedelta = timedelta(minutes=2)
    steady: timedelta = timedelta(minutes=1)


class Sign(StrEnum):
    """By what an outage was known (rules 1 to 4)."""

    PAUSED = "paused"
    FAILING = "failing"
    SILENT = "silent"
    DOWN = "down"


class Try(NamedTuple):
    """A call of the provider that had its outcome ``at``. ``until`` is when the provider wants the next; ``why`` it
    failed, in words."""

    at: datetime
    is_good: bool
    until: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a channel: its last calls, oldest first; since when the oldest that is under way has had no
    answer; since when its connection is down, and why, or up. None: it is not so, or not known."""

    tries: tuple[Try, ...] = ()
    asked_at: datetime | None = None
    down_since: datetime | None = None
    down_why: str = ""
    up_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    since: datetime
    sign: Sign
    why: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A channel as it was judged last."""

    record: Record = Record()
    outage: Outage | None = None


def tried(state: State, one: Try, limits: Limits) -> State:
    """One more call had its outcome; only as many are kept as are judged by."""
    return replace(state, record=replace(state.record, tries=(*state.record.tries, one)[-limits.of :]))


def judged(state: State, limits: Limits, now: datetime) -> State:
    """The same channel, judged at ``now``."""
    record, outage = state.record, state.outage
    if outage is None:
        found = _sign(record, limits, now)
        return state if found is None else replace(state, outage=Outage(now, *found))
    mended_at = _mended_at(record, outage)
    if mended_at is None or _is_troubled(record, limits, now) or now - mended_at < limits.steady:
        return state
    return State(replace(record, tries=tuple(one for one in record.tries if one.is_good)))


def is_mending(state: State, limits: Limits, now: datetime) -> bool:
    """Whether an outage may be over soon (rule 7)."""
    if state.outage is None or _is_troubled(state.record, limits, now):
        return False
    return _mended_at(state.record, state.outage) is not None


def next_look(state: State, limits: Limits, now: datetime) -> datetime | None:
    """When time alone may change the judgement next; None: never."""
    record = state.record
    found = [] if record.asked_at is None else [record.asked_at + limits.silence]
    if state.outage is None:
        found += [] if record.down_since is None else [record.down_since + limits.down]
    else:
        mended_at = _mended_at(record, state.outage)
        found += [] if mended_at is None else [mended_at + limits.steady]
        found += [one.until for one in record.tries[-1:] if one.until is not None]
    return min((at for at in found if at > now), default=None)


def _sign(record: Record, limits: Limits, now: datetime) -> tuple[Sign, str] | None:
    if _is_paused(record, limits.pause, now):
        return Sign.PAUSED, record.tries[-1].why
    if _is_failing(record, limits, now):
        return Sign.FAILING, record.tries[-1].why
    if _is_silent(record, limits, now):
        return Sign.SILENT, ""
    if _is_down(record) and record.down_since is not None and now - record.down_since >= limits.down:
        return Sign.DOWN, record.down_why
    return None


def _is_paused(record: Record, least: timedelta, now: datetime) -> bool:
    newest = record.tries[-1] if record.tries else None
    if newest is None or newest.is_good or newest.until is None:
        return False
    return newest.until > now and newest.until - newest.at >= least


def _is_failing(record: Record, limits: Limits, now: datetime) -> bool:
    recent = [one for one in record.tries[-limits.of :] if now - one.at <= limits.within]
    failed = [one for one in recent if not one.is_good]
    if len(failed) < limits.failures or recent[-1].is_good:
        return False
    return failed[-1].at - failed[0].at >= limits.lasting


def _is_silent(record: Record, limits: Limits, now: datetime) -> bool:
    return record.asked_at is not None and now - record.asked_at >= limits.silence


def _is_down(record: Record) -> bool:
    """Whether the connection is down, and no call got through since: some channels send without it."""
    down_since = record.down_since
    return down_since is not None and not any(one.is_good and one.at > down_since for one in record.tries)


def _is_troubled(record: Record, limits: Limits, now: datetime) -> bool:
    is_paused = _is_paused(record, timedelta(0), now)
    return is_paused or _is_silent(record, limits, now) or _is_down(record)


def _mended_at(record: Record, outage: Outage) -> datetime | None:
    """Since when it has worked again (rule 5); None: it is not known to."""
    last_failed = max((n for n, one in enumerate(record.tries) if not one.is_good), default=-1)
    after = [one.at for one in record.tries[last_failed + 1 :] if one.at >= outage.since]
    if after:
        return after[0]
    if outage.sign is not Sign.DOWN or any(not one.is_good and one.at >= outage.since for one in record.tries):
        return None
    return record.up_since if record.up_since is not None and record.up_since >= outage.since else None
