"""The pages that show every message are made of the code alone, and show what there is: a new command, button, alarm,
purpose, channel, page or wording without a transcript fails here."""

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import CodeType, FrameType

import pytest
from starlette.routing import Route

import bot.web
import bot.wording
from bot.chatops.command import NotUnderstoodError
from bot.chatops.dialog import ASKING
from bot.chatops.parse import parse
from bot.chatops.vocabulary import Name
from bot.language import LANGUAGES, Words
from bot.messages_doc import exercise, phone, pressed, site, talk, texted
from bot.messages_doc.__main__ import CHAPTERS, PAGES, anchor, files, main, page_path
from bot.messages_doc.cast import CASTS, Cast
from bot.messages_doc.live import bot_of
from bot.messages_doc.section import Shown
from bot.messages_doc.texts import _TEXTS, INTRODUCTION
from bot.store.checks import CheckKind, How
from bot.web.cover import Refusal
from bot.wording.alarm import _ALARMS
from channels import registry
from channels.message import Verb
from escalation.command import AlarmKind, Purpose
from escalation.swap import SwapState

SHOWN = [(cast, section) for cast in CASTS.values() for chapter in CHAPTERS for section in chapter.sections]
PLAYED = (exercise.exercised, phone.heard, pressed.pressed, site.visited, talk.talked, texted.texted)
"""Each plays its conversation once for a language."""
NOT_TOLD: frozenset[object] = frozenset(
    {
        Purpose.CONNECTED,  # the call to a sender: what is heard there is a whisper, which is shown
        Purpose.MAIL,  # it is the mail itself
        Refusal.NOWHERE,  # the same page as for every link that leads nowhere
        How.CODE,  # told as a press is
        How.REPLY,  # and so is this
        Verb.REMIND,  # no button: typed
        Verb.NOTE,
    }
)
"""What tells nobody anything of its own."""
NOT_PAGES = frozenset({"/healthz", "/readyz", "/metrics", "/f/{token:path}.ics", "/p/{token:path}.gif"})
"""What is for programs: states, a calendar, a picture of one pixel."""


@cache
def written() -> dict[str, str]:
    return {path.as_posix(): text for path, text in files().items()}


@cache
def shown() -> tuple[Shown, ...]:
    return tuple(one for _, section in SHOWN for one in section.make(CASTS[_.language]))


def test_the_pages_in_the_repository_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--check"]), capsys.readouterr().err) == (0, "")


def test_a_stale_page_is_named_with_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.messages_doc.__main__.files", lambda: {page_path("ja"): "older"})
    assert main(["--check"]) == 1
    assert "docs/messages.ja.md" in (err := capsys.readouterr().err) and "python -m bot.messages_doc" in err


# What must be there ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
def test_every_alarm_is_there(cast: Cast) -> None:
    """By the longest piece of its form without a placeholder."""
    page = re.sub(r"\s+", "", written()[page_path(cast.language, "around").as_posix()])
    words = Words(cast.language, cast.zone)
    for kind in AlarmKind:
        pieces = re.split(r"%\(\w+\)s", words.gettext(_ALARMS[kind]))
        assert re.sub(r"\s+", "", max(pieces, key=len)) in page, kind


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
def test_every_command_is_typed(cast: Cast) -> None:
    found = set(_typed(cast))
    assert found == set(Name), "type it in bot/messages_doc/talk.py, with its line in lines.py"


def _typed(cast: Cast) -> Iterator[Name]:
    text = written()[page_path(cast.language, "chat").as_posix()]
    for line in re.findall(r"^(?:\S.* )?> /kidoku (.*)$", text, re.MULTILINE):
        try:
            yield parse(line).name
        except NotUnderstoodError:
            continue


@pytest.mark.parametrize(
    "kinds",
    [AlarmKind, Purpose, Verb, SwapState, CheckKind, How, Refusal, registry.NAMES],
    ids=lambda one: getattr(one, "__name__", "channels"),
)
def test_every_member_is_shown(kinds: Iterable[object]) -> None:
    found = {one for each in shown() for one in each.of}
    assert [one for one in kinds if one not in found | NOT_TOLD] == []


