"""A whole proof, which walks few mails and shares what is alike, finds what plain walks of every instant find."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from escalation.command import Notify, Purpose
from escalation.occasion import Timeline
from escalation.policy import PHONE, EscalationPolicy
from escalation.prove import Proof, almanac_of, prove
from escalation.roster import Roster
from escalation.rotation import Layer, Unit
from escalation.schedule import Leave, Schedule
from escalation.simulate import walk
from tests.fakes import strategies as some
from tests.fakes.policies import AT, minutes
from tests.property.test_core_time import CROWD

BEFORE, AHEAD = minutes(13), minutes(25)
JUST = timedelta(seconds=1)
START = AT - BEFORE
"""Windows change, and people hand over, on whole minutes before and after ``AT``."""


def _handing_over(people: Roster, has_leave: bool, is_fair: bool) -> Roster:
    """Everybody, with a rotation that hands over at ``AT``; and somebody who leaves soon after."""
    turns = (("bob",), ("carol",))
    layer = Layer("noc", turns, "Asia/Tokyo", AT.date() - timedelta(days=1), time(0), Unit.HOUR)
    leaves = (Leave("alice", AT + minutes(4), AT + minutes(9), delegate="carol"),) if has_leave else ()
    fair = frozenset({"noc"} if is_fair else ())
    return replace(people, schedules={"noc": Schedule("noc", (layer,))}, fair_teams=fair).changed((), leaves)


rosters = st.builds(_handing_over, some.rosters, st.booleans(), st.booleans())


@dataclass
class Found:
    """What plain walks found: silences by kind, and the most of everything."""

    silences: set[tuple[str | None, bool]] = field(default_factory=set)
    ends_after: timedelta = timedelta(0)
    latest_page: timedelta = timedelta(0)
    calls: int = 0
    messages: int = 0

    def meet(self, rules: EscalationPolicy, people: Roster, at: datetime, down: str | None) -> bool:
        """One mail; True if it pages nobody."""
        decisions = list(walk(rules, people, at, (), CROWD, () if down is None else (down,)))
        told = [(now - at, one) for now, made in decisions for one in made.commands if isinstance(one, Notify)]
        steps = [offset for offset, one in told if one.purpose is not Purpose.LAST_RESORT]
        pages = [one for _, one in told if one.channel != down]
        ended = [now - at for now, made in decisions if made.alert.ladder is None]
        self.ends_after = max([self.ends_after, *ended[:1]])
        self.latest_page = max([self.latest_page, *steps])
        self.calls = max(self.calls, _most(pages, is_call=True))
        self.messages = max(self.messages, _most(pages, is_call=False))
        is_silent = all(one.purpose is Purpose.LAST_RESORT for one in pages)
        if is_silent:
            self.silences.add((down, bool(pages)))
        return is_silent


def _most(pages: list[Notify], *, is_call: bool) -> int:
    heads = Counter(one.person for one in pages if one.person and (one.channel == PHONE) is is_call)
    return max(heads.values(), default=0)


def instants() -> Iterator[datetime]:
    """Every whole minute, just before it, and just after: what begins and ends does so on the minute."""
    for number in range(int(AHEAD / minutes(1))):
        yield from (START + minutes(number) + JUST * second for second in (-1, 0, 1) if number or second >= 0)


def plain(rules: EscalationPolicy, people: Roster, downs: list[str]) -> Found:
    """By definition: every instant while every channel is up; those around each change while one is down, too. Of a
    mail that pages nobody anyway, only that."""
    almanac = almanac_of(people, START, AHEAD)
    changes = [START, *Timeline(rules, almanac, CROWD).places()]
    around = {max(START, one + JUST * second) for one in changes for second in (-1, 0, 1) if one < START + AHEAD}
    found = Found()
    for at in sorted({*instants(), *around} - {START + JUST}):
        if not found.meet(rules, almanac.roster, at, None) and at in around:
            for down in downs:
                found.meet(rules, almanac.roster, at, down)
    return found


def seen(proof: Proof) -> Found:
    silences = {(one.down, one.is_last_resort) for one in proof.silences}
    return Found(silences, proof.ends_after, proof.latest_page, proof.calls.count, proof.messages.count)


@given(some.policies(), rosters)
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_a_proof_is_what_plain_walks_of_every_instant_find(rules: EscalationPolicy, people: Roster) -> None:
    """What fails is not made smaller: each try is hundreds of walks, and a shared walk that is wrong may be endless."""
    proof = prove(rules, almanac_of(people, START, AHEAD), CROWD)
    found = plain(rules, people, ["slack", "phone", "mail"])
    assert seen(proof).silences == found.silences
    assert seen(proof) == found
