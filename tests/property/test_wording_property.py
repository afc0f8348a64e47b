"""Whatever strangers write and whatever happens, every reader gets words, in every language."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.language import LANGUAGES, MOST_LISTED, Words
from bot.wording import next_step, read_matrix, status_word, why_lines, word_notification
from bot.wording.name import cut, plain
from bot.wording.receipt import receipt_word
from bot.wording.timeline import timeline_of
from channels.message import Message, Tone
from escalation.event import Input, Opened, TimerFired
from escalation.mail import MailBrief
from escalation.roster import Roster
from tests.fakes.policies import AT, Story
from tests.fakes.strategies import (
    EVERYBODY,
    crowds,
    deliveries,
    ends,
    kinds,
    news,
    policies,
    receipts,
    requests,
    rosters,
    snoozes,
    takes,
    withdrawals,
)
from tests.fakes.told import Row, events_of

ODD = ["%", "%(age)s", "%s", "{}", "\x00", "\x1b[2J", "\r\n", "\u202e", "\u2028", "\ud800", "<!channel>", "@everyone"]
texts = st.text(max_size=300) | st.lists(st.sampled_from(ODD), max_size=6).map("".join)
readers = st.builds(
    Words, st.sampled_from([*LANGUAGES, "de", ""]), st.sampled_from(["UTC", "Asia/Tokyo", "America/Sao_Paulo"])
)
rows = st.builds(
    Row,
    st.sampled_from(["slack", "discord", "phone", "console", "pigeon"]),
    st.sampled_from([None, "alice", "bob", "somebody who left"]),
    digits=st.sampled_from(["47", ""]),
)


def mails(text: st.SearchStrategy[str] = texts) -> st.SearchStrategy[MailBrief]:
    return st.builds(
        MailBrief, message_id=st.just("a@x"), subject=text, sender=text, sender_name=text, received_at=st.just(AT)
    )


@st.composite
def lives(draw: st.DrawFn) -> Story:
    """An alert of any policy, on any roster, to which anything has happened."""
    people: Roster = draw(rosters | st.just(EVERYBODY))
    first = draw(crowds)
    story = Story(draw(policies()), *first, people=people)
    for _ in range(draw(st.integers(0, 12))):
        at = (story.instants[-1] - AT) / timedelta(minutes=1) + draw(st.integers(0, 30))
        happening: st.SearchStrategy[Input] = st.one_of(
            receipts, withdrawals, takes, requests, snoozes, ends, news, deliveries(story.alert), st.builds(TimerFired)
        )
        story.tell(draw(happening), at)
    return story


def said(message: Message) -> list[str]:
    """Every text of a message."""
    speech = message.speech
    spoken = [] if speech is None else [speech.announcement, speech.menu, speech.confirmed, speech.goodbye]
    facts = [text for one in message.facts for text in (one.label, one.value)]
    labels = [one.label for one in message.buttons]
    return [message.title, message.summary, *facts, *labels, *message.timeline, *spoken]


def is_tame(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char == "\u202e" for char in text)


@given(lives(), rows, readers, mails(), texts, st.booleans())
def test_any_words_of_strangers_become_a_message(
    story: Story, row: Row, words: Words, mail: MailBrief, severity: str, is_junk: bool
) -> None:
    alert = story.alert._replace(mail=mail, severity=severity, is_junk=is_junk)
    events = [(replace(event, mail=mail) if isinstance(event, Opened) else event, at) for event, at in events_of(story)]
    message = word_notification(alert, row, words, story.people, story.instants[-1], events)
    assert all(map(is_tame, said(message)))
    assert message.title and message.summary and all(one.value for one in message.facts)
    assert len(message.facts) <= 10
    assert (message.speech is not None) is (row.channel == "phone")
    assert bool(message.buttons) is not alert.status.is_closed
    if alert.status.is_closed:
        assert message.tone is Tone.CLOSED


@given(lives(), readers)
def test_any_life_has_a_story(story: Story, words: Words) -> None:
    events = events_of(story)
    lines = why_lines(story.alert, events, story.people, words)
    assert all(text and at.tzinfo for at, text in lines)
    assert [at for at, _ in lines] == sorted(at for at, _ in lines)
    assert status_word(story.alert, words, story.instants[-1])
    assert isinstance(next_step(story.alert, words, story.people), str)
    assert len(read_matrix(story.alert, words, story.people)) == len(story.alert.recipients)


@given(lives(), readers)
def test_a_thread_only_grows(story: Story, words: Words) -> None:
    """Worded at any earlier time, the thread was the beginning of what it is now."""
    whole = timeline_of(story.alert, events_of(story), story.people, words)
    pairs = list(zip(story.instants, story.decisions, strict=True))
    for count in range(1, len(pairs) + 1):
        events = [(event, at) for at, made in pairs[:count] for event in made.events]
        part = timeline_of(pairs[count - 1][1].alert, events, story.people, words)
        assert whole[: len(part)] == part


@given(texts)
def test_plain_text_is_one_line_and_stays_plain(text: str) -> None:
    once = plain(text)
    assert is_tame(once) and "  " not in once and once == once.strip()
    assert plain(once) == once


@given(st.text(max_size=400), st.integers(1, 200))
def test_a_cut_text_fits_and_is_its_beginning(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short) <= most + 1
    assert text.startswith(short.removesuffix("…")) or short == text
    assert (short == text) or len(text) > most


@given(st.lists(texts, max_size=60), readers)
def test_a_list_names_at_most_twenty(names: list[str], words: Words) -> None:
    told = words.listed(names)
    assert (str(len(names) - MOST_LISTED) in told) or len(names) <= MOST_LISTED


@given(kinds, readers)
def test_every_receipt_has_words_of_the_readers_language(kind: str, words: Words) -> None:
    assert words.language == "en" or receipt_word(kind, words) != receipt_word(kind, Words("en", "UTC"))
    assert receipt_word("unheard of", words) == "unheard of"
