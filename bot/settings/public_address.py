"""Where others reach the web server: an address to which paths are put."""

from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, WithJsonSchema

from bot.settings.fields import wrong
from channels.host import is_loopback
from escalation.phrase import Phrase

_FIX = Phrase("write it like https://kidoku.company.example")


def public_address(value: Any) -> Any:
    """https, or plain http to this machine; a path is fine, a slash at the end is taken off. What is no text is left to
    pydantic. A password may stand in it: it is in no error."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    parts = _split(text)
    if parts is None or any(char.isspace() or char == "\\" for char in text):
        raise wrong(Phrase("this is no address of a server"), _FIX)
    if parts.username is not None or parts.query or parts.fragment or text.endswith(("?", "#")):
        host = parts.netloc.rpartition("@")[2]
        fix = Phrase("write %(text)s", text=f"{parts.scheme}://{host}{parts.path}".rstrip("/"))
        raise wrong(Phrase("paths are put to this address: no user, no “?” and no “#” may be in it"), fix)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise wrong(Phrase("“%(text)s” is not encrypted", text=text[:80]), Phrase("write it with https://"))
    return text.rstrip("/")


def _split(text: str) -> SplitResult | None:
    """The parts of an address of http or https; None if it is none."""
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_one else None


PublicAddress = Annotated[
    str,
    BeforeValidator(public_address),
    WithJsonSchema({"type": "string", "pattern": r"^https?://[^\s/?#@\\]+(/[^\s?#\\]*)?$"}),
]
