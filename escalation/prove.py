"""Walks a policy over every kind of instant, and says what it does at most, and when it would page nobody.

1. A mail is taken to come just before, at, and just after each place of the policy's timeline (``occasion.py``): a
   window, a shift or a holiday begins, the clock is set. It is taken to come also so long before the place that one of
   the climb's own instants meets it, or just misses it. Between two such mails nothing else can happen.
2. Nobody reads. Each time every channel is up, and then every channel in turn is down, all the while.
   Mails of the second kind meet every channel up.
3. Each walk is the very ``open`` and ``decide`` (``simulate.walk``). Of stretches that are alike, one is walked.
4. Where climbs are so long, or changes so many, that this would take minutes, not every instant of a climb is laid
   against every place (``is_whole`` is False). Mails just before, at, and just after each place always are walked.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from escalation.bound import Bound, bound, with_stalls
from escalation.contact import CONTACTS
from escalation.decided import Skipped, SkipReason
from escalation.occasion import Almanac, Pattern, Timeline, actions
from escalation.phrase import Phrase
from escalation.policy import CONSOLE, PHONE, SMS, EscalationPolicy
from escalation.receipt import Recipient
from escalation.roster import Roster
from escalation.target import UNREACHABLE
from escalation.tree import Course, Made, Told, Tree

AHEAD = timedelta(days=396)
"""Thirteen months."""
_JUST = timedelta(seconds=1)
_MOST_OFFSETS = 64
_MOST_WORK = 20_000
"""Decisions, until only the places themselves are walked: about a second."""
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Most:
    """Who is told how often in one climb."""

    person: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """A mail that comes at ``at`` pages nobody while the channel ``down`` is (None: all are up), and ``times`` places
    are like this one. ``is_last_resort``: the last resort reaches somebody, and no step does."""

    at: datetime
    down: str | None
    is_last_resort: bool
    why: Phrase
    fix: Phrase
    times: int = 1


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. ``ends_after`` and ``latest_page`` (of a step) are as seen, since the mail came; what is proved
    without walking stands in ``bound``. ``calls`` and ``messages`` are to one person in one climb. ``charged`` are how
    many calls and how many text messages climbs had in all, each pair once."""

    policy: str
    bound: Bound
    ends: bool
    ends_after: timedelta
    latest_page: timedelta
    calls: Most
    messages: Most
    charged: tuple[tuple[int, int], ...]
    silences: tuple[Silence, ...]
    places: int
    walks: int
    is_whole: bool

    def dearest(self, call: float, text: float) -> tuple[int, int]:
        """The calls and text messages of the climb that costs most at these prices."""
        return max(self.charged, key=lambda one: one[0] * call + one[1] * text)


def prove(
    policy: EscalationPolicy,
    almanac: Almanac,
    recipients: Sequence[Recipient],
    *,
    takes_down: bool = True,
    on_place: Callable[[int, int], None] = lambda done, all: None,
) -> Proof:
    """Walk a policy from the start of ``almanac`` until its end. ``takes_down``: with every channel down in turn.

    ``on_place`` is told how many of how many places are done.
    """
    return _Prover(policy, almanac, recipients, takes_down).proof(on_place)


def almanac_of(roster: Roster, at: datetime, ahead: timedelta = AHEAD) -> Almanac:
    """What ``prove`` looks things up in, for the time from ``at`` (aware) on. Loads change, so everybody is taken to
    have the same, that of no time: turns then go in the order of the settings."""
    at = at.astimezone(UTC)
    return Almanac(replace(roster, tolls={}, rounds={}, fair_within=_ZERO), at, at + ahead)


@dataclass(slots=True)
class _Walk:
    """One climb. ``offsets`` are those of its decisions since the mail came, ``span`` the last; ``steps`` and
    ``last`` how many were reached by steps and by the last resort."""

    down: str | None
    ends: bool = True
    ends_after: timedelta = _ZERO
    latest_page: timedelta = _ZERO
    steps: int = 0
    last: int = 0
    told: Counter[tuple[str, bool]] = field(default_factory=Counter)
    calls: int = 0
    texts: int = 0
    offsets: set[timedelta] = field(default_factory=set)
    span: timedelta = _ZERO
    missed: dict[tuple[str, Skipped], None] = field(default_factory=dict)


def _counted(course: Course, down: str | None) -> _Walk:
    found = _Walk(down, ends=course.ends, span=course.made[-1].offset)
    for made in course.made:
        found.offsets.add(made.offset)
        if made.is_ended:
            found.ends_after = made.offset
        for told in made.told:
            _count(found, told, made.offset, course.names)
        for channel, one in made.missed:
            person = one.person and course.names.get(one.person, one.person)
            found.missed[channel, replace(one, person=person)] = None
    return found


