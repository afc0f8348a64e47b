"""Stories of mail in another language: what is kept of it, for how long, and how it ends."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from channels.message import Verb
from tests.acceptance.stage import Stage, mail
from tests.acceptance.translation_stage import (
    JAPANESE,
    MINUTE,
    SECRETS_OF_STORY,
    SUBJECT,
    TEXT,
    UNQUOTED,
    Story,
    libre,
    story,
    told,
    translation,
)

__all__ = ["libre", "story"]


async def test_nothing_is_known_for_longer_than_a_day(libre: Story) -> None:
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.settles()
    assert libre.translations.interpreter.known(SUBJECT, "ja") == JAPANESE
    libre.stage.clock.move_to(libre.stage.clock.now() + timedelta(days=1))
    assert libre.translations.interpreter.known(SUBJECT, "ja") is None
    await libre.stage.app.upkeep.expire()
    assert len(libre.translations.interpreter.memory) == 0


async def test_a_text_is_out_of_memory_after_a_quarter_of_an_hour(libre: Story) -> None:
    id = await libre.sends("sato", text=TEXT)
    await libre.settles()
    memory = libre.translations.interpreter.memory
    subjects = len(memory)
    await libre.stage.types(f"翻訳 {id}")
    assert len(memory) > subjects
    libre.stage.clock.move_to(libre.stage.clock.now() + 14 * MINUTE)
    await libre.stage.app.upkeep.expire()
    assert libre.translations.interpreter.known(UNQUOTED, "ja") == f"ja({UNQUOTED})"
    libre.stage.clock.move_to(libre.stage.clock.now() + MINUTE)
    await libre.stage.app.upkeep.expire()
    assert len(memory) == subjects


async def test_it_is_let_go_each_minute_even_when_the_store_fails(tmp_path: Path) -> None:
    section = "translation: {service: libretranslate, url: 'http://127.0.0.1:1'}"
    stage = await Stage.build(tmp_path, settings_file="translation.yaml", more=section, secrets=SECRETS_OF_STORY)
    await stage.app.start()
    async with stage.app.store.transaction() as tx:
        await tx.connection.execute(text("ALTER TABLE outgoing_mail RENAME TO elsewhere"))
    assert stage.app.translations is not None
    memory = stage.app.translations.interpreter.memory
    memory.put(("Fiber cut", "ja"), "断線", MINUTE)
    stage.clock.move_to(stage.clock.now() + MINUTE)
    each_minute = stage.app.scheduler.get_job("expiry")
    assert each_minute.trigger.interval == MINUTE
    with capture_logs() as logs:
        await each_minute.func()
    assert [one["work"] for one in logs if one["log_level"] == "error"] == ["expiry"]
    assert len(memory) == 0
    await stage.close()


async def test_what_somebody_took_keeps_its_translation(libre: Story) -> None:
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.settles()
    await libre.stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    assert translation(libre.stage.slack.updated[-1]) == JAPANESE


async def test_what_cant_be_closed_leaves_nothing_else_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with told(tmp_path) as story:
        await story.stage.arrives(mail(SUBJECT, "a@x"))
        await story.settles()
        with monkeypatch.context() as broken, capture_logs() as logs:
            broken.setattr(aiohttp.ClientSession, "close", _breaks)
            broken.setattr(story.stage.slack, "close", partial(_breaks, None))
            await story.stage.close()
        assert [(one["log_level"], one["part"]) for one in logs] == [("error", "translations"), ("error", "slack")]
        assert all(task.done() for task in story.stage.app._tasks)
        with pytest.raises(RuntimeError, match="shutdown"):
            story.stage.app.pool.submit(len, "")


async def _breaks(what: object) -> None:
    raise OSError("the connection is in a strange state")
