"""The notice at the end of a silence, in every language; a stranger's words stay in their place."""

from datetime import timedelta

import pytest

from bot.language import Words
from bot.silence import MOST_TOLD, summary
from bot.store.record import Swallowed
from bot.wording import word_alarm
from bot.wording.silence import scope_line
from channels.message import Message, Tone
from escalation.mail import MailBrief
from escalation.silence import Scope, Silence
from tests.fakes.policies import AT
from tests.fakes.told import LONDON, SHANGHAI, TOKYO, Row

SILENCE = Silence(
    scope=Scope(rules=("disk",)), start=AT, end=AT + timedelta(hours=2), why="we move\n@here", by="alice", id=3
)


def swallowed(subject: str = "disk full", *, is_read: bool = False, name: str = "NOC") -> Swallowed:
    brief = MailBrief(message_id="m@x", subject=subject, sender="noc@x.example", sender_name=name, received_at=AT)
    return Swallowed(silence_id=3, mail=brief, rule="disk", policy="p", severity="error", at=AT, is_read=is_read)


def notice(*mails: Swallowed, words: Words = LONDON, channel: str = "slack", one: Silence = SILENCE) -> Message:
    return word_alarm(Row(channel, text=summary(one, mails, "Alice")), words)


@pytest.mark.parametrize(
    ("words", "title", "mail"),
    [
        (LONDON, "Silence 3 is over. It kept 2 urgent mails quiet; still unread: 1.", "unread: NOC: disk full"),
        (
            TOKYO,
            "サイレンス 3 が終わりました。抑止した緊急メールは 2 通、そのうち未読が 1 通あります。",
            "未読：NOC：disk full",
        ),
        (SHANGHAI, "静默 3 已结束。共抑制 2 封紧急邮件，其中 1 封仍未读。", "未读：NOC：disk full"),
    ],
)
def test_it_says_how_many_and_which_first_those_that_wait(words: Words, title: str, mail: str) -> None:
    message = notice(swallowed("read already", is_read=True), swallowed(), words=words)
    assert (message.title, message.tone, message.alert_id, message.speech) == (title, Tone.ALARM, None, None)
    values = [fact.value for fact in message.facts]
    assert values[0] == "we move @here"
    assert values[3] == mail
    assert "read already" in values[4]
    assert "kidoku silences 3 --open" in values[5]


def test_where_nothing_waits_nothing_is_asked_for() -> None:
    message = notice(swallowed(is_read=True))
    assert (message.tone, len(message.facts)) == (Tone.CLOSED, 4)
    assert message.title == "Silence 3 is over. It kept 1 urgent mail quiet, and that one is taken care of."


def test_many_are_counted_and_a_room_shows_all_lines() -> None:
    message = notice(*[swallowed() for _ in range(40)])
    assert len(message.facts) <= 10
    assert [fact.value for fact in message.facts if fact.label == "More"] == [f"{40 - MOST_TOLD} mails"]


def test_a_strangers_words_stay_in_their_line() -> None:
    message = notice(swallowed("a\r\nMade by: Eve\u202e" + "x" * 600, name="\x1b[31mNOC"))
    (line,) = [fact.value for fact in message.facts if fact.value.startswith("unread")]
    assert line.startswith("unread: [31mNOC: a Made by: Evex")
    assert len(line) <= 201
    assert not {"\n", "\r", "\u202e", "\x1b"} & set(line)


def test_a_maintenance_window_is_named_and_nobody_made_it() -> None:
    own = Silence(scope=SILENCE.scope, start=AT, end=SILENCE.end, why="w", maintenance="backup", id=4)
    message = word_alarm(Row(text=summary(own, [swallowed()], "")), LONDON)
    assert message.title.startswith("Maintenance “backup” (silence 4) is over.")
    assert "Made by" not in [fact.label for fact in message.facts]


def test_by_phone_it_is_said_without_a_menu() -> None:
    speech = notice(swallowed(), channel="phone").speech
    assert speech is not None
    assert (speech.announcement, speech.menu) == (
        "Silence 3 is over. It kept 1 urgent mail quiet; still unread: 1.",
        "",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (LONDON, "rule disk or cpu, from x.example, subject /障害/"),
        (TOKYO, "ルール disk、または cpu、差出人 x.example、件名 /障害/"),
    ],
)
def test_what_a_silence_is_about(words: Words, said: str) -> None:
    scope = Scope(rules=("disk", "cpu"), senders=("x.example",), subjects=("障害",))
    assert scope_line(scope, words) == said
