"""What a phone call and an alarm say."""

import json
from dataclasses import replace

import pytest

from bot.language import Words
from bot.wording import word_alarm, word_notification
from bot.wording.speech import for_caller
from channels.message import Speech, Tone
from escalation.command import AlarmKind
from escalation.event import Acknowledged, ReceiptReported, Resolved, Snoozed
from escalation.policy import StopOn
from escalation.receipt import ALL, ReceiptKind, Recipient
from tests.fakes.policies import Story, action, after, ladder, mail, minutes, policy, step
from tests.fakes.told import LONDON, SHANGHAI, TOKYO, Row, events_of, worded

NIGHT_IN_TOKYO = minutes(14 * 60)
"""From the noon at which these tests begin to 02:00."""


def spoken(story: Story, words: Words = LONDON, person: str | None = "alice") -> Speech:
    speech = worded(story, Row("phone", person), words).speech
    assert speech is not None
    return speech


def test_a_call_at_two_at_night_in_japanese() -> None:
    story = Story(policy())
    now = story.instants[-1] + NIGHT_IN_TOKYO
    row = Row("phone", "alice")
    speech = word_notification(story.alert, row, TOKYO, story.people, now, events_of(story)).speech
    assert speech is not None
    assert speech.language == "ja-JP"
    assert speech.announcement == (
        "Alice様、緊急メールの見守り、きどく、です。夜分に恐れ入ります。Nagios から緊急メールが届いています。"
        "受信から14時間経ちましたが、まだどなたも読んでいません。件名を読み上げます。「disk full」。件名は以上です。"
    )
    assert speech.menu == (
        "ご対応いただける場合は 4 を、チームのチャットに回す場合は 7 を、"
        "もう一度お聞きになる場合は米印を押してください。"
    )


def test_a_call_of_the_last_resort_in_english_and_in_chinese() -> None:
    story = Story(policy())
    story.run_until(61)
    english, chinese = spoken(story, Words("en", "Asia/Tokyo")), spoken(story, SHANGHAI, None)
    assert english.language == "en-US"
    assert english.announcement == (
        "Hello Alice, this is Kidoku, which watches urgent mail. An urgent mail from Nagios has been unread for "
        "15 minutes. Nobody else who was told has answered. The subject reads: disk full. End of the subject."
    )
    assert english.menu == (
        "To take it, press 4. There is nobody after you: if you can't take it, press 7, and the administrators are "
        "told. To hear this again, press star."
    )
    assert english.passed_on == "There is nobody after you. The administrators have been told. Goodbye."
    assert chinese.language == "cmn-CN"
    assert chinese.announcement == (
        "您好，这里是紧急邮件提醒系统 Kidoku。来自 Nagios 的紧急邮件，已经15分钟无人阅读。已通知的其他人均无响应。"
        "主题是：“disk full”。主题完毕。"
    )
    assert "4" in chinese.menu and "7" in chinese.menu and "星号键" in chinese.menu


def test_a_call_says_to_whom_it_is_passed_on() -> None:
    """The next step, the next loop and the last resort call somebody, or only post to a room."""
    next_person = Story(policy(ladder(step("phone", "alice"), step("phone", "bob", after=10))))
    next_room = Story(policy(ladder(step("phone", "alice"), step("slack", "#ops", after=10))))
    next_loop = Story(policy(ladder(step("phone", "alice"), repeat=1), last_resort=(action("slack", "#ops"),)))
    last_person = Story(policy(ladder(step("phone", "alice"))))
    last_room = Story(policy(ladder(step("phone", "alice")), last_resort=(action("slack", "#ops"),)))
    for story in (next_person, next_loop, last_person):
        assert spoken(story).passed_on == "It is passed on to the next person. Goodbye."
        assert "To pass it on to the next person, press 7." in spoken(story).menu
    for story in (next_room, last_room):
        assert spoken(story).passed_on == "It is passed on to the team's room. Nobody else is called for now. Goodbye."
        assert "next person" not in spoken(story).menu


@pytest.mark.parametrize("words", [LONDON, TOKYO, SHANGHAI])
def test_the_digits_are_the_rows(words: Words) -> None:
    speech = spoken(Story(policy()), words)
    assert (speech.ack_digit, speech.pass_digit) == ("4", "7")
    without = worded(Story(policy()), Row("phone", digits=""), words).speech
    assert without is not None
    assert without.ack_digit != without.pass_digit


def test_only_the_phone_speaks() -> None:
    assert worded(Story(policy()), Row("slack", "alice")).speech is None


def test_a_fresh_mail_has_just_come() -> None:
    assert "An urgent mail from Nagios has just come." in spoken(Story(policy())).announcement


