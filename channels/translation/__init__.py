"""Machine translation of short texts by a service outside: LibreTranslate or DeepL."""

from channels.translation.build import build

__all__ = ["build"]
