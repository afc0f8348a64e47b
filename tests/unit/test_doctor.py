"""Who can't be reached: by the settings, and by what has happened lately."""

from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doctor import Address, Known, Place, Trouble, Try, examine, places_of, ways_at
from bot.settings import Settings
from bot.settings.load import load_bytes
from escalation.calendar import Span, Window
from escalation.contact import CONTACTS, Order, Way
from escalation.roster import Person, Roster
from tests.acceptance.stage import SECRETS, START

STAGE = (Path(__file__).parent.parent / "configs" / "stage.yaml").read_text("utf-8")


def settings(text: str = STAGE) -> Settings:
    loaded = load_bytes(text.encode(), "stage.yaml", SECRETS, date(2026, 5, 3))
    assert loaded.settings is not None, [str(one) for one in loaded.problems]
    return loaded.settings


def test_a_person_matters_wherever_the_settings_tell_them() -> None:
    found = places_of(settings(), settings().roster())
    assert found["admin"] == (Place("alarms.0", "console"), Place("policies.duty.last_resort.0", "console"))
    assert Place("policies.urgent.steps.3", "phone") in found["bob"], "by themselves"
    assert Place("policies.urgent.last_resort.0", "phone") in found["bob"], "by a team"
    assert Place("policies.duty.steps.0", "phone") in found["bob"], "by a schedule"
    assert Place("policies.everybody.steps.0", "slack") in found["bob"], "by a mailbox"
    assert Place("policies.urgent.steps.2", "phone") not in found["bob"]


def test_a_delegate_matters_as_much_and_a_circle_of_them_ends() -> None:
    roster = settings().roster()
    people = dict(roster.people)
    people["admin"] = replace(people["admin"], delegate="bob")
    people["bob"] = replace(people["bob"], delegate="admin")
    found = places_of(settings(), replace(roster, people=people))
    assert Place("alarms.0", "console") in found["bob"]


def person(**contacts: str) -> Person:
    return Person("bob", "Bob", contacts=contacts)


def roster(one: Person) -> Roster:
    return Roster({one.id: one})


STEP, OTHER = Place("policies.urgent.steps.0", "phone"), Place("policies.urgent.steps.1", "slack")
YEAR = timedelta(days=365)
PROVED = Known(confirmed_until={("bob", "phone", "+81"): START + YEAR, ("bob", "slack", "U0"): START + YEAR}, now=START)
FAILED = Try(START, True, "21211: invalid number")


def test_what_is_wrong_is_told_and_one_way_that_works_is_enough() -> None:
    both = person(phone="+81", slack="U0")
    (fine,) = examine(roster(both), {"bob": (STEP, OTHER)}, PROVED)
    assert (fine.is_reachable, fine.findings) == (True, ())
    known = replace(PROVED, tries={("phone", "+81"): FAILED})
    (one,) = examine(roster(both), {"bob": (STEP, OTHER)}, known)
    assert one.is_reachable
    (finding,) = one.findings
    assert (finding.trouble, finding.address, finding.detail, finding.at) == (
        Trouble.FAILED,
        "+81",
        "21211: invalid number",
        START,
    )
    (lost,) = examine(roster(both), {"bob": (STEP, OTHER)}, replace(known, down={"slack": "token revoked"}))
    assert not lost.is_reachable
    assert [each.trouble for each in lost.findings] == [Trouble.FAILED, Trouble.CHANNEL_DOWN]


def test_who_asked_for_no_more_messages_is_not_reached_there() -> None:
    known = replace(PROVED, stopped={("phone", "+81")}, tries={("phone", "+81"): FAILED})
    (one,) = examine(roster(person(phone="+81", slack="U0")), {"bob": (STEP, OTHER)}, known)
    assert one.is_reachable
    assert [(each.trouble, each.address) for each in one.findings] == [(Trouble.STOPPED, "+81")]
    (lost,) = examine(roster(person(phone="+81")), {"bob": (STEP,)}, known)
    assert not lost.is_reachable


