"""The stage of stories about the phone, with Twilio's second account beside the first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from tests.acceptance.phone_stage import PhoneStage
from tests.fakes.twilio import FakeTwilio, Refusal

SECOND_ACCOUNT, TOKEN, NUMBER = "AC" + "fedcba9876543210" * 2, "another-secret-token-51", "+815055556666"
SUSPENDED, BROKEN = Refusal(401, 20005), Refusal(503, 20503)


@dataclass
class TwoAccounts:
    """``step``: so often the clocks of Twilio move, which bound how long something may wait there."""

    told: PhoneStage
    second: FakeTwilio
    step: timedelta = timedelta(seconds=1)

    @property
    def first(self) -> FakeTwilio:
        return self.told.twilio

    async def passes(self, span: timedelta) -> None:
        """Time goes by everywhere."""
        end = self.told.stage.clock.now() + span
        while self.told.stage.clock.now() < end:
            step = min(self.step, end - self.told.stage.clock.now())
            self.first.now = self.second.now = self.told.stage.clock.now() + step
            await self.told.stage.passes(step)

    def heard(self) -> list[str]:
        """What the administrators were told since the last look."""
        found = [one.title for one in self.told.stage.console.sent]
        self.told.stage.console.sent.clear()
        return found


@asynccontextmanager
async def second_account() -> AsyncIterator[tuple[FakeTwilio, dict[str, Any]]]:
    """The account, and its ``twilio.fallback``."""
    async with FakeTwilio(SECOND_ACCOUNT, TOKEN, [NUMBER]) as second:
        yield (
            second,
            {
                "account_sid": SECOND_ACCOUNT,
                "auth_token": SecretStr(TOKEN),
                "from_number": NUMBER,
                "api_url": second.url,
            },
        )
