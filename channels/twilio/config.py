"""The settings of the phone."""

from datetime import timedelta
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


def _phone_number(text: str) -> str:
    """E.164. Raises ValueError, which says what to write."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"“{text}” is no phone number; write it like +81312345678") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"“{text}” has the wrong length for its country; write it like +81312345678")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


PhoneNumber = Annotated[str, AfterValidator(_phone_number)]


class TwilioSettings(BaseModel):
    """The auth token comes from the environment: KIDOKU_TWILIO__AUTH_TOKEN.

    Without ``public_url`` a call is only announced, and its outcome is asked for; with it the digit can be pressed.
    ``calls_per_second`` is Twilio's limit for the account, 1 by default (https://www.twilio.com/docs/voice/api).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr
    from_number: PhoneNumber
    api_url: str = "https://api.twilio.com"
    public_url: str | None = None
    ring_timeout: timedelta = timedelta(seconds=25)
    calls_per_second: float = Field(default=1.0, gt=0, le=100)
    machine_detection: bool = False
    voices: dict[str, str] = {}
    timeout: timedelta = timedelta(seconds=10)
