"""The section ``translation``: off unless it is there, its slips, and a key that nothing shows."""

from pathlib import Path

import pytest

from tests.unit.test_settings_load import MINIMAL, PASSWORD, load_text, told

KEY = {"KIDOKU_TRANSLATION__API_KEY": "s3cr3tKeyOfTheService"}
LIBRE = "service: libretranslate, url: 'https://translate.company.example'"


def section(more: str) -> str:
    return f"{MINIMAL}translation: {{{more}}}\n"


def test_without_the_section_there_is_none_and_a_key_alone_turns_nothing_on(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, MINIMAL, {**PASSWORD, **KEY})
    assert loaded.settings is not None
    assert loaded.settings.translation is None
    assert [line for line in told(loaded) if "the file has no section translation" in line]


@pytest.mark.parametrize(("more", "environ"), [("service: deepl", KEY), (LIBRE, {}), (LIBRE, KEY)])
def test_a_service_is_set_up(tmp_path: Path, more: str, environ: dict[str, str]) -> None:
    loaded = load_text(tmp_path, section(more), {**PASSWORD, **environ})
    assert loaded.problems == ()
    assert loaded.settings is not None
    assert loaded.settings.translation is not None
    assert loaded.settings.translation.text is True
    assert "s3cr3t" not in f"{loaded.settings!r} {loaded.settings.translation!r}"


def test_a_key_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k:fx\n")
    environ = {**PASSWORD, "KIDOKU_TRANSLATION__API_KEY_FILE": str(tmp_path / "key")}
    loaded = load_text(tmp_path, section("service: deepl"), environ)
    assert loaded.settings is not None
    assert loaded.settings.translation is not None
    assert loaded.settings.translation.key == "k:fx"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("service: libretranslate", "LibreTranslate needs its address; write url: https://"),
        ("service: deepl", "DeepL needs a key: set KIDOKU_TRANSLATION__API_KEY"),
        ("service: babelfish", "translation.service"),
        (f"{LIBRE}, api_key: s3cr3tKeyOfTheService", "a secret stands in the file"),
        ("service: libretranslate, url: 'http://translate:5000'", "the mail's words would go readably"),
        ("service: libretranslate, url: translate.example", "this is no address of a server"),
        ("service: libretranslate, url: 'https://a.example/?key=1'", "this is no address of a server"),
        ("service: libretranslate, url: 'https://a.example:port'", "this is no address of a server"),
        ("service: libretranslate, url: 'https://u:s3cr3t@a.example'", "a login stands in the address"),
        (f"{LIBRE}, except: {{accounts: [alicee]}}", "there is no account alicee; did you mean alice?"),
        (f"{LIBRE}, except: {{rules: [urgant]}}", "there is no rule urgant"),
        (f"{LIBRE}, excpt: {{}}", "excpt"),
    ],
)
def test_slips_say_where_and_what(tmp_path: Path, more: str, said: str) -> None:
    loaded = load_text(tmp_path, section(more), PASSWORD)
    lines = told(loaded)
    assert [line for line in lines if said in line and "translation" in line], lines
    assert "s3cr3t" not in "\n".join(lines)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000", "http://localhost:5000/api/", "http://[::1]:5000"])
def test_on_this_machine_it_need_not_be_encrypted(tmp_path: Path, url: str) -> None:
    loaded = load_text(tmp_path, section(f"service: libretranslate, url: '{url}'"), PASSWORD)
    assert loaded.settings is not None
    assert loaded.settings.translation is not None
    assert loaded.settings.translation.url == url.rstrip("/")


def test_it_may_be_meant_that_it_is_not(tmp_path: Path) -> None:
    more = "service: libretranslate, url: 'http://translate:5000', allow_plain: true"
    assert load_text(tmp_path, section(more), PASSWORD).problems == ()
