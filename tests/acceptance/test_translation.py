"""Stories of mail in another language: shown translated where a service is configured, and never waited for."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.imap.mailbox import Arrived
from channels.message import Fact
from channels.translation import client
from tests.acceptance.stage import Stage, mail
from tests.acceptance.translation_stage import (
    CHINESE,
    JAPANESE,
    MINUTE,
    SECRETS_OF_STORY,
    SUBJECT,
    Story,
    libre,
    posted,
    story,
    told,
    translation,
)
from tests.fakes.translation import Said

__all__ = ["libre", "story"]


async def test_what_is_posted_gets_its_translation_and_whoever_is_told_later_has_it(story: Story) -> None:
    stage = story.stage
    story.service.is_open.clear()
    await stage.arrives(mail(SUBJECT, "a@x"))
    [first] = stage.slack.sent
    assert (first.address, translation(first)) == ("C0NOC00000", "")
    assert SUBJECT in first.title
    story.service.is_open.set()
    await story.settles()
    [again] = stage.slack.updated
    assert again.key == first.key
    assert again.facts[0] == Fact("機械翻訳", JAPANESE)
    assert again.title == first.title, "beside the original, never in its place"
    assert again.summary.endswith(f" / 機械翻訳: {JAPANESE}")
    await stage.passes(5 * MINUTE)
    bob, wang = sorted(stage.slack.sent[-2:], key=lambda one: one.address)
    assert (bob.address, translation(bob)) == ("U0BOB00000", ""), "it is in his language"
    assert wang.facts[0] == Fact("机器翻译", CHINESE)
    await stage.passes(5 * MINUTE)
    [call] = stage.phone.sent
    assert call.speech is not None
    assert f"件名の機械翻訳を読み上げます。「{JAPANESE}」。" in call.speech.announcement
    assert "Osaka" not in call.speech.announcement
    assert sorted(story.asked()) == [(SUBJECT, "ja"), (SUBJECT, "zh")], "each once, and none into its own language"


async def told_in(stage: Stage) -> list[tuple[str, str]]:
    await stage.arrives(mail(SUBJECT, "a@x"))
    await stage.passes(timedelta(hours=1))
    return stage.told()


async def lateness(stage: Stage) -> list[timedelta]:
    async with stage.app.store.reading() as tx:
        rows = await tx.notifications_of(1)
    return [one.sent_at - one.due_at for one in rows if one.sent_at is not None]


def timed_by(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the tasks that set a timer from now on: so does whoever waits for a while, however short. The
    story's clock stands still meanwhile, and can't show it."""
    loop, found = asyncio.get_running_loop(), set[str]()
    call_at = loop.call_at

    def noted(*arguments: Any, **more: Any) -> asyncio.TimerHandle:
        task = asyncio.current_task()
        found.update([task.get_name()] if task is not None else [])
        return call_at(*arguments, **more)

    monkeypatch.setattr(loop, "call_at", noted)
    return found


async def test_no_page_waits_while_the_service_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_TIME", timedelta(days=1))
    (tmp_path / "without").mkdir()
    stage = await Stage.open(tmp_path / "without", settings_file="translation.yaml", secrets=SECRETS_OF_STORY)
    expected = await told_in(stage)
    await stage.close()
    async with told(tmp_path) as story:
        story.service.is_open.clear()
        async with asyncio.timeout(30):
            names = timed_by(monkeypatch)
            assert await told_in(story.stage) == expected, "and whoever waited without a limit would do so for ever"
            assert names == {"translation"}, "nobody else waits for a while"
        assert story.service.came.is_set(), "it was asked"
        assert set(await lateness(story.stage)) == {timedelta(0)}
        assert {translation(one) for one in story.stage.slack.updated} == {""}
        assert story.stage.console.sent == [], "and no alarm tells of it"


