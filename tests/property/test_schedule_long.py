"""``make test-long``: who is on call, against the definition, in every zone of tzdata, over ten years: 17 instants of
each of 36 schedules a zone, in all more than 350,000."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.rotation import Role
from escalation.schedule import Schedule, on_call, shifts
from tests.property.test_schedule_property import DAY, MINUTE, ZONES, _changes_of, oracle, schedules

SCHEDULES = 36
INSTANTS = 17
YEARS = range(2006, 2016)
BEGIN = datetime(YEARS[0], 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.long


@st.composite
def stories(draw: st.DrawFn, zone: str) -> tuple[Schedule, datetime]:
    """A schedule and an instant: four of five times one at which the clock of the zone changes, if it does."""
    if draw(st.integers(0, 4)):
        at = draw(st.sampled_from(_changes_of(zone, draw(st.sampled_from(YEARS)))))
    else:
        at = BEGIN + draw(st.integers(0, 3650 * 1440)) * MINUTE
    return draw(schedules(at, zone)), at


@pytest.mark.parametrize("zone", ZONES)
def test_on_call_is_what_the_definition_says_in_every_zone(zone: str) -> None:
    @given(stories(zone), st.sampled_from([Role.PRIMARY, Role.BACKUP]))
    @settings(max_examples=SCHEDULES, deadline=None, database=None)
    def check(story: tuple[Schedule, datetime], role: Role) -> None:
        schedule, at = story
        found = shifts(schedule, at - DAY, at + DAY, role)
        assert all(one.end == other.start for one, other in pairwise(found))
        for n in range(INSTANTS):
            now = at + (n - INSTANTS // 2) * timedelta(minutes=17, seconds=n)
            (within,) = (one for one in found if one.start <= now < one.end)
            assert on_call(schedule, now, role) == within.people == oracle(schedule, now, role), now

    check()
