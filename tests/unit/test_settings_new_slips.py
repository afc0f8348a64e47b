"""Slips in the sections for failing over, WhatsApp and the API, as a new user makes them."""

from datetime import date

import pytest

from bot.settings.load import load_bytes
from tests.unit.test_settings_contacts import SECRETS, SETTINGS, STEP

DAY = date(2026, 11, 24)
TEMPLATE = "HX00000000000000000000000000000000"


def told(more: str = "", twilio: str = "", alice: str = "zone: UTC", **environ: str) -> list[str]:
    text = (SETTINGS % {"alice": alice, "step": STEP}).rstrip().removesuffix("}")
    written = f"{text}{twilio}}}\n{more}\n"
    return [str(one) for one in load_bytes(written.encode(), "k", SECRETS | environ, DAY).problems]


def test_a_channel_that_is_misspelt_is_named_as_it_was_written() -> None:
    assert told("failover: {channels: {slak: {pause: 5m}}}") == [
        "k:17: failover.channels.slak: 'slak' is not allowed here; did you mean slack?"
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{ja: HX1}", "templates.ja: 'HX1' is not written as it should be; write the template's SID from Twilio's"),
        (f"{{jp: {TEMPLATE}}}", "templates.jp: 'jp' is not allowed here; write one of: en, ja, zh"),
    ],
)
def test_a_template_that_is_none(written: str, said: str) -> None:
    [problem] = told(twilio=f", whatsapp: {{templates: {written}}}")
    assert f"twilio.whatsapp.{said}" in problem


def test_whatsapp_without_a_template_reaches_nobody_who_has_not_written() -> None:
    [problem] = told(twilio=", whatsapp: {}")
    assert "twilio.whatsapp: WhatsApp takes nothing for whoever has not written there" in problem
    assert told(twilio=f", whatsapp: {{templates: {{ja: {TEMPLATE}}}}}") == []


@pytest.mark.parametrize("way", ["sms", "whatsapp", "apprise"])
def test_a_way_whose_contact_is_missing(way: str) -> None:
    number = f"sms: {{}}, whatsapp: {{templates: {{ja: {TEMPLATE}}}}}"
    more, environ = "apprise: {one: {}}", {"KIDOKU_APPRISE__ONE__URL": "json://x.example"}
    said = told(f"{more}\nweb: {{public_url: https://x.example}}", f", {number}", f"contacts: [{way}]", **environ)
    # A Japanese landline takes no text message, so alice has no sms.
    assert said == [f"k:4: people.alice.contacts[0]: alice has no {way}; add {way} to people.alice, or an address here"]


def test_a_section_whose_secret_is_missing_says_nothing_of_people() -> None:
    text = SETTINGS % {"alice": "contacts: [slack, phone]", "step": STEP}
    secrets = {"KIDOKU_IMAP__ALICE__PASSWORD": "x"}
    said = [str(one) for one in load_bytes(text.encode(), "k", secrets, DAY).problems]
    assert said
    assert not [one for one in said if "people.alice" in one]


def test_a_person_of_the_api_without_a_token() -> None:
    web = "web: {api_person: alice}"
    [problem] = told(web)
    assert "web.api_person: the API answers nobody: it has no token; set KIDOKU_WEB__API_TOKEN" in problem
    assert told(web, KIDOKU_WEB__API_TOKEN="t" * 40) == []


def test_alarms_are_to_have_what_rings_beside() -> None:
    text = SETTINGS % {"alice": "zone: UTC", "step": "{via: phone, to: alice}, {after: 5m, via: whatsapp, to: alice}"}
    text = text.replace("{via: console, to: bob}, ", "").rstrip().removesuffix("}")
    text += f", whatsapp: {{templates: {{ja: {TEMPLATE}}}}}}}\n"
    said = [str(one) for one in load_bytes(text.encode(), "k", SECRETS, DAY).problems]
    assert (
        "k:2: warning: alarms: nobody hears of it when slack itself is down; add a second channel, such as phone"
        in said
    )