def test_what_some_have_read_is_not_called_unread() -> None:
    story = Story(policy(read_by=ALL), Recipient("alice"), Recipient("bob"))
    story.tell(ReceiptReported("bob", ReceiptKind.SEEN, after(6)), 6)
    assert "came 6 minutes ago. Not everybody who should has read it." in spoken(story).announcement
    story = Story(policy(stop_on=StopOn.ACKNOWLEDGED))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(6)), 6)
    assert "came 6 minutes ago. It was read, but nobody has taken it." in spoken(story).announcement


def test_a_long_subject_is_cut_and_its_end_is_said_before_the_menu() -> None:
    story = Story(policy())
    long = story.alert._replace(mail=replace(mail(), subject="press 9 now. " * 50, sender_name="x" * 200))
    message = word_notification(long, Row("phone"), LONDON, story.people, after(1), events_of(story))
    assert message.speech is not None
    said = message.speech.announcement
    assert said.endswith("… End of the subject.") or said.endswith("…. End of the subject.")
    assert len(said) < 400
    assert "x" * 81 not in said


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Acknowledged("bob", "slack"), "Bob has taken the urgent mail. There is nothing left for you to do."),
        (ReceiptReported("alice", ReceiptKind.SEEN, after(6)), "Alice has read the urgent mail."),
        (Resolved("bob"), "An urgent mail is dealt with."),
        (Snoozed("bob", after(20)), "Somebody has asked for quiet until 4:20."),
    ],
)
def test_who_answers_too_late_hears_how_it_stands_and_no_menu(
    event: Acknowledged | ReceiptReported | Resolved | Snoozed, said: str
) -> None:
    story = Story(policy())
    story.tell(event, 6)
    message = worded(story, Row("phone", "carol"))
    assert message.tone in (Tone.TAKEN, Tone.CLOSED)
    assert said in message.summary
    assert message.speech is not None
    assert (message.speech.announcement, message.speech.menu) == (message.summary, "")


# Alarms --------------------------------------------------------------------------------------------------------------


def alarm(kind: str, **more: object) -> str:
    return json.dumps({"kind": kind, **more})


@pytest.mark.parametrize("words", [LONDON, TOKYO, SHANGHAI])
@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_has_words_and_no_buttons(kind: AlarmKind, words: Words) -> None:
    text = alarm(kind, detail="imap:alice", alert_id=42, subject="disk full")
    message = word_alarm(Row("slack", text=text), words)
    # There is one first account: its return needs no name.
    assert kind is AlarmKind.ACCOUNT_BACK or "imap:alice" in message.title
    assert (message.alert_id, message.buttons, message.speech) == (None, (), None)
    good = {
        AlarmKind.RECOVERED,
        AlarmKind.CALENDAR_BACK,
        AlarmKind.ANSWERS_BACK,
        AlarmKind.ACCOUNT_BACK,
        AlarmKind.SENDER_BACK,
    }
    is_good = kind in good
    assert message.tone is (Tone.CLOSED if is_good else Tone.ALARM)
    assert words.language == "en" or message.title != word_alarm(Row("slack", text=text), LONDON).title


def test_an_alarm_about_an_alert_names_it() -> None:
    text = alarm("nobody_reached", detail="step 2: busy", alert_id=42, subject="disk\r\nfull \u202e")
    assert word_alarm(Row(text=text), LONDON).title == "#42 “disk full”: nobody was reached (step 2: busy)."
    bare = word_alarm(Row(text=alarm("exhausted", alert_id=42)), TOKYO).title
    assert bare.startswith("#42「（件名なし）」：")


def test_an_alarm_by_phone_is_said_without_a_menu() -> None:
    message = word_alarm(Row("phone", "alice", text=alarm("clock_jumped", detail="+120 s")), TOKYO)
    assert message.is_direct
    assert message.speech is not None
    assert message.speech.announcement == message.title
    assert message.speech.menu == ""


@pytest.mark.parametrize("text", ["", "no json", alarm("unheard_of")])
def test_an_alarm_that_cant_be_worded_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        word_alarm(Row(text=text), LONDON)


def test_a_translated_subject_is_said_alone_and_called_that() -> None:
    story = Story(policy())
    now = story.instants[-1]
    row = Row("phone", "alice")
    told = word_notification(story.alert, row, TOKYO, story.people, now, events_of(story), (), "ディスク\n満杯 #20931")
    assert told.speech is not None
    said = "件名の機械翻訳を読み上げます。「ディスク 満杯 2 0 9 3 1」。件名は以上です。"
    caller = for_caller(told.speech, story.alert, TOKYO, now, "ディスク\n満杯 #20931")
    for text in (told.speech.announcement, told.summary, caller.announcement):
        assert said in text
        assert "disk full" not in text


@pytest.mark.parametrize("nothing", ["", " ", "\x00", "***"])
def test_a_translation_that_says_nothing_is_none(nothing: str) -> None:
    story = Story(policy())
    row = Row("phone", "alice")
    told = word_notification(story.alert, row, LONDON, story.people, story.instants[-1], [], (), nothing)
    assert told.speech is not None
    assert "The subject reads: disk full. End of the subject." in told.speech.announcement
