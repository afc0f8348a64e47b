"""Slips of a new user: each is told once, at its own line, with what to write instead."""

from datetime import date, timedelta

import pytest

from bot.settings.load import load_bytes

ENVIRON = {
    "KIDOKU_SLACK__BOT_TOKEN": "xoxb-1",
    "KIDOKU_SLACK__APP_TOKEN": "xapp-1",
    "KIDOKU_IMAP__ALICE__PASSWORD": "secret",
}
GOOD = """\
zone: Asia/Tokyo
alarms: [{via: slack, to: "#ops"}]
people:
  alice: {name: Alice, email: alice@x.example, slack: U0ALICE000}
rooms: {"#ops": {slack: C0OPS00000}}
policies:
  p:
    steps: [{after: 5m, via: slack, to: alice}]
    last_resort: [{via: slack, to: "#ops"}]
rules: [{name: all, when: {prefix: true}, policy: p}]
imap:
  alice: {host: mail.x.example, username: alice, owner: alice}
slack: {}
"""


def told(old: str = "", new: str = "", **environ: str) -> list[str]:
    """What is said when this is written in place of that."""
    assert old in GOOD
    return [str(one) for one in load_bytes(GOOD.replace(old, new).encode(), "k", ENVIRON | environ, DAY).problems]


DAY = date(2026, 11, 24)


def test_nothing_is_said_of_what_is_right() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("zone", "fix"),
    [
        ("JST", "write one of: Asia/Tokyo"),
        ("CST", "write one of: Asia/Shanghai, Asia/Taipei, America/Chicago"),
        ("Tokyo", "did you mean Asia/Tokyo?"),
        ("new york", "did you mean America/New_York?"),
        ("Asia/Tokio", "did you mean Asia/Tokyo?"),
        ("UTC+9", "write an IANA name such as Asia/Tokyo"),
    ],
)
def test_a_zone_that_people_write(zone: str, fix: str) -> None:
    assert told("Asia/Tokyo", zone) == [f"k:1: zone: there is no time zone '{zone}'; {fix}"]


@pytest.mark.parametrize("host", ["imaps://mail.x.example", '"mail.x.example:993"', "mail x"])
def test_a_host_is_a_name_alone(host: str) -> None:
    [said] = told("host: mail.x.example", f"host: {host}")
    assert said.startswith("k:12: imap.alice.host: “")
    assert said.endswith("write its name alone, like imap.company.example, and port: and security: beside it")


@pytest.mark.parametrize("host", ["10.0.0.1", '"::1"', "mail-1.x.example."])
def test_what_is_a_host(host: str) -> None:
    assert told("host: mail.x.example", f"host: {host}") == []


def test_tokens_of_slack_that_were_swapped_are_told_without_showing_them() -> None:
    assert told(KIDOKU_SLACK__BOT_TOKEN="xapp-secret") == [
        "k:13: slack: KIDOKU_SLACK__BOT_TOKEN holds an app-level token (xapp-…): it begins with xoxb-"
    ]
    assert told(KIDOKU_SLACK__APP_TOKEN="xoxb-secret") == [
        "k:13: slack: KIDOKU_SLACK__APP_TOKEN holds a bot's token (xoxb-…): it begins with xapp-"
    ]


def test_a_misspelt_section_is_told_once_and_read_as_it_was_meant() -> None:
    assert told("people:\n", "peoples:\n") == ["k:3: peoples: there is no key peoples; did you mean people?"]
    assert told("people:\n  alice: {name: Alice,", "peoples:\n  alice: {name: 3,")[1:] == [
        "k:4: peoples.alice.name: 3 is not text; write it in quotes"
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"), [("zone: ", "zone：", 1), ("  alice: {name", "  alice：{name", 4), ("  p:\n", "  p：\n", 7)]
)
def test_a_full_width_colon_is_named_at_its_line(old: str, new: str, line: int) -> None:
    assert told(old, new) == [f"k:{line}: a full-width sign stands here: ：; write a colon and a space"]


def test_a_room_without_quotes_is_named_at_its_line() -> None:
    assert told('to: "#ops"}]\npeople', "to: #ops}]\npeople") == [
        'k:2: what follows # is a comment; write a room in quotes: "#ops"'
    ]


def test_a_bracket_that_was_not_closed_is_named_by_where_it_was_opened() -> None:
    [said] = told("slack: C0OPS00000}}", "slack: C0OPS00000}")
    assert said.startswith("k:6: this is not YAML: ")
    assert said.endswith("; close the bracket that was opened in line 5")


def test_a_file_of_something_else_is_told_in_one_line() -> None:
    [said] = load_bytes(b"root:*:1:0::\ndaemon: 2\n", "k", {}, DAY).problems
    assert (
        str(said) == "k: this is no configuration of Kidoku: it knows none of the keys; give another with --config FILE"
    )


def test_a_rule_without_a_condition_is_warned_of() -> None:
    assert told("when: {prefix: true}", "when: {}") == [
        "k:10: warning: rules[0]: every mail that no earlier rule matched is urgent by this one; "
        "add a condition under when, such as prefix: true"
    ]


def test_alarms_over_one_channel_of_several_are_warned_of() -> None:
    discord = GOOD.replace("slack: U0ALICE000", 'slack: U0ALICE000, discord: "123456789012345678"')
    two = discord.replace("via: slack, to: alice}", "via: discord, to: alice}") + "discord: {}\n"
    found = load_bytes(two.encode(), "k", ENVIRON | {"KIDOKU_DISCORD__BOT_TOKEN": "x"}, DAY).problems
    assert [str(one) for one in found] == [
        "k:2: warning: alarms: nobody hears of it when slack itself is down; add a second channel, such as discord"
    ]


def test_every_channels_durations_are_written_the_same_way() -> None:
    smtp = "smtp: {host: smtp.x.example, sender: noc@x.example, timeout: 20s}\n"
    found = load_bytes((GOOD + smtp).encode(), "k", ENVIRON, DAY)
    assert found.errors == ()
    assert found.settings is not None
    assert found.settings.smtp is not None
    assert found.settings.smtp.timeout == timedelta(seconds=20)
