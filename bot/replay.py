"""``kidoku replay``: past alerts once more, through other settings, and what would have been different."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.calendars.known import KnownCalendars
from bot.language import Words
from bot.office import Office, settings_of
from bot.settings import Settings
from bot.view import NotOneError
from bot.wanted import MOST_LISTED
from bot.wording import channel_name, name_of, subject_of
from bot.wording.status import word_of
from escalation.alert import Alert
from escalation.event import Opened
from escalation.policy import EscalationPolicy
from escalation.replay import Change, ChangeKind, Course, Told, changes, lived, replayed
from escalation.roster import Roster
from escalation.schedule import Leave, Override

_MARKS = {ChangeKind.SAME: "  ", ChangeKind.MOVED: "~ ", ChangeKind.GONE: "- ", ChangeKind.NEW: "+ "}
_STYLES = {ChangeKind.SAME: "dim", ChangeKind.MOVED: "yellow", ChangeKind.GONE: "red", ChangeKind.NEW: "green"}


@dataclass(frozen=True, slots=True)
class _Other:
    """The other settings, and the overrides and leaves that the store has."""

    policies: dict[str, EscalationPolicy]
    rules: dict[str, str]
    roster: Roster
    overrides: Sequence[Override]
    leaves: Sequence[Leave]

    def policy_of(self, opened: Opened) -> EscalationPolicy | None:
        """That of the rule with the same name; else the one with the same name. None: it would open no alert."""
        if opened.rule in self.rules:
            return self.policies.get(self.rules[opened.rule])
        return self.policies.get(opened.policy.name)

    def roster_at(self, at: datetime) -> Roster:
        """With the overrides and leaves that were made by then."""
        known = [one for one in self.overrides if one.at <= at]
        return self.roster.changed(known, [one for one in self.leaves if one.at <= at])


@dataclass(frozen=True, slots=True)
class _Replay:
    """One alert as it was and as it would have been. ``after`` is None if the other settings open no alert."""

    alert: Alert
    policy: str
    before: Course
    after: Course | None

    @property
    def changes(self) -> tuple[Change, ...]:
        after = self.after or Course(self.before.opened_at, (), self.before.status)
        return changes(self.before, after)

    @property
    def is_different(self) -> bool:
        is_as_it_was = self.after is not None and self.after.status is self.before.status
        return not is_as_it_was or any(one.kind is not ChangeKind.SAME for one in self.changes)


async def replay_command(office: Office, other: Path, since: datetime, id: int, *, as_json: bool) -> int:
    """Compare what was told since then with what the other settings would have told. Raises SettingsError for these,
    NotOneError for an id that is not among the alerts."""
    settings = settings_of(other, os.environ, needs_secrets=False)
    found = await _replays(office, settings, since)
    if id:
        found = [one for one in found if one.alert.id == id]
        if not found:
            raise NotOneError(office.words.gettext("There is no alert #%(id)d since then.") % {"id": id})
    if as_json:
        print(json.dumps([_object(one, office.words) for one in found], ensure_ascii=False, indent=2))
        return 0
    console = Console(highlight=False, markup=False)
    for one in found:
        for line in _lines(one, settings.roster(), office.words, is_whole=bool(id)):
            console.print(line)
    console.print(Text(_summary(found, office.words)))
    return 0


async def _replays(office: Office, settings: Settings, since: datetime) -> list[_Replay]:
    """The alerts since then, oldest first; of very many, the newest ``MOST_LISTED``."""
    now = office.clock.now()
    known = KnownCalendars(settings)
    async with office.store.reading() as tx:
        roster = await known.roster(tx)
        other = _Other(
            known.settings.escalation_policies(),
            {one.name: one.policy for one in settings.routing_rules()},
            roster,
            await tx.overrides(since),
            await tx.leaves(since),
        )
        alerts = [one for one in await tx.list_alerts(limit=MOST_LISTED) if one.opened_at >= since]
        return [
            _replay(one, [(row.event, row.at) for row in await tx.events(one.id)], other, now) for one in alerts[::-1]
        ]


def _replay(alert: Alert, events: Any, other: _Other, now: datetime) -> _Replay:
    opened, at = events[0]
    policy = other.policy_of(opened)
    after = None if policy is None else replayed(events, policy, other.roster_at(at), now)
    return _Replay(alert, policy.name if policy else "", lived(events, alert.status), after)


# What is printed -----------------------------------------------------------------------------------------------------


def _lines(one: _Replay, roster: Roster, words: Words, *, is_whole: bool) -> Iterator[Text]:
    head = f"#{one.alert.id}  {words.instant(one.before.opened_at)}  {subject_of(one.alert.mail, words)}"
    yield Text(head, style="bold" if one.is_different else "")
    yield from (Text(f"    {line}") for line in _differences(one, words))
    for change in one.changes if is_whole else ():
        yield Text(f"  {_MARKS[change.kind]}{_said(change, one, roster, words)}", style=_STYLES[change.kind])


def _differences(one: _Replay, words: Words) -> Iterator[str]:
    if one.after is None:
        yield words.gettext("it would have opened no alert")
        return
    if not one.is_different:
        yield words.gettext("the same")
        return
    before, after = one.before, one.after
    if one.policy != one.alert.policy.name:
        yield _from_to(words.gettext("policy"), one.alert.policy.name, one.policy)
    if len(before.told) != len(after.told):
        yield _from_to(words.gettext("told"), len(before.told), len(after.told))
    if before.calls != after.calls:
        yield _from_to(words.gettext("calls"), before.calls, after.calls)
    if before.first_told != after.first_told:
        yield _from_to(words.gettext("first told after"), _span(before, words), _span(after, words))
    moved = sum(change.kind is ChangeKind.MOVED for change in one.changes)
    if moved:
        yield words.ngettext("%(n)d at another time", "%(n)d at other times", moved) % {"n": moved}
    if before.status is not after.status:
        yield _from_to(words.gettext("in the end"), *(word_of(course.status, words) for course in (before, after)))


def _from_to(what: str, before: object, after: object) -> str:
    return f"{what}: {before} → {after}"


def _span(course: Course, words: Words) -> str:
    return "–" if course.first_told is None else words.duration(course.first_told)


def _said(change: Change, one: _Replay, roster: Roster, words: Words) -> str:
    told = change.after or change.before
    assert told is not None
    time = words.moment(told.at, one.before.opened_at)
    if change.kind is ChangeKind.MOVED and change.before is not None:
        time = f"{words.moment(change.before.at, one.before.opened_at)} → {time}"
    last = f" ({words.gettext('last resort')})" if told.is_last else ""
    return f"{time}  {channel_name(told.channel, words)} {_whom(told, roster, words)}{last}"


def _whom(told: Told, roster: Roster, words: Words) -> str:
    return name_of(told.person, roster, words) if told.person else told.target


def _summary(found: Sequence[_Replay], words: Words) -> str:
    different = sum(one.is_different for one in found)
    form = words.ngettext("%(n)d alert, %(m)d different", "%(n)d alerts, %(m)d different", len(found))
    return form % {"n": len(found), "m": different}


def _object(one: _Replay, words: Words) -> dict[str, Any]:
    return {
        "id": one.alert.id,
        "opened_at": one.before.opened_at.astimezone(words.zone).isoformat(),
        "subject": one.alert.mail.subject,
        "policy": one.alert.policy.name,
        "new_policy": one.policy or None,
        "is_different": one.is_different,
        "before": _course(one.before),
        "after": _course(one.after) if one.after else None,
        "told": [_change_object(change, words) for change in one.changes],
    }


def _course(course: Course) -> dict[str, Any]:
    first = course.first_told
    seconds = None if first is None else first.total_seconds()
    return {"told": len(course.told), "calls": course.calls, "first_told_s": seconds, "status": course.status}


def _change_object(change: Change, words: Words) -> dict[str, Any]:
    told = change.after or change.before
    assert told is not None
    before, after = (one.at.astimezone(words.zone).isoformat() if one else None for one in change[1:])
    return {
        "change": change.kind,
        "channel": told.channel,
        "target": told.target,
        "person": told.person,
        "is_last_resort": told.is_last,
        "before": before,
        "after": after,
    }
