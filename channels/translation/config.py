"""The settings of the translation service. Without this section nothing of a mail is ever sent to one."""

from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from channels.host import is_loopback
from escalation.phrase import Phrase, advice


class Service(StrEnum):
    """Whose API is spoken."""

    LIBRETRANSLATE = "libretranslate"
    DEEPL = "deepl"


def _url(text: str) -> str:
    """The address of a server, perhaps with a path. Raises ValueError, which does not repeat it."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or not url.isprintable():
        raise ValueError(
            advice(Phrase("this is no address of a server"), Phrase("write it like https://translate.company.example"))
        )
    if parts.username is not None:
        raise ValueError(
            advice(Phrase("a login stands in the address"), Phrase("take it out; a key goes into the environment"))
        )
    return url.rstrip("/")


class Exceptions(BaseModel):
    """Mail of which nothing is sent to the service, whatever else is said: by mailbox and by routing rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: list[str] = Field(default=[])
    rules: list[str] = Field(default=[])


class TranslationSettings(BaseModel):
    """A key comes from the environment: KIDOKU_TRANSLATION__API_KEY.

    ``url`` is where LibreTranslate answers; DeepL's own address follows from the key. ``text``: false for subjects
    only. ``allow_plain`` lets the mail's words go unencrypted to another machine.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: Service
    url: Annotated[str, AfterValidator(_url)] | None = None
    api_key: SecretStr | None = None
    allow_plain: bool = False
    text: bool = True
    exceptions: Exceptions = Field(default_factory=Exceptions, alias="except")

    @property
    def key(self) -> str:
        """The key; "" for none."""
        return self.api_key.get_secret_value().strip() if self.api_key is not None else ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.service is Service.LIBRETRANSLATE and self.url is None:
            raise ValueError(
                advice(
                    Phrase("LibreTranslate needs its address"), Phrase("write url: https://translate.company.example")
                )
            )
        if self.service is Service.DEEPL and not self.key:
            raise ValueError(Phrase("DeepL needs a key: set KIDOKU_TRANSLATION__API_KEY"))
        parts = urlsplit(self.url or "")
        if parts.scheme == "http" and not self.allow_plain and not is_loopback(parts.hostname or ""):
            raise ValueError(
                advice(
                    Phrase("the mail's words would go readably to another machine"),
                    Phrase("write https://, or allow_plain: true if you mean it"),
                )
            )
        return self