def _count(found: _Walk, told: Told, offset: timedelta, names: Mapping[str, str]) -> None:
    _, channel, person, is_last = told
    if not is_last:
        found.latest_page = offset
    if channel == found.down:
        return
    found.last += is_last
    found.steps += not is_last
    found.calls += channel == PHONE
    found.texts += channel == SMS
    if person is not None:
        found.told[names.get(person, person), channel == PHONE] += 1


def _channels(policy: EscalationPolicy, roster: Roster) -> list[str]:
    """Every channel that the policy may use, and that may be down: also those that are left to the people."""
    named = dict.fromkeys(one.channel for one in actions(policy))
    if CONTACTS in named:
        own = (way.channel for one in roster.people.values() for order in one.orders for way in order.ways)
        named |= dict.fromkeys([*(channel for one in roster.people.values() for channel in one.contacts), *own])
    return [one for one in named if one not in (CONTACTS, CONSOLE)]


class _Known:
    """Walks by what held during them: a tree, a level for each change. A walk stands where the change after its end is
    the next."""

    def __init__(self) -> None:
        self._below: dict[Pattern, _Known] = {}
        self._walk: _Walk | None = None

    def find(self, stretches: Iterator[tuple[Pattern, timedelta | None]]) -> _Walk | None:
        node = self
        for stretch, until in stretches:
            below = node._below.get(stretch)
            if below is None:
                return None
            node = below
            if node._walk is not None and (until is None or node._walk.span < until):
                return node._walk
        return None

    def keep(self, stretches: Iterator[tuple[Pattern, timedelta | None]], walk: _Walk) -> None:
        node = self
        for stretch, until in stretches:
            node = node._below.setdefault(stretch, _Known())
            if until is None or walk.span < until:
                node._walk = walk
                return


class _Prover:
    """The walks of one policy, each kind once."""

    def __init__(
        self, policy: EscalationPolicy, almanac: Almanac, recipients: Sequence[Recipient], takes_down: bool
    ) -> None:
        policy = almanac.tabled(policy)
        self.policy, self.almanac, self.recipients = policy, almanac, recipients
        self.timeline = Timeline(policy, almanac, recipients)
        self.downs: tuple[str | None, ...] = (None, *(_channels(policy, almanac.roster) if takes_down else ()))
        self.tree = Tree(policy, almanac.roster, recipients, self.timeline)
        self.walked = {down: _Known() for down in self.downs}
        self.counted: dict[tuple[Made, str | None], _Walk] = {}
        self.walked_at: dict[tuple[datetime, str | None], _Walk] = {}
        self.walks: list[_Walk] = []
        self.longest = _ZERO
        self.work = 0
        self.is_whole = True
        self.walk(almanac.start, None)

    def proof(self, on_place: Callable[[int, int], None]) -> Proof:
        silences, places = self._covered(on_place)
        walks = self.walks
        return Proof(
            policy=self.policy.name,
            bound=with_stalls(bound(self.policy, self.almanac.roster, self.recipients), self.policy),
            ends=all(one.ends for one in walks),
            ends_after=max(one.ends_after for one in walks),
            latest_page=max(one.latest_page for one in walks),
            calls=_most(walks, is_call=True),
            messages=_most(walks, is_call=False),
            charged=tuple(sorted({(one.calls, one.texts) for one in walks})),
            silences=silences,
            places=places,
            walks=len(walks),
            is_whole=self.is_whole,
        )

    def _covered(self, on_place: Callable[[int, int], None]) -> tuple[tuple[Silence, ...], int]:
        """Every place, again until no climb is longer than the stretch that was compared around it."""
        start = self.almanac.start
        places = [one for one in self.timeline.places() if start < one < self.almanac.end]
        while True:
            width, met = self.longest + _JUST, Counter[Pattern]()
            silent: list[tuple[Silence, Pattern]] = [(one, ()) for one in self._silences(start, self.downs)]
            for number, place in enumerate(places):
                began = max(start, place - width)
                pattern = (place - began, *self.timeline.pattern(began, 2 * width))
                met[pattern] += 1
                if met[pattern] == 1:
                    silent += [(one, pattern) for one in self._around(place, began, places[:number])]
                on_place(number + 1, len(places))
            if self.longest < width:
                return _folded((one, pattern, max(1, met[pattern])) for one, pattern in silent), len(places)

    def _around(self, place: datetime, began: datetime, before: Sequence[datetime]) -> Iterator[Silence]:
        """The silences of every kind of mail near a place (rule 1). What a mail does until then says which other mails
        to look at: those of which one of these instants is at the place."""
        for at in (place - _JUST, place, place + _JUST):
            yield from self._silences(max(at, began), self.downs)
        near = before[bisect_left(before, began) :]
        todo, done = {place - began, *(place - one for one in near), *(place - one - _JUST for one in near)}, {_ZERO}
        while fresh := todo - done:
            if len(done) > _MOST_OFFSETS or self.work > _MOST_WORK:
                self.is_whole = False
                return
            offset = max(fresh)
            done.add(offset)
            ats = (max(began, place - offset), max(began, place - offset - _JUST))
            walks = [self.walk(at, None) for at in ats]
            # What is in both moves with the mail; what is in one alone is held by another change, and moves with none.
            moving = walks[0].offsets & walks[1].offsets
            todo |= {one for one in moving if one <= offset}
            yield from (_silence(at, one) for at, one in zip(ats, walks, strict=True) if not one.steps)

    def walk(self, at: datetime, down: str | None) -> _Walk:
        """What happens to a mail at ``at`` while a channel is down; walked if nothing like it was."""
        if (at, down) not in self.walked_at:
            self.walked_at[at, down] = self._walked(at, down)
        return self.walked_at[at, down]

    def _walked(self, at: datetime, down: str | None) -> _Walk:
        if self.timeline.has_own_windows:
            return self._counted(at, down)  # They are asked about instants before the mail, too.
        walked = self.walked[down]
        known = walked.find(self.timeline.stretches(at))
        if known is not None:
            return known
        found = self._counted(at, down)
        walked.keep(self.timeline.stretches(at), found)
        return found

    def _counted(self, at: datetime, down: str | None) -> _Walk:
        course = self.tree.walk(at, down)
        end = course.made[-1], down
        if end not in self.counted:
            found = self.counted[end] = _counted(course, down)
            self.longest = max(self.longest, found.span)
            self.work += len(course.made)
            self.walks.append(found)
        return self.counted[end]

    def _silences(self, at: datetime, downs: Iterable[str | None]) -> Iterator[Silence]:
        """Of a mail that pages nobody anyway, only that."""
        for down in downs:
            one = self.walk(at, down)
            if not one.steps:
                yield _silence(at, one)
                if down is None:
                    return