async def test_a_dead_service_is_left_alone_and_comes_back(libre: Story) -> None:
    libre.service.said.extend(Said(500) for _ in range(3))
    for number in range(6):
        await libre.stage.arrives(mail(f"{SUBJECT} {number}", f"{number}@x"))
        await libre.translations.settled()
    assert len(libre.asked()) == 3
    assert all(translation(one) == "" for one in libre.stage.slack.sent)
    await libre.stage.passes(timedelta(seconds=31))
    await libre.stage.arrives(mail(SUBJECT, "b@x"))
    await libre.settles()
    assert translation(posted(libre.stage)) == JAPANESE


@pytest.mark.parametrize(
    ("said", "span"),
    [(Said(429, {"Retry-After": "120"}), 2 * MINUTE), (Said(403), timedelta(hours=1))],
)
async def test_the_service_says_how_long(libre: Story, said: Said, span: timedelta) -> None:
    libre.service.said.append(said)
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.translations.settled()
    assert len(libre.asked()) == 1
    libre.stage.clock.move_to(libre.stage.clock.now() + span - timedelta(seconds=1))
    await libre.stage.arrives(mail(SUBJECT, "b@x"))
    await libre.translations.settled()
    assert libre.asked() == []
    libre.stage.clock.move_to(libre.stage.clock.now() + timedelta(seconds=1))
    await libre.stage.arrives(mail(SUBJECT, "c@x"))
    await libre.translations.settled()
    assert (SUBJECT, "ja") in libre.asked()


async def test_a_hundred_and_thirty_alerts_at_once_are_all_brought_up_to_date(libre: Story) -> None:
    """A storm of one subject is one question in each language, whoever waits for its answer."""
    libre.service.is_open.clear()
    await libre.stage.happens("alice", *(Arrived(number, mail(SUBJECT, f"{number}@x")) for number in range(1, 131)))
    assert len(libre.stage.slack.sent) == 130
    libre.service.is_open.set()
    await libre.settles()
    assert sorted(libre.asked()) == [(SUBJECT, "ja"), (SUBJECT, "zh")]
    assert {translation(one) for one in libre.stage.slack.updated} == {JAPANESE}
    assert len({one.key for one in libre.stage.slack.updated}) == 130


async def test_one_that_is_excepted_keeps_nothing_from_the_others(libre: Story) -> None:
    """Two mails of the same subject at the same time: the one asks nothing, the other does."""
    await asyncio.gather(
        libre.stage.happens("legal", Arrived(1, mail(SUBJECT, "a@x"))),
        libre.stage.happens("alice", Arrived(1, mail(SUBJECT, "b@x"))),
    )
    assert (await libre.stage.alert(1)).mail.message_id == "a@x", "it is the first"
    await libre.settles()
    assert sorted(libre.asked()) == [(SUBJECT, "ja"), (SUBJECT, "zh")]
    assert translation(posted(libre.stage)) == JAPANESE


async def test_the_rooms_language_is_asked_for_first(libre: Story) -> None:
    await libre.stage.arrives(mail("[紧急] 大阪线路中断", "a@x"))
    await libre.settles()
    assert [language for _, language in libre.asked()] == ["ja", "en"]


async def test_a_quota_that_is_used_up(tmp_path: Path) -> None:
    async with told(tmp_path, "deepl") as story:
        story.service.said.append(Said(456))
        await story.stage.arrives(mail(SUBJECT, "a@x"))
        await story.translations.settled()
        await story.stage.arrives(mail(SUBJECT, "b@x"))
        await story.translations.settled()
        assert len(story.asked()) == 1
        answer = await story.stage.types("translate 1", "U0BOB00000")
        assert (answer.is_done, answer.text) == (
            False,
            "The translation service does not answer now. Please try again later.",
        )


async def test_a_subject_in_the_readers_language_is_not_asked_for(libre: Story) -> None:
    await libre.stage.arrives(mail("【緊急】大阪で回線が切れています", "a@x"))
    await libre.settles()
    assert [language for _, language in libre.asked()] == ["en", "zh"]
    assert translation(posted(libre.stage)) == ""
    await libre.stage.passes(5 * MINUTE)
    [bob] = [one for one in libre.stage.slack.sent if one.address == "U0BOB00000"]
    assert translation(bob) == "en(【緊急】大阪で回線が切れています)"
