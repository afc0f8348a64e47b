"""Calendars in the settings: what is refused, what is told, and that an address is never shown."""

from pathlib import Path

import pytest

from bot.settings.load import load, load_bytes
from tests.fakes.feeds import calendar, day, shift
from tests.unit.test_settings_slips import DAY, ENVIRON, GOOD

SECRET = "https://calendar.example/ical/private-0123456789abcdef/basic.ics"
USED = "leave: [duty]\n"


def of(written: str, more: str = USED, **environ: str) -> list[str]:
    """What is said of these calendars, without the number of the line."""
    text = f"{GOOD}calendars: {{{written}}}\n{more}"
    found = load_bytes(text.encode(), "k", ENVIRON | environ, DAY).problems
    return [str(one).partition(": ")[2] for one in found]


@pytest.mark.parametrize(
    "written",
    [
        "duty: {url: 'https://calendar.example/public/basic.ics'}",
        "duty: {url: 'webcal://calendar.example/basic.ics', zone: Asia/Tokyo, every: 5m, only: 当番}",
        "duty: {url: 'http://127.0.0.1:8000/basic.ics', names: {'Smith, A.': alice}, may_be_empty: true}",
        "duty: {file: duty.ics}",
    ],
)
def test_nothing_is_said_of_what_is_right(written: str) -> None:
    assert of(written) == []


@pytest.mark.parametrize(
    ("written", "more", "said"),
    [
        ("duty: {}", USED, "calendars.duty: the calendar is nowhere; write url (or its environment variable), or file"),
        ("duty: {url: 'https://x.example', file: x}", USED, "calendars.duty: url stands beside file; "),
        ("duty: {url: 'http://x.example/x.ics'}", USED, "calendars.duty.url: this is no address that a calendar may"),
        ("duty: {url: 'file:///etc/passwd'}", USED, "calendars.duty.url: this is no address that a calendar may"),
        ("duty: {url: 'https://[::1'}", USED, "calendars.duty.url: this is no address that a calendar may"),
        ("duty: {file: x, every: 10s}", USED, "calendars.duty: every is too short; write at least 1m"),
        ("duty: {file: x, only: '['}", USED, "calendars.duty.only[0]: the regex '[' is not valid"),
        (
            "duty: {file: x, names: {Al: alise}}",
            USED,
            "calendars.duty.names.Al: there is no person alise; did you mean",
        ),
        ("duty: {file: x}", "leave: [dutty]\n", "leave[0]: there is no calendar dutty; did you mean duty?"),
        (
            "duty: {file: x}",
            "windows: {w: {ical: holidays}}\n",
            "windows.w.ical[0]: there is no calendar holidays; write one of: duty",
        ),
        (
            "duty: {file: x}",
            "schedules: {noc: {ical: [duty, dutty]}}\n",
            "schedules.noc.ical[1]: there is no calendar dutty; did you mean duty?",
        ),
        (
            "a-b: {file: x}, a_b: {file: x}",
            "leave: [a-b, a_b]\n",
            "calendars.a_b: its variables would be those of a-b: KIDOKU_CALENDARS__A_B__URL",
        ),
        (
            "duty: {file: x}",
            "schedules: {noc: {ical: duty, people: [alice]}}\n",
            "schedules.noc.start: start is missing; add start: 2026-05-04",
        ),
    ],
)
def test_a_slip_is_told_once_where_it_is(written: str, more: str, said: str) -> None:
    (found,) = of(written, more)
    assert found.startswith(said)


def test_a_schedule_may_be_a_calendars_alone_or_have_one_beside() -> None:
    more = "schedules: {a: {ical: duty}, b: {people: [alice], start: 2026-01-05, ical: [duty]}}\n"
    assert of("duty: {file: x}", more) == []


def test_a_password_in_an_address_is_refused_and_a_token_is_warned_of() -> None:
    (found,) = of("duty: {url: 'https://me:hunter2@calendar.example/basic.ics'}")
    assert found.startswith("calendars.duty.url: a password stands in the URL; take it out (and change it), and set")
    assert "hunter2" not in found
    (found,) = of(f"duty: {{url: '{SECRET}'}}")
    assert found.startswith("warning: calendars.duty.url: whoever knows this address can read the calendar")
    assert "KIDOKU_CALENDARS__DUTY__URL" in found
    assert "0123456789abcdef" not in found


