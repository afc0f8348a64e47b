"""Who may do what: the whole table, and where a role comes from."""

import pytest

from bot.chatops.role import NEEDED, Role, Roles, may, rooms_named
from bot.chatops.vocabulary import Name
from channels.message import Verb
from escalation.roster import Person, Roster

PEOPLE = {id: Person(id, id) for id in ("alice", "bob", "carol", "dave")}
ROSTER = Roster(
    PEOPLE,
    {"noc": ("alice", "bob"), "leads": ("bob",)},
    rooms={"#ops": {"slack": "C0OPS"}, "#sales": {"slack": "#sales", "discord": "1"}},
)
LOOKING = {
    *(Name.STATUS, Name.LIST, Name.WHO, Name.WHY, Name.LANG, Name.HELP),
    *(Name.SILENCES, Name.SIMULATE, Name.REPORT, Name.SUBSCRIBE, Name.UNSUBSCRIBE),
}
OWN = {Verb.CONFIRM, Verb.TEST, Verb.CODE}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", sorted({*Name, *Verb}))
def test_the_table(role: Role, verb: str) -> None:
    """Everybody looks, and tests a contact of their own, and says that it reaches them."""
    assert may(role, verb) is (role >= Role.RESPONDER or verb in LOOKING or verb in OWN)
    assert may(role, verb, is_for_others=True) is (role >= Role.MANAGER)


def test_a_verb_that_nobody_thought_of_needs_the_highest() -> None:
    assert [one for one in Role if may(one, "delete everything")] == [Role.ADMIN]
    assert set(NEEDED) == {*Name, *Verb}


def test_without_roles_everybody_of_the_settings_responds() -> None:
    assert {Roles().of(one, ROSTER) for one in PEOPLE} == {Role.RESPONDER}


def test_a_person_s_own_role_goes_before_their_team_s_and_that_before_everybody_s() -> None:
    roles = Roles(
        Role.VIEWER, {"alice": Role.VIEWER, "carol": Role.ADMIN}, {"noc": Role.RESPONDER, "leads": Role.MANAGER}
    )
    found = {one: roles.of(one, ROSTER) for one in PEOPLE}
    assert found == {"alice": Role.VIEWER, "bob": Role.MANAGER, "carol": Role.ADMIN, "dave": Role.VIEWER}


def test_a_room_gives_at_least_its_own_and_only_there() -> None:
    roles = Roles(Role.VIEWER, {"carol": Role.ADMIN}, rooms={"#ops": Role.RESPONDER})
    assert roles.of("dave", ROSTER, ["#ops"]) is Role.RESPONDER
    assert roles.of("carol", ROSTER, ["#ops"]) is Role.ADMIN
    assert roles.of("dave", ROSTER, ["#sales"]) is Role.VIEWER


def test_a_room_is_known_by_its_id_or_name_on_its_own_channel() -> None:
    assert rooms_named(ROSTER, "slack", ("C0OPS", "#renamed")) == ("#ops",)
    assert rooms_named(ROSTER, "slack", ("C1", "#sales")) == ("#sales",)
    assert rooms_named(ROSTER, "discord", ("C0OPS",)) == ()
    assert rooms_named(ROSTER, "slack", ()) == ()


@pytest.mark.parametrize(
    ("roles", "managers"),
    [
        (Roles(), ()),
        (Roles(Role.MANAGER), ()),
        (Roles(people={"carol": Role.MANAGER, "dave": Role.ADMIN}), ("carol",)),
        (Roles(teams={"leads": Role.MANAGER}, people={"alice": Role.MANAGER}), ("alice", "bob")),
        (Roles(teams={"leads": Role.MANAGER}, people={"bob": Role.VIEWER, "dave": Role.ADMIN}), ("dave",)),
        (Roles(rooms={"#ops": Role.MANAGER}), ()),
    ],
)
def test_managers_are_those_whom_the_settings_name_as_such(roles: Roles, managers: tuple[str, ...]) -> None:
    assert roles.managers(ROSTER) == managers
