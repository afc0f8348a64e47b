"""Every fault at once: each file in tests/configs with the lines that are told about it.

To change the words on purpose: look at the difference that the failing test shows, and write it into the .txt.
"""

from datetime import date
from pathlib import Path

import pytest

from bot.settings import Loaded, load

CONFIGS = Path(__file__).parents[1] / "configs"
SLACK = {"KIDOKU_SLACK__BOT_TOKEN": "x", "KIDOKU_SLACK__APP_TOKEN": "x"}
MAILBOXES = {"KIDOKU_IMAP__ALICE__PASSWORD": "x", "KIDOKU_IMAP__NOC__PASSWORD": "x"}
SHARED = {"KIDOKU_IMAP__ALICE__PASSWORD": "x", "KIDOKU_IMAP__NOC_SHARED__PASSWORD": "x"}
TODAY = date(2026, 5, 1)

MINIMAL = """\
people: {alice: {name: Alice}}
alarms: [{via: console, to: alice}]
policies: {urgent: {steps: [{via: console, to: alice}], last_resort: [{via: console, to: alice}]}}
rules: [{name: all, when: {prefix: true}, policy: urgent}]
imap: {alice: {host: imap.company.example, username: alice, owner: alice}}
"""
PASSWORD = {"KIDOKU_IMAP__ALICE__PASSWORD": "x"}


