"""The settings of the phone."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from channels.host import is_loopback
from channels.twilio.pin import read_pins
from escalation.phrase import Language, Phrase, advice


def _phone_number(text: str) -> str:
    """E.164. Raises ValueError, which says what to write."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise ValueError(
            advice(Phrase("“%(text)s” is no phone number", text=text), Phrase("write it like +81312345678"))
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(
            advice(
                Phrase("“%(text)s” has the wrong length for its country", text=text),
                Phrase("write it like +81312345678"),
            )
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _url(text: str) -> str:
    """https, or plain http to this machine; without a slash at the end. Raises ValueError."""
    parts = urlsplit(text.strip())
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            advice(
                Phrase("“%(text)s” is no address of a server", text=text),
                Phrase("write it like https://kidoku.company.example"),
            )
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError(advice(Phrase("“%(text)s” is not encrypted", text=text), Phrase("write it with https://")))
    return text.strip().rstrip("/")


def _ring_timeout(span: timedelta) -> timedelta:
    """Twilio takes up to 600 s (https://www.twilio.com/docs/voice/api/call-resource). Raises ValueError."""
    if not timedelta(seconds=5) <= span <= timedelta(seconds=600):
        raise ValueError(
            advice(
                Phrase("%(seconds)s s is no time to let a phone ring", seconds=f"{span.total_seconds():g}"),
                Phrase("write 5s to 600s"),
            )
        )
    return span


def _voices(voices: dict[str, str]) -> dict[str, str]:
    for language, voice in voices.items():
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", language):
            raise ValueError(
                advice(Phrase("“%(text)s” is no language", text=language), Phrase("write one like ja-JP: Polly.Takumi"))
            )
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", voice):
            raise ValueError(
                advice(Phrase("“%(text)s” is no voice", text=voice), Phrase("write one of Twilio's, like Polly.Takumi"))
            )
    return voices


PhoneNumber = Annotated[str, AfterValidator(_phone_number)]
Url = Annotated[str, AfterValidator(_url)]


class SmsSettings(BaseModel):
    """Text messages. They are sent from ``from_number``, that of calls if left out, or by a messaging service.

    ``most_segments`` bounds length and price: three hold 459 characters of English, or 201 of Japanese.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_number: PhoneNumber | None = None
    messaging_service_sid: str | None = Field(default=None, pattern=r"^MG[0-9a-fA-F]{32}$")
    most_segments: int = Field(default=3, ge=1, le=10)
    messages_per_second: float = Field(default=1.0, gt=0, le=100)


def _pins(pins: SecretStr) -> SecretStr:
    read_pins(pins.get_secret_value())
    return pins


class CallInSettings(BaseModel):
    """Whoever rings one of our numbers hears, after their PIN, what is unread.

    ``pins`` come from the environment: KIDOKU_TWILIO__CALL_IN__PINS, "alice:PIN bob:PIN", 6 to 12 digits each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pins: Annotated[SecretStr, AfterValidator(_pins)] | None = None

    def by_person(self) -> Mapping[str, str]:
        """The PIN of each person; a secret."""
        return read_pins(self.pins.get_secret_value()) if self.pins is not None else {}


Part = Literal["summary", "number", "how"]
VARIABLES: Mapping[str, Part] = {"1": "summary", "2": "number", "3": "how"}


class WhatsAppSettings(BaseModel):
    """Messages by WhatsApp, from ``from_number`` (that of calls if left out) or by a messaging service.

    ``templates`` are the approved content templates (HX…) by language: they begin a conversation, and outside of 24
    hours since a person's last message WhatsApp takes nothing else. ``variables`` says which of a template's
    placeholders is how the mail stands and its subject (summary), the number of the alert, and how to answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_number: PhoneNumber | None = None
    messaging_service_sid: str | None = Field(default=None, pattern=r"^MG[0-9a-fA-F]{32}$")
    templates: dict[Language, Annotated[str, Field(pattern=r"^HX[0-9a-fA-F]{32}$")]] = {}
    variables: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,16}$")], Part] = dict(VARIABLES)
    messages_per_second: float = Field(default=1.0, gt=0, le=100)


_DEAR = frozenset({870, 881, 882, 883, 979})
"""Country codes of satellites, of networks of no country, and of premium numbers (ITU-T E.164)."""


def _own_number(number: str) -> str:
    """A number that is ours to dial by itself. Raises ValueError."""
    parsed = phonenumbers.parse(number)
    is_premium = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.PREMIUM_RATE
    if is_premium or parsed.country_code in _DEAR:
        what = Phrase("“%(text)s” is a premium number, or that of a satellite", text=number)
        raise ValueError(advice(what, Phrase("write one that costs what any call does")))
    return number


def _sender(text: str) -> str:
    """An address, or "@" and a domain, in small letters. Raises ValueError."""
    if not re.fullmatch(r"[^\s@]*@[^\s@.]+(\.[^\s@.]+)+", text):
        what = Phrase("“%(text)s” is no address and no domain", text=text)
        raise ValueError(advice(what, Phrase("write it like noc@carrier.example, or @carrier.example")))
    return text.lower()


def _talk(span: timedelta) -> timedelta:
    """Twilio ends a call after four hours, and three talks may be one call's. Raises ValueError."""
    if not timedelta(minutes=1) <= span <= timedelta(hours=1):
        raise ValueError(
            advice(
                Phrase("%(seconds)s s is no length for a call", seconds=f"{span.total_seconds():g}"),
                Phrase("write 1m to 1h"),
            )
        )
    return span


class SenderSettings(BaseModel):
    """Where a sender is rung. ``language`` is what they are told in; that of the settings if left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: Annotated[PhoneNumber, AfterValidator(_own_number)]
    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    language: Language | None = None


class ConnectSettings(BaseModel):
    """Whoever takes an alert on the phone may be connected with the sender of its mail.

    ``senders``: by address, or by @domain. ``people``: those of the settings, at their own numbers, too. ``ring`` is
    how long it rings there (https://www.twilio.com/docs/voice/twiml/dial#timeout), ``longest`` how long they may talk.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    senders: dict[Annotated[str, AfterValidator(_sender)], SenderSettings] = {}
    people: bool = True
    ring: Annotated[timedelta, AfterValidator(_ring_timeout)] = timedelta(seconds=30)
    longest: Annotated[timedelta, AfterValidator(_talk)] = timedelta(minutes=30)

    @field_validator("senders", mode="before")
    @classmethod
    def _has_each_once(cls, senders: object) -> object:
        names = [str(one).lower() for one in senders] if isinstance(senders, Mapping) else []
        twice = next((one for one in names if names.count(one) > 1), None)
        if twice is not None:
            what = Phrase("%(sender)s stands there twice, in small and large letters", sender=twice)
            raise ValueError(advice(what, Phrase("take one away")))
        return senders


def _within(span: timedelta) -> timedelta:
    """Raises ValueError."""
    if not timedelta(minutes=1) <= span <= timedelta(days=1):
        what = Phrase("%(minutes)s minutes is no time to count calls in", minutes=f"{span / timedelta(minutes=1):g}")
        raise ValueError(advice(what, Phrase("write 1m to 24h")))
    return span


class PerPersonSettings(BaseModel):
    """How many calls one person gets ``within`` a time; what is beyond joins a call that rings, or goes elsewhere at
    once. The only way that is left to an alert, and last resorts, ring all the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calls: int = Field(ge=1, le=1000)
    within: Annotated[timedelta, AfterValidator(_within)] = timedelta(hours=1)


class FallbackSettings(BaseModel):
    """A second account, for calls while the first one can't be used. KIDOKU_TWILIO__FALLBACK__AUTH_TOKEN.

    ``after``: how long the first may give no answer, or errors of its own; what somebody must mend counts at once.
    ``sms``, ``whatsapp``: its own senders of messages; without one they go by the first account alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr
    from_number: PhoneNumber
    from_numbers: list[PhoneNumber] = []
    api_url: Url | None = None
    after: timedelta = timedelta(seconds=20)
    sms: SmsSettings | None = None
    whatsapp: WhatsAppSettings | None = None


class TwilioSettings(BaseModel):
    """The auth token comes from the environment: KIDOKU_TWILIO__AUTH_TOKEN.

    Without ``public_url`` a call is only announced, and its outcome is asked for; with it the digit can be pressed.
    ``from_numbers`` are further numbers of the account: a step that rings again does so from the next one.
    ``sms``, ``whatsapp``: messages are sent, too. ``call_in``: people may ring us. ``fallback``: another account for
    calls. ``connect``: whoever takes an alert may be connected with the sender. ``read_text``: whoever is on the phone
    may hear what the mail says.
    ``calls_per_second`` is Twilio's limit for the account, 1 by default (https://www.twilio.com/docs/voice/api);
    ``concurrent_calls`` is how many may ring or talk at once, None: as many as Twilio takes. ``per_person``: how many
    calls each person gets, None: as many as there are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr
    from_number: PhoneNumber
    from_numbers: list[PhoneNumber] = []
    api_url: Url = "https://api.twilio.com"
    public_url: Url | None = None
    ring_timeout: Annotated[timedelta, AfterValidator(_ring_timeout)] = timedelta(seconds=25)
    calls_per_second: float = Field(default=1.0, gt=0, le=100)
    concurrent_calls: int | None = Field(default=None, ge=1)
    per_person: PerPersonSettings | None = None
    machine_detection: bool = False
    read_text: bool = True
    voices: Annotated[dict[str, str], AfterValidator(_voices)] = {}
    timeout: timedelta = timedelta(seconds=10)
    sms: SmsSettings | None = None
    whatsapp: WhatsAppSettings | None = None
    call_in: CallInSettings | None = None
    connect: ConnectSettings | None = None
    fallback: FallbackSettings | None = None

    @model_validator(mode="after")
    def _has_two_accounts(self) -> Self:
        if self.fallback is not None and self.fallback.account_sid == self.account_sid:
            what = Phrase("the fallback is the same account")
            raise ValueError(advice(what, Phrase("name another account, or take fallback away")))
        for name in ("sms", "whatsapp"):
            if self.fallback is not None and getattr(self.fallback, name) and not getattr(self, name):
                what = Phrase("the fallback sends messages that the first account does not")
                raise ValueError(advice(what, Phrase("set %(name)s of the first account too", name=name)))
        return self

    @model_validator(mode="after")
    def _rings_others(self) -> Self:
        senders = self.connect.senders if self.connect is not None else {}
        own = next((one for one, sender in senders.items() if sender.phone in self.all_numbers), None)
        if own is not None:
            what = Phrase("connect.senders.%(sender)s has a number that Kidoku calls from", sender=own)
            raise ValueError(advice(what, Phrase("write the sender's own number")))
        return self

    def of_fallback(self) -> "TwilioSettings":
        """The same settings with the second account in place of the first; there must be one."""
        assert self.fallback is not None
        own = self.fallback
        names = ("account_sid", "auth_token", "from_number", "from_numbers", "sms", "whatsapp")
        changed = {name: getattr(own, name) for name in names}
        return self.model_copy(update={**changed, "api_url": own.api_url or self.api_url, "fallback": None})

    @property
    def accounts(self) -> "tuple[TwilioSettings, ...]":
        """The settings of each account, the first one first."""
        return (self,) if self.fallback is None else (self, self.of_fallback())

    @property
    def all_numbers(self) -> frozenset[str]:
        """Every number of every account that calls are made from."""
        return frozenset(number for one in self.accounts for number in one.numbers)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every number that calls are made from, the first one first."""
        return tuple(dict.fromkeys((self.from_number, *self.from_numbers)))
