"""By what somebody is told while channels are out of order."""

import pytest

from bot.elsewhere import by_what_works
from escalation.target import Reached
from tests.fakes.policies import person, roster

ADMIN = person("admin", slack="U1", phone="+81", mail="admin@example.com", console="admin")
SLEEPER = person("sleeper", slack="U2", phone="+82", console="sleeper")
PEOPLE = roster(ADMIN, SLEEPER)


@pytest.mark.parametrize(
    ("out", "told"),
    [
        (set[str](), ["slack:U1", "slack:U2"]),
        ({"slack"}, ["mail:admin@example.com", "phone:+82"]),
        ({"slack", "mail"}, ["phone:+81", "phone:+82"]),
        ({"slack", "phone"}, ["mail:admin@example.com"]),
        ({"slack", "phone", "mail"}, ["slack:U1", "slack:U2"]),
    ],
)
def test_the_console_that_everybody_has_stands_in_for_nothing(out: set[str], told: list[str]) -> None:
    usual = [Reached("admin", "slack", "U1", "admin"), Reached("sleeper", "slack", "U2", "sleeper")]
    assert [f"{one.channel}:{one.address}" for one in by_what_works(usual, PEOPLE, out)] == told


def test_whoever_hears_alarms_at_the_console_hears_them_there() -> None:
    usual = [Reached("admin", "console", "admin", "admin")]
    assert by_what_works(usual, PEOPLE, {"slack"}) == usual
