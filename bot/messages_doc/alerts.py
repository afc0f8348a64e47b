"""The messages of alerts: of mail that came in, and of mail that the team sends."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from types import MappingProxyType

from bot import letter
from bot.consent import Tracking
from bot.messages_doc.cast import ALERT, MINUTE, POLICY, STEPS, Cast, Story, action
from bot.messages_doc.discord_transcript import of_discord
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.transcript import (
    drawn,
    of_call,
    of_mail,
    of_slack,
)
from bot.outgoing.bounce import Failure, bounce
from bot.outgoing.care import Approval, Concern, ConcernKind
from bot.store.record import NotificationRow, OutgoingMail
from bot.wording.approval import approval_facts
from bot.wording.bundle import word_bundle
from bot.wording.confidential import word_code
from bot.wording.speech import speech_of
from channels import base
from channels.message import Message
from channels.slack.render import payload
from escalation.action import CONSOLE
from escalation.command import Purpose
from escalation.event import (
    Acknowledged,
    Approved,
    Cancelled,
    DeliveryReported,
    EscalatedNow,
    Noted,
    Outcome,
    ReceiptReported,
    Resolved,
    Snoozed,
)
from escalation.mail import MailBrief
from escalation.policy import StopOn
from escalation.receipt import ALL, ReceiptKind, Recipient

SLACK, DISCORD, PHONE = "In Slack", "In Discord", "On the phone"
SMS, MAIL, SERVICE = "As a text message", "By mail", "By another service (apprise)"
WHERE: Mapping[str, str] = MappingProxyType(
    {
        "slack": SLACK,
        "discord": DISCORD,
        base.PHONE: PHONE,
        base.SMS: SMS,
        base.WHATSAPP: "By WhatsApp",
        base.MAIL: MAIL,
        base.APPRISE: SERVICE,
        CONSOLE: "At the console",
    }
)


def slack(message: Message, picture: str = "", of: Sequence[object] = ()) -> Shown:
    return Shown(SLACK, of_slack(message), picture, payload(message)["blocks"] if picture else (), ("slack", *of))


def shown(channel: str, message: Message, cast: Cast, of: Sequence[object] = ()) -> Shown:
    """As one channel draws it; a mail must have its letter."""
    return Shown(WHERE[channel], drawn(message, channel, cast.language), of=(channel, *of))


def _left(story: Story, minutes: float) -> Story:
    """The step's message reached the room."""
    return story.tell(minutes, DeliveryReported(f"{ALERT}.0", Outcome.SENT))


# Mail that came in ---------------------------------------------------------------------------------------------------


def _step(cast: Cast) -> list[Shown]:
    story = _left(Story.of(cast), 5)
    discord = story.message(5, cast.row("discord"))
    at_console = story.message(5, cast.row("console", "carol"))
    return [
        slack(story.message(5), "alert", (Purpose.STEP,)),
        Shown(DISCORD, of_discord(discord), of=("discord",)),
        shown(CONSOLE, at_console, cast),
    ]


def _call(cast: Cast) -> list[Shown]:
    story = Story.of(cast).passes(10)
    message = story.message(10, cast.row("phone", "alice"))
    assert message.speech is not None
    return [Shown(PHONE, of_call(message.speech))]


def _bundle(cast: Cast) -> list[Shown]:
    rows = [cast.row("phone", "alice")._replace(key=f"4{n}.1") for n in range(3, 6)]
    bundle = word_bundle(rows, cast.words)
    return [Shown(PHONE, [f"🗣 {text}" for text in (bundle.intro, *bundle.offers)])]


def _text(cast: Cast) -> list[Shown]:
    return [shown(base.SMS, Story.of(cast).passes(10).message(10, cast.row("sms", "alice")), cast)]


