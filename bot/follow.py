"""Following one alert in private: who does, and what they are told.

1. A subscription is no page: what it tells goes over a contact that does not ring (``Person.calm_contacts``), and never
   by a call.
2. What happened is put into the outbox in the transaction that saves it. It waits for ``GATHERED``: what happens to
   everything that somebody follows meanwhile goes into the same message.
3. Nobody is told what they did themselves, nor of a step that told them.
4. It ends with the alert.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import structlog

from bot import notice
from bot.desk import Desk, Happened, due_at_once
from bot.language import Words
from bot.wording.name import channel_name
from escalation.command import Purpose
from escalation.decided import ClimbReason, ClimbStarted, Event, Exhausted, ReadReached, RungFired
from escalation.event import Acknowledged, Cancelled, Resolved
from escalation.roster import Person
from escalation.target import Reached

log = structlog.get_logger(__name__)

FOLLOWED = "followed"
"""The kind of this notice."""

GATHERED = timedelta(seconds=5)
MOST_KEPT = 100
"""Happenings that one message knows of; more are counted."""

_LETTER = "f"
_NEWS = (Acknowledged, ReadReached, Exhausted, Resolved, Cancelled)
_AGAIN = frozenset(ClimbReason) - {ClimbReason.OPENED, ClimbReason.ASKED_FOR}


async def subscribe(desk: Desk, alert_id: int, person: Person, words: Words) -> tuple[str, bool]:
    """Follow an alert; returns what to tell, and whether anything changed."""
    values: dict[str, Any] = {"id": alert_id}
    alert = (await desk.load([alert_id])).get(alert_id)
    if alert is None:
        return words.gettext("There is no alert #%(id)d.") % values, False
    if alert.status.is_closed:
        return words.gettext("#%(id)d is closed already; nothing was changed.") % values, False
    if not person.calm_contacts:
        return words.gettext("You have no contact over which Kidoku could tell you without ringing."), False
    if not await desk.tx.subscribe(alert_id, person.id, desk.now):
        return words.gettext("You follow #%(id)d already.") % values, False
    values["where"] = channel_name(person.calm_contacts[0][0], words)
    return words.gettext("You follow #%(id)d: what becomes of it is told to you alone (%(where)s).") % values, True


async def unsubscribe(desk: Desk, alert_id: int, person: Person, words: Words) -> tuple[str, bool]:
    """Follow it no longer; returns what to tell, and whether anything changed."""
    if await desk.tx.unsubscribe(alert_id, person.id):
        return words.gettext("You no longer follow #%(id)d.") % {"id": alert_id}, True
    return words.gettext("You do not follow #%(id)d.") % {"id": alert_id}, False


async def tell(desk: Desk) -> None:
    """Put what has happened at this desk into the outbox, for whoever follows it; to be called before it is saved."""
    if not any(map(is_news, desk.events())):
        return
    try:
        await _tell(desk)
    except (KeyError, TypeError, ValueError):
        # Whoever follows an alert must not keep it from being saved.
        log.exception("What happened could not be told to those who follow it")


async def _tell(desk: Desk) -> None:
    following = await desk.tx.subscribers(desk.ids)
    happened = [one for one in desk.happened(following) if any(map(is_news, one.events))]
    news: dict[str, list[tuple[int, int]]] = {}
    for one in happened:
        for person in following[one.alert.id]:
            if _place_of(desk, person)[0] not in one.alert.left_out:
                news.setdefault(person, []).extend(_news_for(person, one))
    for person, items in sorted(news.items()):
        await _put(desk, person, items)
    if ended := [one.alert.id for one in happened if one.alert.status.is_closed]:
        await desk.tx.end_subscriptions(ended)


def is_news(event: Event) -> bool:
    """Whether a follower wants to know: it was read, taken, closed, went a step up, to its end, or begins again."""
    if isinstance(event, RungFired):
        return event.attempt == 0 and bool(event.notified)
    return isinstance(event, _NEWS) or (isinstance(event, ClimbStarted) and event.reason in _AGAIN)


def _news_for(person: str, one: Happened) -> Iterator[tuple[int, int]]:
    """(alert, number in its list) of what this person does not know yet."""
    for number, event in enumerate(one.events, one.before + 1):
        if is_news(event) and person not in _knowing(event):
            yield one.alert.id, number


def _knowing(event: Event) -> Iterable[str | None]:
    if isinstance(event, RungFired | Exhausted):
        return [one.person for one in event.notified]
    return event.readers if isinstance(event, ReadReached) else [getattr(event, "by", None)]


async def _put(desk: Desk, person: str, items: Sequence[tuple[int, int]]) -> None:
    channel, address = _place_of(desk, person)
    if not items:
        return
    if not channel:
        log.warning("Somebody who follows an alert has no contact that does not ring", person=person)
        return
    waiting = await desk.tx.waiting_notice(channel, person, _LETTER)
    if waiting is not None:
        await desk.tx.reword(waiting[0], _with(items, json.loads(waiting[1])))
        return
    key = notice.key_of(_LETTER, person, *items[0])
    row = due_at_once(key, Reached(person, channel, address, person), Purpose.DUTY, desk.now, _with(items, {}))
    desk.put(row._replace(due_at=desk.now + GATHERED, send_at=desk.now + GATHERED))


def _place_of(desk: Desk, person: str) -> tuple[str, str]:
    """Where somebody is told, (channel, address); of nothing if they can't be."""
    known = desk.rules.roster.people.get(person)
    return known.calm_contacts[0] if known is not None and known.calm_contacts else ("", "")


def _with(items: Sequence[tuple[int, int]], note: dict[str, Any]) -> str:
    listed = [*note.get("items", ()), *items]
    more = note.get("more", 0) + max(0, len(listed) - MOST_KEPT)
    return json.dumps({"kind": FOLLOWED, "items": listed[:MOST_KEPT], "more": more})
