"""LibreTranslate: ``POST /translate`` (https://docs.libretranslate.com/guides/api_usage; the statuses and the fields
are those that ``libretranslate/app.py`` declares in its own OpenAPI description)."""

from channels.base import Now
from channels.translation.client import Answer, Client
from channels.translation.service import Outcome, Refused, Translated, Unavailable, language_of

_CODES = {"ja": ("ja",), "en": ("en",), "zh": ("zh-Hans", "zh")}
"""What a target may be called. Simplified Chinese was "zh" until 2025, and is "zh-Hans" since; a server knows one of
them, and answers 400 to the other (https://github.com/LibreTranslate/LibreTranslate/issues/783)."""


class LibreTranslate:
    """A server of one's own, or a hosted one, at ``url``; ``key`` may be "" where none is wanted."""

    name = "LibreTranslate"

    def __init__(self, url: str, key: str, now: Now) -> None:
        self._url = f"{url}/translate"
        self._key = key
        self._client = Client({}, now)
        self._codes = dict(_CODES)

    def __repr__(self) -> str:
        return self.name

    async def translate(self, text: str, target: str) -> Outcome:
        outcome: Outcome = Refused("no such language")
        for code in self._codes[target]:
            outcome = await self._translate(text, code)
            if not isinstance(outcome, Refused):
                if isinstance(outcome, Translated):
                    self._codes[target] = (code,)
                return outcome
        return outcome

    async def _translate(self, text: str, code: str) -> Outcome:
        body = {"q": text, "source": "auto", "target": code, "format": "text"}
        if self._key:
            body["api_key"] = self._key
        answer = await self._client.post(self._url, body)
        return answer if isinstance(answer, Unavailable) else _outcome(answer)

    async def close(self) -> None:
        await self._client.close()


def _outcome(answer: Answer) -> Outcome:
    match answer.status:
        case 200:
            return _translated(answer)
        case 400 | 413:
            # A language that is not installed, a text over the server's limit; or a key is wanted and none was given.
            return Refused(f"HTTP {answer.status}")
        case 401 | 403 | 404 | 405:
            # A wrong key, or banned for too many requests; no LibreTranslate at this address.
            return Unavailable(f"HTTP {answer.status}", answer.retry_after, is_lasting=True)
        case 429:
            return Unavailable("its rate limit (HTTP 429)", answer.retry_after)
        case status:
            return Unavailable(f"HTTP {status}", answer.retry_after, is_lasting=300 <= status < 400)


def _translated(answer: Answer) -> Outcome:
    text = answer.body.get("translatedText")
    if not isinstance(text, str):
        return Unavailable("an answer without a translation")
    return Translated(text, _seen(answer.body.get("detectedLanguage")))


def _seen(detected: object) -> str:
    """A language that it could not see is told as English, without any confidence."""
    return language_of(detected.get("language")) if isinstance(detected, dict) and detected.get("confidence") else ""
