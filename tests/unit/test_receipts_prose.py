"""Returned mails that are written for people only: who, what, which code."""

import pytest

from channels.receipts import MailKind, understand
from tests.fakes.bounces import BOUNCES, Bounce


@pytest.mark.parametrize("bounce", BOUNCES, ids=[bounce.system for bounce in BOUNCES])
def test_the_recipients_and_their_fate(bounce: Bounce) -> None:
    found = understand(bounce.mail)
    assert (found.kind, found.error) == (MailKind.DSN, "")
    assert tuple((one.address, one.action, one.status) for one in found.recipients) == bounce.said


@pytest.mark.parametrize("bounce", BOUNCES, ids=[bounce.system for bounce in BOUNCES])
def test_the_original_is_found_where_its_head_came_back(bounce: Bounce) -> None:
    found = understand(bounce.mail)
    has_head = "{original}" in bounce.text or "page-42@" in bounce.text
    assert found.original_message_id == ("page-42@our.example" if has_head else "")
