"""Hypothesis strategies for policies, rosters and events of the core."""

from dataclasses import dataclass, replace
from datetime import time, timedelta

from hypothesis import strategies as st

from escalation.alert import Alert
from escalation.calendar import ALWAYS, EVERY_DAY, Span, Window
from escalation.condition import Condition
from escalation.contact import CONTACTS, DISTURBING, SEVERITIES, Order, Quiet, Way
from escalation.event import (
    Acknowledged,
    CallBackAsked,
    Cancelled,
    DeliveryReported,
    EscalatedNow,
    Input,
    MailJoined,
    Noted,
    Outcome,
    PassedOn,
    ReceiptReported,
    ReceiptWithdrawn,
    RecipientAdded,
    RemindedNow,
    Resolved,
    SenderCalled,
    Snoozed,
)
from escalation.policy import Action, EscalationPolicy, Ladder, Step, StopOn, Target
from escalation.receipt import ALL, ANY, ReadBy, ReceiptKind, Recipient
from escalation.roster import Person, Roster
from escalation.schedule import taking_turns
from tests.fakes.policies import AT, after, mail, minutes, person, roster

PEOPLE = ("alice", "bob", "carol")
TARGETS = (
    *PEOPLE,
    "dave",
    "#ops",
    "#nowhere",
    "team:noc",
    "team:void",
    "roundrobin:noc",
    "oncall:noc",
    "oncall:void",
    "unread",
)
CHANNELS = ("slack", "phone")

moments = st.integers(0, 200).map(lambda count: after(count / 2))
"""Instants around the beginning of an alert, in half minutes so that they often meet."""


def delays(most: int = 20, least: int = 0) -> st.SearchStrategy[timedelta]:
    return st.integers(least, most).map(minutes)


targets = st.lists(st.sampled_from(TARGETS).map(Target.parse), min_size=1, max_size=3, unique=True)
actions = st.builds(Action, st.sampled_from(CHANNELS), targets.map(tuple))
EARLY = Window("early", spans=(Span(EVERY_DAY, time(2), time(3, 10)),))
FLICKER = Window("flicker", spans=tuple(Span(EVERY_DAY, time(3, n), time(3, n + 4)) for n in range(0, 50, 8)))
NEVER = Window("never")
"""Windows that change soon after ``AT``, and again and again; one that never holds."""

windows = st.sampled_from([ALWAYS, ALWAYS, EARLY, FLICKER, NEVER])
narrow = st.none() | st.sampled_from([EARLY, FLICKER, NEVER])
conditions = st.builds(Condition, narrow, narrow, st.sampled_from(["", "", "noc", "void"]), st.booleans())
plain_steps = st.builds(
    Step,
    actions,
    delays(),
    st.integers(0, 2),
    delays(least=1, most=8),
    st.none() | actions,
    condition=st.none() | st.none() | conditions,
    retry_on=st.none() | st.frozensets(st.sampled_from(Outcome), max_size=3),
)
offsets = st.lists(delays(least=1), max_size=3, unique=True).map(lambda found: (minutes(0), *sorted(found)))
own_ways = st.builds(Action, st.just(CONTACTS), targets.map(tuple))
way_steps = st.builds(
    Step,
    own_ways,
    delays(),
    otherwise=st.none() | actions | own_ways,
    condition=st.none() | st.none() | conditions,
    ways=offsets,
)
steps = st.one_of(plain_steps, plain_steps, way_steps)


def ladders(least_wait: int = 0) -> st.SearchStrategy[Ladder]:
    listed = st.lists(steps, min_size=1, max_size=4).map(tuple)
    return st.builds(Ladder, listed, windows, st.integers(0, 2), delays(least=least_wait))


def policies(least_wait: int = 0) -> st.SearchStrategy[EscalationPolicy]:
    return st.builds(
        EscalationPolicy,
        name=st.just("main"),
        ladders=st.lists(ladders(least_wait), min_size=1, max_size=2).map(tuple),
        last_resort=st.lists(actions, max_size=2).map(tuple),
        read_by=st.sampled_from([ANY, ALL, ReadBy(count=2), ReadBy(percent=50)]),
        stop_on=st.sampled_from(StopOn),
        ack_timeout=st.none() | delays(60, least=1),
        resolve_after=delays(600, least=1),
        reopen_on_unread=st.booleans(),
    )


