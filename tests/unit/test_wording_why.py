"""``kidoku why`` says why this person was told then, and why that one was not."""

from dataclasses import replace

import pytest

from bot.language import Words
from bot.wording import next_step, read_matrix, status_word, why_lines
from escalation.event import (
    Acknowledged,
    DeliveryReported,
    EscalatedNow,
    Input,
    MailJoined,
    Outcome,
    PassedOn,
    ReceiptReported,
    ReceiptWithdrawn,
    Resolved,
    Snoozed,
)
from escalation.policy import StopOn
from escalation.receipt import ALL, ReadBy, ReceiptKind, Recipient
from escalation.schedule import taking_turns
from tests.fakes.policies import AT, SPINE, Story, action, after, ladder, mail, policy, roster, step
from tests.fakes.told import LONDON, TOKYO, events_of


def why(story: Story, words: Words = LONDON) -> list[str]:
    lines = why_lines(story.alert, events_of(story), story.people, words)
    assert [at for at, _ in lines] == sorted(at for at, _ in lines)
    return [f"{words.clock(at)} {text}" for at, text in lines]


def since(story: Story, event: Input, at: float) -> list[str]:
    """What an event adds to the story."""
    before = len(events_of(story))
    story.tell(event, at)
    lines = why_lines(story.alert, events_of(story), story.people, LONDON)
    earlier = why_lines(story.alert, events_of(story)[:before], story.people, LONDON)
    return [text for _, text in lines if text not in {text for _, text in earlier}]


def test_the_whole_story_of_a_mail_that_all_must_read() -> None:
    turns = {"noc": taking_turns("noc", ("bob", "carol"), "Asia/Tokyo", AT.date(), days=1)}
    people = replace(roster(noc=("alice", "bob")), schedules=turns)
    steps = (
        step("slack", "#ops"),
        step("phone", "oncall:noc", "unread", after=5, retry=1),
        step("phone", "team:noc", "dave", after=5),
        step("phone", "carol", after=5),
    )
    story = Story(policy(ladder(*steps), read_by=ALL), Recipient("alice"), Recipient("bob"), people=people)
    story.run_until(5)
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(6), "imap"), 6)
    story.run_until(10)
    story.tell(Acknowledged("bob", "phone"), 12)
    assert why(story) == [
        "04:00 An urgent mail from Nagios <nagios@example.com> came (rule –, policy main).",
        "04:00 It is for Alice, Bob.",
        "04:00 The ladder for “always” holds; its next step is due at 04:00.",
        "04:00 Step 1 was due at 04:00 and nobody had read it: Slack → #ops.",
        "04:05 Step 2 was due at 04:05 and nobody had read it: phone → Bob (on call for noc at that time), "
        "phone → Alice (has not read it).",
        "04:06 Alice: marked as read in the mailbox.",
        "04:07 Step 2 once more at 04:07, only 1 of 2 had read it (2 must): "
        "phone → Bob (on call for noc at that time).",
        "04:07 Not told: Alice (marked as read in the mailbox, 04:06).",
        "04:10 Step 3 was due at 04:10 and only 1 of 2 had read it (2 must): "
        "phone → Alice (of team noc), phone → Bob (of team noc).",
        "04:10 Not told: dave (not in the settings).",
        "04:12 Bob took it (phone). Everything stops.",
        "04:12 Not reached any more: step 4, phone → Carol.",
    ]


def test_a_step_that_came_in_an_earlier_round_was_reached() -> None:
    story = Story(policy(ladder(step("slack", "#ops"), step("phone", "alice", after=5), repeat=1)))
    story.run_until(10)
    story.tell(Acknowledged("bob"), 11)
    assert why(story)[-1] == "04:11 Bob took it. Everything stops."


def test_a_new_climb_begins_without_what_the_one_before_had_reached() -> None:
    story = Story(policy(ack_timeout=after(60) - AT))
    story.run_until(10)
    story.tell(Acknowledged("bob"), 11)
    story.run_until(71)
    story.tell(Acknowledged("bob"), 72)
    assert why(story)[-2:] == [
        "05:12 Not reached any more: step 2, Discord → #ops.",
        "05:12 Not reached any more: step 3, phone → Alice.",
    ]


