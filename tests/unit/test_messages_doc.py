"""The pages that show every message are made of the code alone, and show what there is."""

import re

import pytest

from bot.language import LANGUAGES, Words
from bot.messages_doc.__main__ import CHAPTERS, files, main, page_path
from bot.messages_doc.cast import CASTS, Cast
from bot.messages_doc.texts import _TEXTS, INTRODUCTION
from bot.wording.alarm import _ALARMS
from escalation.command import AlarmKind

SHOWN = [(cast, section) for cast in CASTS.values() for chapter in CHAPTERS for section in chapter.sections]


def test_the_pages_in_the_repository_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--check"]), capsys.readouterr().err) == (0, "")


def test_a_stale_page_is_named_with_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.messages_doc.__main__.files", lambda: {page_path("ja"): "older"})
    assert main(["--check"]) == 1
    assert "docs/messages.ja.md" in (err := capsys.readouterr().err) and "python -m bot.messages_doc" in err


def test_twice_the_same_and_nothing_of_this_machine() -> None:
    first = files()
    assert first == files()
    assert {path.name for path in first} >= {"messages.md", "messages.ja.md", "messages.zh.md", "alert.ja.svg"}
    text = "\n".join(first.values())
    assert not re.search(r"/home/|/root/|/tmp/|/work/|localhost|127\.0\.0\.1", text)
    assert re.findall(r"company\.example/[a-z]/[^…]", text) == [], "a link's secret part is left out"


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
def test_every_alarm_is_there(cast: Cast) -> None:
    """By the longest piece of its form without a placeholder."""
    page = re.sub(r"\s+", "", files()[page_path(cast.language)])
    words = Words(cast.language, cast.zone)
    for kind in AlarmKind:
        pieces = re.split(r"%\(\w+\)s", words.gettext(_ALARMS[kind]))
        assert re.sub(r"\s+", "", max(pieces, key=len)) in page, kind


@pytest.mark.parametrize(
    ("cast", "section"), SHOWN, ids=lambda one: getattr(one, "title", getattr(one, "language", ""))
)
def test_every_kind_of_message_shows_something(cast: Cast, section: object) -> None:
    shown = section.make(cast)  # type: ignore[attr-defined]
    assert shown
    assert all(one.lines and all("%(" not in line for line in one.lines) for one in shown)


def test_the_words_of_the_pages_are_all_used_and_in_every_language() -> None:
    used = {chapter.title for chapter in CHAPTERS} | {INTRODUCTION, "What Kidoku says"}
    used |= {text for _, section in SHOWN for text in (section.title, section.about)}
    used |= {shown.where for cast, section in SHOWN for shown in section.make(cast) if shown.where}
    assert set(_TEXTS) == used
    assert {len(one) for one in _TEXTS.values()} == {len(LANGUAGES) - 1}
