"""A notification says how its alert stands, who has read, and what comes next."""

from dataclasses import replace

import pytest

from bot.language import Words
from bot.wording import title_of, word_notification
from bot.wording.name import cut, plain
from channels.message import Message, Tone, Verb
from escalation import machine
from escalation.event import (
    Acknowledged,
    Cancelled,
    DeliveryReported,
    EscalatedNow,
    MailJoined,
    Opened,
    Outcome,
    ReceiptReported,
    ReceiptWithdrawn,
    Resolved,
    Snoozed,
)
from escalation.policy import StopOn
from escalation.receipt import ALL, ReceiptKind, Recipient
from escalation.schedule import taking_turns
from tests.fakes.policies import AT, Story, action, after, ladder, mail, policy, roster, step
from tests.fakes.told import LONDON, SHANGHAI, TOKYO, Row, events_of, fact, worded


def labels(message: Message) -> list[str]:
    return [one.label for one in message.facts]


def verbs(message: Message) -> list[tuple[Verb, str]]:
    return [(one.verb, one.argument) for one in message.buttons]


def test_a_fresh_alert_is_urgent_and_unread() -> None:
    message = worded(Story(policy()))
    assert message.title == "Urgent and unread: disk full"
    assert message.summary == "Urgent and unread: disk full (Nagios)"
    assert (message.tone, message.alert_id, message.footer) == (Tone.OPEN, 1, "Kidoku #1")
    assert [(one.label, one.value) for one in message.facts] == [
        ("From", "Nagios <nagios@example.com>"),
        ("Received", "Fri 1 May 04:00 BST"),
        ("Severity", "critical"),
        ("Not read by", "Alice"),
        ("Next", "step 2 of 3 at 04:05: Discord → #ops"),
    ]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (LONDON, "Unread for 7 min: disk full"),
        (TOKYO, "未読のまま7分：disk full"),
        (SHANGHAI, "已7分钟未读：disk full"),
    ],
)
def test_the_title_says_how_long_it_is_unread(words: Words, title: str) -> None:
    story = Story(policy())
    story.tick(7)
    assert worded(story, words=words).title == title


@pytest.mark.parametrize(
    ("minutes", "title"),
    [(30, "Leaves at 05:00: disk full"), (60.5, "Urgent and unread: disk full"), (67, "Unread for 7 min: disk full")],
)
def test_a_mail_that_leaves_later_is_unread_only_since_then(minutes: float, title: str) -> None:
    recipient = Recipient("alice", address="alice@example.com")
    sent = Opened(mail(), policy(), (recipient,), sent_by="bob", starts_at=after(60))
    alert = machine.open(1, sent, AT, roster()).alert
    assert title_of(alert, LONDON, roster(), after(minutes)) == title


def test_a_taken_alert_says_who_when_and_by_what_and_can_still_be_escalated() -> None:
    story = Story(policy())
    story.tell(Acknowledged("bob", "phone"), 12)
    message = worded(story)
    assert message.title == "Taken by Bob: disk full"
    assert message.tone is Tone.TAKEN
    assert fact(message, "Taken") == "04:12, after 12 min: Bob (phone)"
    assert fact(message, "Received") == "Fri 1 May 04:00 BST", "an age would stay and become wrong"
    assert fact(message, "Next") is None
    assert verbs(message) == [(Verb.RESOLVE, ""), (Verb.ESCALATE, "")]


def test_what_was_only_read_can_still_be_taken() -> None:
    story = Story(policy())
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(6), "imap"), 6)
    message = worded(story)
    assert message.title == "Read by Alice: disk full"
    assert fact(message, "Read by") == "Alice (marked as read in the mailbox, 04:06)"
    assert fact(message, "Not read by") is None
    assert verbs(message) == [(Verb.ACK, ""), (Verb.RESOLVE, ""), (Verb.ESCALATE, "")]
    assert fact(worded(story, words=TOKYO), "読んだ人") == "Aliceさん（メールボックスで既読、12:06）"


def test_what_was_read_and_then_marked_unread_says_both() -> None:
    story = Story(policy())
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(6), "imap"), 6)
    story.tell(ReceiptWithdrawn("alice", ReceiptKind.SEEN, after(8)), 8)
    assert worded(story).title == "Was read by Alice, and is marked unread now: disk full"


def test_an_open_alert_can_be_taken_escalated_snoozed_and_resolved() -> None:
    message = worded(Story(policy()))
    assert verbs(message) == [
        (Verb.ACK, ""),
        (Verb.ESCALATE, ""),
        (Verb.SNOOZE, "15m"),
        (Verb.SNOOZE, "1h"),
        (Verb.SNOOZE, "morning"),
        (Verb.RESOLVE, ""),
    ]
    assert [one.verb for one in message.buttons if one.is_primary] == [Verb.ACK]