def test_every_window_is_opened() -> None:
    text = written()[page_path("en", "chat").as_posix()]
    assert [verb for verb, (title, *_) in ASKING.items() if f"■ {title}" not in text] == []


async def test_every_page_of_the_web_is_opened() -> None:
    async with bot_of(CASTS["en"]) as bot:
        assert bot.app.site is not None
        paths = {one.path for one in bot.app.site.app.router.routes if isinstance(one, Route)}
    found = {one for each in site.visited("en").values() for example in each for one in example.of}
    assert paths - NOT_PAGES == {one for one in found if str(one).startswith("/")}


# The pages themselves -------------------------------------------------------------------------------------------------


def test_what_the_contents_lead_to_is_there() -> None:
    text = written()
    for path, page in text.items():
        if not path.endswith(".md"):
            continue
        here = path.rpartition("/")[0]
        for target in re.findall(r"\]\(([^)]+)\)", page):
            file, _, part = target.partition("#")
            led = re.sub(r"[^/]+/\.\./", "", f"{here}/{file}") if file else path
            assert led in text, (path, target)
            if part:
                headings = [anchor(one) for one in re.findall(r"^#+ (.*)$", text[led], re.MULTILINE)]
                assert headings.count(part) == 1, (path, target)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_message_shows_something(language: str) -> None:
    for chapter in CHAPTERS:
        for section in chapter.sections:
            made = section.make(CASTS[language])
            assert made, section.title
            assert all(one.lines and all("%(" not in line for line in one.lines) for one in made), section.title


def test_the_words_of_the_pages_are_all_used_and_in_every_language() -> None:
    used = {chapter.title for chapter in CHAPTERS} | {INTRODUCTION} | {title for title, _ in PAGES.values()}
    used |= {text for _, section in SHOWN for text in (section.title, section.about)}
    used |= {one.where for one in shown() if one.where}
    assert set(_TEXTS) == used
    assert {len(one) for one in _TEXTS.values()} == {len(LANGUAGES) - 1}


# The conversations anew: these come last, for they forget what the others share -------------------------------------


def test_twice_the_same_and_nothing_of_this_machine() -> None:
    """The conversations, too, whose bots begin anew; in one language, for it takes a while."""
    first = written()
    for one in PLAYED:
        one.cache_clear()
    again = {path.as_posix(): text for path, text in files(("zh",)).items()}
    assert again.items() <= first.items() and len(again) == len(PAGES) + 2
    assert {path.rpartition("/")[2] for path in first} >= {
        "messages.md",
        "messages.ja.md",
        "chat.zh.md",
        "alert.ja.svg",
    }
    text = "\n".join(first.values())
    assert not re.search(r"/home/|/root/|/tmp/|/work/|localhost|127\.0\.0\.1", text)
    assert re.findall(r"company\.example/[a-z]/[^…]", text) == [], "a link's secret part is left out"


def test_everything_that_words_a_message_or_a_page_is_called() -> None:
    """Functions whose names say that they word something whole."""
    wanted = {one.__code__: f"{one.__module__}.{one.__name__}" for one in _wording()}
    assert len(wanted) > 30
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in wanted:
            called.add(frame.f_code)

    for one in PLAYED:
        one.cache_clear()
    sys.setprofile(note)
    try:
        for chapter in CHAPTERS:
            for section in chapter.sections:
                section.make(CASTS["en"])
    finally:
        sys.setprofile(None)
    assert sorted(name for code, name in wanted.items() if code not in called) == []


def _wording() -> Iterator[Callable[..., object]]:
    for package in (bot.wording, bot.web):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, one in inspect.getmembers(module, inspect.isfunction):
                if one.__module__ == module.__name__ and re.fullmatch(r"word_\w+|\w+_sheet|\w+_view", name):
                    yield one