def _translated(cast: Cast) -> list[Shown]:
    """A carrier abroad wrote; what the service makes of it is the cast's own subject."""
    mail = MailBrief(
        message_id="1@carrier.example",
        subject=cast.foreign_subject,
        sender="noc@carrier.example",
        sender_name="Carrier NOC",
        received_at=cast.at,
    )
    story = _left(Story.of(cast, mail=mail), 5)
    posted = slack(story.message(5, translated=cast.subject))
    call = story.passes(10).message(10, cast.row("phone", "alice"), cast.subject)
    text = story.message(10, cast.row("sms", "alice"), cast.subject)
    row = cast.row("mail", "bob")
    assert call.speech is not None
    return [
        posted,
        Shown(PHONE, of_call(call.speech)[:1]),
        shown(base.SMS, text, cast),
        _mailed(story.message(10, row, cast.subject), row, cast),
    ]


def _service(cast: Cast) -> list[Shown]:
    return [shown(base.APPRISE, Story.of(cast).passes(5).message(5, cast.row("apprise", "alice")), cast)]


def _by_mail(cast: Cast) -> list[Shown]:
    row = cast.row("mail", "bob")
    return [_mailed(Story.of(cast).passes(10).message(10, row), row, cast)]


def _mailed(message: Message, row: NotificationRow, cast: Cast) -> Shown:
    mail = of_mail(letter.as_mail(message, row, cast.post), row.address, cast.language)
    return Shown(MAIL, mail, of=(base.MAIL, row.purpose))


def _read(cast: Cast) -> list[Shown]:
    seen = ReceiptReported("alice", ReceiptKind.SEEN, cast.at + 7 * MINUTE, "imap")
    return [slack(_left(Story.of(cast), 5).tell(7, seen).message(7))]


def _taken(cast: Cast) -> list[Shown]:
    story = _left(Story.of(cast), 5).tell(11, Acknowledged("alice", "phone")).tell(14, Noted("alice", cast.note))
    told = speech_of(story.alert, "47", "bob", cast.words, cast.roster, cast.at + 12 * MINUTE)
    return [slack(story.message(14)), Shown("On the phone, to whoever it rings at that moment", of_call(told))]


def _silent(cast: Cast) -> list[Shown]:
    story = _left(Story.of(cast), 5).tell(6, Snoozed("alice", cast.at + 36 * MINUTE, "slack"))
    return [slack(story.message(6))]


def _resolved(cast: Cast) -> list[Shown]:
    story = _left(Story.of(cast), 5).tell(11, Acknowledged("alice", "slack"))
    return [slack(story.tell(52, Resolved("alice", "slack", cast.reason)).message(52))]


def _exhausted(cast: Cast) -> list[Shown]:
    story = _left(Story.of(cast), 5).passes(30)
    call = story.message(30, cast.row("phone", "bob", Purpose.LAST_RESORT))
    assert call.speech is not None
    return [slack(story.message(30)), Shown(PHONE, of_call(call.speech), of=(base.PHONE, Purpose.LAST_RESORT))]


def _otherwise(cast: Cast) -> list[Shown]:
    """The first step goes to Slack, else to Discord, and Slack refuses it."""
    first, *others = STEPS
    step = replace(first, otherwise=action("discord", "#noc"))
    story = Story.of(cast, replace(POLICY, ladders=(replace(POLICY.ladders[0], steps=(step, *others)),))).passes(5)
    refused = DeliveryReported(f"{ALERT}.0", Outcome.REJECTED, "the channel is archived (Slack: is_archived)")
    message = story.tell(5, refused).message(5, cast.row("discord", purpose=Purpose.ELSE))
    return [Shown(DISCORD, of_discord(message), of=("discord", Purpose.ELSE))]


def _asked(cast: Cast) -> list[Shown]:
    """Alice wants Bob to know of it now."""
    story = _left(Story.of(cast), 5).tell(6, EscalatedNow("alice", "slack", to="bob"))
    return [slack(story.message(6, cast.row("slack", "bob", Purpose.ASKED)), of=(Purpose.ASKED,))]


def _titles(cast: Cast) -> list[Shown]:
    """How else the first line may read."""
    taking = replace(POLICY, stop_on=StopOn.ACKNOWLEDGED)
    seen = ReceiptReported("alice", ReceiptKind.SEEN, cast.at + MINUTE, "imap")
    stories = (
        (Story.of(cast), 0),
        (Story.of(cast, taking).tell(1, seen), 6),
        (Story.of(cast, taking).tell(1, seen).passes(30), 30),
        (Story.of(cast, is_junk=True).tell(2, Cancelled("alice", "cli")), 2),
    )
    return [Shown(SLACK, [of_slack(story.message(minutes))[0] for story, minutes in stories])]