def test_a_contact_that_no_place_uses_reaches_nobody() -> None:
    (one,) = examine(roster(person(slack="U0", mail="b@x")), {"bob": (STEP, replace_where(STEP))}, Known())
    assert not one.is_reachable
    (finding,) = one.findings
    assert (finding.trouble, finding.channel, finding.places) == (
        Trouble.NO_CONTACT,
        "phone",
        ("policies.urgent.steps.0", "elsewhere"),
    )


def replace_where(place: Place) -> Place:
    return place._replace(where="elsewhere")


def test_who_is_left_to_their_own_contacts_has_those_of_every_order() -> None:
    night = Window("night", "UTC", (Span(frozenset(range(7)), time(22), time(6)),))
    orders = (Order((Way("phone", "+82"),), window=night), Order((Way("slack", "U0"),)))
    own = replace(person(slack="U0", phone="+81"), orders=orders)
    place = Place("policies.urgent.steps.0", CONTACTS)
    assert ways_at(own, place) == (("phone", "+82"), ("slack", "U0"))
    assert ways_at(person(mail="b@x"), place) == (("mail", "b@x"),)


def test_who_is_told_nowhere_is_not_looked_at() -> None:
    assert examine(roster(person()), {}, Known()) == []


CHANNELS = ("slack", "phone", "mail")
addresses = st.dictionaries(st.sampled_from(CHANNELS), st.sampled_from(["a", "b"]))


@given(
    addresses,
    st.lists(st.sampled_from([*CHANNELS, CONTACTS]), min_size=1),
    st.sets(st.sampled_from(CHANNELS)),
    st.sets(st.tuples(st.sampled_from(CHANNELS), st.sampled_from(["a", "b"]))),
)
def test_nobody_is_called_reachable_without_a_way_and_no_trouble_makes_anybody_reachable(
    contacts: dict[str, str], told: list[str], down: set[str], failed: set[Address]
) -> None:
    places = {"bob": tuple(Place(str(number), channel) for number, channel in enumerate(told))}
    known = Known(dict.fromkeys(down, ""), dict.fromkeys(failed, FAILED))
    (one,) = examine(roster(person(**contacts)), places, known)
    (before,) = examine(roster(person(**contacts)), places, Known())
    ways = {way for place in places["bob"] for way in ways_at(person(**contacts), place)}
    assert one.is_reachable == any(way[0] not in down and way not in failed for way in ways)
    assert before.is_reachable or not one.is_reachable
    assert one.is_reachable or one.findings, "whoever can't be reached is told why"


@pytest.mark.parametrize("has_failed", [True, False])
def test_only_the_last_try_counts(has_failed: bool) -> None:
    known = Known({}, {("phone", "+81"): Try(START, has_failed)})
    (one,) = examine(roster(person(phone="+81")), {"bob": (STEP,)}, known)
    assert one.is_reachable is not has_failed


def test_what_is_not_proved_is_told_and_still_counts_as_a_way() -> None:
    def troubles(known: Known) -> list[Trouble]:
        (one,) = examine(roster(person(phone="+81")), {"bob": (STEP,)}, known)
        assert one.is_reachable
        return [finding.trouble for finding in one.findings]

    assert troubles(Known(now=START)) == [Trouble.UNCONFIRMED]
    assert troubles(PROVED) == []
    assert troubles(replace(PROVED, now=START + YEAR)) == [Trouble.EXPIRED]
    assert troubles(replace(PROVED, unanswered={("bob", "phone", "+81"): START})) == [Trouble.UNANSWERED]
    other = {("carol", "phone", "+81"): START + YEAR}
    assert troubles(Known(now=START, confirmed_until=other)) == [Trouble.UNCONFIRMED], "another's proof"


def test_the_console_needs_no_proof() -> None:
    place = Place("alarms.0", "console")
    (one,) = examine(roster(person(console="bob")), {"bob": (place,)}, Known(now=START))
    assert (one.is_reachable, one.findings) == (True, ())