def test_a_late_step_says_how_late() -> None:
    story = Story(policy())
    story.tick(7)
    assert "04:07 It was 2 min late." in why(story)
    punctual = Story(policy())
    punctual.tick(5)
    assert "04:05 Step 2 was due" in str(why(punctual))
    assert not any("late" in line for line in why(punctual))


def test_why_a_step_came_forward() -> None:
    assert "Step 2 came forward, because somebody asked for it: Discord → #ops." in since(
        Story(policy()), EscalatedNow("bob", "slack"), 1
    )
    calls = policy(ladder(step("phone", "alice"), step("phone", "bob", after=5)))
    assert "Step 2 came forward, because the call was passed on: phone → Bob." in since(
        Story(calls), PassedOn("alice", "phone"), 1
    )
    refused = since(Story(calls), DeliveryReported("1.0", Outcome.REJECTED, "21211"), 1)
    assert refused == [
        "phone → Alice: can't be told: 21211",
        "Step 2 came forward, because nobody was reached before: phone → Bob.",
    ]


def test_the_two_ways_to_a_fallback() -> None:
    rules = policy(ladder(step("phone", "alice", otherwise=action("slack", "#ops"))))
    late = since(Story(rules), DeliveryReported("1.0", Outcome.STALLED), 1)
    assert late == [
        "phone → Alice: does not get through for now: stalled",
        "The fallback of step 1, because nobody was reached: Slack → #ops.",
    ]
    rules = policy(ladder(step("phone", "dave", otherwise=action("slack", "#ops"))))
    assert "04:00 The fallback of step 1, because its own targets can't be reached: Slack → #ops." in why(Story(rules))


def test_what_became_of_a_call() -> None:
    story = Story(policy(ladder(step("phone", "alice", after=0))))
    said = {
        Outcome.SENT: ["phone → Alice: it left."],
        Outcome.BUSY: ["phone → Alice: busy. That is no answer."],
        Outcome.NO_ANSWER: ["phone → Alice: no answer."],
        Outcome.VOICEMAIL: ["phone → Alice: a machine answered. That is no answer."],
        Outcome.HUNG_UP: ["phone → Alice: hung up without pressing the digit. That is no answer."],
        Outcome.ENDED: [],
    }
    for outcome, lines in said.items():
        assert since(story, DeliveryReported("1.0", outcome), 1) == lines
    assert since(story, DeliveryReported("1.9", Outcome.BUSY), 1) == [], "no notification of this alert"


def test_reading_and_the_end() -> None:
    rules = policy(SPINE, read_by=ReadBy(percent=50), reopen_on_unread=True)
    story = Story(rules, Recipient("alice"), Recipient("bob"))
    lines = since(story, ReceiptReported("bob", ReceiptKind.REPLIED, after(1)), 1)
    assert lines[:2] == [
        "Bob: answered the mail.",
        "Read by Bob (answered the mail): that is enough. Everything stops.",
    ]
    again = since(story, ReceiptWithdrawn("bob", ReceiptKind.REPLIED, after(2)), 2)
    assert again[:2] == ["Bob: no longer answered the mail.", "Marked as unread again: the ladder begins again."]


def test_an_exhausted_alert_says_who_was_told_last_and_why() -> None:
    story = Story(policy(stop_on=StopOn.ACKNOWLEDGED))
    story.run_until(60)
    assert why(story)[-1] == "04:15 The ladder ended and nobody had taken it. The last resort: phone → Carol."
    nobody = Story(policy(last_resort=()))
    nobody.run_until(60)
    assert why(nobody)[-1] == "04:15 The ladder ended and nobody had read it. The last resort: it told nobody."


def test_a_policy_without_a_ladder_for_the_instant() -> None:
    never = replace(SPINE, window=replace(SPINE.window, name="never", spans=()))
    assert "04:00 No ladder holds at this time: the last resort is told at once." in why(Story(policy(never)))


