"""Warnings about schedules: times in which nobody is on call, and people who are in two schedules at once."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.settings.build import Settings
from bot.settings.problem import Fault, Loc
from escalation.phrase import N_, Phrase
from escalation.rotation import Role
from escalation.schedule import DoubleBooking, Schedule, Shift, double_bookings, gaps

AHEAD = timedelta(days=60)


def schedule_warnings(settings: Settings) -> Iterator[Fault]:
    """What is odd in the next ``AHEAD``; each only once, with the first time."""
    schedules = settings.roster().schedules
    today = datetime.combine(settings.today, time(0), UTC)
    for name, schedule in schedules.items():
        if schedule.imported:
            # What its calendars say is known to the running bot only.
            continue
        yield from _late(name, schedule, settings)
        found = gaps(schedule, max(today, _begin(schedule)), today + AHEAD)
        if found:
            yield _gap(name, found, settings.zone)
    booked = double_bookings(schedules.values(), today, today + AHEAD)
    for pair in sorted({one.schedules for one in booked}):
        yield _double([one for one in booked if one.schedules == pair], settings.zone)


def _begin(schedule: Schedule) -> datetime:
    """The day before which nobody is on call by any layer."""
    starts = [layer.start for layer in schedule.layers if layer.role is Role.PRIMARY]
    zone = ZoneInfo(schedule.layers[0].zone)
    first = min(starts, default=None)
    if first is None:
        return datetime.min.replace(tzinfo=UTC)
    handoff = min(layer.handoff for layer in schedule.layers if layer.start == first)
    return datetime.combine(first, handoff, zone).astimezone(UTC)


def _late(name: str, schedule: Schedule, settings: Settings) -> Iterator[Fault]:
    first = min(range(len(schedule.layers)), key=lambda number: schedule.layers[number].start)
    begin = schedule.layers[first].start
    if begin > settings.today:
        is_short = settings.document.schedules[name].layers is None
        loc: Loc = ("schedules", name, "start") if is_short else ("schedules", name, "layers", first, "start")
        message = Phrase("nobody is on call before %(day)s", day=begin.isoformat())
        yield Fault(loc, message, Phrase("write a day that has come"), is_warning=True)


def _gap(name: str, found: Sequence[Shift], zone: str) -> Fault:
    values = {"start": _wall(found[0].start, zone), "end": _wall(found[0].end, zone), "count": str(len(found))}
    form = N_("nobody is on call from %(start)s until %(end)s; times in 60 days: %(count)s")
    fix = Phrase("add a layer below for these hours")
    return Fault(("schedules", name), Phrase(form, **values), fix, is_warning=True, is_key=True)


def _double(found: Sequence[DoubleBooking], zone: str) -> Fault:
    first, count = found[0], str(len(found))
    values = {"person": first.person, "first": first.schedules[0], "second": first.schedules[1], "count": count}
    form = N_("%(person)s is on call in %(first)s and %(second)s at once from %(start)s; times in 60 days: %(count)s")
    message = Phrase(form, start=_wall(first.start, zone), **values)
    fix = Phrase("put somebody else's turn there")
    return Fault(("schedules", first.schedules[1]), message, fix, is_warning=True, is_key=True)


def _wall(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
