"""``prove`` where people have ways, hours, leaves and backups of their own."""

from dataclasses import replace
from datetime import date, time, timedelta

from escalation.bound import bound
from escalation.calendar import EVERY_DAY, Span, Window
from escalation.condition import Condition
from escalation.contact import CONTACTS, Order, Quiet, Way
from escalation.occasion import Almanac, Timeline, recipients_of
from escalation.policy import Ladder, Step
from escalation.prove import Most, almanac_of, prove
from escalation.rotation import Layer, Role
from escalation.schedule import Leave, Schedule
from escalation.simulate import EntryKind, simulate, walk
from escalation.tree import Tree
from tests.fakes.policies import AT, action, after, ladder, minutes, person, policy, roster, step

DAY = timedelta(days=1)
NIGHT = Window("night", spans=(Span(EVERY_DAY, time(22), time(7)),))
OWN = Step(action(CONTACTS, "alice"), ways=(minutes(0), minutes(4)))
ALICE = replace(
    person("alice"),
    contacts={},
    orders=(
        Order((Way("slack", "U1", minutes(0)), Way("sms", "+81", minutes(4))), window=NIGHT),
        Order((Way("mail", "a@example.jp", minutes(0)),)),
    ),
)
BY_WAYS = policy(Ladder((OWN,), wait=minutes(5)), last_resort=())
HOLIDAY = Window("office", spans=(Span(EVERY_DAY, time(9), time(18)),), holidays=frozenset({date(2026, 5, 2)}))
WITHIN = Window("within", all_of=(HOLIDAY,))


def test_the_ways_of_people_are_taken_down_too_each_at_its_time() -> None:
    people = roster(ALICE)
    found = prove(BY_WAYS, almanac_of(people, AT, 2 * DAY), recipients_of(BY_WAYS, people))
    assert {one.down for one in found.silences} == {"mail"}, "by night there are two ways, by day but one"
    assert found.messages == Most("alice", 2)
    assert found.charged == ((0, 0), (0, 1))


def test_a_bound_counts_the_most_that_anybody_s_order_sends() -> None:
    most = bound(BY_WAYS, roster(ALICE), ()).notifications
    assert (most["sms"], most["slack"], most["mail"]) == (1, 1, 1)


def test_what_is_critical_breaks_quiet_hours_and_what_is_not_is_said_to_be_spared() -> None:
    quiet = Quiet(NIGHT)
    people = roster(replace(person("alice"), quiet=quiet))
    rules = policy(ladder(step("phone", "alice")), last_resort=())
    found = prove(rules, almanac_of(people, AT, DAY), ())
    assert [one.down for one in found.silences] == ["phone"], "what is critical breaks them"
    night, day = (simulate(rules, people, after(at), (), (), severity="info") for at in (0, 12 * 60))
    assert EntryKind.SPARED in {one.kind for one in night}
    assert EntryKind.SPARED not in {one.kind for one in day}


def test_a_backup_and_somebody_on_leave_are_known_from_place_to_place() -> None:
    layers = (
        Layer("first", (("alice",), ("bob",)), "UTC", AT.date() - DAY, count=1),
        Layer("second", (("carol",),), "UTC", AT.date() - DAY, role=Role.BACKUP),
    )
    people = replace(roster(), schedules={"noc": Schedule("noc", layers)})
    away = people.changed((), [Leave("carol", after(60), after(120))])
    rules = policy(ladder(step("phone", "oncall:noc/backup")), last_resort=())
    found = prove(rules, almanac_of(away, AT, DAY), ())
    assert (None, "nobody is on call in noc/backup") in {(one.down, one.why) for one in found.silences}
    assert [one.id for one in recipients_of(rules, people)] == ["alice", "bob", "carol"]


def test_windows_within_windows_have_places_of_their_own() -> None:
    rules = policy(Ladder((step("slack", "#ops"),), WITHIN), ladder(step("phone", "alice")))
    places = Timeline(rules, Almanac(roster(), AT, AT + 4 * DAY), ()).places()
    assert after(21 * 60) in places, "the holiday begins at midnight, when nothing else changes"


def test_a_walk_with_a_way_of_their_own_is_that_of_the_tree() -> None:
    people = roster(ALICE)
    almanac = almanac_of(people, AT, DAY)
    rules = almanac.tabled(BY_WAYS)
    tree = Tree(rules, people, (), Timeline(rules, almanac, ()))
    told = [[one[1] for made in tree.walk(after(at), None).made for one in made.told] for at in (0, 12 * 60, 0)]
    assert told == [["slack", "sms"], ["mail"], ["slack", "sms"]]


def test_another_of_their_ways_and_another_window_are_said_in_words() -> None:
    people = roster(ALICE, person("bob"))
    rules = policy(Ladder((OWN,), NIGHT, wait=minutes(9)), ladder(step("phone", "bob")), last_resort=())
    before_dawn = after(4 * 60 - 5)
    why = [str(one.reason) for one in simulate(rules, people, before_dawn, (), ()) if one.kind is EntryKind.NOTIFY]
    assert "step 1 (another of their ways)" in why[1]
    assert "“always” has begun" in why[2]


def test_whoever_speaks_another_language_now_is_the_same_otherwise() -> None:
    people = roster().speaking({"alice": "ja", "nobody": "zh"})
    assert people.people["alice"].language == "ja"
    assert replace(people.people["alice"], language="en") == roster().people["alice"]


def test_a_climb_may_last_longer_than_what_was_looked_up() -> None:
    """Two steps wait a week each, four times over: the ladder ends after eight weeks, and crosses every day."""
    never = Window("never")
    held = Step(action("slack", "#ops"), condition=Condition(only=never, is_waiting=True))
    rules = policy(Ladder((held, held), NIGHT, repeat=3, wait=minutes(5)), last_resort=())
    almanac = almanac_of(roster(), AT, DAY)
    tabled = almanac.tabled(rules)
    course = Tree(tabled, roster(), (), Timeline(tabled, almanac, ())).walk(AT, None)
    alone = [now - AT for now, _ in walk(rules, roster(), AT, (), ())]
    assert alone[-1] > timedelta(days=50)
    assert [made.offset for made in course.made] == alone
