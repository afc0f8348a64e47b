"""The settings of one watched mail account."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from channels.host import Security, is_loopback, mail_server
from escalation.phrase import Phrase, advice

_HOST = AfterValidator(
    mail_server(Phrase("write its name alone, like imap.company.example, and port: and security: beside it"))
)


class ImapAccount(BaseModel):
    """One account: where it is, how to get in, which folders, and whose it is.

    ``owner`` is a person's id (a mailbox of their own), ``team`` a team's (a shared one), ``receipts`` the mailbox that
    bounces, read receipts and answers to the team's mail come to: exactly one of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    host: Annotated[str, _HOST]
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Security = Security.TLS
    allow_plain: bool = False
    username: str
    password: SecretStr
    auth: Literal["password"] = "password"
    folders: tuple[str, ...] = ("INBOX",)
    watch_junk: bool = True
    owner: str | None = None
    team: str | None = None
    receipts: bool = False
    poll_every: timedelta = timedelta(seconds=30)
    lookback: timedelta = timedelta(hours=1)
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=30)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; the usual port of its security if none was given."""
        return self.host, self.port or (993 if self.security is Security.TLS else 143)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if [self.owner is not None, self.team is not None, self.receipts].count(True) != 1:
            raise ValueError(
                Phrase("a mailbox belongs to one: write owner: <person>, or team: <team>, or receipts: true")
            )
        if self.security is Security.PLAIN and not self.allow_plain and not is_loopback(self.host):
            raise ValueError(
                advice(
                    Phrase("security: plain would send the password readably to another machine"),
                    Phrase("write tls or starttls, or allow_plain: true if you mean it"),
                )
            )
        return self
