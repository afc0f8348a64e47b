"""The stage of the stories about translations: the whole bot, and a translation service on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.outgoing.addressing import addressed
from bot.outgoing.send import Draft, send
from bot.store.record import OutgoingMail
from bot.translation.translations import Translations
from channels.inbox import Actor
from channels.message import Message
from escalation.policy import EscalationPolicy
from tests.acceptance.stage import SECRETS, Stage
from tests.fakes.translation import KEY, FakeTranslation, serving

SUBJECT = "[URGENT] Link down in Osaka"
JAPANESE = "[緊急] 大阪で回線断"
CHINESE = "[紧急] 大阪线路中断"
MINUTE = timedelta(minutes=1)
SECRETS_OF_STORY = {**SECRETS, "KIDOKU_IMAP__LEGAL__PASSWORD": "test"}
SATO = Actor("slack", "U0ALICE000")
EXCEPT = "except: {accounts: [legal], rules: [hr]}"
TEXT = "Fiber cut at 2:10 <b>now</b>.\n> What you wrote\nETA 4 hours.\n"
UNQUOTED = "Fiber cut at 2:10 <b>now</b>.\nETA 4 hours."


@dataclass
class Story:
    stage: Stage
    service: FakeTranslation

    @property
    def translations(self) -> Translations:
        assert self.stage.app.translations is not None
        return self.stage.app.translations

    async def settles(self) -> None:
        """What was asked of the service is answered, and what follows is done."""
        await self.translations.settled()
        await self.stage.work()

    async def sends(self, *to: str, subject: str = SUBJECT, text: str = "Fiber cut.\n", is_secret: bool = False) -> int:
        post, roster = self.stage.app.post, self.stage.app.settings.roster()
        assert post is not None
        kept = OutgoingMail(sender=post.sender, subject=subject, text=text, is_confidential=is_secret)
        draft = Draft(kept, tuple(addressed(to, roster)), self._policy(), "bob")
        id = await self.stage.app.engine.submit(lambda desk: send(desk, draft, post))
        await self.stage.work()
        return id

    def _policy(self) -> EscalationPolicy:
        return self.stage.app.settings.escalation_policies()["notice"]

    def asked(self) -> list[tuple[str, str]]:
        """What was asked of the service since the last call."""
        found = list(self.service.asked)
        self.service.asked.clear()
        return found


@asynccontextmanager
async def told(
    folder: Path, service: str = "libretranslate", more: str = EXCEPT, beside: str = ""
) -> AsyncIterator[Story]:
    """``more`` stands in the section of the translation, ``beside`` is another section."""
    async with serving() as fake:
        fake.words |= {(SUBJECT, "ja"): JAPANESE, (SUBJECT, "zh"): CHINESE}
        section = f'translation: {{service: {service}, url: "{fake.url}", {more}}}\n{beside}'
        secrets = {**SECRETS_OF_STORY, "KIDOKU_TRANSLATION__API_KEY": KEY}
        stage = await Stage.open(folder, settings_file="translation.yaml", more=section, secrets=secrets)
        try:
            yield Story(stage, fake)
        finally:
            fake.is_open.set()
            await stage.close()


@pytest.fixture(params=["libretranslate", "deepl"])
async def story(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    async with told(tmp_path, request.param) as one:
        yield one


@pytest.fixture
async def libre(tmp_path: Path) -> AsyncIterator[Story]:
    async with told(tmp_path) as one:
        yield one


def translation(message: Message) -> str:
    """What a message shows as the machine's; "" for nothing."""
    labels = ("機械翻訳", "Machine translation", "机器翻译")
    return next((one.value for one in message.facts if one.label in labels), "")


def posted(stage: Stage) -> Message:
    """The room's newest message as it stands: a translation may come before it is posted, or after."""
    newest = [one for one in stage.slack.sent if one.address == "C0NOC00000"][-1]
    return [one for one in (newest, *stage.slack.updated) if one.key == newest.key][-1]
