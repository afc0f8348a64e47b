"""By when a mail should be read, wherever its reader sees it: on their own wall, and in their language."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.language import Words
from bot.web.cover import Cover as Page
from bot.web.page import confirm_view
from bot.web.view_page import cover_sheet
from bot.wording.confidential import Cover, word_cover
from bot.wording.letter import due_line
from tests.fakes.command_line import kidoku
from tests.fakes.policies import AT, after
from tests.fakes.web_desk import LETTER
from tests.unit.test_send_command import config, soon

__all__ = ["config"]

LONDON = Words("en", "Europe/London", lambda: AT)


def test_a_deadline_that_has_passed_is_said_so() -> None:
    assert due_line(after(60), LONDON, AT) == f"Please read it by {LONDON.instant(after(60))}."
    assert due_line(AT, LONDON, AT) == f"It should have been read by {LONDON.instant(AT)}."
    assert due_line(AT + timedelta(days=365), LONDON, AT).startswith("Please read it by Sat, 1 May 2027")
    assert due_line(None, LONDON, AT) == ""


@pytest.mark.parametrize("age", ["", "2 h"])
def test_a_confidential_mail_says_it_too(age: str) -> None:
    cover = Cover("NOC <noc@team.example>", "https://x.example/v/1", due=due_line(after(60), LONDON, AT))
    assert f"\n{cover.due}\n" in word_cover(cover, LONDON, AT, age)[1]
    assert "read it by" not in word_cover(replace(cover, due=""), LONDON, AT, age)[1]


def test_the_pages_show_it() -> None:
    said = ("To be read by", LONDON.instant(after(60)))
    assert said in confirm_view(replace(LETTER, deadline=after(60)), LONDON).facts
    page = Page("NOC", "Guest", AT, "en", "Europe/London", ("mail",), deadline=after(60))
    assert said in cover_sheet(page, LONDON).facts
    assert "To be read by" not in dict(cover_sheet(replace(page, deadline=None), LONDON).facts)


def test_status_shows_it(config: str) -> None:
    send = ["send", "--to", "alice", "-s", "Works", "--deadline", soon(hours=2), "--yes", "--by", "alice"]
    kidoku(*send, "-c", config)
    assert re.search(r"^To be read by: \w+,? \d+ \w+ ", kidoku("status", "1", "-c", config).stdout, re.MULTILINE)
