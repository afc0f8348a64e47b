"""What ``why`` says of notifications that have not left."""

import pytest

from bot.language import Words
from bot.store.record import NotificationState
from bot.wording import unsent_lines
from tests.fakes.policies import after, roster
from tests.fakes.stored import row
from tests.fakes.told import LONDON, TOKYO


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (LONDON, "phone → Alice: withdrawn before it left (planned for 04:05)."),
        (TOKYO, "電話 → Aliceさん：送信前に取り消し（予定は 12:05）。"),
    ],
)
def test_what_was_withdrawn_is_never_told_at_a_time_to_come(words: Words, said: str) -> None:
    dropped = row(
        "1.0",
        channel="phone",
        person="alice",
        state=NotificationState.DROPPED,
        due_at=after(5),
        created_at=after(0),
        send_at=None,
    )
    assert unsent_lines([dropped], roster(), words) == [(after(0), said)]
