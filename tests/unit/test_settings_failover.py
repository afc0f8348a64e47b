"""``failover`` in the settings: limits by channel, and slips in it."""

from datetime import timedelta

import pytest

from escalation.outage import Limits
from tests.unit.test_settings_checks import loaded, settings


def test_left_out_the_limits_are_the_usual_ones_and_mail_has_more_time() -> None:
    usual = settings().failover
    assert usual.limits("slack") == Limits()
    assert usual.limits("mail") == Limits(silence=timedelta(minutes=2))


def test_a_channel_has_its_own() -> None:
    written = "failover: {failures: 3, of: 6, channels: {slack: {pause: 5m, failures: 2}}}"
    found = settings(written).failover
    assert found.limits("slack") == Limits(failures=2, of=6, pause=timedelta(minutes=5))
    assert found.limits("phone") == Limits(failures=3, of=6)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("failover: {failures: 11}", "11 of the last 10 calls can't fail"),
        ("failover: {channels: {slack: {of: 4}}}", "5 of the last 4 calls can't fail"),
        ("failover: {channels: {sms: {of: 10}}}", "the channel sms is not set up"),
        ("failover: {channels: {fax: {of: 10}}}", "fax"),
        ("failover: {steady: 0s}", "steady"),
    ],
)
def test_slips_say_where_and_what(more: str, said: str) -> None:
    problems = [str(one) for one in loaded(more).problems]
    assert any(said in one and "failover" in one for one in problems), problems
