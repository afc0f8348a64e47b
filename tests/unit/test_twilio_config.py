"""The phone's settings: what is taken, and what is told."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from channels.twilio.config import TwilioSettings

GOOD: dict[str, Any] = {"account_sid": "AC" + "0" * 32, "auth_token": "secret-9f3c", "from_number": "+81 50-1234-5678"}


def test_the_defaults() -> None:
    settings = TwilioSettings.model_validate(GOOD)
    assert settings.from_number == "+815012345678"
    assert (settings.api_url, settings.public_url) == ("https://api.twilio.com", None)
    assert (settings.ring_timeout, settings.calls_per_second) == (timedelta(seconds=25), 1.0)
    assert "secret-9f3c" not in repr(settings)


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"public_url": "https://kidoku.example/"}, "https://kidoku.example"),
        ({"public_url": "https://kidoku.example/below"}, "https://kidoku.example/below"),
        ({"public_url": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"public_url": "http://[::1]:8080"}, "http://[::1]:8080"),
        ({"public_url": "http://localhost:8080"}, "http://localhost:8080"),
    ],
)
def test_an_address_is_encrypted_or_this_machine(more: dict[str, str], kept: str) -> None:
    assert TwilioSettings.model_validate(GOOD | more).public_url == kept


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"public_url": "http://kidoku.example"}, "not encrypted"),
        ({"api_url": "http://192.0.2.1"}, "not encrypted"),
        ({"public_url": "kidoku.example"}, "no address"),
        ({"public_url": "https://kidoku.example?x=1"}, "no address"),
        ({"ring_timeout": timedelta(seconds=4)}, "write 5s to 600s"),
        ({"per_person": {"calls": 1, "within": timedelta(seconds=59)}}, "write 1m to 24h"),
        ({"per_person": {"calls": 1, "within": timedelta(days=2)}}, "write 1m to 24h"),
        ({"per_person": {"calls": 0}}, "greater than or equal to 1"),
        ({"ring_timeout": timedelta(seconds=601)}, "write 5s to 600s"),
        ({"voices": {"ja JP": "Polly.Mizuki"}}, "no language"),
        ({"voices": {"ja-JP": 'Polly" evil="'}}, "no voice"),
        ({"from_number": "050-1234-5678"}, "no phone number"),
        ({"from_number": "+81"}, "no phone number"),
        ({"from_number": "+8150"}, "wrong length"),
        ({"account_sid": "SK" + "0" * 32}, "pattern"),
        ({"calls_per_second": 0}, "greater than 0"),
        ({"auth_tokn": "x"}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_told_without_the_secret(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TwilioSettings.model_validate(GOOD | more)
    assert words in str(caught.value)
    assert "secret-9f3c" not in str(caught.value)
