"""The roles in the settings."""

from datetime import date

import pytest

from bot.chatops.role import Role
from bot.settings import Settings
from bot.settings.load import load_bytes
from tests.acceptance.stage import SECRETS

BASE = """
people:
  alice: {name: Alice, email: alice@x.example}
  bob: {name: Bob, email: bob@x.example}
teams: {noc: [alice]}
rooms: {"#ops": {slack: "#ops"}}
slack: {}
alarms: [{via: slack, to: "#ops"}]
policies: {p: {steps: [{via: slack, to: alice}], last_resort: [{via: slack, to: "#ops"}]}}
rules: [{name: r, when: {prefix: true}, policy: p}]
"""


def settings(roles: str) -> Settings:
    loaded = load_bytes(f"{BASE}{roles}".encode(), "k.yaml", SECRETS, date(2026, 5, 3))
    assert loaded.settings is not None, [str(one) for one in loaded.problems]
    return loaded.settings


def problems(roles: str) -> list[str]:
    loaded = load_bytes(f"{BASE}{roles}".encode(), "k.yaml", SECRETS, date(2026, 5, 3))
    assert loaded.settings is None
    return [str(one) for one in loaded.problems]


def test_people_teams_and_rooms_have_roles() -> None:
    found = settings('roles: {admin: bob, manager: "team:noc", responder: ["#ops"], everybody: viewer}')
    roles, roster = found.roles(), found.roster()
    assert roles.of("bob", roster) is Role.ADMIN
    assert roles.of("alice", roster) is Role.MANAGER
    assert (roles.everybody, dict(roles.rooms)) == (Role.VIEWER, {"#ops": Role.RESPONDER})


def test_without_roles_everybody_is_a_responder() -> None:
    found = settings("")
    assert {found.roles().of(one, found.roster()) for one in ("alice", "bob")} == {Role.RESPONDER}


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ("roles: {admin: bobb}", "there is no person bobb; did you mean bob?"),
        ('roles: {admin: "team:nok"}', "there is no team nok; did you mean noc?"),
        ('roles: {admin: "#oops"}', "there is no room #oops; did you mean #ops?"),
        ("roles: {admin: unread}", "unread can't have a role"),
        ("roles: {admin: bob, viewer: bob}", "bob is viewer already; give each one role"),
        ("roles: {everybody: boss}", "everybody"),
        ("roles: {boss: bob}", "boss"),
    ],
)
def test_what_is_wrong_with_them_is_told(roles: str, told: str) -> None:
    assert any(told in one for one in problems(roles)), problems(roles)


def test_the_commands_of_the_api_are_somebody_s() -> None:
    assert settings("web: {api_person: alice}").web.api_person == "alice"
    assert settings("").web.api_person is None
    wrong = problems("web: {api_person: alicia}")
    assert any("there is no person alicia; did you mean alice?" in one for one in wrong), wrong
