"""Settings of the whole suite."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


@pytest.fixture(autouse=True)
def _no_secrets_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own KIDOKU_ variables have no part in a test."""
    for name in [name for name in os.environ if name.startswith("KIDOKU_")]:
        monkeypatch.delenv(name)