def test_the_address_comes_from_the_environment_or_a_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    assert of("duty: {}", KIDOKU_CALENDARS__DUTY__URL=SECRET) == []
    kept = tmp_path / "url"
    kept.write_text(f"{SECRET}\n", "utf-8")
    text = f"{GOOD}calendars: {{duty: }}\n{USED}"
    loaded = load_bytes(text.encode(), "k", ENVIRON | {"KIDOKU_CALENDARS__DUTY__URL_FILE": str(kept)}, DAY)
    assert loaded.settings is not None
    url = loaded.settings.calendars["duty"].url
    assert url is not None
    assert url.get_secret_value() == SECRET
    assert "private" not in repr(loaded) + repr(loaded.settings.document)


def test_a_wrong_address_in_the_environment_is_not_shown() -> None:
    found = of("duty: {}", KIDOKU_CALENDARS__DUTY__URL="http://x.example/private-token")
    assert "KIDOKU_CALENDARS__DUTY__URL: this is no address that a calendar may be fetched from" in "\n".join(found)
    assert "private-token" not in "\n".join(found)


def test_commands_do_without_the_addresses(tmp_path: Path) -> None:
    path = tmp_path / "kidoku.yaml"
    path.write_text(f"{GOOD}calendars: {{duty: {{every: 5m}}}}\n{USED}", "utf-8")
    assert load(path, {}, today=DAY, needs_secrets=False).settings is not None


def checked(folder: Path, data: bytes, more: str = USED) -> list[str]:
    (folder / "duty.ics").write_bytes(data)
    path = folder / "kidoku.yaml"
    path.write_text(f"{GOOD}calendars: {{duty: {{file: '{folder}/duty.ics'}}}}\n{more}", "utf-8")
    found = load(path, ENVIRON, today=DAY, is_thorough=True).problems
    return [str(one).partition(": ")[2] for one in found]


def test_check_looks_into_a_file(tmp_path: Path) -> None:
    good = shift("Alice", "20261201T000000Z", "20261202T000000Z")
    assert checked(tmp_path, calendar(good)) == []
    (found,) = checked(tmp_path, calendar(good, shift("Carol", "20261202T000000Z", "20261203T000000Z")))
    assert found.startswith("warning: calendars.duty.file: nobody knows who is meant by “Carol”; write a mail address")
    (found,) = checked(tmp_path, calendar(good)[:-30])
    assert found.startswith("warning: calendars.duty.file: it is cut off: not everything that begins ends; export it")
    assert checked(tmp_path, calendar(day("New Year", "20270101")), "windows: {closed: {ical: duty}}\n") == []
    (found,) = checked(tmp_path, calendar(good), "")
    assert found.startswith("warning: calendars.duty: nothing uses this calendar; name it in ical:")


def test_check_does_not_wait_for_a_file_that_never_ends(tmp_path: Path) -> None:
    path = tmp_path / "kidoku.yaml"
    for name, said in (("/dev/zero", "it is no file"), (f"{tmp_path}/none.ics", "it can't be read")):
        path.write_text(f"{GOOD}calendars: {{duty: {{file: {name}}}}}\n{USED}", "utf-8")
        (found,) = load(path, ENVIRON, today=DAY, is_thorough=True).problems
        assert said in str(found)


def test_a_ladder_of_a_calendars_days_is_not_said_to_be_unused() -> None:
    windows = "windows: {closed: {ical: duty}, rest: {or: closed}}\n"
    ladders = """ladders:
      - {when: closed, steps: [{via: slack, to: alice}]}
      - {when: rest, steps: [{via: slack, to: alice}]}
      - {when: always, steps: [{via: slack, to: alice}]}"""
    text = GOOD.replace("steps: [{after: 5m, via: slack, to: alice}]", ladders)
    found = load_bytes(f"{text}{windows}calendars: {{duty: {{file: x}}}}\n".encode(), "k", ENVIRON, DAY).problems
    assert found == ()
