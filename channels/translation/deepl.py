"""DeepL: ``POST /v2/translate`` (https://developers.deepl.com/docs/api-reference/translate, and the OpenAPI description
in https://github.com/DeepLcom/openapi, whose statuses are all below)."""

from channels.base import Now
from channels.translation.client import Answer, Client
from channels.translation.service import Outcome, Refused, Translated, Unavailable, language_of

PRO = "https://api.deepl.com"
FREE = "https://api-free.deepl.com"
_CODES = {"ja": "JA", "en": "EN-US", "zh": "ZH-HANS"}


class DeepL:
    """``url`` is a gateway before it; None: where this key belongs. Keys of the free plan end in ":fx"."""

    name = "DeepL"

    def __init__(self, url: str | None, key: str, now: Now) -> None:
        self._url = f"{url or (FREE if key.endswith(':fx') else PRO)}/v2/translate"
        self._client = Client({"Authorization": f"DeepL-Auth-Key {key}"}, now)

    def __repr__(self) -> str:
        return self.name

    async def translate(self, text: str, target: str) -> Outcome:
        answer = await self._client.post(self._url, {"text": [text], "target_lang": _CODES[target]})
        return answer if isinstance(answer, Unavailable) else _outcome(answer)

    async def close(self) -> None:
        await self._client.close()


def _outcome(answer: Answer) -> Outcome:
    match answer.status:
        case 200:
            return _translated(answer)
        case 400 | 413 | 414:
            return Refused(f"HTTP {answer.status}")
        case 401 | 403 | 404:
            return Unavailable(f"HTTP {answer.status}", answer.retry_after, is_lasting=True)
        case 429 | 529:
            return Unavailable(f"its rate limit (HTTP {answer.status})", answer.retry_after)
        case 456:
            return Unavailable("the quota is used up (HTTP 456)", answer.retry_after, is_lasting=True)
        case status:
            return Unavailable(f"HTTP {status}", answer.retry_after, is_lasting=300 <= status < 400)


def _translated(answer: Answer) -> Outcome:
    found = answer.body.get("translations")
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    text = first.get("text")
    if not isinstance(text, str):
        return Unavailable("an answer without a translation")
    return Translated(text, language_of(first.get("detected_source_language")))
