"""The messages around alerts: duties, silences, contacts, and what Kidoku says of itself."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot import letter
from bot.channel_watch import SILENCE
from bot.doctor import Finding, Trouble, as_json
from bot.failover import out_of_order
from bot.messages_doc.alerts import SLACK, shown, slack
from bot.messages_doc.cast import ALERT, DAY, MINUTE, Cast, Story
from bot.messages_doc.exercise import drilled
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import of_slack
from bot.silence import summary
from bot.store.checks import Check, CheckKind, How
from bot.store.record import NotificationRow, Swallowed
from bot.wording import word_alarm
from bot.wording.check import Ways, word_check
from bot.wording.name import channel_phrase
from bot.wording.saved import SAVES_AGAIN
from bot.wording.shift import Summary, word_handoff, word_reminder
from bot.wording.silence import word_silence_end
from bot.wording.swap import word_outcome, word_question
from bot.wording.unanswered import UNANSWERED, word_unanswered
from bot.wording.unreached import UNREACHED, word_unreached
from channels.base import APPRISE, MAIL, PHONE, SMS, WHATSAPP
from channels.message import Message
from escalation import detail
from escalation.command import AlarmKind, Purpose
from escalation.event import Acknowledged, DeliveryReported, Outcome
from escalation.handoff import Handoff, Reminder
from escalation.mail import MailBrief
from escalation.phrase import Phrase, parts_of
from escalation.rotation import Role
from escalation.schedule import Shift
from escalation.silence import Scope, Silence
from escalation.swap import Stretch, Swap, SwapState

CODE = "301942"

# Duties --------------------------------------------------------------------------------------------------------------


def _shift(cast: Cast) -> tuple[Stretch, Stretch]:
    """The shift that begins next, and the one after it."""
    first = cast.at + timedelta(hours=7) + 6 * DAY
    return Stretch(first, first + 7 * DAY), Stretch(first + 7 * DAY, first + 14 * DAY)


def _reminder(cast: Cast) -> list[Shown]:
    mine, _ = _shift(cast)
    one = Reminder("noc", Role.PRIMARY, "bob", mine.start, DAY)
    row = cast.row("slack", "bob", Purpose.DUTY, alert_id=None)
    return [
        slack(word_reminder(one, row, cast.words, mine.start - DAY, mine.end, [cast.words.name(cast.names["carol"])]))
    ]


def _handoff(cast: Cast) -> list[Shown]:
    mine, _ = _shift(cast)
    night = (cast.at.astimezone(cast.words.zone)).date()
    found = Summary(
        handoff=Handoff("noc", ("alice",), mine.start - 7 * DAY, mine.start, ("bob",)),
        next=Shift(("bob",), mine.start, mine.end, "noc"),
        open=[Story.of(cast).tell(11, Acknowledged("alice", "phone")).alert],
        opened=5,
        taken=3,
        exhausted=0,
        resolved=4,
        pages=9,
        nights={"alice": frozenset({night, date(2026, 5, 14)})},
    )
    row = cast.row(purpose=Purpose.DUTY, alert_id=None)
    return [slack(word_handoff(found, row, cast.words, cast.roster, mine.start))]


def _swap(cast: Cast, state: SwapState = SwapState.ASKED) -> Swap:
    mine, theirs = _shift(cast)
    return Swap(
        schedule="noc",
        asker="bob",
        other="alice",
        mine=mine,
        theirs=theirs,
        at=cast.at,
        ends_at=cast.at + DAY,
        state=state,
        id=3,
    )


def _question(cast: Cast) -> list[Shown]:
    row = cast.row("slack", "alice", Purpose.DUTY, alert_id=None)
    return [slack(word_question(_swap(cast), row, cast.words, cast.roster, cast.at), of=(SwapState.ASKED,))]


def _outcomes(cast: Cast) -> list[Shown]:
    row = cast.row("slack", "bob", Purpose.DUTY, alert_id=None)
    states = (one for one in SwapState if one is not SwapState.ASKED)
    messages = {state: word_outcome(_swap(cast, state), row, cast.words, cast.roster) for state in states}
    return [Shown(SLACK, [_full(of_slack(message)) for message in messages.values()], of=tuple(messages))]


# Silences ------------------------------------------------------------------------------------------------------------


def _silence(cast: Cast, *, is_read: bool) -> Message:
    start, end = cast.at, cast.at + timedelta(hours=4)
    one = Silence(
        id=7,
        scope=Scope(rules=("urgent mail",)),
        start=start,
        end=end,
        why=cast.reason,
        by="alice",
        at=start,
    )
    mails = [
        Swallowed(
            silence_id=7,
            mail=MailBrief(
                message_id=f"{number}@carrier.example",
                subject=cast.subject,
                sender="noc@carrier.example",
                sender_name=cast.sender_name,
                received_at=start + number * 40 * MINUTE,
            ),
            rule="urgent mail",
            policy="urgent",
            severity="critical",
            at=start,
            is_read=is_read or number == 1,
        )
        for number in (1, 2)
    ]
    text = summary(one, mails, cast.names["alice"])
    return word_silence_end(cast.row("slack", "alice", Purpose.ALARM, text, None), cast.words)


def _silences(cast: Cast) -> list[Shown]:
    all_read = Shown("In Slack, if all of it was read", of_slack(_silence(cast, is_read=True))[:1])
    return [slack(_silence(cast, is_read=False)), all_read]


# Contacts ------------------------------------------------------------------------------------------------------------


def _check(cast: Cast, kind: CheckKind, how: How | None = None) -> Check:
    return Check(
        person="alice",
        channel="slack",
        address="U0ALICE",
        kind=kind,
        nonce="",
        asked_at=cast.at,
        ends_at=cast.at + 15 * MINUTE,
        closed_at=cast.at if how else None,
        how=how,
        id=5,
    )


def _asked(cast: Cast, channel: str, kind: CheckKind = CheckKind.CONFIRM, how: How | None = None) -> Message:
    row = cast.row(channel, "alice", Purpose.CHECK, alert_id=None)
    ways = Ways(has_link=channel == "mail", is_reply_read=channel == "mail")
    return word_check(_check(cast, kind, how), row, CODE, cast.words, cast.at, None, ways)


def _confirm(cast: Cast) -> list[Shown]:
    asked = _everywhere(cast, CheckKind.CONFIRM)
    unanswered = of_slack(_asked(cast, "slack", how=How.UNANSWERED))[:1]
    return [
        *asked,
        Shown("In Slack, once it is answered", of_slack(_asked(cast, "slack", how=How.PRESS))[:1], of=(How.PRESS,)),
        Shown("In Slack, if it is not answered", unanswered, of=(How.UNANSWERED,)),
    ]


def _everywhere(cast: Cast, kind: CheckKind) -> list[Shown]:
    """Over every channel that is a contact of Alice's."""
    found = []
    for channel in ("slack", "discord", PHONE, SMS, WHATSAPP, MAIL, APPRISE):
        message = _asked(cast, channel, kind)
        row = cast.row(channel, "alice", Purpose.CHECK, alert_id=None)
        message = cast.links.with_link(message, row, cast.words)
        if channel == MAIL:
            message = replace(message, letter=letter.as_mail(message, row, cast.post))
        found.append(shown(channel, replace(message, address="alice@team.example"), cast, (kind, Purpose.CHECK)))
    return found