# Mail that the team sends --------------------------------------------------------------------------------------------


def _outgoing(cast: Cast, *, is_confidential: bool = False) -> OutgoingMail:
    return OutgoingMail(
        sender=f"{cast.names['alice']} <alice@team.example>",
        subject=cast.own_subject,
        text=cast.own_text,
        is_confidential=is_confidential,
        expires_at=cast.at + timedelta(days=1) if is_confidential else None,
    )


def _sent(cast: Cast, **more: object) -> Story:
    people = tuple(Recipient(id, address=f"{id}@team.example", name=cast.names[id]) for id in ("alice", "bob", "carol"))
    brief = MailBrief(
        message_id="2@team.example",
        subject=cast.own_subject,
        sender="alice@team.example",
        sender_name=cast.names["alice"],
        received_at=cast.at,
    )
    values: dict[str, object] = {"mail": brief, "recipients": people[1:], "sent_by": "alice", "severity": "error"}
    values["deadline"] = cast.at + timedelta(hours=8)
    return Story.of(cast, replace(POLICY, read_by=ALL), **(values | more))


def _own_letter(cast: Cast, purpose: Purpose, minutes: float, *, is_confidential: bool = False) -> list[Shown]:
    story = _sent(cast)
    row = cast.row("mail", "bob", purpose)
    mail, now = _outgoing(cast, is_confidential=is_confidential), cast.at + minutes * MINUTE
    made = letter.of_outgoing(mail, story.alert, row, cast.words, cast.post, now, Tracking())
    return [Shown(MAIL, of_mail(made, row.address, cast.language), of=(base.MAIL, purpose))]


def _own_mail(cast: Cast) -> list[Shown]:
    return _own_letter(cast, Purpose.MAIL, 0)


def _reminder(cast: Cast) -> list[Shown]:
    return _own_letter(cast, Purpose.STEP, 65)


def _confidential(cast: Cast) -> list[Shown]:
    return _own_letter(cast, Purpose.MAIL, 0, is_confidential=True)


def _code(cast: Cast) -> list[Shown]:
    row = cast.row("mail", "bob", Purpose.CODE, "a nonce of the examples")._replace(key=f"{ALERT}.m0.c1")
    made = letter.of_code(row, cast.words, cast.post)
    in_chat = cast.row("slack", "bob", Purpose.CODE, row.text)._replace(key=row.key)
    return [
        Shown(MAIL, of_mail(made, row.address, cast.language), of=(Purpose.CODE,)),
        slack(word_code(letter.code_of(in_chat, cast.post), in_chat.key, in_chat.address, cast.words)),
    ]


def _to_sender(cast: Cast) -> list[Shown]:
    """Nobody has read it in time: whoever sent it hears so."""
    story, row = _sent(cast).passes(8 * 60), cast.row("mail", "alice", Purpose.SENDER)
    return [_mailed(story.message(8 * 60, row), row, cast)]


def _bounced(cast: Cast) -> list[Shown]:
    """A mail that was handed in at the gateway, and that its recipient's server refuses for ever."""
    failure = Failure("guest@partner.example", "550 5.1.1 no such user", is_given_up=False, taken_at=cast.at)
    data = bounce(
        failure,
        b"Subject: Hello\r\n\r\n",
        cast.words,
        to="alice@team.example",
        by="bounces@team.example",
        message_id="<1@team.example>",
        now=cast.at,
    )
    read = message_from_bytes(data, policy=policy.default)
    words = read.get_body(("plain",))
    head = [f"{name}: {read[name]}" for name in ("From", "To", "Subject")]
    return [
        Shown(
            MAIL, [*head, "", *(str(words.get_content()) if words else "").rstrip().splitlines()], of=(Purpose.RELAY,)
        )
    ]


_GUEST = "guest@partner.example"


