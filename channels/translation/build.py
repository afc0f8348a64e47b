"""Makes the service that the settings name."""

from channels.base import Now
from channels.translation.config import Service, TranslationSettings
from channels.translation.deepl import DeepL
from channels.translation.libretranslate import LibreTranslate
from channels.translation.service import Translator


def build(settings: TranslationSettings, now: Now) -> Translator:
    if settings.service is Service.DEEPL:
        return DeepL(settings.url, settings.key, now)
    return LibreTranslate(settings.url or "", settings.key, now)