def _weekly(cast: Cast) -> list[Shown]:
    return _everywhere(cast, CheckKind.TEST)


def _unanswered(cast: Cast) -> list[Shown]:
    tests = [{"person": "bob", "name": cast.roster.people["bob"].name, "channel": "phone", "address": f"{cast.phone}1"}]
    row = cast.row("slack", "carol", Purpose.ALARM, json.dumps({"kind": UNANSWERED, "tests": tests}), None)
    return [slack(word_unanswered(row, cast.words))]


def _unreached(cast: Cast) -> list[Shown]:
    """Of Bob, whose number was refused."""
    one = Finding(
        person="bob",
        trouble=Trouble.FAILED,
        channel="phone",
        address=f"{cast.phone}1",
        detail="the number to call is not valid",
        at=cast.at,
    )
    people = [{"name": cast.roster.people["bob"].name, "is_reachable": False, "findings": [as_json(one)]}]
    row = cast.row("slack", "carol", Purpose.DUTY, json.dumps({"kind": UNREACHED, "people": people}), None)
    return [slack(word_unreached(row, cast.words))]


# Kidoku itself -------------------------------------------------------------------------------------------------------

_REFUSED = DeliveryReported("", Outcome.REJECTED, "the channel is archived (Slack: is_archived)")
_DETAILS: dict[AlarmKind, str] = {
    AlarmKind.EXHAUSTED: "urgent",
    AlarmKind.NOBODY_REACHED: detail.of_step(0, detail.of_outcome(_REFUSED)),
    AlarmKind.NOBODY_NEXT: "",
    AlarmKind.NO_LADDER: "urgent",
    AlarmKind.NO_CONTACT: "carol",
    AlarmKind.NOBODY_ON_CALL: "noc",
    AlarmKind.PARKED: "TimerFired: KeyError",
    AlarmKind.CHANNEL_DOWN: "discord: 4004",
    AlarmKind.MAILBOX_DOWN: "imap:alice: LOGIN",
    AlarmKind.CLOCK_JUMPED: "+3600 s",
    AlarmKind.NOT_APPROVED: "bob",
    AlarmKind.CONTACT_STOPPED: "",
    AlarmKind.HOLIDAYS_END: "2027-12-31",
    AlarmKind.CALENDAR_FAILED: "holidays",
    AlarmKind.CALENDAR_UNCLEAR: "holidays",
    AlarmKind.CALENDAR_BACK: "holidays",
    AlarmKind.WRONG_PINS: "+442079460000",
    AlarmKind.ACCOUNT_DOWN: "20003",
    AlarmKind.ACCOUNT_BACK: "twilio",
    AlarmKind.SENDER_DOWN: "sms (20003)",
    AlarmKind.SENDER_BACK: "sms",
    AlarmKind.OUTAGE: out_of_order("phone", SILENCE),
    AlarmKind.ANSWERS_LOST: out_of_order("slack", Phrase("not connected yet")),
    AlarmKind.ANSWERS_BACK: channel_phrase("slack"),
    AlarmKind.STORE_FAILED: "disk full",
    AlarmKind.RECOVERED: channel_phrase("discord"),
}


