"""The words of a command line, as the shell has separated them, by the grammar of chat."""

import pytest

from bot.chatops.command import NotUnderstoodError
from bot.chatops.parse import of_words
from bot.chatops.vocabulary import Name
from tests.unit.test_chat_parse import c


@pytest.mark.parametrize(
    ("name", "words", "command"),
    [
        (Name.ACK, [], c(Name.ACK)),
        (Name.ACK, ["#42"], c(Name.ACK, "#42")),
        (Name.ACK, ["link", "down"], c(Name.ACK, "link down")),
        (Name.STATUS, ["link down"], c(Name.STATUS, "link down")),
        (Name.STATUS, ["share"], c(Name.STATUS, "share")),
        (Name.SNOOZE, ["42", "until", "9:00"], c(Name.SNOOZE, "#42", "until 9:00")),
        (Name.SNOOZE, ["42", "until 9:00"], c(Name.SNOOZE, "#42", "until 9:00")),
        (Name.SNOOZE, ["until 9:00"], c(Name.SNOOZE, "", "until 9:00")),
        (Name.SNOOZE, ["30m"], c(Name.SNOOZE, "", "30m")),
        (Name.SNOOZE, ["link down", "1h"], c(Name.SNOOZE, "link down", "1h")),
        (Name.ESCALATE, ["42", "to", "bob"], c(Name.ESCALATE, "#42", "bob")),
        (Name.ESCALATE, ["to", "step", "3"], c(Name.ESCALATE, "", "3")),
        (Name.ESCALATE, ["link down", "to", "Bob Smith"], c(Name.ESCALATE, "link down", "Bob Smith")),
        (Name.RESOLVE, ["42", "it", "is", "over"], c(Name.RESOLVE, "#42", "it is over")),
        (Name.RESOLVE, ["it", "is", "over"], c(Name.RESOLVE, "", "it is over")),
        (Name.NOTE, ["42", "hello", "world"], c(Name.NOTE, "#42", "hello world")),
        (Name.NOTE, ["42", "two\nlines  here"], c(Name.NOTE, "#42", "two\nlines  here")),
        (Name.NOTE, ["42", 'the "old"', "cable"], c(Name.NOTE, "#42", 'the "old" cable')),
        (Name.NOTE, ["hello"], c(Name.NOTE, "", "hello")),
        (Name.NOTE, ["hello there"], c(Name.NOTE, "", "hello there")),
        (Name.LIST, ["resolved"], c(Name.LIST, "", "resolved")),
        (Name.LIST, ["解決済み"], c(Name.LIST, "", "resolved")),
        (Name.LANG, ["日本語"], c(Name.LANG, "", "ja")),
        (Name.REPORT, ["since", "6/1", "until", "6/8"], c(Name.REPORT, start="6/1", end="6/8")),
        (Name.OVERRIDE, ["noc", "bob", "until", "9:00"], c(Name.OVERRIDE, schedule="noc", person="bob", end="9:00")),
        (
            Name.SILENCE,
            ["rule", "my rule", "for", "2h", "why", "planned work"],
            c(Name.SILENCE, "", "planned work", rule="my rule", end="2h"),
        ),
    ],
)
def test_words_are_a_command(name: Name, words: list[str], command: object) -> None:
    assert of_words(name, words) == command


@pytest.mark.parametrize(
    ("name", "words", "command"),
    [
        (Name.RESOLVE, ["backup"], c(Name.RESOLVE, "backup")),
        (Name.RESOLVE, ["backup", "it is over"], c(Name.RESOLVE, "backup", "it is over")),
        (Name.RESOLVE, ["link down", "it is over"], c(Name.RESOLVE, "link down", "it is over")),
        (Name.NOTE, ["backup", "on it"], c(Name.NOTE, "backup", "on it")),
        (Name.RECALL, ["backup"], c(Name.RECALL, "backup")),
        (Name.SNOOZE, ["backup", "30m"], c(Name.SNOOZE, "backup", "30m")),
        (Name.ESCALATE, ["backup", "to", "bob"], c(Name.ESCALATE, "backup", "bob")),
    ],
)
def test_what_scripts_have_always_written_names_the_same_alert(name: Name, words: list[str], command: object) -> None:
    """As a reason, "backup" would close another alert: the only one that is open."""
    assert of_words(name, words) == command


@pytest.mark.parametrize("name", [Name.ACK, Name.RESOLVE, Name.SNOOZE, Name.STATUS, Name.ESCALATE])
@pytest.mark.parametrize("empty", ["", "  "])
def test_the_empty_variable_of_a_script_is_not_the_only_alert_that_is_open(name: Name, empty: str) -> None:
    with pytest.raises(NotUnderstoodError, match="which alert"):
        of_words(name, [empty])


@pytest.mark.parametrize(
    ("name", "words", "there"),
    [
        (Name.ACK, ["42", "now"], "“now” is too much after the alert; write it like: kidoku ack 42"),
        (Name.NOTE, ["42", " "], "the note is empty; write it like: kidoku note 42 TEXT"),
        (
            Name.UNSILENCE,
            [],
            "which silence? “kidoku silences” lists them with their numbers; write it like: kidoku unsilence 3",
        ),
    ],
)
def test_at_the_command_line_the_program_is_named(name: Name, words: list[str], there: str) -> None:
    """In chat it is typed without: the other text."""
    with pytest.raises(NotUnderstoodError) as raised:
        of_words(name, words)
    assert raised.value.at_terminal == there
    assert str(raised.value) == there.replace("kidoku ", "")
