"""LibreTranslate and DeepL over the wire: every documented status and its outcome, and nothing that a repr tells."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from channels.translation import build, client, deepl
from channels.translation.config import TranslationSettings
from channels.translation.service import MOST_TEXT, Refused, Translated, Translator, Unavailable
from tests.fakes.translation import KEY, FakeTranslation, Said, serving

NOW = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
SERVICES = ("libretranslate", "deepl")
TEXT = "Link down in Osaka"


def translator(service: str, url: str | None, key: str = KEY) -> Translator:
    values: dict[str, Any] = {"service": service, "api_key": key} | ({"url": url} if url else {})
    return build(TranslationSettings.model_validate(values), lambda: NOW)


@asynccontextmanager
async def talking(service: str, *, key: str = KEY) -> AsyncIterator[tuple[FakeTranslation, Translator]]:
    async with serving() as fake:
        asked = translator(service, fake.url, key)
        try:
            yield fake, asked
        finally:
            await asked.close()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("target", ["ja", "zh"])
async def test_a_text_is_translated(service: str, target: str) -> None:
    async with talking(service) as (fake, asked):
        assert await asked.translate(TEXT, target) == Translated(f"{target}({TEXT})", "en")
        assert fake.asked[-1] == (TEXT, target)


@pytest.mark.parametrize("service", SERVICES)
async def test_the_language_that_the_service_sees_is_told(service: str) -> None:
    async with talking(service) as (_, asked):
        assert await asked.translate("线路中断", "en") == Translated("en(线路中断)", "zh")
        assert await asked.translate(TEXT, "en") == Translated(TEXT, "en")


@pytest.mark.parametrize(("chinese", "requests"), [("zh-Hans", [1, 1]), ("zh", [2, 1])])
async def test_either_name_of_chinese_is_found_once(chinese: str, requests: list[int]) -> None:
    async with talking("libretranslate") as (fake, asked):
        fake.chinese = chinese
        for count in requests:
            before = len(fake.asked)
            assert await asked.translate(TEXT, "zh") == Translated(f"zh({TEXT})", "en")
            assert len(fake.asked) - before == count


@pytest.mark.parametrize(
    "detected", ["null", "[]", '{"confidence": 0.0, "language": "en"}', '{"confidence": 9, "language": 7}']
)
async def test_a_language_that_was_not_seen_is_none(detected: str) -> None:
    """``detect_languages`` of LibreTranslate says English, with confidence 0, where it can't tell."""
    async with talking("libretranslate") as (fake, asked):
        fake.said.append(Said(200, body=f'{{"translatedText": "x", "detectedLanguage": {detected}}}'.encode()))
        assert await asked.translate(TEXT, "en") == Translated("x", "")


Expected = Refused | Unavailable
_WAIT = timedelta(seconds=7)
LIBRE: dict[int, Expected] = {
    400: Refused("HTTP 400"),
    413: Refused("HTTP 413"),
    401: Unavailable("HTTP 401", is_lasting=True),
    403: Unavailable("HTTP 403", is_lasting=True),
    404: Unavailable("HTTP 404", is_lasting=True),
    405: Unavailable("HTTP 405", is_lasting=True),
    429: Unavailable("its rate limit (HTTP 429)"),
    500: Unavailable("HTTP 500"),
    502: Unavailable("HTTP 502"),
    204: Unavailable("HTTP 204"),
}
DEEPL: dict[int, Expected] = {
    400: Refused("HTTP 400"),
    413: Refused("HTTP 413"),
    414: Refused("HTTP 414"),
    401: Unavailable("HTTP 401", is_lasting=True),
    403: Unavailable("HTTP 403", is_lasting=True),
    404: Unavailable("HTTP 404", is_lasting=True),
    429: Unavailable("its rate limit (HTTP 429)"),
    529: Unavailable("its rate limit (HTTP 529)"),
    456: Unavailable("the quota is used up (HTTP 456)", is_lasting=True),
    500: Unavailable("HTTP 500"),
    503: Unavailable("HTTP 503"),
    504: Unavailable("HTTP 504"),
}
ANSWERS = [("libretranslate", *one) for one in LIBRE.items()] + [("deepl", *one) for one in DEEPL.items()]


