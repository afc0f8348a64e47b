"""What Kidoku answers in chat, and everybody's own page."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from bot.chatops import look
from bot.chatops.command import NotUnderstoodError
from bot.chatops.order import Order, answer_when_done
from bot.chatops.parse import parse
from bot.chatops.role import Role
from bot.doctor import Finding, Trouble
from bot.home import duties_of
from bot.messages_doc.alerts import SLACK
from bot.messages_doc.around import DAY
from bot.messages_doc.cast import ALERT, MINUTE, POLICY, Cast, Story
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import of_answer, of_home
from bot.report import Lateness, Reaction, Report, Span
from bot.simulate import Asked, brief_lines, run
from bot.wording import why_lines
from bot.wording.home import Contact, Page, word_home, word_stranger
from bot.wording.message import buttons_of
from bot.wording.report import report_lines
from channels.home import Home
from channels.message import Verb
from channels.slack.home import view
from escalation.event import Acknowledged, DeliveryReported, Outcome, Snoozed


def _shown(typed: str, text: str) -> Shown:
    return Shown("", [f"> /kidoku {typed}", *of_answer(text)])


def _looks(cast: Cast) -> list[Shown]:
    now, words, roster = cast.at + 6 * MINUTE, cast.words, cast.roster
    alert = Story.of(cast).passes(5).alert
    return [
        _shown(f"status {ALERT}", "\n".join(look.status_lines(alert, roster, words, now))),
        _shown("list", look.brief_line(alert, words, now)),
        _shown("who", "\n".join(look.who_lines(roster, "noc", words, now))),
    ]


def _why(cast: Cast) -> list[Shown]:
    story = (
        Story.of(cast).tell(5, DeliveryReported(f"{ALERT}.0", Outcome.SENT)).tell(11, Acknowledged("alice", "phone"))
    )
    told = why_lines(story.alert, [(one.event, one.at) for one in story.events], cast.roster, cast.words)
    lines = [f"{cast.words.moment(at, story.alert.opened_at)} {text}" for at, text in told]
    return [_shown(f"why {ALERT}", "\n".join(lines))]


def _simulation(cast: Cast) -> list[Shown]:
    asked = Asked(POLICY.name, cast.at.astimezone(cast.words.zone), ["alice@+12m"], [], "critical")
    ran = run({POLICY.name: POLICY}, cast.roster, asked)
    return [_shown("simulate urgent at 2:00 read alice 12m", "\n".join(brief_lines(ran, cast.words)))]


def _report(cast: Cast) -> list[Shown]:
    found = Report(
        span=Span(cast.at - 7 * DAY, cast.at),
        severities={"critical": 3, "error": 2},
        reaction=Reaction(4, 6 * MINUTE, 18 * MINUTE, 40),
        exhausted=(38,),
        open=(41,),
        pages=Lateness(9, timedelta(0), timedelta(seconds=1), timedelta(seconds=2)),
        costs={"USD": Decimal("0.42")},
        unpriced=1,
    )
    return [_shown("report week", "\n".join(report_lines(found, cast.roster, cast.words)))]


def _help(cast: Cast) -> list[Shown]:
    return [_shown("help", "\n".join(look.help_lines(Role.ADMIN, "", cast.words)))]


def _done(cast: Cast) -> list[Shown]:
    verbs = (Verb.ACK, Verb.RESOLVE, Verb.SNOOZE, Verb.ESCALATE, Verb.NOTE, Verb.REMIND)
    alert = Story.of(cast).tell(6, Snoozed("alice", cast.at + 36 * MINUTE, "slack")).alert
    orders = (Order(verb, ALERT, "alice", "slack") for verb in verbs)
    return [Shown(SLACK, [line for one in orders for line in of_answer(answer_when_done(one, alert, cast.words))])]


def _not(cast: Cast) -> list[Shown]:
    words, found = cast.words, []
    for typed in ("akc 42", "snooze 42 soon"):
        try:
            parse(typed)
        except NotUnderstoodError as error:
            found.append(_shown(typed, words.sentence(error.phrase)))
    stranger = words.gettext("You are not among the people in Kidoku's settings.")
    return [*found, Shown("To a stranger", of_answer(stranger))]


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
    Chapter(
        "The page of each person",
        (Section("The Home tab in Slack", "When somebody opens it, and after a press in it.", _home),),
    ),
    Chapter(
        "Answers to commands",
        (
            Section("Looking", "Private, unless share is added.", _looks),
            Section("Why", "Its story in sentences.", _why),
            Section("A simulation", "Whom a policy would tell when; nobody is told.", _simulation),
            Section("A report", "How a shift or a week went.", _report),
            Section("Doing", "After a button or a command, to whoever did it.", _done),
            Section("What was not understood, or may not be", "It says what to type instead.", _not),
            Section("Help", "What may be typed, by role.", _help),
        ),
    ),
)
