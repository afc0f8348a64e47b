"""A second telephone account in the settings."""

from datetime import date, timedelta
from pathlib import Path

from bot.settings.load import Loaded, load, load_bytes
from tests.unit.test_settings_contacts import SECRETS, SETTINGS, STEP

TOKEN = "KIDOKU_TWILIO__FALLBACK__AUTH_TOKEN"
OTHER = "AC11111111111111111111111111111111"


def written(sid: str, more: str = "", first: str = "") -> str:
    text = (SETTINGS % {"alice": "zone: UTC", "step": STEP}).rstrip().removesuffix("}")
    text += f'{first}, fallback: {{account_sid: {sid}, from_number: "+81 50-5555-6666", after: 30s{more}}}}}\n'
    return text


def loaded(sid: str, environ: dict[str, str], more: str = "", first: str = "") -> Loaded:
    return load_bytes(written(sid, more, first).encode(), "k", SECRETS | environ, date(2026, 11, 24))


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


def test_its_own_sender_of_messages() -> None:
    settings = loaded(OTHER, {TOKEN: "t"}, ", sms: {}", ", sms: {most_segments: 1}").settings
    assert settings is not None and settings.twilio is not None
    own = settings.twilio.of_fallback()
    assert own.sms is not None and (own.sms.most_segments, own.from_number) == (3, "+815055556666")
    assert own.whatsapp is None


def test_without_one_of_its_own_it_sends_no_messages() -> None:
    settings = loaded(OTHER, {TOKEN: "t"}, first=", sms: {}").settings
    assert settings is not None and settings.twilio is not None
    assert settings.twilio.of_fallback().sms is None


def test_a_sender_behind_one_that_is_not_there() -> None:
    [problem] = loaded(OTHER, {TOKEN: "t"}, ", sms: {}").problems
    assert "the fallback sends messages that the first account does not" in str(problem)
    assert "set sms of the first account too" in str(problem)


def test_a_sender_at_the_second_accounts_number() -> None:
    senders = '{noc@carrier.example: {phone: "+815055556666", name: NOC}}'
    [problem] = loaded(OTHER, {TOKEN: "t"}, first=f", connect: {{senders: {senders}}}").problems
    assert "has a number that Kidoku calls from" in str(problem)
