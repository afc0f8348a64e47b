"""How people want to be told, as it is written: what the core makes of it, slips, and what is odd."""

from datetime import date, time, timedelta

import pytest

from bot.settings.load import Loaded, load_bytes
from escalation.calendar import ALWAYS, Span, Window
from escalation.contact import Order, Quiet, Way
from escalation.roster import Person
from tests.unit.test_settings_slips import DAY, ENVIRON

SETTINGS = """\
zone: Asia/Tokyo
alarms: [{via: console, to: bob}, {via: slack, to: "#ops"}]
people:
  alice: {name: Alice, email: alice@x.example, slack: U0ALICE000, phone: "+81312345678", %(alice)s}
  bob: {name: Bob}
teams: {noc: [alice, bob]}
rooms: {"#ops": {slack: C0OPS00000}}
windows: {night: {from: "22:00", to: "07:00"}}
policies:
  p:
    steps: [%(step)s]
    last_resort: [{via: slack, to: "#ops"}]
rules: [{name: all, when: {prefix: true}, policy: p, severity: error}]
imap: {alice: {host: mail.x.example, username: alice, owner: alice}}
slack: {}
twilio: {account_sid: AC00000000000000000000000000000000, from_number: "+815012345678", public_url: https://x.example}
"""
SECRETS = ENVIRON | {"KIDOKU_TWILIO__AUTH_TOKEN": "x"}
STEP = "{via: contacts, to: alice}"
MINUTE = timedelta(minutes=1)
NIGHT = Window("night", "Asia/Tokyo", (Span(frozenset(range(7)), time(22), time(7)),))


def load(alice: str, step: str = STEP) -> Loaded:
    return load_bytes((SETTINGS % {"alice": alice, "step": step}).encode(), "k", SECRETS, date(2026, 11, 24))


def told(alice: str, step: str = STEP) -> list[str]:
    """What is said, without the number of the line."""
    return [str(one).partition(": ")[2] for one in load(alice, step).problems]


def person(alice: str) -> Person:
    loaded = load(alice)
    assert loaded.settings is not None, loaded.problems
    return loaded.settings.roster().people["alice"]


def test_delays_count_from_the_way_before() -> None:
    found = person('contacts: [slack, {after: 2m, via: phone}, {after: 3m, via: phone, address: "+81387654321"}]')
    ways = (
        Way("slack", "U0ALICE000"),
        Way("phone", "+81312345678", 2 * MINUTE),
        Way("phone", "+81387654321", 5 * MINUTE),
    )
    assert found.orders == (Order(ways),)


def test_orders_for_matters_and_hours_come_before_the_usual_one() -> None:
    found = person(
        "contacts: slack, contacts_when: [{for: urgent, when: night, ways: phone}, {for: ordinary, ways: slack}]"
    )
    phone, slack = (Way("phone", "+81312345678"),), (Way("slack", "U0ALICE000"),)
    assert found.orders == (Order(phone, True, NIGHT), Order(slack, False, ALWAYS), Order(slack))


def test_quiet_hours_are_on_the_persons_own_wall() -> None:
    found = person("zone: Europe/Berlin, quiet: {days: mon-fri, from: '22:00', to: '07:00', broken_by: error}")
    window = Window("quiet", "Europe/Berlin", (Span(frozenset(range(5)), time(22), time(7)),))
    assert found.quiet == Quiet(window, "error")


def test_quiet_hours_may_be_a_window_and_silence_the_phone_alone() -> None:
    assert person("quiet: {when: night, channels: phone}").quiet == Quiet(NIGHT, channels=frozenset({"phone"}))


def test_a_step_has_a_rung_for_each_delay_of_its_people() -> None:
    loaded = load("contacts: [slack, {after: 3m, via: phone}]", "{via: contacts, to: team:noc}")
    assert loaded.settings is not None
    (step,) = loaded.settings.escalation_policies()["p"].ladders[0].steps
    assert step.ways == (0 * MINUTE, 3 * MINUTE)