def test_other_turns_of_the_story() -> None:
    story = Story(policy(ack_timeout=after(60) - AT))
    assert since(story, Snoozed("bob", after(30)), 1) == ["Bob asked for silence until 04:30."]
    assert since(story, MailJoined(mail(2)), 2) == ["A later mail of the thread came: disk full"]
    assert since(story, Acknowledged("bob"), 3)[0] == "Bob took it. Everything stops."
    story.tick(63)
    assert "05:03 Taken, but not resolved in time: the ladder begins again." in why(story)
    assert since(story, Resolved("bob", "slack", "fixed"), 64)[0] == "Bob resolved it: fixed"


def test_the_story_in_japanese_has_no_english_sentence() -> None:
    story = Story(policy(read_by=ALL), Recipient("alice"), Recipient("bob"))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(1)), 1)
    story.run_until(60)
    for line in why(story, TOKYO):
        assert not any(word in line for word in (" the ", " was ", " told", "Step", "nobody")), line


# For the command line ------------------------------------------------------------------------------------------------


def test_the_matrix_has_the_unread_first_and_every_receipt() -> None:
    story = Story(policy(read_by=ALL), *(Recipient(id) for id in ("alice", "bob", "carol")))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(1)), 1)
    story.tell(ReceiptReported("alice", ReceiptKind.DELIVERED, after(0)), 1)
    story.tell(ReceiptReported("bob", ReceiptKind.FAILED, after(2)), 2)
    assert read_matrix(story.alert, LONDON, story.people) == [
        ("Bob", "not yet", "not delivered"),
        ("Carol", "not yet", "–"),
        ("Alice", "Fri 1 May 04:01 BST", "delivered, marked as read in the mailbox"),
    ]


def test_a_shared_seen_is_not_yet_read_in_the_matrix_where_all_must_read() -> None:
    story = Story(policy(read_by=ALL), Recipient("noc", is_team=True))
    story.tell(ReceiptReported("noc", ReceiptKind.SEEN_SHARED, after(1)), 1)
    ((name, when, how),) = read_matrix(story.alert, LONDON, story.people)
    assert (name, when) == ("team noc", "not yet")
    assert "shared" in how


@pytest.mark.parametrize(
    ("via", "how"), [("view", "read on the page, after a one-time code"), ("mdn", "displayed, says the mail program")]
)
def test_what_was_enough_is_told_in_the_words_of_what_brought_it(via: str, how: str) -> None:
    story = Story(policy())
    assert since(story, ReceiptReported("alice", ReceiptKind.DISPLAYED, after(1), via), 1) == [
        f"Alice: {how}.",
        f"Read by Alice ({how}): that is enough. Everything stops.",
    ]


def test_the_next_step_without_a_now_names_the_day() -> None:
    story = Story(policy())
    said = next_step(story.alert, LONDON, story.people)
    assert said == "step 2 of 3 at Fri 1 May 04:05 BST: Discord → #ops"
    story.tell(Resolved("bob"), 1)
    assert next_step(story.alert, LONDON, story.people) == ""


def test_the_status_in_a_word() -> None:
    story = Story(policy())
    assert status_word(story.alert, LONDON, after(0)) == "unread"
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(1)), 1)
    assert status_word(story.alert, LONDON, after(1)) == "read"
    story.tell(Acknowledged("bob"), 2)
    assert status_word(story.alert, TOKYO, after(2)) == "対応中"


def test_a_reader_outside_is_called_by_the_address() -> None:
    guest = Recipient("guest@partner.example", address="guest@partner.example")
    story = Story(policy(ladder(step("mail", "unread"))), guest)
    story.run_until(1)
    assert any("mail → guest@partner.example" in line for line in why(story)), why(story)
    assert not any("unread" in line and "→ unread" in line for line in why(story))


def test_who_passes_the_last_call_on_passes_it_to_nobody() -> None:
    story = Story(policy(ladder(step("phone", "alice"))))
    assert since(story, PassedOn("alice"), 1)[0] == "Alice was reached and passed it on."
    assert since(story, PassedOn("carol"), 2) == [
        "Carol was reached and passed it on. Nobody was left to call: the administrators are told."
    ]
