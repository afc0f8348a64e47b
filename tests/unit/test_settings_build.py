"""What the core gets of the settings: policies, rules, people."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.settings import Settings, load
from bot.settings.build_person import contacts_of
from escalation.policy import Action, Step, StopOn, Target, TargetKind
from escalation.receipt import READ_BY_DEFAULT, ReadBy
from escalation.rotation import Layer, Role, Unit
from escalation.schedule import FixedShift, taking_turns
from escalation.urgency import URGENT_WORDS
from tests.fakes.example import CONFIG, SECRETS
from tests.unit.test_settings_load import MINIMAL, load_text


@pytest.fixture(scope="module")
def example() -> Settings:
    loaded = load(CONFIG / "example.yaml", SECRETS, today=date(2026, 5, 1))
    assert loaded.problems == ()
    assert loaded.settings is not None
    return loaded.settings


def test_the_minimal_configuration_is_right_and_short() -> None:
    secrets = {name: "x" for name in SECRETS if "SLACK" in name} | {"KIDOKU_IMAP__ALICE__PASSWORD": "x"}
    loaded = load(CONFIG / "minimal.yaml", secrets, today=date(2026, 5, 1))
    assert loaded.problems == ()
    assert loaded.settings is not None
    lines = (CONFIG / "minimal.yaml").read_text(encoding="utf-8").splitlines()
    assert sum(not line.startswith("#") for line in lines) <= 10


def test_ladders(example: Settings) -> None:
    policy = example.escalation_policies()["urgent"]
    assert [ladder.window.name for ladder in policy.ladders] == ["office", "night", "always"]
    office = policy.ladders[0]
    assert (office.repeat, office.wait) == (1, timedelta(minutes=5))
    assert office.steps[0] == Step(Action("slack", (Target(TargetKind.UNREAD),)))
    assert office.steps[3] == Step(
        Action("phone", (Target(TargetKind.ONCALL, "weekly"),)),
        timedelta(minutes=5),
        2,
        timedelta(minutes=3),
        Action("phone", (Target(TargetKind.PERSON, "sato"),)),
    )
    assert policy.last_resort[2] == Action("phone", (Target(TargetKind.TEAM, "noc"),))
    assert (policy.ack_timeout, policy.resolve_after) == (timedelta(hours=2), timedelta(days=1))
    assert (policy.stop_on, policy.counts, policy.read_by) == (StopOn.READ, READ_BY_DEFAULT, ReadBy(count=1))


@pytest.mark.parametrize(
    ("at", "window"),
    [
        ("2026-05-01T09:00+09:00", "office"),
        ("2026-05-01T18:00+09:00", "always"),
        ("2026-05-01T22:00+09:00", "night"),
        ("2026-05-02T06:59+09:00", "night"),
        ("2026-05-02T12:00+09:00", "always"),
        ("2026-05-04T12:00+09:00", "always"),  # Greenery Day, a Monday
        ("2026-12-30T12:00+09:00", "always"),  # a day of our own, a Wednesday
        ("2029-01-01T12:00+09:00", "always"),  # New Year three years on
    ],
)
def test_windows(example: Settings, at: str, window: str) -> None:
    policy = example.escalation_policies()["urgent"]
    number = policy.ladder_at(datetime.fromisoformat(at))
    assert number is not None
    assert policy.ladders[number].window.name == window


def test_a_window_of_holidays_alone(tmp_path: Path) -> None:
    text = MINIMAL + "zone: Asia/Tokyo\nwindows: {closed: {holidays: [JP, 2026-12-30], on_holidays: in}}\n"
    settings = load_text(tmp_path, text).settings
    assert settings is not None
    closed = settings.windows()["closed"]
    assert closed.contains(datetime(2026, 12, 30, 3, tzinfo=UTC))
    assert not closed.contains(datetime(2026, 12, 31, 3, tzinfo=UTC))


def test_people(example: Settings) -> None:
    roster = example.roster()
    sato, wang, suzuki = roster.people["sato"], roster.people["wang"], roster.people["suzuki"]
    assert (sato.name, sato.language, sato.zone, sato.morning) == ("佐藤 花子", "ja", "Asia/Tokyo", time(7, 30))
    assert (wang.language, wang.zone, wang.morning) == ("zh", "Asia/Shanghai", time(8))
    assert sato.addresses == ("sato@company.example", "hanako.sato@company.example")
    assert list(suzuki.contacts.items()) == [
        ("mail", "suzuki@company.example"),
        ("slack", "U0123ABCD"),
        ("discord", "234567890123456789"),
        ("phone", "+819023456789"),
        ("apprise", "suzuki-ntfy"),
        ("sms", "+819023456789"),
        ("console", "suzuki"),
    ]
    assert sato.contacts["slack"] == "sato@company.example"
    assert roster.teams == {"noc": ("sato", "suzuki", "wang")}
    ids = {"console": "#ops", "slack": "C0123ABCD", "discord": "456789012345678901", "apprise": "ops-teams"}
    assert roster.rooms["#ops"] == ids
    weekly = taking_turns("weekly", ("sato", "suzuki", "wang"), "Asia/Tokyo", date(2026, 1, 5), time(9), 7)
    told = (
        Action("slack", (Target(TargetKind.ROOM, "#ops"),)),
        Action("slack", (Target(TargetKind.ONCALL, "weekly"),)),
    )
    reminded = (timedelta(days=1), timedelta(minutes=15))
    assert roster.schedules["weekly"] == replace(weekly, remind=reminded, handoff_to=told)


def test_schedules_of_layers(example: Settings) -> None:
    support = example.roster().schedules["support"]
    weeks, nights, helpers = support.layers
    start = date(2026, 1, 5)
    assert weeks == Layer("weeks", (("suzuki",), ("wang",), ("sato",)), "Asia/Tokyo", start)
    assert (nights.window, nights.role) == (example.windows()["night"], Role.PRIMARY)
    assert (helpers.turns, helpers.cycle, helpers.role) == ((("wang", "sato"), ("suzuki",)), (5, 2), Role.BACKUP)
    begin, end = datetime(2026, 12, 28, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC)
    assert support.fixed == (FixedShift("wang", begin, end),)


@pytest.mark.parametrize(
    ("every", "unit", "count"),
    [("12h", Unit.HOUR, 12), ("2d", Unit.DAY, 2), ("3w", Unit.WEEK, 3), ("1mo", Unit.MONTH, 1)],
)
def test_the_length_of_a_turn(tmp_path: Path, every: str, unit: Unit, count: int) -> None:
    text = MINIMAL + f"schedules: {{noc: {{layers: [{{people: [alice], start: 2026-01-05, every: {every}}}]}}}}\n"
    settings = load_text(tmp_path, text).settings
    assert settings is not None
    (layer,) = settings.roster().schedules["noc"].layers
    assert (layer.name, layer.unit, layer.count) == ("noc 1", unit, count)


def test_contacts_stand_in_the_order_written(tmp_path: Path) -> None:
    text = MINIMAL.replace("{name: Alice}", '{phone: "+819012345678", name: Alice, console: tty, email: a@x.example}')
    settings = load_text(tmp_path, text).settings
    assert settings is not None
    everything = settings.document.model_copy(
        update={"slack": True, "smtp": True, "twilio": SimpleNamespace(sms=None, whatsapp=None)}
    )
    assert list(contacts_of("alice", settings.document.people["alice"], everything)) == [
        "phone",
        "console",
        "mail",
        "slack",
    ]


def test_a_channel_that_is_not_set_up_is_nobodys_contact(tmp_path: Path) -> None:
    """Slack knows people by mail address: without Slack, a page to it would wait for ever."""
    text = MINIMAL.replace("{name: Alice}", '{phone: "+819012345678", name: Alice, email: a@x.example}')
    settings = load_text(tmp_path, text).settings
    assert settings is not None
    assert list(settings.roster().people["alice"].contacts) == ["console"]


def test_rules(example: Settings) -> None:
    rules = {rule.name: rule for rule in example.routing_rules()}
    ignored = rules["tests of the monitoring"]
    assert (ignored.is_ignore, ignored.policy, ignored.senders) == (True, "", ("monitor.company.example",))
    assert rules["disaster in Zabbix"].headers == (("X-Zabbix-Severity", "^(disaster|high)$"),)
    assert rules["disaster in Zabbix"].include_bulk
    assert rules["marked as urgent"].prefixes is URGENT_WORDS
    assert rules["important by its header"].is_important
    assert rules["important by its header"].severity == "error"
    assert (rules["flagged by a colleague"].is_flagged, rules["flagged by a colleague"].prefixes) == (True, frozenset())
    assert rules["certificates that run out"].texts == ("expires? in [1-7] days?",)


def test_the_rest(example: Settings) -> None:
    assert example.alarm_actions() == (
        Action("slack", (Target(TargetKind.ROOM, "#ops"),)),
        Action("phone", (Target(TargetKind.PERSON, "sato"),)),
    )
    assert example.database_url == "sqlite+aiosqlite:///var/kidoku.sqlite3"
    assert example.retention_days == 90
    assert example.twilio is not None
    assert example.twilio.public_url == "https://kidoku.company.example"
    assert example.imap["noc-shared"].team == "noc"
    assert example.imap["sato"].name == "sato"


def test_a_path_is_an_sqlite_database(tmp_path: Path) -> None:
    settings = load_text(tmp_path, MINIMAL + "database: /var/lib/kidoku/k.sqlite3\n").settings
    assert settings is not None
    assert settings.database_url == "sqlite+aiosqlite:////var/lib/kidoku/k.sqlite3"