def test_no_step_has_more_rungs_than_it_could_have_retries() -> None:
    many = ", ".join(
        f"{{when: night, ways: [{', '.join(f'{{after: {n + 1}{unit}, via: slack}}' for n in range(10))}]}}"
        for unit in ("m", "h", "s")
    )
    loaded = load(f"contacts_when: [{many}]")
    assert loaded.settings is not None
    assert len(loaded.settings.escalation_policies()["p"].ladders[0].steps[0].ways) == 20


@pytest.mark.parametrize(
    ("alice", "said"),
    [
        ("contacts: pager", "people.alice.contacts[0].via: 'pager' is not allowed here; write one of: "),
        ("contacts: discord", "people.alice.contacts[0].via: the channel discord is not set up; add discord: "),
        ("contacts: {via: phone, address: '123'}", "people.alice.contacts[0]: '123' is no address on phone; "),
        (
            "contacts_when: [{when: nigth, ways: slack}]",
            "people.alice.contacts_when[0].when: there is no window nigth; ",
        ),
        ("quiet: {when: nigth}", "people.alice.quiet.when: there is no window nigth; did you mean night?"),
        ("delegate: alice", "people.alice.delegate: nobody stands in for themselves; name somebody else"),
        ("delegate: bbo", "people.alice.delegate: there is no person bbo; did you mean bob?"),
        ("quiet: {broken_by: error}", "people.alice.quiet: quiet says no hours; write from and to, or "),
        ("quiet: {when: night, from: '22:00'}", "people.alice.quiet: when stands beside days, from or to; "),
    ],
)
def test_slips(alice: str, said: str) -> None:
    (one,) = told(alice)
    assert one.startswith(said)


def test_a_way_over_a_channel_on_which_they_are_not() -> None:
    text = (SETTINGS % {"alice": "", "step": STEP}).replace("{name: Bob}", "{name: Bob, contacts: phone}")
    (one,) = load_bytes(text.encode(), "k", SECRETS, DAY).problems
    assert "people.bob.contacts[0]: bob has no phone; add phone to people.bob, or an address here" in str(one)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{via: contacts, to: alice, retry: {times: 2}}", "policies.p.steps[0]: retry stands beside via: contacts; "),
        ("{via: contacts, to: 'roundrobin:noc'}", "policies.p.steps[0].to[0]: turns go over one channel; "),
        ("{via: phone, to: 'roundrobin:ncc'}", "policies.p.steps[0].to[0]: there is no team ncc; did you mean noc?"),
        ("{via: contacts, to: '#ops'}", "policies.p.steps[0].to[0]: a room has no contacts; "),
    ],
)
def test_slips_of_a_step(step: str, said: str) -> None:
    assert told("", step)[0].startswith(said)


QUIET = "quiet: {when: night}"


@pytest.mark.parametrize(
    ("alice", "step", "said"),
    [
        (QUIET, STEP, "in the quiet hours of alice this step tells nobody of what is not critical; add else: "),
        (QUIET, "{via: phone, to: alice}", "in the quiet hours of alice this step tells nobody of what is not "),
        ("contacts_when: [{when: night, ways: console}]", STEP, "nothing urgent wakes alice in these hours (night); "),
    ],
)
def test_what_is_odd(alice: str, step: str, said: str) -> None:
    (one,) = told(alice, step)
    assert said in one
    assert "warning" in one


@pytest.mark.parametrize(
    ("alice", "step"),
    [
        ("quiet: {when: night, broken_by: error}", STEP),
        (QUIET, "{via: contacts, to: alice, else: {via: slack, to: '#ops'}}"),
        (QUIET, "{via: slack, to: [alice, '#ops']}"),
        (f"{QUIET}, contacts: [slack, console]", STEP),
        ("contacts_when: [{for: ordinary, when: night, ways: console}]", STEP),
    ],
)
def test_what_is_not(alice: str, step: str) -> None:
    assert told(alice, step) == []


def test_delegates_in_a_circle_are_told_once() -> None:
    text = (SETTINGS % {"alice": "delegate: bob", "step": STEP}).replace("{name: Bob}", "{name: Bob, delegate: alice}")
    (one,) = load_bytes(text.encode(), "k", SECRETS, DAY).problems
    assert "warning: people.alice.delegate: these stand in for each other: alice → bob → alice; see that " in str(one)
