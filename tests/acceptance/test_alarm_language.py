"""An alarm says in the administrators' language which step failed."""

from datetime import timedelta
from pathlib import Path

import pytest

from channels.base import Rejected
from tests.acceptance.stage import SECRETS, Stage, mail


@pytest.mark.parametrize(
    ("language", "detail"),
    [
        ("en", " “【緊急】 down”: nobody was reached (step 1: rejected channel_not_found)."),
        ("ja", "「【緊急】 down」：誰にも連絡がつきませんでした（第 1 段階: 拒否（channel_not_found））。"),
        ("zh", "“【緊急】 down”：没有联系上任何人（第 1 步：被拒绝（channel_not_found））。"),
    ],
)
async def test_the_detail_of_an_alarm_is_in_the_reader_s_language(
    language: str, detail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SECRETS, "KIDOKU_LANGUAGE", language)
    stage = await Stage.open(tmp_path)
    try:
        stage.slack.answers.append(Rejected("channel_not_found"))
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(timedelta(minutes=6))
        assert [one.title for one in stage.console.sent] == [f"#1{detail}"]
    finally:
        await stage.close()