def _alarm(cast: Cast, kind: AlarmKind) -> Message:
    about = _DETAILS[kind] or cast.names["bob"]
    text = {"kind": kind, "detail": about, "said": parts_of(about), "alert_id": ALERT, "subject": cast.subject}
    return word_alarm(_to_carol(cast, json.dumps(text)), cast.words)


def _saved(cast: Cast) -> list[Shown]:
    times = {"since": (cast.at - 12 * MINUTE).isoformat(), "until": cast.at.isoformat()}
    text = {"kind": SAVES_AGAIN, "late": [ALERT], "more": 0, **times}
    return [slack(word_alarm(_to_carol(cast, json.dumps(text)), cast.words))]


def _to_carol(cast: Cast, text: str) -> NotificationRow:
    return cast.row("slack", "carol", Purpose.ALARM, text, None)


def _alarms(cast: Cast) -> list[Shown]:
    first, *others = AlarmKind
    lines = [of_slack(_alarm(cast, kind)) for kind in others]
    # A title that is longer than a header stands in full below it.
    short = Shown("The others in short", [_full(one) for one in lines], of=others)
    return [slack(_alarm(cast, first), of=(first, Purpose.ALARM)), short]


def _full(lines: list[str]) -> str:
    return f"{lines[0][:1]} {lines[1]}" if lines[0].endswith("…") else lines[0]


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "Duties",
        (
            Section("Before a shift", "With remind: in a schedule, to whoever is on call next.", _reminder),
            Section("At the end of a shift", "With handoff_to: in a schedule, when the people change.", _handoff),
            Section("Somebody asks for a swap", "kidoku swap, to the other side.", _question),
            Section("What came of a swap", "To both sides.", _outcomes),
        ),
    ),
    Chapter(
        "Silences",
        (
            Section(
                "A silence is over",
                "To whoever made it, and to the administrators, if it kept any mail quiet.",
                _silences,
            ),
        ),
    ),
    Chapter(
        "Contacts",
        (
            Section(
                "Is this contact yours?",
                "kidoku confirm, at a terminal or in chat, or “Test” on the page of Slack's Home tab.",
                _confirm,
            ),
            Section("The weekly test", "With contact_checks: in the settings, in office hours.", _weekly),
            Section("Who did not answer it", "To the administrators.", _unanswered),
            Section("Who can't be reached", "To the managers, once a week, if there is anybody.", _unreached),
        ),
    ),
    Chapter(
        "Exercises",
        (Section("An exercise on every channel", "kidoku drill: what is sent is marked wherever it goes.", drilled),),
    ),
    Chapter(
        "Alarms",
        (
            Section(
                "Something is wrong with the watch itself",
                "To the administrators, by a way that still works.",
                _alarms,
            ),
            Section("It can save again", "To whoever was told that it can't.", _saved),
        ),
    ),
)