@pytest.mark.parametrize(("event", "word"), [(Resolved("alice"), "Resolved"), (Cancelled("alice"), "Cancelled")])
def test_a_closed_alert_has_no_buttons(event: Resolved | Cancelled, word: str) -> None:
    story = Story(policy())
    story.tell(event, 65)
    message = worded(story)
    assert (message.title, message.tone, message.buttons) == (f"{word}: disk full", Tone.CLOSED, ())
    assert fact(message, word) == "05:05, after 1 h 5 min"


def test_an_exhausted_alert_shouts() -> None:
    story = Story(policy())
    story.run_until(60)
    message = worded(story)
    assert message.title == "NOBODY has read this: disk full"
    assert message.tone is Tone.ALARM
    assert fact(message, "Received") == "Fri 1 May 04:00 BST (15 min ago)"
    assert (Verb.ACK, "") in verbs(message)


def test_a_read_alert_that_wants_a_person_is_not_called_unread() -> None:
    story = Story(policy(stop_on=StopOn.ACKNOWLEDGED))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(6), "imap"), 6)
    assert worded(story).title == "Read, but taken by nobody for 6 min: disk full"
    story.run_until(60)
    assert worded(story).title == "NOBODY has taken this: disk full"


def test_a_snoozed_alert_looks_taken_until_its_instant_so_that_ringing_calls_end() -> None:
    story = Story(policy())
    story.tell(Snoozed("alice", after(20)), 6)
    message = worded(story)
    assert (message.title, message.tone) == ("Silent until 04:20: disk full", Tone.TAKEN)
    assert fact(message, "Next") == "step 2 of 3 at 04:20: Discord → #ops"
    assert fact(message, "Received") == "Fri 1 May 04:00 BST (6 min ago)"
    later = word_notification(story.alert, Row(), LONDON, story.people, after(21), events_of(story))
    assert (later.title, later.tone) == ("Unread for 21 min: disk full", Tone.OPEN)


def test_a_snooze_on_another_day_names_the_day() -> None:
    story = Story(policy())
    story.tell(Snoozed("alice", after(24 * 60)), 6)
    assert worded(story).title == "Silent until Sat 2 May 04:00 BST: disk full"


def test_junk_is_said_in_every_language() -> None:
    story = Story(policy())
    story.tell(ReceiptReported("alice", ReceiptKind.JUNKED, after(1), "imap"), 1)
    message = worded(story)
    assert fact(message, "Careful") == "The mail was filed as junk: it is easily overlooked there."
    assert fact(message, "Not read by") == "Alice (filed as junk)"
    assert "迷惑メール" in str(fact(worded(story, words=TOKYO), "注意"))
    assert "垃圾邮件" in str(fact(worded(story, words=SHANGHAI), "注意"))
    story.tell(ReceiptWithdrawn("alice", ReceiptKind.JUNKED, after(2), "imap"), 2)
    assert fact(worded(story), "Careful") is None


def test_readers_and_the_unread_are_counted_and_the_most_telling_evidence_is_said() -> None:
    story = Story(policy(read_by=ALL), *(Recipient(id) for id in ("alice", "bob", "carol")))
    story.tell(ReceiptReported("alice", ReceiptKind.REPLIED, after(1)), 1)
    story.tell(ReceiptReported("bob", ReceiptKind.FAILED, after(2)), 2)
    story.tell(ReceiptReported("bob", ReceiptKind.ACCEPTED, after(2)), 2)
    message = worded(story)
    assert fact(message, "Read by") == "1 of 3: Alice (answered the mail, 04:01)"
    assert fact(message, "Not read by") == "2 of 3: Bob (not delivered), Carol"


def test_the_reader_of_a_team_mailbox_is_named_if_known() -> None:
    story = Story(policy(), Recipient("noc", is_team=True))
    story.tell(ReceiptReported("noc", ReceiptKind.SEEN_SHARED, after(1), "imap", "bob"), 1)
    how = "marked as read in the shared mailbox, by somebody"
    assert fact(worded(story), "Read by") == f"team noc: Bob ({how}, 04:01)"


def test_a_shared_seen_is_no_read_where_all_must_read() -> None:
    crowd = (Recipient("noc", is_team=True), Recipient("alice"))
    story = Story(policy(read_by=ALL), *crowd)
    story.tell(ReceiptReported("noc", ReceiptKind.SEEN_SHARED, after(1)), 1)
    assert str(fact(worded(story), "Not read by")).startswith("team noc (marked as read in the shared mailbox")


