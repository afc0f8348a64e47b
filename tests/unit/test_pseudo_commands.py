"""No word of any command is left in English: all are run in a language that can't be English."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import app
from bot.help import command_of
from tests.fakes.command_line import ROOT, ran_once, stored
from tests.fakes.pseudo import english
from tests.fakes.stored import open_alerts, row

SETTINGS = """\
people:
  alice: {name: Alice, email: alice@company.example, phone: "+819012345678"}
  bob: {name: Bob, email: bob@company.example}
schedules: {noc: {people: [alice, bob], start: 2026-05-01}}
teams: {ops: [alice, bob]}
alarms: [{via: console, to: alice}]
roles: {admin: [alice, bob]}
policies:
  urgent:
    steps: [{via: console, to: alice}, {after: 5m, via: console, to: "oncall:noc"}]
    last_resort: [{via: console, to: bob}]
rules: [{name: prefixed, when: {prefix: true}, policy: urgent}]
"""
FILLED_IN = """
alice bob Alice Bob company example noc ops urgent prefixed kidoku yaml sqlite3 tmp pytest local nosuch
guest disk full Nagios nagios com Slack Discord main always
Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec UTC BEGIN
"""
"""What stands in the settings and in the mail, in what is typed, and on a calendar; two proper names."""
COMMANDS = [
    "check",
    "route no.eml",
    "receipt no.eml",
    "simulate --policy urgent --read bob@+6m",
    "simulate --policy nosuch",
    "prove",
    "prove nosuch",
    "replay --since 2026-05-01T00:00 --with CONFIG",
    "calendar --month 2026-05",
    "calendar --month nosuch",
    "list",
    "list --all",
    "who",
    "help",
    "help ack",
    "list --mine --by nosuch",
    "status 1",
    "status nosuch",
    "why 1",
    "snooze 1 30m --by alice",
    "snooze 1 nosuch --by alice",
    "escalate 1 --to bob --by alice",
    "escalate 1 --to nosuch --by alice",
    "ack 1 --by bob",
    "remind 1 --by alice",
    "note 1 42 --by alice",
    "resolve 1 42 --by alice",
    "resolve 1 --by nosuch",
    "send --subject 42 --to alice --by alice --yes",
    "recall 1 --by alice",
    "approve 1 --by alice",
    "oncall",
    "oncall nosuch",
    "override noc bob --from 2027-05-03T02:00 --until 2027-05-03T03:00 --by alice",
    "overrides",
    "leave bob --from 2027-06-01T00:00 --until 2027-06-02T00:00 --by alice",
    "leaves",
    "load",
    "swap noc --mine 2027-05-03T02:00 --with bob --by alice",
    "swaps",
    "silence --rule prefixed --for 2h --why 42 --by alice",
    "silence --rule nosuch --for 2h --why 42 --by alice",
    "silences",
    "silences 1",
    "unsilence 1 --by alice",
    "feed --person alice",
    "feed --schedule nosuch",
    "calendars",
    "consent guest@company.example --give --why 42 --by alice",
    "consents",
    "probe bob@company.example --by alice",
    "clients",
    "lang ja --by alice",
    "lang nosuch --by alice",
    "drill urgent --by alice --yes",
    "drill urgent --by nosuch --yes",
    "drill --report 2",
    "drill --report 9",
    "doctor",
    "confirm alice phone --by alice",
    "confirm alice --code 1234 --by alice",
    "translate 1",
    "report --since 2026-05-01T00:00",
    "subscribe 2 --by alice",
    "unsubscribe 2 --by alice",
    "audit",
    "demo --language nosuch",
    "gateway-password a:b",
]
UNTRIED = {"run": "it runs until it is stopped: tests/unit/test_pseudo_faults.py has what stops it"}
VERBS = {word for command in COMMANDS for word in command.split()} | {"code", "give"}
ALLOWED = {"lang": "ja en zh", "audit": " ".join(VERBS), "snooze": "until morning", "help": "COMMAND config"}
"""What may be typed, and what was."""


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    config = await ran_once(tmp_path, f"zone: UTC\n{SETTINGS}")
    store = await stored(config)
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.add_notifications([row()])
    await store.close()
    return config


def run(commands: list[list[str]]) -> list[str]:
    environ = {**os.environ, "COLUMNS": "200", "LC_ALL": "C.UTF-8"}
    driver = [sys.executable, "-m", "tests.fakes.pseudo_commands"]
    done = subprocess.run(
        driver,
        input=json.dumps(commands),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=300,
        env=environ,
    )
    told: list[str] = json.loads(done.stdout)
    return told


def typed(command: str, config: Path) -> list[str]:
    words = [str(config) if word == "CONFIG" else word for word in command.split()]
    return words if words[0] in ("receipt", "demo", "gateway-password") else [*words, "--config", str(config)]


def test_no_word_of_any_command_is_left_in_english(config: Path) -> None:
    told = dict(zip(COMMANDS, run([typed(one, config) for one in COMMANDS]), strict=True))
    assert not [one for one, said in told.items() if "Traceback" in said]
    left = {
        one: english(said, f"{FILLED_IN} {config} {one} {ALLOWED.get(one.split()[0], '')}")
        for one, said in told.items()
    }
    assert {one: words for one, words in left.items() if words} == {}
    # Nothing went so wrong that nothing was said.
    assert [one for one, said in told.items() if "ж" not in said] == []


def test_every_command_is_tried() -> None:
    names = set(vars(command_of(app))["commands"])
    assert names == {one.split()[0] for one in COMMANDS} | UNTRIED.keys()
