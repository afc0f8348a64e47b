"""Warnings: what is allowed, and probably not meant. Given only for settings without an error."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.problem import Fault
from bot.settings.warn_contact import contact_warnings
from bot.settings.warn_maintenance import maintenance_warnings
from bot.settings.warn_people import people_warnings
from bot.settings.warn_phone import phone_warnings
from bot.settings.warn_policy import policy_warnings
from bot.settings.warn_rule import rule_warnings
from bot.settings.warn_schedule import schedule_warnings
from bot.settings.warn_web import web_warnings
from bot.settings.warn_window import window_warnings


def warnings(settings: Settings) -> Iterator[Fault]:
    """Every warning; its place may have no value of its own, then the nearest line is shown."""
    yield from policy_warnings(settings)
    yield from people_warnings(settings)
    yield from contact_warnings(settings)
    yield from schedule_warnings(settings)
    yield from rule_warnings(settings)
    yield from window_warnings(settings)
    yield from maintenance_warnings(settings)
    yield from phone_warnings(settings)
    yield from web_warnings(settings)