@pytest.mark.parametrize(("service", "status", "expected"), ANSWERS)
async def test_every_status_has_its_outcome(service: str, status: int, expected: Expected) -> None:
    async with talking(service) as (fake, asked):
        fake.said.append(Said(status))
        assert await asked.translate(TEXT, "ja") == expected
        assert await asked.translate(TEXT, "ja") == Translated(f"ja({TEXT})", "en"), "the next one is tried"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("7", _WAIT),
        ("0", timedelta(0)),
        ("Sun, 03 May 2026 17:00:07 GMT", _WAIT),
        ("Sun, 03 May 2026 16:00:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        (f"Sun, 03 May 2026 17:00:07 +{'9' * 20}", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
    ],
)
async def test_how_long_the_service_wants_to_be_left_alone(service: str, header: str, after: timedelta | None) -> None:
    async with talking(service) as (fake, asked):
        fake.said.append(Said(429, {"Retry-After": header}))
        assert await asked.translate(TEXT, "ja") == Unavailable("its rate limit (HTTP 429)", after)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"translatedText": 1, "translations": 1}', b'{"translations": [1]}', b"[" * 9_000]
)
async def test_an_answer_that_is_none(service: str, body: bytes) -> None:
    async with talking(service) as (fake, asked):
        fake.said.append(Said(200, body=body))
        assert await asked.translate(TEXT, "ja") == Unavailable("an answer without a translation")


@pytest.mark.parametrize("service", SERVICES)
async def test_an_answer_without_end_is_not_read_to_it(service: str) -> None:
    async with talking(service) as (fake, asked):
        fake.said.append(Said(200, body=b'{"translatedText": "' + b"x" * client.MOST_BYTES + b'"}'))
        assert await asked.translate(TEXT, "ja") == Unavailable("ValueError")


@pytest.mark.parametrize("service", SERVICES)
async def test_the_mails_words_are_not_taken_elsewhere(service: str) -> None:
    """A redirect would bring them, and the key, to another server."""
    async with talking(service) as (fake, asked):
        fake.said.append(Said(307, {"Location": f"{fake.url}/elsewhere"}))
        assert await asked.translate(TEXT, "ja") == Unavailable("HTTP 307", is_lasting=True)
        assert len(fake.paths) == 1


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_hangs_is_left_in_time(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_TIME", timedelta(milliseconds=50))
    async with talking(service) as (fake, asked):
        fake.is_open.clear()
        assert await asked.translate(TEXT, "ja") == Unavailable("no answer in time")
        fake.is_open.set()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_is_not_there(service: str) -> None:
    async with serving() as fake:
        url = fake.url
    asked = translator(service, url)
    assert await asked.translate(TEXT, "ja") == Unavailable("ClientConnectorError")
    await asked.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_wrong_key(service: str) -> None:
    async with talking(service, key="another") as (_, asked):
        assert await asked.translate(TEXT, "ja") == Unavailable("HTTP 403", is_lasting=True)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_key_that_no_header_can_hold(service: str) -> None:
    async with talking(service, key="one\nX-Other: 1") as (_, asked):
        assert isinstance(await asked.translate(TEXT, "ja"), Unavailable)


@pytest.mark.parametrize(("key", "is_free"), [("k:fx", True), ("k", False)])
async def test_a_key_tells_where_deepl_is(key: str, is_free: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as fake:
        monkeypatch.setattr(deepl, "FREE" if is_free else "PRO", fake.url)
        asked = translator("deepl", None, key)
        await asked.translate(TEXT, "ja")
        await asked.close()
        assert fake.paths == ["/v2/translate"]


async def test_a_server_of_ones_own_wants_no_key() -> None:
    async with serving() as fake:
        asked = build(TranslationSettings.model_validate({"service": "libretranslate", "url": fake.url}), lambda: NOW)
        assert isinstance(await asked.translate(TEXT, "ja"), Translated)
        await asked.close()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [200, 400, 403, 429, 500])
async def test_nothing_tells_the_key_or_the_text(service: str, status: int) -> None:
    with capture_logs() as logs:
        async with talking(service) as (fake, asked):
            if status != 200:
                fake.said.append(Said(status, body=f'{{"error": "{KEY} {TEXT}"}}'.encode()))
            outcome = await asked.translate(TEXT, "ja")
            settings = TranslationSettings.model_validate({"service": service, "url": fake.url, "api_key": KEY})
            told = f"{asked!r} {outcome!r} {settings!r} {logs!r}"
    assert KEY not in told
    assert TEXT not in told


Make = Callable[[int], str]


@pytest.mark.parametrize("make", [lambda n: "x" * n, lambda n: "線" * n, lambda n: "\U0001f600" * n])
async def test_the_longest_text_fits_into_a_request_and_its_answer(make: Make) -> None:
    """DeepL takes 128 KiB in all."""
    async with talking("deepl") as (_, asked):
        assert isinstance(await asked.translate(make(MOST_TEXT), "ja"), Translated)
