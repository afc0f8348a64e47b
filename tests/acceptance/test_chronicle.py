"""A story as the log tells it: one readable line for each happening, with ids and numbers only."""

import json
from datetime import timedelta
from pathlib import Path
from typing import get_args

from structlog.testing import capture_logs

from bot.chronicle import LINES
from channels.imap.mailbox import FlagsChanged
from channels.inbox import CallReport
from channels.message import Verb
from escalation.decided import Event
from escalation.event import Opened, Outcome, TimerFired
from tests.acceptance.stage import mail, on_stage

MINUTE = timedelta(minutes=1)


def test_every_kind_of_event_has_a_line_or_is_said_elsewhere() -> None:
    """``Alert opened`` is logged with its rule; a timer that fires is said by what it does."""
    assert set(get_args(Event)) - {Opened, TimerFired} == set(LINES)


async def test_a_story_can_be_read_in_the_log(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with on_stage(tmp_path) as stage:
            await stage.arrives(mail("【緊急】 down", "a@x"))
            await stage.passes(15 * MINUTE)
            await stage.app.inbox.report(CallReport(stage.phone.sent[-1].key, Outcome.BUSY))
            await stage.presses(Verb.SNOOZE, 1, "slack", "U0ALICE000", "30m")
            await stage.presses(Verb.ACK, 1, "phone", "+81312345678")
            await stage.presses(Verb.RESOLVE, 1, "slack", "U0ALICE000")
            uid = await stage.arrives(mail("【緊急】 again", "b@x"))
            await stage.happens("alice", FlagsChanged(uid, "b@x", is_seen=True, is_answered=False))
    ours = [one for one in logs if "alert_id" in one]
    story = [one["event"] for one in ours]
    assert story == [
        "Alert opened",
        *["A step fired", "Sent"] * 3,
        "A notification came to this",
        "Snoozed",
        "Taken",
        "Resolved",
        "Alert opened",
        "A receipt came",
        "Read: the climb stops",
    ]
    fired = next(one for one in ours if one["event"] == "A step fired")
    assert (fired["alert_id"], fired["step"], fired["reason"], fired["told"]) == (1, 1, "due", 1)
    taken = next(one for one in ours if one["event"] == "Taken")
    assert (taken["by"], taken["via"]) == ("alice", "phone")
    assert next(one["outcome"] for one in ours if one["event"] == "A notification came to this") == "busy"
    assert "down" not in json.dumps(ours, default=str, ensure_ascii=False)
    assert "@" not in json.dumps(ours, default=str)