def load_text(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Loaded:
    path = tmp_path / "kidoku.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, PASSWORD if environ is None else environ, today=TODAY)


def told(loaded: Loaded) -> list[str]:
    """The problems without the directory of the test."""
    return [str(problem).partition("kidoku.yaml:")[2] or str(problem) for problem in loaded.problems]


@pytest.mark.parametrize(
    ("name", "environ", "is_usable"),
    [
        ("broken", SLACK, False),
        ("channels", SLACK, False),
        ("references", {**SLACK, **SHARED}, False),
        ("secrets", SLACK, False),
        ("duplicates", SLACK, False),
        ("tabs", {}, False),
        ("empty", {}, False),
        ("warnings", {**SLACK, **MAILBOXES}, True),
    ],
)
def test_everything_is_told(
    name: str, environ: dict[str, str], is_usable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CONFIGS)
    loaded = load(Path(f"{name}.yaml"), environ, today=TODAY)
    expected = (CONFIGS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert [str(problem) for problem in loaded.problems] == expected
    assert (loaded.settings is not None) is is_usable
    assert bool(loaded.errors) is not is_usable
    assert all(problem.fix or " needs " in problem.message or "write" in problem.message for problem in loaded.problems)


def test_settings_without_a_problem(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, MINIMAL)
    assert loaded.problems == ()
    assert loaded.settings is not None


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    loaded = load(tmp_path / "kidoku.yaml", {})
    assert loaded.settings is None
    assert loaded.errors[0].message == "can't read the file: no such file or directory"


def test_without_a_mailbox_there_is_a_warning(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, MINIMAL.rpartition("imap:")[0], {})
    assert told(loaded) == ["1: warning: no mailbox is watched; add one under imap"]


def test_a_database_that_nobody_can_use(tmp_path: Path) -> None:
    assert told(load_text(tmp_path, MINIMAL + "database: mysql://db/kidoku\n")) == [
        "6: database: 'mysql' is no database that Kidoku can use; write a path, sqlite+aiosqlite:///PATH, "
        "or postgresql+asyncpg://HOST/NAME"
    ]
    assert told(load_text(tmp_path, MINIMAL + "database: [x]\n"))[0].startswith("6: database: ")


def test_calls_that_only_announce_are_a_warning(tmp_path: Path) -> None:
    text = MINIMAL + "twilio: {account_sid: AC0123456789abcdef0123456789abcdef, from_number: '+815012345678'}\n"
    environ = {**PASSWORD, "KIDOKU_TWILIO__AUTH_TOKEN": "x"}
    assert told(load_text(tmp_path, text, environ)) == [
        "6: warning: twilio: calls only announce, and nobody can press a digit: Twilio has no address for its "
        "callbacks; write web.public_url"
    ]
    assert told(load_text(tmp_path, text + "web: {public_url: https://kidoku.company.example}", environ)) == []


def test_an_empty_section_is_a_section(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, MINIMAL + "slack:\nweb:\nteams:\n", {**PASSWORD, **SLACK})
    assert loaded.problems == ()
    assert loaded.settings is not None
    assert loaded.settings.slack is not None


def test_what_a_whole_section_lacks_is_told_beside_a_missing_secret(tmp_path: Path) -> None:
    text = MINIMAL + "slack: {mode: http}\n"
    assert told(load_text(tmp_path, text.replace(", owner: alice}", "}"), {})) == [
        "5: imap.alice: a mailbox belongs to one: write owner: <person>, or team: <team>, or receipts: true",
        "5: imap.alice.password: the secret is missing; set the environment variable KIDOKU_IMAP__ALICE__PASSWORD, "
        "or KIDOKU_IMAP__ALICE__PASSWORD_FILE to a file with it",
        "6: slack: mode: http needs KIDOKU_SLACK__SIGNING_SECRET, to verify what comes in",
        "6: slack.bot_token: the secret is missing; set the environment variable KIDOKU_SLACK__BOT_TOKEN, "
        "or KIDOKU_SLACK__BOT_TOKEN_FILE to a file with it",
    ]


def test_wrong_entries_of_a_list_hide_no_fault_of_the_others(tmp_path: Path) -> None:
    text = MINIMAL.replace("alarms: [", "alarms: [1, 2, {via: console, to: alise}, ")
    assert told(load_text(tmp_path, text)) == [
        "2: alarms[0]: 1 is not a mapping of keys; write keys with values below it, indented",
        "2: alarms[1]: 2 is not a mapping of keys; write keys with values below it, indented",
        "2: alarms[2].to[0]: there is no person alise; did you mean alice?",
    ]


@pytest.mark.parametrize("text", ["[]", "a", "1", "{}", "people: []", "people: {alice: }", "rules: [1, {when: []}]"])
def test_any_shape_is_answered(tmp_path: Path, text: str) -> None:
    loaded = load_text(tmp_path, text)
    assert loaded.settings is None
    assert all(problem.message for problem in loaded.errors)


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    secret = "hunter2-the-secret"
    environ = {
        "KIDOKU_SLACK__BOT_TOKEN": secret,
        "KIDOKU_SLACK__APP_TOKEN": secret,
        "KIDOKU_IMAP__ALICE__PASSWORD_FILE": secret,
        "KIDOKU_SLACK__MODE": "http",
        "KIDOKU_DATABASE": f"postgresql+asyncpg://kidoku:{secret}@db/kidoku",
    }
    for text in (MINIMAL, MINIMAL + "slack: {}", MINIMAL + f"slack: {{bot_token: {secret}, tokn: [{secret}]}}"):
        loaded = load_text(tmp_path, text, environ)
        assert loaded.settings is None
        assert secret not in repr(loaded)
    listed = MINIMAL + f"slack: {{bot_token: [{secret}], signing_secret: {{a: {secret}}}}}"
    assert secret not in repr(load_text(tmp_path, listed, PASSWORD))


def test_usable_settings_show_no_secret_either(tmp_path: Path) -> None:
    secret = "hunter2-the-secret"
    url = f"postgresql+asyncpg://kidoku:{secret}@db/kidoku"
    loaded = load_text(tmp_path, MINIMAL, {"KIDOKU_IMAP__ALICE__PASSWORD": secret, "KIDOKU_DATABASE": url})
    assert loaded.settings is not None
    assert loaded.settings.database_url == url
    assert loaded.settings.imap["alice"].password.get_secret_value() == secret
    assert secret not in repr(loaded) + repr(loaded.settings.document) + repr(loaded.settings.imap)
