"""What the check of the settings says of being connected with a sender."""

from datetime import date, timedelta

import pytest

from bot.settings.load import Loaded, load_bytes
from tests.unit.test_settings_contacts import SECRETS, SETTINGS, STEP

DEAR = ("+870773111632", "+881612345678", "+88216123456", "+883510001234567", "+979123456789")
NOC = '{phone: "+81399990000", name: NOC}'


def load(connect: str, *, is_public: bool = True, more: str = "") -> Loaded:
    text = (SETTINGS % {"alice": "zone: UTC", "step": STEP}).rstrip().removesuffix(", public_url: https://x.example}")
    text += (", public_url: https://x.example" if is_public else "") + f"{more}, connect: {connect}" + "}\n"
    return load_bytes(text.encode(), "k", SECRETS, date(2026, 11, 24))


def said(connect: str, *, is_public: bool = True, more: str = "") -> list[str]:
    """What is said of it, without the file and the line."""
    found = [str(one).partition(": ")[2] for one in load(connect, is_public=is_public, more=more).problems]
    return [one for one in found if "connect" in one]


def test_what_is_written() -> None:
    loaded = load(f'{{senders: {{NOC@Carrier.example: {NOC}, "@vendor.example": {NOC}}}, ring: 20s, longest: 10m}}')
    assert loaded.settings is not None and loaded.settings.twilio is not None, loaded.problems
    connect = loaded.settings.twilio.connect
    assert connect is not None and (connect.ring, connect.longest) == (timedelta(seconds=20), timedelta(minutes=10))
    assert list(connect.senders) == ["noc@carrier.example", "@vendor.example"]
    assert (connect.senders["noc@carrier.example"].phone, connect.people) == ("+81399990000", True)


def test_what_works_says_nothing() -> None:
    assert said("{}") == [], "people of the settings have mail and a phone"
    assert said(f"{{people: false, senders: {{noc@carrier.example: {NOC}}}}}") == []


def test_off_by_default() -> None:
    loaded = load_bytes((SETTINGS % {"alice": "zone: UTC", "step": STEP}).encode(), "k", SECRETS, date(2026, 11, 24))
    assert loaded.settings is not None and loaded.settings.twilio is not None
    assert loaded.settings.twilio.connect is None


def test_what_nobody_can_use() -> None:
    assert said("{people: false}", is_public=False, more=", concurrent_calls: 1") == [
        "warning: twilio.connect: nobody can be connected with a sender: Twilio has no address to ask what to say; "
        "write web.public_url",
        "warning: twilio.connect: nobody can be connected with a sender: no sender has a number; "
        "write senders: {noc@carrier.example: {phone: +81…, name: NOC}}",
        "warning: twilio.connect: nobody can be connected with a sender: that takes two calls at once; "
        "write concurrent_calls: 2, or more",
    ]


@pytest.mark.parametrize(
    ("senders", "what"),
    [
        ("noc@carrier.example: {name: NOC}", "phone is missing"),
        ('noc@carrier.example: {phone: "+81399990000"}', "name is missing"),
        ('noc@carrier.example: {phone: "03-9999-0000", name: NOC}', "“03-9999-0000” is no phone number"),
        ('noc@carrier.example: {phone: "+8139999", name: NOC}', "“+8139999” has the wrong length for its country"),
        ('noc@carrier.example: {phone: "+81990123456", name: NOC}', "“+81990123456” is a premium number"),
        *((f'noc@carrier.example: {{phone: "{one}", name: NOC}}', "that of a satellite") for one in DEAR),
        ('noc@carrier.example: {phone: "+815012345678", name: NOC}', "has a number that Kidoku calls from"),
        (f"carrier.example: {NOC}", "“carrier.example” is no address and no domain"),
        (f'"@carrier": {NOC}', "“@carrier” is no address and no domain"),
        (f"a@x.example: {NOC}, A@x.example: {NOC}", "a@x.example stands there twice"),
        ('noc@carrier.example: {phone: "+81399990000", name: " "}', "name"),
        ('noc@carrier.example: {phone: "+81399990000", name: NOC, language: fr}', "language"),
    ],
)
def test_slips(senders: str, what: str) -> None:
    [one] = said(f"{{senders: {{{senders}}}}}")
    assert what in one and not one.startswith("warning"), one


@pytest.mark.parametrize(("key", "value"), [("ring", "2s"), ("ring", "20m"), ("longest", "10s"), ("longest", "61m")])
def test_lengths_that_twilio_does_not_take(key: str, value: str) -> None:
    [one] = said(f"{{{key}: {value}}}")
    assert f"twilio.connect.{key}: " in one and "write " in one
