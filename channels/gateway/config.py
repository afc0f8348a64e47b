"""The settings of the submission gateway: where it listens, who may hand in mail, how much of it."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from channels.gateway.password import read
from channels.host import Security, is_loopback
from escalation.phrase import Phrase, advice

_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 587}


class ReceiptsPlace(BaseModel):
    """Where mail servers hand in bounces and other receipts, without a login."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)] = "127.0.0.1"
    port: int = Field(default=25, ge=0, le=65535)


class GatewaySettings(BaseModel):
    """Users and their password hashes come from the environment: KIDOKU_GATEWAY__PASSWORDS_FILE names a file of lines
    as ``kidoku gateway-password`` prints them.

    ``size`` is the largest mail in bytes, ``messages_per_minute`` counts for each user, ``recipients`` for each mail.
    ``name`` is how the gateway greets, this machine's name if left out. With ``receipts`` it also takes what comes back
    for the mail that Kidoku sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)] = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535)
    security: Security = Security.STARTTLS
    allow_plain: bool = False
    cert_file: Path | None = None
    key_file: Path | None = None
    passwords: SecretStr
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")] | None = None
    size: int = Field(default=25_000_000, ge=10_000, le=100_000_000)
    messages_per_minute: int = Field(default=300, ge=1, le=100_000)
    recipients: int = Field(default=100, ge=1, le=10_000)
    connections: int = Field(default=50, ge=1, le=1000)
    receipts: ReceiptsPlace | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; the usual port of its security if none was given, any free one for 0."""
        return self.host, _PORTS[self.security] if self.port is None else self.port

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.security is Security.PLAIN:
            if not self.allow_plain and not is_loopback(self.host):
                wrong = Phrase("security: plain would take passwords readably from other machines")
                raise ValueError(advice(wrong, Phrase("write tls or starttls, or allow_plain: true if you mean it")))
        elif self.cert_file is None:
            wrong = Phrase("security: %(security)s needs a certificate", security=str(self.security))
            raise ValueError(advice(wrong, Phrase("write cert_file: and key_file:")))
        return self

    @model_validator(mode="after")
    def _has_users(self) -> Self:
        try:
            read(self.passwords.get_secret_value())
        except ValueError as error:
            wrong, fix = error.args[0].values["wrong"], error.args[0].values["fix"]
            raise ValueError(advice(Phrase("the users can't be read: %(why)s", why=wrong), fix)) from None
        return self
