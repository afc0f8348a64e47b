"""LibreTranslate and DeepL on loopback, after their published descriptions.

LibreTranslate: ``libretranslate/app.py`` of its repository, from which its OpenAPI description is made: ``POST
/translate`` wants q, source and target, takes format and api_key, and answers errors as {"error"}. DeepL:
``openapi.yaml`` of DeepLcom/openapi: ``POST /v2/translate`` wants text (an array) and target_lang, and the key in the
header. Both see the language of a text by its script here.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "4a1c-the-key-of-nobody"
_TARGETS = frozenset({"JA", "EN-US", "EN-GB", "ZH", "ZH-HANS", "ZH-HANT", "DE"})
_OF_LIBRE = frozenset({"q", "source", "target", "format", "alternatives", "api_key"})
_OF_DEEPL = frozenset({"text", "target_lang", "source_lang", "context", "preserve_formatting", "split_sentences"})


@dataclass
class Said:
    """What is answered in the place of a translation: a status, headers, and a body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": "no"}'


@dataclass
class FakeTranslation:
    """``words`` are translations by (text, language); any other text gets its language before it. ``said`` are answered
    first, in order. While ``is_open`` is not set nothing is answered at all."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)
    said: deque[Said] = field(default_factory=deque)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(text, language) of every request that was understood or answered otherwise."""
    paths: list[str] = field(default_factory=list)
    chinese: str = "zh-Hans"
    """What this LibreTranslate calls simplified Chinese."""
    most: int = 5_000
    url: str = ""
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def libre(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        assert set(body) <= _OF_LIBRE, body
        if (said := await self._instead(request, body["q"], body["target"])) is not None:
            return said
        if body.get("api_key", KEY) != KEY:
            return web.json_response({"error": "Invalid API key"}, status=403)
        for name in ("q", "source", "target"):
            if not body.get(name):
                return web.json_response({"error": f"Invalid request: missing {name} parameter"}, status=400)
        if body["target"] not in ("en", "ja", self.chinese) or body["source"] != "auto":
            return web.json_response({"error": f"{body['target']} is not supported"}, status=400)
        if len(body["q"]) > self.most:
            return web.json_response({"error": "Invalid request: request exceeds text limit"}, status=400)
        seen = _language(body["q"])
        found = self._translated(body["q"], seen, body["target"][:2])
        language = self.chinese if seen == "zh" else seen
        return web.json_response(
            {"translatedText": found, "detectedLanguage": {"confidence": 90.0, "language": language}}
        )

    async def deepl(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        assert set(body) <= _OF_DEEPL, body
        assert isinstance(body["text"], list)
        assert (request.content_length or 0) <= 128 * 1024
        assert body["target_lang"] in _TARGETS
        if (said := await self._instead(request, body["text"][0], body["target_lang"])) is not None:
            return said
        if request.headers.get("Authorization") != f"DeepL-Auth-Key {KEY}":
            return web.Response(status=403)
        language = body["target_lang"][:2].lower()
        found = [
            {
                "detected_source_language": _language(one).upper(),
                "text": self._translated(one, _language(one), language),
            }
            for one in body["text"]
        ]
        return web.json_response({"translations": found})

    async def _instead(self, request: web.Request, text: str, target: str) -> web.Response | None:
        assert request.headers.get("User-Agent") == "Kidoku"
        self.paths.append(request.path)
        self.asked.append((text, target[:2].lower()))
        self.came.set()
        await self.is_open.wait()
        if not self.said:
            return None
        said = self.said.popleft()
        return web.Response(status=said.status, headers=said.headers, body=said.body, content_type="application/json")

    def _translated(self, text: str, source: str, target: str) -> str:
        return text if source == target else self.words.get((text, target), f"{target}({text})")

    async def elsewhere(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        return web.json_response({"translatedText": "from elsewhere"})


def _language(text: str) -> str:
    if any("\u3041" <= char <= "\u30fa" for char in text):
        return "ja"
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"


@asynccontextmanager
async def serving() -> AsyncIterator[FakeTranslation]:
    fake = FakeTranslation()
    fake.is_open.set()
    app = web.Application()
    app.router.add_post("/translate", fake.libre)
    app.router.add_post("/v2/translate", fake.deepl)
    app.router.add_route("*", "/{path:.*}", fake.elsewhere)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()
