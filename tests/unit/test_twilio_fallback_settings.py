"""A second telephone account in the settings."""

from datetime import date, timedelta
from pathlib import Path

from bot.settings.load import Loaded, load, load_bytes
from tests.unit.test_settings_contacts import SECRETS, SETTINGS, STEP

TOKEN = "KIDOKU_TWILIO__FALLBACK__AUTH_TOKEN"
OTHER = "AC11111111111111111111111111111111"


def written(sid: str) -> str:
    text = (SETTINGS % {"alice": "zone: UTC", "step": STEP}).rstrip().removesuffix("}")
    text += f', fallback: {{account_sid: {sid}, from_number: "+81 50-5555-6666", after: 30s}}}}\n'
    return text


def loaded(sid: str, environ: dict[str, str]) -> Loaded:
    return load_bytes(written(sid).encode(), "k", SECRETS | environ, date(2026, 11, 24))


def test_a_second_account() -> None:
    settings = loaded(OTHER, {TOKEN: "t"}).settings
    assert settings is not None and settings.twilio is not None and settings.twilio.fallback is not None
    own = settings.twilio.of_fallback()
    assert (own.account_sid, own.from_number, own.auth_token.get_secret_value()) == (OTHER, "+815055556666", "t")
    assert settings.twilio.fallback.after == timedelta(seconds=30)
    assert own.api_url == settings.twilio.api_url


def test_without_its_token(tmp_path: Path) -> None:
    [problem] = loaded(OTHER, {}).problems
    assert TOKEN in str(problem)
    (tmp_path / "k.yaml").write_text(written(OTHER))
    assert load(tmp_path / "k.yaml", {}, needs_secrets=False).settings is not None


def test_the_same_account_twice() -> None:
    [problem] = loaded("AC00000000000000000000000000000000", {TOKEN: "t"}).problems
    assert "the fallback is the same account; name another account, or take fallback away" in str(problem)
