"""PINs as they are written, and what the check of the settings says of ringing Kidoku."""

import re
from datetime import date

import pytest

from bot.settings.load import load_bytes
from channels.twilio.config import CallInSettings
from channels.twilio.pin import Pins, read_pins
from tests.unit.test_settings_contacts import SECRETS, SETTINGS, STEP

PINS = "KIDOKU_TWILIO__CALL_IN__PINS"
RIGHT = "830517"


def said(pins: str | None, *, is_public: bool = True) -> list[str]:
    """What is said of ringing Kidoku, without the number of the line."""
    text = (SETTINGS % {"alice": "zone: UTC", "step": STEP}).rstrip().removesuffix(", public_url: https://x.example}")
    text += (", public_url: https://x.example" if is_public else "") + ", call_in: {}}\n"
    environ = SECRETS | ({PINS: pins} if pins is not None else {})
    loaded = load_bytes(text.encode(), "k", environ, date(2026, 11, 24))
    found = [str(one) for one in loaded.problems]
    return [one for one in found if "call_in" in one or "CALL_IN" in one]


def test_a_call_in_that_works_says_nothing() -> None:
    assert said(f"alice:{RIGHT}") == []


def test_a_call_in_that_nobody_can_use() -> None:
    assert said(None, is_public=False) == [
        "k:16: warning: twilio.call_in: nobody can ring Kidoku: Twilio has no address to ask what to say; "
        "write web.public_url",
        "k:16: warning: twilio.call_in: nobody can ring Kidoku: nobody has a PIN; "
        "set KIDOKU_TWILIO__CALL_IN__PINS, or KIDOKU_TWILIO__CALL_IN__PINS_FILE",
    ]


@pytest.mark.parametrize(
    ("pins", "what"),
    [
        (f"alicia:{RIGHT}", "there is no person alicia; did you mean alice?"),
        (f"bob:{RIGHT}", "bob has a PIN, and no phone; add phone to people.bob"),
        ("alice:12ab56", "the PIN of alice is not one; write 6 to 12 digits"),
        ("alice:83051", "the PIN of alice is not one; write 6 to 12 digits"),
        ("alice:456789", "the PIN of alice is easily guessed; draw its digits by lot"),
        ("alice:112211", "the PIN of alice is easily guessed; draw its digits by lot"),
        (f"alice:{RIGHT} alice:{RIGHT}1", "a PIN has no person, or its person has two; write alice:PIN"),
        (RIGHT, "a PIN has no person, or its person has two; write alice:PIN"),
        (f"alice:{RIGHT},bob:{RIGHT}", "the PIN of bob is somebody else's, too; give each person another"),
    ],
)
def test_slips(pins: str, what: str) -> None:
    [one] = said(pins)
    assert one == f"environment: {PINS}: {what}"
    secrets = [pin.rpartition(":")[2] for pin in re.split("[ ,]", pins)]
    assert [secret for secret in secrets if secret in one] == []


def test_pins_are_read_from_words_and_lines_and_never_shown() -> None:
    settings = CallInSettings.model_validate({"pins": f"alice:{RIGHT}\nbob:0042117,\n"})
    assert settings.by_person() == {"alice": RIGHT, "bob": "0042117"}
    assert RIGHT not in repr(settings)


def test_whose_a_pin_is() -> None:
    pins = Pins(read_pins(f"alice:{RIGHT} bob:0042117"))
    assert [pins.owner(one) for one in (RIGHT, "0042117", "42117", "", RIGHT + "0")] == ["alice", "bob", "", "", ""]
    assert (pins.owner(RIGHT, ("bob",)), pins.owner(RIGHT, ())) == ("", "")
