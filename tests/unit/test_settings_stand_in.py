"""Commands that talk to nobody outside want no secrets."""

from pathlib import Path

import pytest

from bot.settings.load import load

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("name", ["minimal.yaml", "example.yaml"])
def test_the_examples_load_without_any_secret_where_none_is_needed(name: str) -> None:
    assert load(CONFIG / name, {}).settings is None
    loaded = load(CONFIG / name, {}, needs_secrets=False)
    assert loaded.settings is not None, [str(one) for one in loaded.problems]


def test_a_secret_file_that_may_not_be_read_is_not_read() -> None:
    environ = {"KIDOKU_SLACK__BOT_TOKEN_FILE": "/nowhere/token"}
    assert load(CONFIG / "example.yaml", environ, needs_secrets=False).settings is not None


def test_other_faults_are_still_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("slack: {bot_tokn: x}\n", "utf-8")
    loaded = load(broken, {}, needs_secrets=False)
    assert loaded.settings is None
    assert any("bot_tokn" in str(one) for one in loaded.problems)