def _silence(at: datetime, one: _Walk) -> Silence:
    return Silence(at, one.down, bool(one.last), *_why(one))


def _most(walks: Iterable[_Walk], *, is_call: bool) -> Most:
    found = (
        Most(person, count) for one in walks for (person, by_phone), count in one.told.items() if by_phone is is_call
    )
    return max(found, key=lambda one: one.count, default=Most())


def _folded(silent: Iterable[tuple[Silence, Pattern, int]]) -> tuple[Silence, ...]:
    """The first of each kind, and how many places have it; the worst kind first."""
    first: dict[tuple[object, ...], Silence] = {}
    times: dict[tuple[object, ...], dict[Pattern, int]] = {}
    for one, pattern, count in silent:
        kind = (one.down, one.is_last_resort, one.why)
        first[kind] = min(first.get(kind, one), one, key=lambda silence: silence.at)
        times.setdefault(kind, {})[pattern] = count
    found = (replace(one, times=sum(times[kind].values())) for kind, one in first.items())
    return tuple(sorted(found, key=lambda one: (one.is_last_resort, one.down or "", one.at)))


def _why(one: _Walk) -> tuple[Phrase, Phrase]:
    """Why no step reached anybody, and the nearest thing that mends it."""
    for channel, skipped in one.missed:
        if skipped.reason in UNREACHABLE:
            return _unreached(channel, skipped)
    if one.down is not None:
        return (
            Phrase("every step goes over %(channel)s", channel=one.down),
            Phrase("add a step, or an else, over another channel"),
        )
    return Phrase("no window holds"), Phrase("add a last ladder with when: always")


def _unreached(channel: str, skipped: Skipped) -> tuple[Phrase, Phrase]:
    who = skipped.person or skipped.target
    match skipped.reason:
        case SkipReason.NOBODY_ON_CALL:
            name = skipped.target.removeprefix("oncall:")
            return (
                Phrase("nobody is on call in %(schedule)s", schedule=name),
                Phrase("add a layer to %(schedule)s below for this time, or an else to the step", schedule=name),
            )
        case SkipReason.NO_CONTACT:
            return (
                Phrase("%(who)s has no contact for %(channel)s", who=who, channel=channel),
                Phrase("give %(who)s one, or add an else to the step", who=who),
            )
    return Phrase("%(who)s can't be told over %(channel)s", who=who, channel=channel), Phrase("add an else to the step")
