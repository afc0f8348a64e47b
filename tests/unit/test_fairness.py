"""Turns that go by load: who is equal in turn, whom the load then chooses, and that a turn counts at once."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation import reason
from escalation.decided import Notified
from escalation.event import DeliveryReported, Outcome
from escalation.fairness import Choice, after_turn, in_order
from escalation.load import Page, Toll, tolls_of
from escalation.prove import almanac_of
from escalation.roster import Roster
from escalation.schedule import Leave
from escalation.simulate import EntryKind, simulate
from escalation.turn import after
from tests.fakes.policies import AT, Story, fired, ladder, notifies, person, policy, roster, step

NAMES = ("alice", "bob", "carol")
NIGHTS = frozenset({date(2026, 4, 28), date(2026, 4, 29)})
WOKEN = {"alice": Toll(2, NIGHTS), "bob": Toll(9), "carol": Toll(5, NIGHTS)}
ONE = policy(ladder(step("phone", "roundrobin:noc")), last_resort=())
MANY = policy(ladder(step("phone", "roundrobin:noc", retry=6, every=2)), last_resort=())


def team(**tolls: Toll) -> Roster:
    return replace(roster(noc=NAMES), fair_teams=frozenset({"noc"}), tolls=tolls)


def opens(people: Roster) -> tuple[Notified, Roster]:
    """Who is told of one more alert, and the people after that."""
    decision = Story(ONE, people=people).decisions[0]
    return fired([decision])[0].notified[0], after(people, decision, AT)


def test_fewest_nights_then_fewest_pages_then_the_order_of_the_settings() -> None:
    assert in_order(NAMES, (), WOKEN, ()) == ("bob", "alice", "carol")
    assert in_order(NAMES, (), {}, ()) == NAMES


def test_whoever_had_a_turn_in_this_round_comes_after_all_who_had_none() -> None:
    assert in_order(NAMES, ("bob",), WOKEN, ()) == ("alice", "carol", "bob")
    assert in_order(NAMES, NAMES, WOKEN, ()) == ("bob", "alice", "carol"), "the next round begins"


def test_whom_the_alert_has_just_told_comes_last_of_those_who_are_equal() -> None:
    assert in_order(NAMES, (), WOKEN, {"bob"}) == ("alice", "carol", "bob")
    assert in_order(NAMES, ("alice",), WOKEN, {"bob"}) == ("carol", "bob", "alice")


def test_a_round_forgets_who_left_the_team_and_waits_for_who_came() -> None:
    assert after_turn(NAMES, ("gone", "alice"), "bob") == ("alice", "bob")
    assert after_turn(NAMES, NAMES, "carol") == ("carol",)
    assert after_turn(NAMES, ("alice", "bob"), "bob") == ("bob",), "nobody else could be told"


def test_a_choice_is_kept_in_the_event_and_told_in_a_sentence() -> None:
    told, _ = opens(team(**WOKEN))
    assert (told.person, told.choice) == ("bob", Choice(0, 9, "alice", 2, 2))
    sentences = {
        Choice(0, 9, "alice", 2, 2): "alice was woken in more nights of late (2 against 0)",
        Choice(1, 2, "alice", 1, 5): "alice was paged more often of late (5 times against 2)",
        Choice(1, 2, "alice", 1, 2): "alice has had the same load and comes later in the settings",
        Choice(1, 2, "alice", 0, 0, True): "alice was told a moment ago",
    }
    assert {one: str(reason.of_choice(one)) for one in sentences} == sentences


def test_simulate_says_why() -> None:
    told = [one for one in simulate(MANY, team(**WOKEN), AT, (), ()) if one.kind is EntryKind.NOTIFY]
    assert [one.person for one in told[:4]] == ["bob", "alice", "carol", "bob"]
    assert "alice was woken in more nights of late (2 against 0)" in told[0].reason
    assert "of late" not in told[2].reason, "nobody else was equal in turn"


def test_two_alerts_of_one_instant_do_not_go_to_the_same_person() -> None:
    first, people = opens(team(**WOKEN))
    second, people = opens(people)
    assert (first.person, second.person) == ("bob", "alice")


def test_a_page_counts_at_once_in_another_team_too() -> None:
    people = replace(team(), teams={"noc": NAMES, "web": NAMES}, fair_teams=frozenset({"noc", "web"}))
    _, people = opens(people)
    other = policy(ladder(step("phone", "roundrobin:web")), last_resort=())
    (told,) = notifies(Story(other, people=people).decisions[0])
    assert told.person == "bob", "alice was just told for the other team"


def test_a_page_counts_at_once_within_one_decision_too() -> None:
    named = step("slack", "alice"), step("slack", "bob")
    rules = policy(ladder(*named, step("phone", "roundrobin:noc")), last_resort=())
    told = [one.person for one in notifies(Story(rules, people=team()).decisions[0])]
    assert told == ["alice", "bob", "carol"], "alice was paged as bob was"


def test_a_proof_counts_no_pages() -> None:
    people = almanac_of(team(), AT).roster
    assert people.told([Page("alice", "phone", AT)]) == people
    assert team().told([Page("alice", "phone", AT)]).tolls["alice"].pages == 1


def test_the_least_loaded_is_passed_over_where_they_can_not_be_told() -> None:
    away = team(**WOKEN).changed((), [Leave("bob", AT, AT + timedelta(days=1))])
    assert opens(away)[0].person == "alice"
    deaf = replace(team(**WOKEN), people={**team().people, "bob": person("bob", slack="U1")})
    told, people = opens(deaf)
    assert (told.person, people.rounds) == ("alice", {"noc": ("alice",)})


def test_nobody_is_left_out_when_all_but_one_are_away() -> None:
    leaves = [Leave(id, AT, AT + timedelta(days=1)) for id in ("bob", "carol")]
    people = team(**WOKEN).changed((), leaves)
    for _ in range(3):
        told, people = opens(people)
        assert told.person == "alice"


def test_a_call_that_fails_does_not_go_to_the_same_person_within_the_round() -> None:
    story = Story(
        policy(ladder(step("phone", "roundrobin:noc"), step("phone", "roundrobin:noc", after=5))), people=team()
    )
    story.people = after(story.people, story.decisions[0], AT)
    decision = story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)
    assert [one.person for one in notifies(decision)] == ["bob"]


def test_a_proof_takes_nobody_as_more_loaded() -> None:
    assert almanac_of(team(**WOKEN), AT).roster.tolls == {}


def test_tolls_grow_as_loads_are_counted() -> None:
    pages = [Page("alice", "phone", AT), Page("alice", "mail", AT), Page(None, "slack", AT), Page("x", "phone", AT)]
    assert tolls_of(pages, {"alice": "UTC", "bob": "UTC"}) == {
        "alice": Toll(2, frozenset({(AT - timedelta(hours=12)).date()})),
        "bob": Toll(),
    }


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 5)), max_size=40), st.integers(1, 30))
def test_turns_differ_by_one_at_most_whatever_the_loads_are(loads: list[tuple[str, int]], alerts: int) -> None:
    people, count = team(), dict.fromkeys(NAMES, 0)
    for number in range(alerts):
        told, people = opens(people)
        count[told.person or ""] += 1
        assert max(count.values()) - min(count.values()) <= 1
        burdened = {who: Toll(pages) for who, pages in loads[number : number + 3]}
        people = replace(people, tolls={**people.tolls, **burdened})


@given(st.lists(st.sets(st.sampled_from(NAMES), max_size=2), max_size=40))
def test_whoever_is_always_there_never_pays_twice_for_whoever_is_not(away: list[set[str]]) -> None:
    """Of two who can both be told at every alert, none has two turns more."""
    people, count = team(), dict.fromkeys(NAMES, 0)
    for names in away:
        absent = people.changed((), [Leave(id, AT, AT + timedelta(days=1)) for id in sorted(names)])
        told, after_it = opens(absent)
        people = after_it.changed((), ())
        count[told.person or ""] += 1
        assert told.person not in names
    always = [one for one in NAMES if not any(one in names for names in away)]
    turns = [count[one] for one in always]
    assert not turns or max(turns) - min(turns) <= 1
