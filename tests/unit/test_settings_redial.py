"""``retry.on``: what the core makes of it, slips, and what is odd."""

import pytest

from bot.settings.load import load_bytes
from escalation.event import Outcome
from escalation.policy import Step
from tests.unit.test_settings_contacts import SECRETS, SETTINGS
from tests.unit.test_settings_slips import DAY


def text_of(on: str, *, via: str = "phone", detects: bool = True) -> str:
    retry = "{times: 1}" if not on else f"{{times: 1, on: {on}}}"
    text = SETTINGS % {"alice": "", "step": f"{{via: {via}, to: alice, retry: {retry}}}"}
    return text.replace("twilio: {", f"twilio: {{machine_detection: {str(detects).lower()}, ")


def step(on: str) -> Step:
    settings = load_bytes(text_of(on).encode(), "k", SECRETS, DAY).settings
    assert settings is not None
    return settings.escalation_policies()["p"].ladders[0].steps[0]


def told(text: str) -> list[str]:
    return [str(one) for one in load_bytes(text.encode(), "k.yaml", SECRETS, DAY).problems]


@pytest.mark.parametrize(
    ("on", "outcomes"),
    [
        ("", None),
        ("busy", {Outcome.BUSY}),
        ("[no_answer, voicemail]", {Outcome.NO_ANSWER, Outcome.VOICEMAIL}),
        ("[failed]", {Outcome.REJECTED}),
        ("[not_acknowledged]", {Outcome.HUNG_UP, Outcome.ENDED}),
    ],
)
def test_what_is_written_is_what_the_core_asks(on: str, outcomes: set[Outcome] | None) -> None:
    assert step(on).retry_on == outcomes


@pytest.mark.parametrize(
    ("on", "via", "said"),
    [
        ("bussy", "phone", "k.yaml:11: policies.p.steps[0].retry.on[0]: 'bussy' is not allowed here; did you mean "),
        ("[]", "phone", "k.yaml:11: policies.p.steps[0].retry.on: "),
        ("busy", "slack", "k.yaml:11: policies.p.steps[0]: retry.on is for calls, and this step tells over slack; "
                          "take on away, or write via: phone"),
    ],
)  # fmt: skip
def test_slips(on: str, via: str, said: str) -> None:
    (one,) = told(text_of(on, via=via))
    assert one.startswith(said)


def test_a_voicemail_that_nobody_notices_is_odd() -> None:
    (one,) = told(text_of("[busy, voicemail]", detects=False))
    assert "policies.p.steps[0].retry.on: a voicemail is not noticed, and not rung again" in one
    for text in (
        text_of("[voicemail]"),
        text_of("[voicemail, not_acknowledged]", detects=False),
        text_of("busy", detects=False),
    ):
        assert told(text) == []
