"""Who fetched the picture of a mail: a person's mail program, or a machine between. Pure.

The rules, the first that fits (what each is worth stands in docs/receipts.md):

1. A browser that says it fetches ahead (``Sec-Purpose``, ``Purpose``) is no reader.
2. A User-Agent that names a proxy or a scanner is that machine. Gmail's and Yahoo's proxies fetch when the mail is
   opened, but for the whole world from the same addresses, and at times before: a machine, worth half a person.
3. ``Mozilla/5.0`` and nothing more is Apple's Mail Privacy Protection: it fetches every picture of every mail.
4. An address that a mail service publishes as its own is that service's machine.
5. No User-Agent at all is a program.
6. One network that opens a mail for several recipients within seconds is a scanner in front of them.
7. Nobody reads within seconds of sending.
8. What is left is likely a person.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from bot.web.network import owner_of
from escalation.receipt import ReceiptKind


class Opener(StrEnum):
    """Who fetched."""

    APPLE_MPP = "apple_mpp"
    GMAIL_PROXY = "gmail_proxy"
    YAHOO_PROXY = "yahoo_proxy"
    OUTLOOK_SCANNER = "outlook_scanner"
    SECURITY_SCANNER = "security_scanner"
    PREFETCH = "prefetch"
    TOO_FAST = "too_fast"
    BURST = "burst"
    PERSON = "person"


class Fetch(NamedTuple):
    """One request for a picture. ``address`` is the client's, "" if unknown; ``is_ahead``: it says that it is one for
    later."""

    key: str
    at: datetime
    address: str = ""
    user_agent: str = ""
    is_ahead: bool = False


class Opening(NamedTuple):
    """What a fetch is. ``confidence``: how sure ``kind`` is, 0 to 1. ``reason``: why, in English."""

    kind: ReceiptKind
    opener: Opener
    reason: str
    confidence: float


AT_ONCE = timedelta(seconds=10)
SOON = timedelta(seconds=30)
"""Scanners that run what they find were seen 12 to 22 s after delivery."""
UNHURRIED = timedelta(seconds=60)

BURST_WINDOW = timedelta(seconds=5)
BURST = 3
"""So many recipients of one mail, from one network, within the window."""

_GMAIL = re.compile(r"\bGoogleImageProxy\b|\bvia ggpht\.com\b")
_YAHOO = re.compile(r"\bYahooMailProxy\b")
_GMAIL_AHEAD = re.compile(r"Chrome/42\.0\.2311\.135 Safari/537\.36 Edge/12\.246 Mozilla/5\.0$")
"""Gmail, before a mail is shown (SparkPost, "Gmail Is Prefetching Images", 2022)."""
_STALE = re.compile(r"Chrome/42\.0\.2311\.135 Safari/537\.36 Edge/12\.246\b")
"""The Edge of 2015: scanners still carry it, people do not."""
_MICROSOFT = re.compile(
    r"\b(BingPreview|SkypeUriPreview|SafeLinks|Microsoft Office Existence Discovery)\b", re.IGNORECASE
)
_SCANNER = re.compile(
    r"barracuda|mimecast|proofpoint|ironport|ciscosecureemail|symantec|messagelabs|trend ?micro|\btmes\b|fortinet|"
    r"fortimail|fortiguard|sophos|f-secure|withsecure|fireeye|trellix|zscaler|forcepoint|kaspersky|checkpoint|"
    r"check point|vade\b|virustotal|urlscan",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"headless|phantomjs|selenium|puppeteer|playwright|\b(curl|wget|libwww-perl|python|python-requests|python-urllib|"
    r"aiohttp|httpx|go-http-client|java|okhttp|apache-httpclient|node-fetch|axios|guzzlehttp|winhttp|ruby)\b/?|"
    r"bot\b|crawl|spider|slurp|facebookexternalhit|linkpreview|\bpreview\b",
    re.IGNORECASE,
)


def classify(fetch: Fetch, sent_at: datetime, together: Collection[str] = ()) -> Opening:
    """What this fetch proves. ``together``: the other recipients' keys of the same mail that the same network fetched
    within ``BURST_WINDOW``."""
    since = fetch.at - sent_at
    return (
        _ahead(fetch)
        or _by_program(fetch.user_agent, since)
        or _by_address(fetch.address, since)
        or _nameless(fetch)
        or _together(together)
        or _by_speed(since)
    )


def _machine(opener: Opener, reason: str, confidence: float) -> Opening:
    return Opening(ReceiptKind.OPENED_BY_MACHINE, opener, reason, confidence)


def _ahead(fetch: Fetch) -> Opening | None:
    return _machine(Opener.PREFETCH, "the browser says that it fetches ahead", 0.98) if fetch.is_ahead else None


def _by_program(agent: str, since: timedelta) -> Opening | None:
    if _GMAIL.search(agent):
        return _proxy(Opener.GMAIL_PROXY, "Gmail's image proxy", since)
    if _YAHOO.search(agent):
        return _proxy(Opener.YAHOO_PROXY, "Yahoo's image proxy", since)
    return _named(agent)


@lru_cache(maxsize=4_096)
def _named(agent: str) -> Opening | None:
    """A machine that its User-Agent alone gives away."""
    if agent.strip() == "Mozilla/5.0":
        return _machine(Opener.APPLE_MPP, "Apple's Mail Privacy Protection: a bare Mozilla/5.0", 0.9)
    marks = (
        (_GMAIL_AHEAD, Opener.PREFETCH, "Gmail fetches before it shows the mail", 0.95),
        (_MICROSOFT, Opener.OUTLOOK_SCANNER, "a checker of Microsoft, by its User-Agent", 0.95),
        (_SCANNER, Opener.SECURITY_SCANNER, "a security scanner, by its User-Agent", 0.97),
        (_STALE, Opener.SECURITY_SCANNER, "a browser of 2015, as scanners carry it", 0.95),
        (_PROGRAM, Opener.SECURITY_SCANNER, "a program that is no mail program", 0.9),
    )
    found = (_machine(opener, reason, sure) for mark, opener, reason, sure in marks if mark.search(agent))
    return next(found, None)


def _proxy(opener: Opener, name: str, since: timedelta) -> Opening:
    if since < SOON:
        return _machine(opener, f"{name}, within {SOON.seconds} s of sending", 0.9)
    return _machine(opener, f"{name}, which fetches when the mail is opened, and at times before", 0.5)


def _by_address(address: str, since: timedelta) -> Opening | None:
    owner = owner_of(address)
    if owner is None:
        return None
    opener = Opener(owner.opener)
    if opener is Opener.GMAIL_PROXY:
        return _proxy(opener, "an address of Google's mail", since)
    return _machine(opener, f"an address of {owner.name}", 0.95 if since < UNHURRIED else 0.8)


def _nameless(fetch: Fetch) -> Opening | None:
    if fetch.user_agent.strip():
        return None
    return _machine(Opener.SECURITY_SCANNER, "a program that does not say what it is", 0.8)


def _together(together: Collection[str]) -> Opening | None:
    if len(together) + 1 < BURST:
        return None
    window = f"within {BURST_WINDOW.seconds} s"
    return _machine(Opener.BURST, f"one network fetched for {BURST} recipients or more {window}", 0.75)


def _by_speed(since: timedelta) -> Opening:
    if since < AT_ONCE:
        return _machine(Opener.TOO_FAST, f"within {AT_ONCE.seconds} s of sending", 0.9)
    if since < SOON:
        return _machine(Opener.TOO_FAST, f"within {SOON.seconds} s of sending", 0.75)
    if since < UNHURRIED:
        return Opening(ReceiptKind.OPENED, Opener.PERSON, f"a mail program, within {UNHURRIED.seconds} s", 0.5)
    return Opening(ReceiptKind.OPENED, Opener.PERSON, "a mail program, no sign of a machine", 0.65)


_FAMILIES = (
    ("GoogleImageProxy", "GoogleImageProxy"),
    ("YahooMailProxy", "YahooMailProxy"),
    ("Thunderbird", "Thunderbird"),
    ("Outlook", "Outlook"),
    ("MSOffice", "Outlook"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("AppleWebKit", "Apple Mail"),
)


@lru_cache(maxsize=4_096)
def program_of(agent: str) -> str:
    """The family of a User-Agent, "Outlook"; never its version or system, by which a person could be known again."""
    return next((name for mark, name in _FAMILIES if mark in agent), "other" if agent.strip() else "")