def test_many_recipients_fold_to_a_count() -> None:
    crowd = [Recipient(f"p{number}@example.com") for number in range(30)]
    story = Story(policy(read_by=ALL), *crowd)
    for one in crowd[:7]:
        story.tell(ReceiptReported(one.id, ReceiptKind.SEEN, after(1)), 1)
    message = worded(story)
    assert str(fact(message, "Read by")) == "7 of 30: " + ", ".join(one.id for one in crowd[:7])
    assert str(fact(message, "Not read by")).startswith("23 of 30: p7@example.com, ")
    assert str(fact(message, "Not read by")).endswith("p26@example.com, 3 more")


def test_what_comes_next_names_who_is_on_call_then_and_the_round() -> None:
    turns = {"noc": taking_turns("noc", ("bob", "carol"), "Asia/Tokyo", AT.date(), days=1)}
    people = replace(roster(), schedules=turns)
    steps = (step("slack", "#ops"), step("phone", "oncall:noc", "team:noc", "unread", after=5, retry=1))
    story = Story(policy(ladder(*steps, repeat=2)), people=people)
    told = "phone → Bob (on call: noc), team noc, whoever has not read it"
    assert fact(worded(story), "Next") == f"step 2 of 2 at 04:05: {told}"
    assert fact(worded(story), "Round") == "1 of 3"
    story.tick(5)
    assert fact(worded(story), "Next") == f"step 2 of 2 once more at 04:07: {told}"
    story.tick(7)
    assert fact(worded(story), "Next") == "once more from the start, from 04:12"
    story.run_until(19)
    assert fact(worded(story), "Round") == "2 of 3"
    assert fact(worded(story), "Next") == "once more from the start, from 04:24"
    story.run_until(32)
    assert fact(worded(story), "Round") == "3 of 3"
    assert fact(worded(story), "Next") == "last resort at 04:36: phone → Carol"


def test_before_the_end_the_last_resort_is_named() -> None:
    story = Story(
        policy(ladder(step("slack", "#ops")), last_resort=(action("phone", "carol"), action("slack", "#ops")))
    )
    assert fact(worded(story), "Next") == "last resort at 04:05: phone → Carol, Slack → #ops"


def test_an_acknowledgement_with_a_timeout_says_when_it_starts_again() -> None:
    story = Story(policy(ack_timeout=after(60) - AT))
    story.tell(Acknowledged("alice"), 5)
    message = worded(story)
    assert fact(message, "Next") == "starts again at 05:05 unless it is resolved"
    assert fact(message, "Taken") == "04:05, after 5 min: Alice"


def test_what_only_reading_stopped_does_not_start_again_by_itself() -> None:
    story = Story(policy(ack_timeout=after(60) - AT))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(5)), 5)
    assert fact(worded(story), "Next") is None


def test_later_mails_of_the_thread_are_counted() -> None:
    story = Story(policy())
    assert fact(worded(story), "In this thread") is None
    story.tell(MailJoined(mail(2)), 1)
    assert fact(worded(story), "In this thread") == "2 mails"


def test_no_more_facts_than_slack_shows() -> None:
    story = Story(policy(ladder(step("slack", "#ops"), repeat=1), read_by=ALL), Recipient("alice"), Recipient("bob"))
    story.tell(MailJoined(mail(2)), 1)
    story.tell(ReceiptReported("bob", ReceiptKind.JUNKED, after(2)), 2)
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(3)), 3)
    message = worded(story)
    assert len(message.facts) == 9
    assert len(set(labels(message))) == 9


def test_a_mail_without_subject_or_sender_is_still_worded() -> None:
    story = Story(policy())
    bare = story.alert._replace(mail=replace(mail(), subject=" \r\n", sender="", sender_name=""))
    message = word_notification(bare, Row(), LONDON, story.people, after(9), events_of(story))
    assert message.title == "Unread for 9 min: (no subject)"
    assert fact(message, "From") == "unknown"


def test_a_severity_of_ones_own_stands_as_it_is() -> None:
    story = Story(policy())
    own = story.alert._replace(severity="sev-0")
    assert fact(word_notification(own, Row(), TOKYO, story.people, AT, events_of(story)), "重要度") == "sev-0"
    unnamed = story.alert._replace(severity="")
    assert fact(word_notification(unnamed, Row(), TOKYO, story.people, AT, events_of(story)), "重要度") is None


def test_a_percent_sign_in_a_subject_is_no_placeholder() -> None:
    story = Story(policy())
    odd = story.alert._replace(mail=replace(mail(), subject="disk 100%(age)s %d full"))
    message = word_notification(odd, Row("phone"), LONDON, story.people, after(9), events_of(story))
    assert message.title == "Unread for 9 min: disk 100%(age)s %d full"
    assert message.speech is not None
    assert "disk 100%(age)s %d full" in message.speech.announcement


