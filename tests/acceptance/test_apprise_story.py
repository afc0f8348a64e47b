"""A team in Teams, with ntfy on its phones: told by apprise, taken by a link, and by nobody who only has the room's."""

import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.link import open_links
from bot.web.take_desk import TakeDesk
from bot.web.take_page import TakePage
from channels.apprise import build
from channels.apprise.config import AppriseService
from escalation.alert import AlertStatus
from tests.acceptance.stage import Stage, mail
from tests.contract.test_apprise import texts
from tests.fakes.apprise import Services, services
from tests.fakes.twilio_line import serving

MINUTE = timedelta(minutes=1)
BOB, ALICE = ("phone", "+81387654321"), ("phone", "+81312345678")
TEAMS, NTFY = "/workflows/", "/"


@dataclass
class Team:
    """The stage, the services that the team looks at, and a browser."""

    stage: Stage
    there: Services
    session: aiohttp.ClientSession
    base: str

    def came(self, path: str) -> list[str]:
        """What one of the services got."""
        found = zip(self.there.paths, self.there.bodies, strict=True)
        return [texts(body) for at, body in found if at == path or (path != NTFY and at.startswith(path))]

    def link(self, path: str) -> str:
        found = re.search(r"https://kidoku\.team\.example(/a/[\w.-]+)", self.came(path)[0])
        assert found is not None
        return self.base + found.group(1)

    async def opens(self, link: str) -> tuple[int, str]:
        async with self.session.get(link) as answer:
            return answer.status, await answer.text()

    async def presses(self, link: str, headers: dict[str, str] | None = None, **fields: str) -> tuple[int, str]:
        async with self.session.post(link, data=fields, headers=headers or {}) as answer:
            said = await answer.text()
        await self.stage.work()
        return answer.status, said

    async def status(self) -> AlertStatus:
        return (await self.stage.alert()).status


@pytest.fixture
async def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Team]:
    async with services(monkeypatch) as there:
        secrets = {
            "KIDOKU_APPRISE__OPS_TEAMS__URL": there.url("teams"),
            "KIDOKU_APPRISE__ALICE_NTFY__URL": there.url("ntfy"),
            "KIDOKU_TWILIO__AUTH_TOKEN": "test",
            "KIDOKU_IMAP__ALICE__PASSWORD": "test",
        }
        told = {
            "ops-teams": AppriseService(url=SecretStr(there.url("teams"))),
            "alice-ntfy": AppriseService(url=SecretStr(there.url("ntfy"))),
        }
        stage = await Stage.open(
            tmp_path,
            settings_file="apprise.yaml",
            secrets=secrets,
            real=lambda inbox, board: [build(told, board.heard)],
        )
        app = stage.app
        links = await open_links(app.settings, app.store)
        assert links is not None
        page = TakePage(links.tokens, TakeDesk(app.engine, app.outbox.lanes, "en", "Asia/Tokyo", app.settings.roles()))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with serving(listener, list(page.routes)), aiohttp.ClientSession() as session:
                yield Team(stage, there, session, base)
        await stage.close()


async def test_told_in_the_room_taken_by_a_link_of_ones_own_and_everything_stops(team: Team) -> None:
    await team.stage.arrives(mail("【緊急】 <at>everyone</at> down", "a@x"))
    assert team.there.bodies == []
    await team.stage.passes(5 * MINUTE)
    assert len(team.came(TEAMS)) == 1 and team.came(NTFY) == []

    status, page = await team.opens(team.link(TEAMS))
    assert status == 200 and 'value="alice"' in page and 'value="bob"' not in page
    _, said = await team.presses(team.link(TEAMS), who="alice")
    assert "on its way to Alice" in said
    assert await team.status() is AlertStatus.TRIGGERED

    status, page = await team.opens(team.link(NTFY))
    assert status == 200 and "Acknowledge" in page
    assert await team.status() is AlertStatus.TRIGGERED
    _, said = await team.presses(team.link(NTFY))
    assert "#1 is yours" in said

    alert = await team.stage.alert()
    assert (alert.status, alert.taken_by, alert.taken_via) == (AlertStatus.ACKNOWLEDGED, ("alice",), "web")
    assert ["Taken by Alice" in one for one in team.came(TEAMS)] == [False, True]
    assert ["Taken by Alice" in one for one in team.came(NTFY)] == [False, True]
    await team.stage.passes(timedelta(hours=12))
    assert team.stage.told() == []
    assert "<form" not in (await team.opens(team.link(NTFY)))[1]
    assert "<form" not in (await team.opens(team.link(TEAMS)))[1]


async def test_whoever_holds_the_rooms_link_stops_nothing(team: Team) -> None:
    await team.stage.arrives(mail("【緊急】 down", "a@x"))
    await team.stage.passes(5 * MINUTE)
    link = team.link(TEAMS)
    for who in ("", "bob", "mallory", "admin", "alice", "alice", "alice"):
        await team.presses(link, who=who)
    await team.presses(link, do="take")
    assert len(team.came(NTFY)) == 1
    for _ in range(6):
        await team.stage.passes(MINUTE)
        await team.presses(link, who="alice")
    assert len(team.came(NTFY)) == 3
    assert await team.status() is AlertStatus.TRIGGERED
    assert team.stage.told() == [BOB]


async def test_only_the_button_of_the_page_counts(team: Team) -> None:
    await team.stage.arrives(mail("【緊急】 down", "a@x"))
    await team.stage.passes(5 * MINUTE)
    await team.presses(team.link(TEAMS), who="alice")
    link = team.link(NTFY)
    await team.presses(link, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    await team.presses(link, {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"})
    await team.opens(link)
    assert (await team.presses(link[:-2]))[0] == 404
    assert (await team.opens(link.replace("/a/", "/a/x")))[0] == 404
    assert (await team.presses(link, text="x" * 5_000))[0] == 413
    assert await team.status() is AlertStatus.TRIGGERED
    await team.presses(link)
    assert await team.status() is AlertStatus.ACKNOWLEDGED
    status, page = await team.presses(link)
    assert status == 200 and "<form" not in page


async def test_a_room_that_nobody_reads_any_more_brings_the_next_step_forward(team: Team) -> None:
    await team.stage.arrives(mail("【緊急】 down", "a@x"))
    team.there.answers.append(404)
    await team.stage.passes(5 * MINUTE)
    assert BOB in team.stage.told()
    assert team.stage.app.board.states["apprise:ops-teams"].is_up is False