def _asking(cast: Cast, message: Message, channel: str) -> Message:
    rule = Approval(frozenset({ConcernKind.OUTSIDE}), ("bob",), timedelta(hours=1))
    concerns = [Concern(ConcernKind.OUTSIDE, (_GUEST,))]
    asked = approval_facts(message.alert_id or ALERT, rule, concerns, channel, "bob", cast.words, "")
    return replace(message, facts=(*message.facts, *asked))


def _approval(cast: Cast) -> list[Shown]:
    more = {"approvers": ("bob",), "approve_within": timedelta(hours=1)}
    story = _sent(cast, recipients=(Recipient(_GUEST, address=_GUEST),), **more)
    row = cast.row("slack", "bob", Purpose.APPROVAL)
    approved = _sent(cast, recipients=(Recipient(_GUEST, address=_GUEST),), **more).tell(4, Approved("bob", "slack"))
    return [
        slack(_asking(cast, story.message(1, row), "slack"), of=(Purpose.APPROVAL,)),
        _mailed(_asking(cast, story.message(1, row), "mail"), cast.row("mail", "bob", Purpose.APPROVAL), cast),
        Shown("In Slack, once it is approved", of_slack(approved.message(4, row))),
    ]


def _matrix(cast: Cast) -> list[Shown]:
    delivered = ReceiptReported("bob", ReceiptKind.DELIVERED, cast.at + MINUTE, "dsn")
    confirmed = ReceiptReported("carol", ReceiptKind.CONFIRMED, cast.at + 6 * MINUTE, "web")
    story = _sent(cast).tell(1, delivered).tell(6, confirmed)
    return [slack(story.message(7))]


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "An urgent mail that came in",
        (
            Section(
                "Nobody has read it yet",
                "When a step is due. The message changes in place; what happens is told in its thread.",
                _step,
            ),
            Section(
                "A call",
                "When a step says the phone. Which key takes it differs from call to call: no voicemail can.",
                _call,
            ),
            Section(
                "Several mails in one call",
                "When more urgent mail waits for somebody whose phone rings.",
                _bundle,
            ),
            Section("A text message", "When a step says SMS. It can be answered as it says.", _text),
            Section(
                "Another service",
                "When a step says apprise. There are no buttons: a link opens a page with one.",
                _service,
            ),
            Section("A mail to somebody who can take it", "When a step says mail.", _by_mail),
            Section(
                "It was read",
                "When enough people have read it, wherever they did. Nothing more is sent.",
                _read,
            ),
            Section(
                "It was taken",
                "When somebody acknowledges it, by a button, a key, a command, a link or a text message.",
                _taken,
            ),
            Section(
                "Its subject is in another language",
                "Where a translation service is set up. On the phone the translation is said alone.",
                _translated,
            ),
            Section("It is silent", "When somebody snoozes it.", _silent),
            Section("It is resolved", "When somebody says that it is over.", _resolved),
            Section(
                "Nobody came",
                "When the ladder has ended: the last resort is told, and the administrators get an alarm.",
                _exhausted,
            ),
            Section(
                "When a channel fails",
                "What a step says after else: comes at once, and the thread tells why.",
                _otherwise,
            ),
            Section("Somebody was asked for", "/kidoku escalate 42 to bob.", _asked),
            Section("Other first lines", "How else the same message can begin.", _titles),
        ),
    ),
    Chapter(
        "A mail that the team sends",
        (
            Section("The mail", "kidoku send. Each recipient gets one of their own, with their own link.", _own_mail),
            Section("A reminder", "To those alone who have not read it.", _reminder),
            Section(
                "Who has read it",
                "The steps of its policy, while somebody has not: each recipient on a line.",
                _matrix,
            ),
            Section("The question whether it may leave", "When it needs a second person's approval.", _approval),
            Section(
                "A confidential mail",
                "kidoku send --confidential: the mail itself says nothing.",
                _confidential,
            ),
            Section("A one-time code", "When somebody opens the page of a confidential mail.", _code),
            Section("To whoever sent it", "When it was not read in time.", _to_sender),
            Section(
                "A mail that can't be delivered",
                "To whoever handed it in at the gateway. Mail servers read it, too: it is English.",
                _bounced,
            ),
        ),
    ),
)
