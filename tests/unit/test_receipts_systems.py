"""Whole mails as mail systems write them: reports, notices for people, machines' answers, and what looks like them."""

import pytest

from channels.receipts import MailKind, understand
from tests.fakes.systems import SYSTEMS, Written


@pytest.mark.parametrize("written", SYSTEMS, ids=[written.system for written in SYSTEMS])
def test_who_has_what(written: Written) -> None:
    found = understand(written.mail)
    assert found.kind is written.kind
    if written.kind is MailKind.DSN:
        assert tuple((one.address, one.action, one.status) for one in found.recipients) == written.said
        has_head = "{original}" in written.text or bool(written.report and written.returned)
        assert found.original_message_id == ("page-42@our.example" if has_head else "")
