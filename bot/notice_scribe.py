"""Words what is told around a shift, as of now: from the row's note, the schedules, and what the store knows."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from bot.follow import FOLLOWED
from bot.language import Words
from bot.store.record import NotificationRow
from bot.store.store import Store, Tx
from bot.wording import name_of
from bot.wording.followed import News, word_followed
from bot.wording.shift import Summary, word_handoff, word_reminder
from bot.wording.swap import word_outcome, word_question
from bot.wording.unreached import UNREACHED, word_unreached
from channels.base import PHONE
from channels.message import Message
from escalation.alert import Alert
from escalation.handoff import Handoff, Reminder, end_of, is_expected, next_on_call
from escalation.load import Page, night_of
from escalation.phrase import Phrase, of_parts
from escalation.policy import EscalationPolicy, TargetKind
from escalation.roster import Roster
from escalation.rotation import Role
from escalation.schedule import Schedule, on_call
from escalation.swap import SwapState

REMINDER, HANDOFF, SWAP_DECIDED = "reminder", "handoff", "swap_decided"


async def message(store: Store, row: NotificationRow, words: Words, roster: Roster, now: datetime) -> Message | None:
    """The message; None if nobody needs it any more: a shift that went away, a question that was answered before it
    left. Raises ValueError or KeyError for a note that can't be read."""
    note = json.loads(row.text)
    if note["kind"] == REMINDER:
        return _reminder(note, row, words, roster, now)
    if note["kind"] == UNREACHED:
        return word_unreached(row, words)
    async with store.reading() as tx:
        if note["kind"] == FOLLOWED:
            return await _followed(tx, note, row, words, roster)
        if note["kind"] == HANDOFF:
            return await _handoff(tx, note, row, words, roster, now)
        return await _swap(tx, note, row, words, roster, now)


def _reminder(note: Any, row: NotificationRow, words: Words, roster: Roster, now: datetime) -> Message | None:
    start = datetime.fromisoformat(note["start"])
    one = Reminder(note["schedule"], Role(note["role"]), note["person"], start, note["lead"])
    schedule = roster.schedules.get(one.schedule)
    if schedule is None or not is_expected(schedule, one, now):
        return None
    others = [name_of(who, roster, words) for who in on_call(schedule, start, one.role) if who != one.person]
    return word_reminder(one, row, words, now, end_of(schedule, one.person, one.role, start), others)


async def _swap(tx: Tx, note: Any, row: NotificationRow, words: Words, roster: Roster, now: datetime) -> Message | None:
    swap = await tx.swap(note["id"])
    if swap is None:
        return None
    if note["kind"] == SWAP_DECIDED:
        why = of_parts(note["why"])
        return word_outcome(swap, row, words, roster, why if isinstance(why, Phrase) else None)
    is_over = swap.state is not SwapState.ASKED or swap.ends_at <= now
    return None if is_over and row.send_at is not None else word_question(swap, row, words, roster, now)


async def _followed(tx: Tx, note: Any, row: NotificationRow, words: Words, roster: Roster) -> Message | None:
    """Of what is no longer kept nothing is told."""
    new: dict[int, set[int]] = {}
    for alert_id, number in note["items"]:
        new.setdefault(alert_id, set()).add(number)
    alerts = await tx.alerts(new)
    found = [
        News(alerts[id], [(one.event, one.at) for one in await tx.events(id)], numbers)
        for id, numbers in new.items()
        if id in alerts
    ]
    return word_followed(found, note["more"], row, words, roster) if found else None


async def _handoff(tx: Tx, note: Any, row: NotificationRow, words: Words, roster: Roster, now: datetime) -> Message:
    since, at = (datetime.fromisoformat(note[name]) for name in ("since", "at"))
    handoff = Handoff(note["schedule"], tuple(note["people"]), since, at, tuple(note["to"]))
    schedule = roster.schedules.get(handoff.schedule)
    return word_handoff(await _summary(tx, handoff, schedule, roster), row, words, roster, now)


async def _summary(tx: Tx, one: Handoff, schedule: Schedule | None, roster: Roster) -> Summary:
    found = await tx.alerts(await tx.alerts_since(one.since))
    own = {id: alert for id, alert in found.items() if is_of(alert.policy, one.schedule)}
    real = [id for id, alert in own.items() if not alert.is_exercise]
    counts = await tx.happened(real, one.since, one.at)
    pages = await tx.pages_about(real, one.since, one.at)
    return Summary(
        handoff=one,
        next=next_on_call(schedule, one.at) if schedule else None,
        open=_open(own.values()),
        pages=len(pages),
        nights=_nights(pages, roster),
        **{what: len(ids) for what, ids in counts.items()},
    )


def _open(alerts: Collection[Alert]) -> list[Alert]:
    return sorted((one for one in alerts if not one.status.is_closed), key=lambda one: one.id, reverse=True)


def _nights(pages: Iterable[Page], roster: Roster) -> Mapping[str, frozenset[date]]:
    """The nights of each person in which they were called."""
    found: dict[str, set[date]] = {}
    for page in pages:
        person = roster.people.get(page.person or "")
        if person is not None and page.channel == PHONE and (night := night_of(page, person.zone)) is not None:
            found.setdefault(person.id, set()).add(night)
    return {id: frozenset(nights) for id, nights in found.items()}


def is_of(policy: EscalationPolicy, schedule: str) -> bool:
    """Whether alerts under a policy are the business of a schedule: it names it, or names no schedule at all."""
    steps = (step for ladder in policy.ladders for step in ladder.steps)
    actions = [one for step in steps for one in (step.action, step.otherwise) if one is not None]
    targets = [target for action in (*actions, *policy.last_resort) for target in action.targets]
    named = {one.name.partition("/")[0] for one in targets if one.kind is TargetKind.ONCALL}
    return not named or schedule in named
