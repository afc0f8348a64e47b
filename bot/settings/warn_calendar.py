"""Warnings about calendars in files, which ``kidoku check`` reads. Those at an address are the running bot's business:
``kidoku calendars`` says how they are."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

from bot.calendars.apart import run_apart
from bot.calendars.fault import FeedError
from bot.calendars.fetch import file_bytes
from bot.calendars.told import told
from bot.settings.build import Settings
from bot.settings.calendar_shape import CalendarShape
from bot.settings.problem import Fault, Loc
from escalation.feed import Directory
from escalation.phrase import Phrase


def calendar_warnings(settings: Settings) -> Iterator[Fault]:
    """Calendars that nothing uses, files that can't be read, and the events in them that mean nobody."""
    of_people = {*settings.shift_calendars, *settings.leave_calendars}
    for name, shape in settings.calendars.items():
        if name not in of_people | {*settings.day_calendars}:
            fix = Phrase("name it in ical: of a schedule or a window, or in leave:")
            yield Fault(("calendars", name), Phrase("nothing uses this calendar"), fix, is_warning=True, is_key=True)
        if shape.file is not None:
            yield from _of_file(("calendars", name, "file"), shape, settings, is_of_people=name in of_people)


def _of_file(loc: Loc, shape: CalendarShape, settings: Settings, *, is_of_people: bool) -> Iterator[Fault]:
    now = datetime.combine(settings.today, time(0), UTC)
    try:
        events = run_apart(file_bytes(Path(shape.file or "")), shape.zone or settings.zone, now)
    except FeedError as error:
        yield Fault(loc, error.args[0], Phrase("export it again, or name another file"), is_warning=True)
        return
    directory = Directory(settings.roster().people.values(), shape.names)
    strangers = [one for one in events if one.end > now and is_of_people and not directory.people_of(one)]
    if strangers:
        what = Phrase("nobody knows who is meant by %(events)s", events=told(strangers))
        fix = Phrase("write a mail address or a name of people: into the event, or what it calls them into names:")
        yield Fault(loc, what, fix, is_warning=True)
