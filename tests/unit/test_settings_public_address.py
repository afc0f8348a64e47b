"""``web.public_url``: what may be written, and what is said of what may not."""

from datetime import date

import pytest

from bot.settings.load import Loaded, load_bytes
from tests.unit.test_settings_contacts import SECRETS, SETTINGS, STEP


def loaded(address: str) -> Loaded:
    text = (SETTINGS % {"alice": "zone: UTC", "step": STEP}).replace(", public_url: https://x.example", "")
    return load_bytes(f"{text}\nweb: {{public_url: '{address}'}}\n".encode(), "k", SECRETS, date(2026, 11, 24))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://host.example", "https://host.example"),
        ("https://host.example/", "https://host.example"),
        (" https://host.example:8443/kidoku// ", "https://host.example:8443/kidoku"),
        ("HTTPS://host.example", "HTTPS://host.example"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_paths_can_be_put_to_what_is_kept(written: str, kept: str) -> None:
    found = loaded(written)
    assert [str(one) for one in found.errors] == []
    assert found.settings is not None
    assert found.settings.twilio is not None
    # Twilio's callbacks are put to it, too.
    assert (found.settings.web.public_url, found.settings.twilio.public_url) == (kept, kept)


@pytest.mark.parametrize(
    ("written", "said", "fix"),
    [
        ("https://host.example/path/?x=1", "no “?” and no “#”", "write https://host.example/path"),
        ("https://host.example/#f", "no “?” and no “#”", "write https://host.example"),
        ("https://host.example?", "no “?” and no “#”", "write https://host.example"),
        ("https://u:hunter2@host.example:8443", "no user", "write https://host.example:8443"),
        ("http://host.example", "not encrypted", "write it with https://"),
        ("https://", "no address of a server", "write it like https://kidoku.company.example"),
        ("https://host.example:99999", "no address of a server", "write it like"),
        ("https://ho st.example", "no address of a server", "write it like"),
        ("ftp://host.example", "no address of a server", "write it like"),
        ("host.example", "no address of a server", "write it like"),
    ],
)
def test_what_nothing_can_be_put_to_is_refused(written: str, said: str, fix: str) -> None:
    [problem] = [str(one) for one in loaded(written).errors]
    assert "web.public_url" in problem
    assert said in problem
    assert problem.endswith(fix) or "like" in fix
    assert "hunter2" not in problem
