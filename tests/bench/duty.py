"""Who is on call, looked up warm; the final schedule of a year; the proof of many policies. Each beside the slow and
obvious definition of the property tests, of which a sample is measured in the same run."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from random import Random

from bot.proofs import proofs_of
from escalation.calendar import ALWAYS, EVERY_DAY, Span, Window
from escalation.condition import Condition
from escalation.occasion import recipients_of
from escalation.policy import Action, EscalationPolicy, Ladder, Step, Target
from escalation.prove import AHEAD
from escalation.roster import Person, Roster
from escalation.rotation import Layer, Role, Unit
from escalation.schedule import Schedule, on_call, shifts
from escalation.simulate import walk
from tests.bench.setting import row
from tests.property.test_schedule_property import oracle

SCHEDULES = 1_000
LAYERS = (Unit.WEEK, Unit.DAY, Unit.MONTH, Unit.HOUR, Unit.WEEK)
LOOKUPS = 40_000
YEARS = 100
POLICIES = 50
SAMPLE = 40
TARGET_LOOKUPS = 20_000
TARGET_PROOF_S = 5.0

AT = datetime(2026, 11, 27, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
WEEK = frozenset(range(5))
HOLIDAYS = frozenset(date(2026, 12, 29) + timedelta(days=n) for n in range(6))
OFFICE = Window("office", "Asia/Tokyo", (Span(WEEK, clock(9), clock(18)),), False, HOLIDAYS)
NIGHT = Window("night", "Asia/Tokyo", (Span(EVERY_DAY, clock(22), clock(7)),))
EVENING = Window("evening", "Europe/Berlin", (Span(WEEK, clock(17), clock(23)),))


def schedule(number: int) -> Schedule:
    """Five layers of every unit and several zones; the upper three are for some hours only."""
    layers = tuple(
        Layer(
            name=f"{number}.{place}",
            turns=tuple((f"p{(number + turn) % 20}",) for turn in range(5)),
            zone=ZONES[(number + place) % len(ZONES)],
            start=date(2025, 1, 6),
            unit=unit,
            count=1 + (number + place) % 3,
            window=(None, None, NIGHT, EVENING, OFFICE)[place],
        )
        for place, unit in enumerate(LAYERS)
    )
    return Schedule(f"s{number}", layers)


def plain_schedule(number: int) -> Schedule:
    """As most teams have it: the weeks, and the nights by day."""
    week, day, *_ = schedule(number).layers
    return Schedule(f"s{number}", (week, replace(day, window=NIGHT)))


def roster(schedules: Iterable[Schedule]) -> Roster:
    ways = ("slack", "phone", "discord")
    people = {f"p{n}": Person(f"p{n}", f"P{n}", contacts={way: f"{way}-{n}" for way in ways}) for n in range(20)}
    return Roster(people, {"noc": ("p0", "p1")}, {one.id: one for one in schedules}, {"#ops": {"slack": "C1"}})


def policy(number: int) -> EscalationPolicy:
    """Three kinds: one ladder; one for the office and one for the rest; one for the night, too. Every fifth waits."""
    delay = timedelta(minutes=3 + number % 7)
    duty = Target.parse(f"oncall:s{number % 5}")
    room = Step(Action("slack", (Target.parse("#ops"),)))
    call = Step(Action("phone", (duty,)), delay, number % 3, otherwise=Action("phone", (Target.parse("team:noc"),)))
    held = Step(Action("slack", (Target.parse("#ops"),)), delay, condition=Condition(only=OFFICE, is_waiting=True))
    calm = (room, Step(Action("discord", (duty,)), delay), call, *((held,) if number % 5 == 0 else ()))
    ladders = [Ladder(calm, ALWAYS, number % 2)]
    if number % 3:
        ladders = [Ladder(calm, OFFICE), Ladder((call,), ALWAYS, 1)]
    if number % 3 == 2:
        ladders = [Ladder((call, room), NIGHT, 2), *ladders]
    return EscalationPolicy(
        name=f"policy {number}", ladders=tuple(ladders), last_resort=(Action("phone", (Target.parse("team:noc"),)),)
    )


def took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def moments(count: int) -> list[datetime]:
    chance = Random(1)
    return [AT + chance.randrange(60 * 24 * 30) * MINUTE for _ in range(count)]


def lookups(schedules: list[Schedule]) -> float:
    """Prints the lookups a second; returns the seconds of one by the definition."""
    ats = moments(LOOKUPS // SCHEDULES)

    def all_of_them() -> None:
        for at in ats:
            for one in schedules:
                on_call(one, at)

    all_of_them()
    rate = LOOKUPS / took(all_of_them)
    slow = took(lambda: [oracle(schedules[n], at, Role.PRIMARY) for n, at in enumerate(moments(SAMPLE))]) / SAMPLE
    beside = f"the definition: {1 / slow:,.0f}/s; {rate * slow:,.0f} times"
    what = f"on-call lookups, {SCHEDULES:,} schedules of {len(LAYERS)} layers, warm"
    row(what, f"{rate:,.0f}/s", beside, f"> {TARGET_LOOKUPS:,}/s", rate > TARGET_LOOKUPS)
    return slow


def years(schedules: list[Schedule], slow: float) -> None:
    end = AT + timedelta(days=365)
    spent = took(lambda: [shifts(one, AT, end) for one in schedules[:YEARS]])
    minute_by_minute = slow * (end - AT) / MINUTE * YEARS
    beside = f"the definition, minute by minute: {minute_by_minute / 3600:,.0f} h, by its sample; "
    beside += f"{minute_by_minute / spent:,.0f} times"
    row(f"final schedule of a year, {YEARS} schedules of {len(LAYERS)} layers", f"{spent:.2f} s", beside)


def proofs() -> None:
    people = roster(plain_schedule(number) for number in range(5))
    policies = [policy(number) for number in range(POLICIES)]

    def a_walk(number: int, at: datetime) -> None:
        one = policies[number % POLICIES]
        for down in ((), ("slack",), ("discord",), ("phone",)):
            list(walk(one, people, at, (), recipients_of(one, people), down))

    spent = took(lambda: list(proofs_of(people, policies, AT)))
    ats = moments(SAMPLE)
    slow = took(lambda: list(map(a_walk, range(SAMPLE), ats))) / SAMPLE
    minute_by_minute = slow * AHEAD / MINUTE * POLICIES
    beside = f"a walk from every minute: {minute_by_minute / 3600:,.0f} h, by a sample; "
    beside += f"{minute_by_minute / spent:,.0f} times"
    row(
        f"prove of {POLICIES} policies, {os.cpu_count()} cores",
        f"{spent:.1f} s",
        beside,
        f"< {TARGET_PROOF_S:.0f} s",
        spent < TARGET_PROOF_S,
    )


def main() -> None:
    schedules = [schedule(number) for number in range(SCHEDULES)]
    years(schedules, lookups(schedules))
    proofs()


if __name__ == "__main__":
    main()
