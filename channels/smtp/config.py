"""The settings of the way out for mail: the smart host, and where receipts come back to."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from channels.host import NAME, Security, is_loopback, mail_server
from channels.smtp.address import Mailbox, mailbox, needs_utf8, spec
from channels.timeout import at_most
from escalation.phrase import N_, Phrase, advice

LONGEST_VERP_LOCAL = 31
"""So that a plus sign and a token of 32 characters still fit into the 64 of a local part (RFC 5321)."""

_LITERAL = re.compile(r"\[(IPv6:)?[0-9A-Fa-f.:]+\]")


_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 25}


_HOST = AfterValidator(mail_server(Phrase("write its name, like smtp.company.example")))


def _helo(text: str) -> str:
    name = text.strip()
    if not NAME.fullmatch(name) and not _LITERAL.fullmatch(name):
        raise ValueError(
            advice(
                Phrase("“%(text)s” is no host name", text=name[:80]),
                Phrase("write this machine's, like kidoku.company.example"),
            )
        )
    return name


def _sender(text: str) -> str:
    mailbox(text)
    return text.strip()


_TIMEOUT = AfterValidator(at_most(timedelta(minutes=1), Phrase("write 1s to 1m")))


Address = Annotated[str, AfterValidator(spec)]


class SmtpSettings(BaseModel):
    """The password comes from the environment: KIDOKU_SMTP__PASSWORD.

    ``bounces`` is where bounces and DSNs go, the sender's address if it is not given; with ``verp`` each recipient has
    one of its own, local+TOKEN@domain. ``receipts_to`` is where MDNs are asked to go; without it none is asked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, _HOST]
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Security = Security.STARTTLS
    allow_plain: bool = False
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    sender: Annotated[str, AfterValidator(_sender)]
    bounces: Address | None = None
    verp: bool = False
    receipts_to: Address | None = None
    helo: Annotated[str, AfterValidator(_helo)] | None = None
    timeout: Annotated[timedelta, _TIMEOUT] = timedelta(seconds=20)
    concurrency: int = Field(default=4, ge=1, le=16)

    @property
    def server(self) -> tuple[str, int]:
        """Host and port; the usual port of its security if none was given."""
        return self.host, self.port or _PORTS[self.security]

    @property
    def sender_mailbox(self) -> Mailbox:
        """The sender's name and address."""
        return mailbox(self.sender)

    @property
    def bounce_address(self) -> str:
        """Where bounces go, before any token."""
        return self.bounces or self.sender_mailbox.address

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        has_password = self.password is not None and bool(self.password.get_secret_value())
        if self.username and not has_password:
            raise ValueError(Phrase("a username needs its password: set KIDOKU_SMTP__PASSWORD"))
        if has_password and not self.username:
            raise ValueError(Phrase("a password needs its username: write username: …, or leave both out"))
        if self.security is Security.PLAIN and not self.allow_plain and not is_loopback(self.host):
            raise ValueError(
                advice(
                    Phrase("security: plain would send mail and password readably to another machine"),
                    Phrase("write tls or starttls, or allow_plain: true if you mean it"),
                )
            )
        return self

    @model_validator(mode="after")
    def _has_room_for_tokens(self) -> Self:
        address = self.bounce_address
        local = address.rpartition("@")[0]
        if needs_utf8(address):
            raise ValueError(
                advice(
                    Phrase("bounces to “%(text)s” would not come back from most servers", text=address),
                    Phrase("write an ASCII address"),
                )
            )
        if self.verp and ("+" in local or '"' in local or len(local) > LONGEST_VERP_LOCAL):
            form = N_("write bounces: with at most %(n)d characters before the @, without + and quotes, or verp: false")
            what = Phrase("“%(text)s” leaves no room for +TOKEN after it", text=local)
            raise ValueError(advice(what, Phrase(form, n=LONGEST_VERP_LOCAL)))
        return self
