"""Settings of the whole suite."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes import postfix
from tests.fakes.missing import missing

settings.register_profile("ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


@pytest.fixture(autouse=True)
def _no_secrets_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own KIDOKU_ variables have no part in a test."""
    for name in [name for name in os.environ if name.startswith("KIDOKU_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def can_run_postfix() -> None:
    """For what runs the real Postfix: an ordinary user may not be allowed to start it."""
    if reason := postfix.why_not():
        missing(reason)