def test_who_is_told_directly_and_whom_a_room_mentions() -> None:
    story = Story(policy())
    assert worded(story, Row(person="alice")).is_direct
    assert not worded(story).is_direct
    now = story.instants[-1]
    message = word_notification(story.alert, Row(), LONDON, story.people, now, events_of(story), ["U1"])
    assert message.mentions == ("U1",)


def test_a_strangers_text_can_neither_break_lines_nor_turn_direction() -> None:
    assert plain("a\r\n\tb\u2028c \u202eevil\u202c \u2067x\u2069 \ud800 \x1b[31m") == "a b c evil x [31m"
    assert plain("か\u3099 👩‍👩‍👧 עברית") == "か\u3099 👩‍👩‍👧 עברית"


@pytest.mark.parametrize(
    ("text", "most", "said"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("回線が停止しています", 4, "回線が停…"),
        ("abcdefghij" * 10, 30, "abcdefghij" * 3 + "…"),
        ("かき\u3099く", 2, "か…"),
        ("ab👩‍👩‍👧cd", 4, "ab…"),
    ],
)
def test_long_texts_are_cut_between_words_and_never_inside_a_sign(text: str, most: int, said: str) -> None:
    assert cut(text, most) == said


# The thread's timeline -----------------------------------------------------------------------------------------------


def test_the_timeline_has_a_line_for_each_event_that_people_care_about() -> None:
    rules = policy(ladder(step("slack", "#ops", "bob"), step("phone", "alice", after=5, retry=1)), read_by=ALL)
    story = Story(rules, Recipient("alice"), Recipient("bob"))
    story.tell(DeliveryReported("1.1", Outcome.REJECTED, "account_inactive"), 0.5)
    story.tick(5)
    story.tell(DeliveryReported("1.2", Outcome.SENT), 5)
    story.tell(DeliveryReported("1.2", Outcome.VOICEMAIL), 5.5)
    story.tell(DeliveryReported("1.0", Outcome.STALLED), 5.7)
    story.tell(ReceiptReported("bob", ReceiptKind.ACCEPTED, after(6)), 6)
    story.tell(ReceiptReported("bob", ReceiptKind.SEEN, after(6)), 6)
    story.tell(ReceiptWithdrawn("bob", ReceiptKind.SEEN, after(6.5)), 6.5)
    story.tell(EscalatedNow("bob", "slack"), 7)
    story.tell(Acknowledged("alice", "phone"), 8)
    story.tell(Resolved("alice", "slack", "the line\nis back"), 24 * 60)
    assert worded(story).timeline == (
        "04:00 An urgent mail from Nagios came.",
        "04:00 Step 1: Slack → #ops, Slack → Bob",
        "04:00 Slack → Bob: can't be told: account_inactive",
        "04:05 Step 2: phone → Alice",
        "04:05 phone → Alice: a machine answered. That is no answer.",
        "04:05 Slack → #ops: does not get through for now: stalled",
        "04:06 Bob: marked as read in the mailbox.",
        "04:06 Bob: no longer marked as read in the mailbox.",
        "04:07 Bob asked for the next step.",
        "04:07 The ladder ended and NOBODY came. The last resort: phone → Carol",
        "04:08 Alice took it (phone). Everything stops.",
        "Sat 2 May 04:00 BST Alice resolved it: the line is back",
    )


def test_a_thread_only_ever_grows() -> None:
    """A channel posts what is new since the last time: a line that changes or goes would hide others."""
    rules = policy(ladder(step("slack", "#ops"), step("phone", "alice", after=1, retry=20, every=1), repeat=19))
    story = Story(rules)
    shown: tuple[str, ...] = ()
    while story.alert.due_at is not None and len(story.decisions) < 260:
        story.run_until((story.alert.due_at - AT).total_seconds() / 60)
        lines = worded(story).timeline
        assert lines[: len(shown)] == shown
        shown = lines
    assert len(shown) > 250


def test_a_step_that_told_nobody_says_whom_it_missed() -> None:
    story = Story(policy(ladder(step("phone", "dave", "oncall:noc")), last_resort=()))
    timeline = worded(story).timeline
    assert timeline[1] == "04:00 Step 1 told nobody: dave (not in the settings), on call: noc (nobody is on call)"
    assert timeline[-1] == "04:00 The ladder ended and NOBODY came. The last resort told nobody."


def test_a_call_has_no_thread() -> None:
    assert worded(Story(policy()), Row("phone", "alice")).timeline == ()
