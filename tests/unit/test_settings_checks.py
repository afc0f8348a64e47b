"""``contact_checks`` in the settings: who is tested, and slips in it."""

from datetime import date, time
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.settings.load import Loaded, load_bytes
from bot.weekly import plan_of
from tests.acceptance.stage import SECRETS

STAGE = (Path(__file__).parent.parent / "configs" / "stage.yaml").read_text("utf-8")


def loaded(more: str) -> Loaded:
    return load_bytes(f"{STAGE}\n{more}\n".encode(), "stage.yaml", SECRETS, date(2026, 5, 3))


def settings(more: str = "") -> Settings:
    found = loaded(more)
    assert found.settings is not None, [str(one) for one in found.problems]
    return found.settings


def test_nobody_is_tested_who_does_not_want_it() -> None:
    assert settings().tested() == ()
    assert settings("contact_checks: {weekly_test: true}").tested() == ("alice", "bob"), "the admin has said no"


def test_the_plan_is_that_of_the_settings() -> None:
    office = "windows: {office: {days: mon-fri, from: 08:00, to: 17:00}}"
    plan = plan_of(settings(f'{office}\ncontact_checks: {{day: thu, at: "13:30", window: office}}'))
    assert (plan.day, plan.at, plan.window and plan.window.name) == (3, time(13, 30), "office")
    usual = plan_of(settings())
    assert (usual.day, usual.at, usual.window) == (1, time(10), None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("contact_checks: {window: offise}", "offise"),
        ("contact_checks: {channels: mail}", "the channel mail is not set up"),
        ("contact_checks: {channels: fax}", "fax"),
        ("contact_checks: {within: 4d}", "within is too long"),
        ("contact_checks: {valid_for: 0m}", "valid_for"),
    ],
)
def test_slips_say_where_and_what(more: str, said: str) -> None:
    problems = [str(one) for one in loaded(more).problems]
    assert any(said in one and "contact_checks" in one for one in problems), problems
