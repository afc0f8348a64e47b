"""What the environment says: secrets, files of secrets, single values, and names that nobody reads."""

from datetime import timedelta
from pathlib import Path

from tests.unit.test_settings_load import MINIMAL, PASSWORD, load_text, told

SLACK = MINIMAL + "slack: {timeout: 5s}\n"


def test_a_secret_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pass word \n")
    environ = {"KIDOKU_IMAP__ALICE__PASSWORD_FILE": str(tmp_path / "password")}
    loaded = load_text(tmp_path, MINIMAL, environ)
    assert loaded.problems == ()
    assert loaded.settings is not None
    assert loaded.settings.imap["alice"].password.get_secret_value() == "pass word "


def test_single_values_go_before_the_file(tmp_path: Path) -> None:
    environ = {
        **PASSWORD,
        "KIDOKU_LANGUAGE": "ja",
        "KIDOKU_WEB__PORT": "0",
        "KIDOKU_SLACK__BOT_TOKEN": "b",
        "KIDOKU_SLACK__APP_TOKEN": "a",
        "KIDOKU_SLACK__TIMEOUT": "7s",
        "KIDOKU_SLACK__API_URL": "http://127.0.0.1:1/api/",
    }
    settings = load_text(tmp_path, SLACK, environ).settings
    assert settings is not None
    assert settings.slack is not None
    assert (settings.language, settings.web.port, settings.slack.timeout) == ("ja", 0, timedelta(seconds=7))
    assert settings.slack.api_url == "http://127.0.0.1:1/api/"


def test_the_name_of_a_mailbox_becomes_capitals_and_underscores(tmp_path: Path) -> None:
    text = MINIMAL.replace("imap: {alice:", "imap: {当直-noc.1:")
    settings = load_text(tmp_path, text, {"KIDOKU_IMAP__当直_NOC_1__PASSWORD": "x"}).settings
    assert settings is not None
    assert settings.imap["当直-noc.1"].name == "当直-noc.1"


def test_faults_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff")
    environ = {
        "KIDOKU_IMAP__ALICE__PASSWORD": "x",
        "KIDOKU_IMAP__ALICE__PASSWORD_FILE": "/nowhere",
        "KIDOKU_SLACK__BOT_TOKEN": " ",
        "KIDOKU_SLACK__APP_TOKEN_FILE": str(tmp_path / "latin"),
        "KIDOKU_SLACK__SIGNING_SECRET_FILE": str(tmp_path / "nothing"),
        "KIDOKU_WEB__PORT": "http",
        "KIDOKU_DISCORD__BOT_TOKEN": "x",
        "KIDOKU_SLAK__BOT_TOKEN": "x",
        "KIDOKU_CONFIG": "x",
        "OTHER": "x",
    }
    said = [line for line in told(load_text(tmp_path, SLACK, environ)) if line.startswith("environment")]
    assert said == [
        "environment: warning: KIDOKU_DISCORD__BOT_TOKEN: the file has no section discord; "
        "add discord: to the file, or take the variable away",
        "environment: KIDOKU_IMAP__ALICE__PASSWORD_FILE: KIDOKU_IMAP__ALICE__PASSWORD is set as well; "
        "set one of the two",
        "environment: KIDOKU_SLACK__APP_TOKEN_FILE: can't read the file that it names: it is not UTF-8; "
        "name a file that Kidoku may read",
        "environment: KIDOKU_SLACK__BOT_TOKEN: it is empty; set it, or take the variable away",
        "environment: KIDOKU_SLACK__SIGNING_SECRET_FILE: can't read the file that it names: "
        "no such file or directory; name a file that Kidoku may read",
        "environment: warning: KIDOKU_SLAK__BOT_TOKEN: there is no such setting; did you mean KIDOKU_SLACK__BOT_TOKEN?",
        "environment: KIDOKU_WEB__PORT: 'http' is not a whole number; write digits without quotes",
    ]


def test_a_section_that_is_no_mapping_is_told_and_not_hidden(tmp_path: Path) -> None:
    environ = {"KIDOKU_IMAP__ALICE__PASSWORD": "x", "KIDOKU_SLACK__BOT_TOKEN": "x"}
    text = MINIMAL.rpartition("imap:")[0] + "imap: {alice: nothing}\nslack: yes please\n"
    assert told(load_text(tmp_path, text, environ)) == [
        "5: imap.alice: 'nothing' is not a mapping of keys; write keys with values below it, indented",
        "6: slack: 'yes please' is not a mapping of keys; write keys with values below it, indented",
    ]
