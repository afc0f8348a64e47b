"""A bot that runs for years hears, months before, that its calendar of holidays ends."""

from datetime import UTC, date, datetime
from pathlib import Path

from bot.settings.load import load_bytes
from tests.acceptance.stage import SECRETS, on_stage

CLOSED = "windows: {closed: {holidays: [JP], on_holidays: in}}\n"


async def test_the_administrators_hear_of_it_once_and_months_before(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml", CLOSED) as stage:
        assert stage.app.settings.holidays_until == date(2029, 12, 31)
        for day, count in ((datetime(2029, 7, 1, tzinfo=UTC), 0), (datetime(2029, 7, 6, tzinfo=UTC), 1)):
            stage.clock.move_to(day)
            await stage.app.upkeep.look_at_holidays()
            await stage.app.upkeep.look_at_holidays()
            await stage.work()
            assert len([one for one in stage.console.sent if "31 Dec 2029" in one.title]) == count


async def test_without_holidays_there_is_nothing_to_say(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml", "windows: {closed: {dates: [2026-12-29]}}\n") as stage:
        stage.clock.move_to(datetime(2090, 1, 1, tzinfo=UTC))
        await stage.app.upkeep.look_at_holidays()
        await stage.work()
        assert stage.console.sent == []


def test_check_says_when_the_library_knows_too_little() -> None:
    text = (Path(__file__).parent.parent / "configs" / "sent.yaml").read_text("utf-8") + CLOSED
    told = {
        year: [str(one) for one in load_bytes(text.encode(), "k.yaml", SECRETS, date(year, 12, 1)).problems]
        for year in (2026, 2099)
    }
    assert not any("holidays are known" in one for one in told[2026])
    assert any("holidays are known until 2099-12-31 only" in one for one in told[2099])
