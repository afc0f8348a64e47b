"""The section ``apprise``: URLs that are secrets, names that rooms and people share, and nothing shown of either."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings.contact_shape import WayShape
from bot.settings.load import load
from channels.apprise.config import AppriseService
from tests.unit.test_settings_load import MINIMAL, PASSWORD, load_text, told

SECRET = "s3cr3tTokenOfTheUrl"
URLS = {
    **PASSWORD,
    "KIDOKU_APPRISE__OPS_TEAMS__URL": f"workflow://127.0.0.1/{SECRET}wf/{SECRET}sig",
    "KIDOKU_APPRISE__ALICE_NTFY__URL": f"ntfys://ntfy.example/{SECRET}",
}
SECTION = MINIMAL + "web: {public_url: 'https://kidoku.example'}\napprise: {ops-teams: {timeout: 5s}, alice-ntfy: }\n"


def with_contacts(text: str, person: str = "alice-ntfy", room: str = "ops-teams") -> str:
    text = text.replace("alice: {name: Alice}", f"alice: {{name: Alice, apprise: {person}}}")
    return text + f'rooms: {{"#ops": {{apprise: {room}}}}}\n'


def test_a_room_and_a_person_by_name(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(URLS["KIDOKU_APPRISE__ALICE_NTFY__URL"] + "\n")
    environ = {**URLS, "KIDOKU_APPRISE__ALICE_NTFY__URL_FILE": str(tmp_path / "url")}
    del environ["KIDOKU_APPRISE__ALICE_NTFY__URL"]
    loaded = load_text(tmp_path, with_contacts(SECTION), environ)
    assert loaded.problems == () and loaded.settings is not None
    settings = loaded.settings
    assert settings.roster().rooms["#ops"]["apprise"] == "ops-teams"
    assert settings.roster().people["alice"].contacts["apprise"] == "alice-ntfy"
    assert settings.apprise["ops-teams"].timeout == timedelta(seconds=5)
    assert settings.apprise["alice-ntfy"].url.get_secret_value().endswith(SECRET)
    assert SECRET not in f"{settings!r} {settings.apprise!r}"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"https://hooks.example/{SECRET}", "apprise knows no such service"),
        (f"nosuch://{SECRET}", "apprise knows no such service"),
        (SECRET, "apprise knows no such service"),
        (f"line://{SECRET}", "something in the URL is wrong or missing"),
        (f"gchat://{SECRET}", "something in the URL is wrong or missing"),
    ],
)
def test_a_url_that_apprise_does_not_understand_is_not_shown(tmp_path: Path, url: str, said: str) -> None:
    loaded = load_text(tmp_path, SECTION, {**URLS, "KIDOKU_APPRISE__OPS_TEAMS__URL": url})
    assert loaded.settings is None
    lines = told(loaded)
    assert [line for line in lines if said in line and line.startswith("environment: KIDOKU_APPRISE__OPS_TEAMS__URL")]
    assert SECRET not in "\n".join(lines)
    with pytest.raises(ValidationError) as caught:
        AppriseService(url=SecretStr(url))
    assert SECRET not in str(caught.value)


def test_every_fault_of_the_names(tmp_path: Path) -> None:
    lines = "\n".join(told(load_text(tmp_path, with_contacts(SECTION, "alice-ntfi", "nowhere"), URLS)))
    assert "there is no service alice-ntfi; did you mean alice-ntfy?" in lines
    assert "there is no service nowhere; write one of: alice-ntfy, ops-teams" in lines
    shared = "\n".join(told(load_text(tmp_path, with_contacts(SECTION, "ops-teams"), URLS)))
    assert "the room #ops has the same apprise; give each person their own" in shared
    missing = "\n".join(told(load_text(tmp_path, SECTION, PASSWORD)))
    assert "the secret is missing; set the environment variable KIDOKU_APPRISE__OPS_TEAMS__URL" in missing
    alike = SECTION.replace("alice-ntfy:", "ops_teams:")
    assert "its variables would be those of ops-teams" in "\n".join(told(load_text(tmp_path, alike, URLS)))
    none = MINIMAL.replace("via: console", "via: apprise")
    assert "the channel apprise is not set up; add apprise:" in "\n".join(told(load_text(tmp_path, none, PASSWORD)))


def test_a_url_in_the_file_is_told_and_not_shown(tmp_path: Path) -> None:
    text = SECTION.replace("alice-ntfy: ", f"alice-ntfy: {{url: 'ntfys://ntfy.example/{SECRET}'}}")
    lines = "\n".join(told(load_text(tmp_path, text, URLS)))
    assert "a secret stands in the file" in lines and SECRET not in lines


def test_without_an_address_for_the_page_there_is_a_warning(tmp_path: Path) -> None:
    text = SECTION.replace("web: {public_url: 'https://kidoku.example'}\n", "")
    assert "what goes by apprise can't be acknowledged" in "\n".join(told(load_text(tmp_path, text, URLS)))


def test_commands_need_neither_the_urls_nor_apprise(tmp_path: Path) -> None:
    path = tmp_path / "kidoku.yaml"
    path.write_text(with_contacts(SECTION))
    loaded = load(path, {}, needs_secrets=False)
    assert loaded.settings is not None and loaded.errors == ()
    assert loaded.settings.roster().people["alice"].contacts["apprise"] == "alice-ntfy"


def test_a_way_has_no_second_service_of_apprise_and_may_have_a_second_number_for_text_messages() -> None:
    with pytest.raises(ValidationError, match="is no address on apprise"):
        WayShape.model_validate({"via": "apprise", "address": "other"})
    assert WayShape.model_validate({"via": "apprise"}).checked_address() is None
    assert WayShape.model_validate({"via": "sms", "address": "+819012345678"}).checked_address() == "+819012345678"
