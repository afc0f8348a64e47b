"""A walk of the tree, which shares its decisions with every walk before it, is the walk of that mail alone."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.command import Notify, Purpose
from escalation.occasion import Timeline, recipients_of
from escalation.policy import EscalationPolicy
from escalation.prove import almanac_of
from escalation.receipt import Recipient
from escalation.roster import Roster
from escalation.simulate import walk
from escalation.tree import MOST_KEPT, Course, Tree
from tests.bench import duty
from tests.fakes import strategies as some
from tests.fakes.policies import AT, minutes
from tests.property.test_core_time import CROWD

AHEAD = minutes(90)
Story = list[tuple[timedelta, list[tuple[str, str, bool]]]]


def alone(
    rules: EscalationPolicy, people: Roster, at_s: int, down: str | None, crowd: Sequence[Recipient] = CROWD
) -> Story:
    """The plain walk: each decision by its instant since the mail came, and whom it told, in any order: members of a
    team may stand for each other."""
    at = AT + timedelta(seconds=at_s)
    made = walk(rules, people, at, (), crowd, () if down is None else (down,))
    return [(now - at, sorted(_told(one) for one in found.commands if isinstance(one, Notify))) for now, found in made]


def _told(one: Notify) -> tuple[str, str, bool]:
    return one.channel, one.person or "", one.purpose is Purpose.LAST_RESORT


def shared(course: Course) -> Story:
    return [
        (made.offset, sorted((one[1], course.names.get(one[2] or "", one[2] or ""), one[3]) for one in made.told))
        for made in course.made
    ]


@given(some.policies(), some.rosters, st.lists(st.integers(0, 90 * 60), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_it_is_the_walk_alone(rules: EscalationPolicy, people: Roster, ats: list[int], data: st.DataObject) -> None:
    almanac = almanac_of(people, AT, AHEAD)
    tabled = almanac.tabled(rules)
    kept = data.draw(st.sampled_from((0, 5, MOST_KEPT)))
    tree = Tree(tabled, people, CROWD, Timeline(tabled, almanac, CROWD), kept)
    for at_s in [*ats, *ats]:
        down = data.draw(st.sampled_from((None, *some.CHANNELS)))
        assert shared(tree.walk(AT + timedelta(seconds=at_s), down)) == alone(rules, people, at_s, down)


@given(st.integers(0, 49), st.lists(st.integers(0, 14 * 24 * 60), min_size=2, max_size=25), st.data())
@settings(max_examples=30, deadline=None)
def test_it_is_where_people_stand_for_each_other(number: int, ats: list[int], data: st.DataObject) -> None:
    """The policies of the bench: twenty people who take turns, of whom most could be anyone."""
    people = duty.roster(duty.plain_schedule(one) for one in range(5))
    rules = duty.policy(number)
    crowd = recipients_of(rules, people)[:3]
    almanac = almanac_of(people, AT, timedelta(days=21))
    tabled = almanac.tabled(rules)
    tree = Tree(tabled, people, crowd, Timeline(tabled, almanac, crowd))
    for at_m in ats:
        down = data.draw(st.sampled_from((None, "slack", "phone", "discord")))
        course = tree.walk(AT + minutes(at_m), down)
        assert shared(course) == alone(rules, people, at_m * 60, down, crowd)
