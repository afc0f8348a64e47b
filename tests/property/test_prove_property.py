"""What ``prove`` reports is no less than what a walk from every minute finds, and no more than the bound."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.command import Notify, Purpose
from escalation.policy import PHONE, EscalationPolicy
from escalation.prove import Proof, almanac_of, prove
from escalation.roster import Roster
from escalation.simulate import walk
from tests.fakes import strategies as some
from tests.fakes.policies import AT, minutes
from tests.property.test_core_time import CROWD

AHEAD = minutes(75)


class Seen:
    """What one mail did, counted straight from the commands."""

    def __init__(self, rules: EscalationPolicy, people: Roster, at: datetime, down: str = "") -> None:
        decisions = list(walk(rules, people, at, (), CROWD, (down,)))
        told = [(now - at, one) for now, made in decisions for one in made.commands if isinstance(one, Notify)]
        self.pages = [(offset, one) for offset, one in told if one.channel != down]
        steps = [offset for offset, one in told if one.purpose is not Purpose.LAST_RESORT]
        self.latest = max(steps, default=timedelta(0))
        self.is_silent = all(one.purpose is Purpose.LAST_RESORT for _, one in self.pages)
        self.ends_after = next(now - at for now, made in decisions if made.alert.ladder is None)

    def most(self, *, is_call: bool) -> int:
        heads = Counter(one.person for _, one in self.pages if one.person and (one.channel == PHONE) is is_call)
        return max(heads.values(), default=0)


def assert_covers(found: Proof, seen: Seen) -> None:
    assert seen.latest <= found.latest_page
    assert seen.ends_after <= found.ends_after
    assert seen.most(is_call=True) <= found.calls.count
    assert seen.most(is_call=False) <= found.messages.count
    if seen.is_silent:
        assert any(one.down is None for one in found.silences)


@given(some.policies(), some.rosters)
@settings(max_examples=30, deadline=None)
def test_no_minute_does_more_than_was_proved(rules: EscalationPolicy, people: Roster) -> None:
    found = prove(rules, almanac_of(people, AT, AHEAD), CROWD)
    for count in range(0, int(AHEAD / minutes(1))):
        if found.is_whole:
            assert_covers(found, Seen(rules, people, AT + minutes(count)))


@given(some.policies(), some.rosters)
@settings(max_examples=30, deadline=None)
def test_what_was_seen_is_within_the_bound(rules: EscalationPolicy, people: Roster) -> None:
    found = prove(rules, almanac_of(people, AT, AHEAD), CROWD)
    assert found.ends
    assert found.ends_after <= found.bound.ends_after
    assert found.latest_page <= found.bound.latest_page
    assert found.dearest(1, 0)[0] <= found.bound.notifications.get(PHONE, 0)


@given(some.policies(), some.rosters, st.sampled_from(some.CHANNELS))
@settings(max_examples=30, deadline=None)
def test_every_silence_is_one_that_a_mail_meets(rules: EscalationPolicy, people: Roster, down: str) -> None:
    for one in prove(rules, almanac_of(people, AT, AHEAD), CROWD).silences:
        seen = Seen(rules, people, one.at, one.down or "")
        assert seen.is_silent
        assert bool(seen.pages) is one.is_last_resort
