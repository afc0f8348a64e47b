"""``kidoku check`` of files that the settings name."""

from datetime import date
from pathlib import Path

import pytest

from bot.settings.load import load
from tests.unit.test_settings_load import MINIMAL, PASSWORD


def warned(tmp_path: Path, ca_file: Path, *, is_thorough: bool = True) -> list[str]:
    path = tmp_path / "kidoku.yaml"
    text = MINIMAL.replace("owner: alice}", f"owner: alice, ca_file: {ca_file}}}")
    path.write_text(f"{text}smtp: {{host: mail.company.example, sender: k@company.example, ca_file: {ca_file}}}\n")
    found = load(path, PASSWORD, today=date(2026, 5, 3), is_thorough=is_thorough).problems
    return [str(one).partition("warning: ")[2] for one in found if "ca_file" in one.path]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing.pem", "can't read the file: no such file or directory"),
        ("", "can't read the file: is a directory"),
        ("text.pem", "there is no certificate in the file"),
    ],
)
def test_a_ca_file_that_can_not_be_read_now(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "text.pem").write_text("no certificate")
    fix = "name a PEM file that the bot's user may read"
    expected = [f"imap.alice.ca_file: {why}; {fix}", f"smtp.ca_file: {why}; {fix}"]
    assert warned(tmp_path, tmp_path / name) == expected
    # A bot that starts looks itself, again and again.
    assert warned(tmp_path, tmp_path / name, is_thorough=False) == []