night_windows = st.sampled_from([ALWAYS, Window("never"), Window("noon", spans=(Span(start=time(3, 10)),))])
"""``noon`` begins ten minutes after ``AT``."""
ways = st.builds(Way, st.sampled_from((*CHANNELS, "mail")), st.sampled_from(["one", "two"]), delays())
ordered = st.lists(ways, max_size=3).map(lambda found: tuple(sorted(found, key=lambda one: one.after)))
orders = st.builds(Order, ordered, st.sampled_from([None, None, True, False]), night_windows)
quiets = st.none() | st.builds(Quiet, night_windows, st.sampled_from(SEVERITIES), st.just(DISTURBING))


@dataclass(frozen=True)
class Habits:
    """What a person has said about how they want to be told."""

    channels: set[str]
    orders: tuple[Order, ...]
    quiet: Quiet | None


habits = st.builds(
    Habits, st.sets(st.sampled_from(CHANNELS)), st.lists(orders, max_size=2).map(tuple), st.none() | quiets
)


def _person(id: str, own: Habits) -> Person:
    contacts = {channel: f"{channel}-{id}" for channel in sorted(own.channels)}
    mine = tuple(
        replace(one, ways=tuple(replace(way, address=f"{way.address}-{id}") for way in one.ways)) for one in own.orders
    )
    return Person(id, id, (), contacts, orders=mine, quiet=own.quiet)


def _people(habits: list[Habits]) -> dict[str, Person]:
    return {id: _person(id, own) for id, own in zip(PEOPLE, habits, strict=True)}


def _roster(ways: list[Habits], has_room: bool) -> Roster:
    rooms = {"#ops": {channel: f"{channel}-ops" for channel in CHANNELS}} if has_room else {}
    turns = taking_turns("noc", ("bob", "carol"), "Asia/Tokyo", AT.date(), days=1)
    return Roster(_people(ways), {"noc": ("alice", "bob")}, {"noc": turns}, rooms)


rosters = st.builds(_roster, st.lists(habits, min_size=3, max_size=3), st.booleans())
"""From nobody with any contact to everybody on every channel, each in their own way."""
EVERYBODY = roster(*(person(id) for id in PEOPLE), noc=("alice", "bob"))

recipients = st.sampled_from([Recipient(id) for id in (*PEOPLE, "eve@example.com")] + [Recipient("noc", is_team=True)])
crowds = st.lists(recipients, min_size=1, max_size=4, unique_by=lambda one: one.id).map(tuple)

whos = st.sampled_from([*PEOPLE, "noc", "eve@example.com"])
kinds = st.sampled_from(ReceiptKind)
receipts = st.builds(ReceiptReported, whos, kinds, moments, st.sampled_from(["imap", "slack"]), st.none() | whos)
withdrawals = st.builds(ReceiptWithdrawn, whos, kinds, moments)
takes = st.builds(Acknowledged, st.sampled_from(PEOPLE))
call_backs = st.builds(CallBackAsked, st.sampled_from(PEOPLE), st.just("phone"), st.just("+81312345678"), moments)
requests = st.builds(PassedOn, st.sampled_from(PEOPLE)) | st.builds(EscalatedNow, st.sampled_from(PEOPLE)) | call_backs
wishes = (
    st.builds(EscalatedNow, st.sampled_from(PEOPLE), to=st.sampled_from([*PEOPLE, "dave"]))
    | st.builds(EscalatedNow, st.sampled_from(PEOPLE), step=st.integers(0, 5))
    | st.builds(RemindedNow, st.sampled_from(PEOPLE))
    | st.builds(Noted, st.sampled_from(PEOPLE), st.just("on my way"))
    | st.builds(SenderCalled, st.sampled_from(PEOPLE), st.just("Carrier NOC"), st.sampled_from(Outcome))
)
snoozes = st.builds(Snoozed, st.sampled_from(PEOPLE), moments)
ends = st.sampled_from([Resolved("alice"), Cancelled("bob")])
news = st.builds(RecipientAdded, recipients) | st.just(MailJoined(mail(2)))


def deliveries(alert: Alert) -> st.SearchStrategy[Input]:
    """An outcome of any notification that the alert has sent, and of one that it has not."""
    keys = st.integers(0, alert.keys).map(lambda number: f"{alert.id}.{number}")
    return st.builds(DeliveryReported, keys, st.sampled_from(Outcome), st.sampled_from(["", "503"]))
