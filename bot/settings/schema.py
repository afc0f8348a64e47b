"""The JSON schema of the settings, by which editors complete and check. ``python -m bot.settings.schema`` writes it.

Secrets are not in it: they never stand in the file.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from bot.settings.fields import DURATION_SCHEMA
from bot.settings.model import Document

FILE = Path("config/schema.json")


def schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of ``config/*.yaml``."""
    made = Document.model_json_schema(by_alias=True)
    del made["$defs"]["ImapAccount"]["properties"]["name"]
    cleaned: dict[str, Any] = _cleaned(made)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cleaned, "title": "Kidoku"}


def _cleaned(part: Any) -> Any:
    """Without secrets, and without what only distracts."""
    if isinstance(part, list):
        return [_cleaned(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("format") == "duration":
        return DURATION_SCHEMA | {key: one for key, one in part.items() if key == "description"}
    kept = {key: _cleaned(one) for key, one in part.items() if not _is_noise(key, one)}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    properties = kept.get("properties")
    if isinstance(properties, dict):
        _drop_secrets(kept, properties)
    return kept


def _is_noise(key: str, value: Any) -> bool:
    """Titles that repeat the key, and defaults that are not as one would write them (``PT5M``)."""
    if key == "default":
        return not isinstance(value, (bool, int, str)) or bool(re.match(r"P[T\d]|\d\d:\d\d:\d\d$", str(value)))
    return key == "title" and isinstance(value, str)


def _drop_secrets(kept: dict[str, Any], properties: dict[str, Any]) -> None:
    for key in [key for key, one in properties.items() if _is_secret(one)]:
        if key == "database":
            properties[key] = {name: one for name, one in properties[key].items() if name not in _SECRET_KEYS}
        else:
            del properties[key]
    if "required" in kept:
        kept["required"] = [key for key in kept["required"] if key in properties]


_SECRET_KEYS = ("format", "writeOnly", "default")


def _is_secret(one: Any) -> bool:
    return isinstance(one, dict) and (
        one.get("writeOnly") is True or any(_is_secret(other) for other in one.get("anyOf", ()))
    )


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file; with ``--check`` compare it, and return 1 if it is out of date."""
    if "--check" not in arguments:
        FILE.write_text(text(), encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == text():
        return 0
    print(f"{FILE} is out of date: run python -m bot.settings.schema", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
