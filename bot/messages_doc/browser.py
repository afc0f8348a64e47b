"""Opens pages of a bot in this process, without a server or a browser, and reads them as a reader does."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.messages_doc.live import Bot

_BLOCKS = frozenset({"h1", "h2", "p", "dl", "article", "form", "pre", "li", "div"})
_UNSEEN = frozenset({"style", "title", "script"})


async def opened(bot: Bot, url: str) -> list[str]:
    """A link is followed."""
    return read(await _asked(bot, "GET", url))


async def pressed(bot: Bot, url: str, **fields: str) -> list[str]:
    """The button of the page at this link is pressed, in a form with these fields."""
    return read(await _asked(bot, "POST", url, urlencode(fields).encode()))


async def pressed_in(bot: Bot, url: str, html: str, button: str) -> str:
    """The same as HTML: the button that sends ``do`` so, with what else its form holds."""
    form = next(one for one in re.findall(r"<form.*?</form>", html, re.DOTALL) if f'name="do" value="{button}"' in one)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return await _asked(bot, "POST", url, urlencode(fields).encode())


async def source(bot: Bot, url: str, **fields: str) -> str:
    """What a press brings, as HTML."""
    return await _asked(bot, "POST", url, urlencode(fields).encode())


async def _asked(bot: Bot, method: str, url: str, body: bytes = b"") -> str:
    """By ASGI (https://asgi.readthedocs.io/en/latest/specs/www.html), from a browser that reads the cast's language."""
    assert bot.app.site is not None
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": urlsplit(url).path,
        "raw_path": urlsplit(url).path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"kidoku.company.example"),
            (b"accept-language", bot.cast.language.encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ],
        "client": ("192.0.2.1", 50000),
        "server": ("192.0.2.2", 443),
    }
    answer: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answer.append(message.get("body", b""))

    await bot.app.site.app(scope, receive, send)
    await bot.works()
    return b"".join(answer).decode()


def read(html: str) -> list[str]:
    """What is on the page, from top to bottom: [ … ] is a button, [      ] a field."""
    reader = _Reader()
    reader.feed(html)
    reader.end()
    return reader.lines


class _Reader(HTMLParser):
    """Gathers the lines of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._line = ""
        self._unseen = 0
        self._is_as_written = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _BLOCKS or tag == "dt":
            self.end()
        if tag == "h1":
            self._line = "■ "
        elif tag == "dd":
            self._line += ": "
        elif tag == "button":
            self._line += "[ "
        elif tag == "input" and ("type", "hidden") not in attrs:
            self._line += ": [              ]  "
        self._is_as_written = self._is_as_written or tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen -= 1
        elif tag == "button":
            self._line += " ]"
        if tag in _BLOCKS or tag == "dd":
            self.end()
        self._is_as_written = self._is_as_written and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._is_as_written:
            first, *more = data.split("\n")
            self._line += first
            for line in more:
                self.end()
                self._line = line
        else:
            self._line += " ".join(data.split())

    def end(self) -> None:
        """The line ends here."""
        if self._line.strip():
            self.lines.append(self._line.rstrip())
        self._line = ""
