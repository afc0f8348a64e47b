"""Stories of mail in another language: its text, for who listens and for who types."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot import mail_text
from bot.chatops import translate
from bot.store.record import AuditOutcome
from channels.inbox import Typed
from tests.acceptance.stage import Stage, mail
from tests.acceptance.translation_stage import (
    CHINESE,
    JAPANESE,
    MINUTE,
    SATO,
    SECRETS_OF_STORY,
    SUBJECT,
    TEXT,
    UNQUOTED,
    Story,
    libre,
    story,
    told,
)
from tests.fakes.translation import Said

__all__ = ["libre", "story"]

LATE = "翻訳サービスが応答しません。しばらくしてからもう一度お試しください。"


async def heard(story: Story, address: str) -> str:
    """What this reader hears who presses 0."""
    key = next(one.key for one in story.stage.slack.sent if one.address == address)
    return await story.stage.app.scribe.text_of(key)


async def test_the_text_is_read_out_in_the_listeners_language(story: Story) -> None:
    story.service.words[UNQUOTED, "ja"] = "2時10分に光ファイバが切れました。\n復旧見込みは4時間後です。"
    await story.sends("sato", "bob", text=TEXT)
    await story.stage.passes(timedelta(minutes=40))
    story.asked()
    for _ in range(2):
        said = "2時10分に光ファイバが切れました。 復旧見込みは4時間後です。"
        assert await heard(story, "U0ALICE000") == f"本文の機械翻訳を読み上げます。「{said}」。本文は以上です。"
    assert (await heard(story, "U0BOB00000")).startswith("The mail reads: Fiber cut at 2:10")
    assert story.asked() == [(UNQUOTED, "ja")], "asked once; then it is known what language it is in"


async def test_whoever_listens_hears_the_original_if_the_service_is_slow(
    libre: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_text, "MOST_SILENCE", timedelta(milliseconds=20))
    await libre.sends("sato", text=TEXT)
    await libre.stage.passes(timedelta(minutes=40))
    libre.service.is_open.clear()
    said = await heard(libre, "U0ALICE000")
    assert "Fiber cut" in said
    assert "機械翻訳" not in said
    libre.service.is_open.set()
    assert await libre.translations.interpreter.translated(UNQUOTED, "ja", MINUTE)
    assert "機械翻訳" in await heard(libre, "U0ALICE000"), "the late answer serves whoever asks again"
    assert libre.asked().count((UNQUOTED, "ja")) == 1


async def test_translate_shows_the_mail_in_the_language_of_whoever_asks(story: Story) -> None:
    id = await story.sends("sato", text=TEXT)
    answer = await story.stage.types(f"翻訳 {id}")
    name = story.translations.interpreter.name
    assert answer.text.splitlines() == [
        f"#{id} {SUBJECT}",
        f"件名の機械翻訳（{name}）：",
        f"│ {JAPANESE}",
        f"本文冒頭の機械翻訳（{name}）：",
        "│ ja(Fiber cut at 2:10 <b>now</b>.",
        "│ ETA 4 hours.)",
        "誤訳の可能性があります。必ず元のメールをご確認ください。",
    ]
    kept = [(one.who, one.verb, one.alert_id, one.outcome) for one in await story.stage.audits()]
    assert kept == [("sato", "translate", id, AuditOutcome.DONE)]
    english = await story.stage.types("translate", "U0BOB00000")
    assert english.text == "There is nothing to translate: it is in your language already, or says nothing."


async def test_whoever_typed_it_waits_no_longer_than_that(libre: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await libre.sends("sato", text=TEXT)
    await libre.settles()
    monkeypatch.setattr(translate, "MOST_WAIT", timedelta(milliseconds=20))
    libre.service.is_open.clear()
    async with asyncio.timeout(5):
        late = (await libre.stage.types(f"翻訳 {id}")).text.splitlines()
    assert (f"│ {JAPANESE}" in late, LATE in late) == (True, True), "the subject was known"
    libre.service.is_open.set()
    assert await libre.translations.interpreter.translated(UNQUOTED, "ja", MINUTE)
    assert LATE not in (await libre.stage.types(f"翻訳 {id}")).text, "and now the text is, too"


@pytest.mark.parametrize(
    "typed",
    [
        Typed(SATO, "翻訳 1 共有"),
        Typed(SATO, "translate 1 --share"),
        Typed(SATO, verb="translate", fields={"alert": "1"}, is_shared=True),
    ],
)
async def test_whoever_asks_is_answered_alone_whatever_they_type(libre: Story, typed: Typed) -> None:
    await libre.sends("sato", text=TEXT)
    reply = await libre.stage.app.inbox.typed(typed)
    assert (JAPANESE in reply.text, reply.is_done, reply.is_shared) == (True, True, False)


async def test_a_mailbox_that_cant_be_read_leaves_the_subject(libre: Story) -> None:
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    answer = await libre.stage.types("翻译 1", "U0WANG0000")
    assert [CHINESE in line for line in answer.text.splitlines()].count(True) == 1
    assert "无法读取邮箱" in answer.text


REFUSES = "翻訳サービスに拒否されました。サービスからの応答は、Kidoku のログに残っています。"


async def test_what_the_service_refuses_is_told_as_refused(story: Story) -> None:
    """It was told as being in the reader's language already."""
    story.service.said.extend([Said(400)])
    id = await story.sends("sato", text=TEXT)
    await story.settles()
    story.service.said.extend([Said(400)])
    nothing = await story.stage.types(f"translate {id}")
    assert (nothing.is_done, nothing.text) == (False, REFUSES), "subject and text"
    story.service.said.extend([Said(400)])
    chinese = (await story.stage.types(f"translate {id}", "U0WANG0000")).text.splitlines()
    assert f"│ {CHINESE}" in chinese, "the subject is not refused"
    assert chinese[-2].startswith("翻译服务拒绝"), "but the text is"
    english = await story.stage.types(f"translate {id}", "U0BOB00000")
    assert english.text.startswith("There is nothing to translate"), "it is English"


async def test_texts_stay_here_where_only_subjects_are_translated(tmp_path: Path) -> None:
    async with told(tmp_path, more="text: false") as story:
        id = await story.sends("sato", text=TEXT)
        await story.stage.passes(timedelta(minutes=40))
        assert "Fiber cut" in await heard(story, "U0ALICE000")
        assert JAPANESE in (await story.stage.types(f"translate {id}")).text
        assert {text for text, _ in story.asked()} == {SUBJECT}


async def test_without_a_service_nothing_is_translated(tmp_path: Path) -> None:
    stage = await Stage.open(tmp_path, settings_file="translation.yaml", secrets=SECRETS_OF_STORY)
    await stage.arrives(mail(SUBJECT, "a@x"))
    assert stage.app.translations is None
    answer = await stage.types("translate 1", "U0BOB00000")
    assert (answer.is_done, answer.text) == (False, "No translation service is set up.")
    await stage.close()
