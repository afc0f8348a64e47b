"""254 real bounces: who did not get the mail, and whether it is still being tried.

The labels beside the corpus call every mail that was given up after a time "delayed". RFC 3464, 2.3.3 calls it
"failed", and so do the mails themselves: who waits for such a recipient waits for ever. Where the two differ, what the
mail says counts here, and stands in ``SAID_OTHERWISE`` with its words.
"""

import json
from collections.abc import Iterator

import pytest

from channels.receipts import MailKind, understand
from tests.fakes.missing import SHARED, needs_data

FOLDER = SHARED / "mails" / "bounces"
EXPECTED = FOLDER / "expected.json"
TARGET = 0.97

SAID_OTHERWISE = {
    "lhost-dragonfly-30.eml": ("failed", "Giving up"),
    "lhost-exim-06.eml": ("failed", "This is a permanent error"),
    "lhost-exim-08.eml": ("failed", "could not be delivered to one or more of its recipients"),
    "lhost-exim-38.eml": ("delayed", "has not yet been delivered"),
    "lhost-gmail-06.eml": ("delayed", "Message will be retried"),
    "lhost-gmail-10.eml": ("failed", "Delivery to the following recipient failed permanently"),
    "lhost-imailserver-04.eml": ("failed", "Delivery failed 20 attempts"),
    "lhost-office365-08.eml": ("failed", "Action: failed"),
    "lhost-postfix-08.eml": ("failed", "Action: failed"),
    "lhost-sendmail-12.eml": ("failed", "Message will be deleted from queue"),
    "lhost-sendmail-30.eml": ("failed", "Message will be deleted from queue"),
    "lhost-sendmail-54.eml": ("failed", "Message will be deleted from queue"),
    "lhost-x3-02.eml": ("failed", "was aborted after"),
    "rfc3464-36.eml": ("failed", "Message will be deleted from queue"),
    "rfc3464-56.eml": ("failed", "Action: failed"),
}


@pytest.fixture(autouse=True)
def corpus() -> None:
    needs_data(EXPECTED)


def labels() -> Iterator[tuple[str, set[tuple[str, str]]]]:
    """Each mail, and the (address, action) of its recipients."""
    for name, one in json.loads(EXPECTED.read_text("utf-8")).items():
        action = SAID_OTHERWISE.get(name, ("", ""))[0]
        yield name, {(said["recipient"].lower(), action or said["action"]) for said in one["recipients"]}


def test_the_recipient_and_the_action_are_right_in_97_of_100() -> None:
    wrong = [name for name, wanted in labels() if not wanted <= found(name)]
    count = len(list(labels()))
    assert 1 - len(wrong) / count >= TARGET, wrong


def found(name: str) -> set[tuple[str, str]]:
    said = understand((FOLDER / name).read_bytes()).recipients
    return {(address.lower(), one.action) for one in said for address in (one.address, one.original_address)}


@pytest.mark.parametrize("name", SAID_OTHERWISE)
def test_what_the_mail_itself_says_is_what_is_understood(name: str) -> None:
    action, words = SAID_OTHERWISE[name]
    text = (FOLDER / name).read_bytes().decode("latin-1")
    assert " ".join(words.split()) in " ".join(text.split())
    assert {one.action for one in understand((FOLDER / name).read_bytes()).recipients} == {action}


def test_every_one_is_told_to_be_a_report() -> None:
    kinds = {understand((FOLDER / name).read_bytes()).kind for name, _ in labels()}
    assert kinds <= {MailKind.DSN, MailKind.FEEDBACK, MailKind.AUTO_REPLY, MailKind.REPLY}
