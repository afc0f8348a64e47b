"""What Kidoku answers in chat, and everybody's own page."""

from collections.abc import Sequence

from bot.doctor import Finding, Trouble
from bot.home import duties_of
from bot.messages_doc import pressed, talk
from bot.messages_doc.alerts import SLACK
from bot.messages_doc.cast import ALERT, DAY, MINUTE, Cast, Story
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import of_home
from bot.wording.home import Contact, Page, word_home, word_stranger
from bot.wording.message import buttons_of
from channels.home import Home
from channels.slack.home import view


def _home(cast: Cast) -> list[Shown]:
    roster, words = cast.roster, cast.words
    now, person = cast.at + 6 * MINUTE, cast.roster.people["alice"]
    alert = Story.of(cast).passes(5).alert
    duties = sorted(duties_of(person, roster, now), key=lambda one: one.start)
    page = Page([alert], [], {ALERT: buttons_of(alert, words)[0]}, duties, _contacts(cast), True)
    home = word_home(page, person, roster, words, now, "")
    return [_page(home, "home"), Shown("To a stranger", of_home(word_stranger(words)))]


def _page(home: Home, picture: str) -> Shown:
    return Shown(SLACK, of_home(home), picture, view(home)["blocks"])


def _contacts(cast: Cast) -> list[Contact]:
    slack, phone, mail = ("slack", "U0ALICE"), ("phone", f"{cast.phone}0"), ("mail", "alice@team.example")
    never = Finding(person="alice", trouble=Trouble.UNCONFIRMED, channel="mail")
    failed = Finding(person="alice", trouble=Trouble.FAILED, channel="phone", at=cast.at - DAY, detail="busy")
    return [
        Contact(slack, cast.at + 200 * DAY, ()),
        Contact(phone, cast.at + 100 * DAY, (failed,)),
        Contact(mail, None, (never,)),
    ]


CHAPTERS: Sequence[Chapter] = (
    Chapter("Commands in Slack and Discord", talk.SECTIONS),
    Chapter("What a press is answered", pressed.SECTIONS),
    Chapter(
        "The page of each person",
        (Section("The Home tab in Slack", "When somebody opens it, and after a press in it.", _home),),
    ),
)
