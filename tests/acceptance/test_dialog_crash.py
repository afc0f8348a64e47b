"""The process is killed while a mail from a dialog is sent. Whoever sent it can submit again; it leaves once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.process import Outside, Process, mailbox, outside, place_of
from tests.fakes.slack_world import ALICE
from tests.fakes.smtp_scripted import ScriptedSmtp

PASSWORD = "password"
MAIL = {"to": "alice, guest@partner.example", "subject": "Works tonight", "body": "Line A-1 will be down."}
SMTP = 'smtp: {{host: 127.0.0.1, port: {port}, security: plain, sender: "NOC <noc@team.example>"}}\n'


@dataclass
class World:
    outside: Outside
    smtp: ScriptedSmtp
    config: Path


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with mailbox(PASSWORD) as imap, outside(tmp_path) as one, ScriptedSmtp() as smtp:
        config = one.configure(place_of(imap), after="1h")
        config.write_text(config.read_text("utf-8") + SMTP.format(port=smtp.port), "utf-8")
        yield World(one, smtp, config)


async def previews(world: World) -> None:
    """Somebody writes a mail in Slack, and looks at it."""
    slack = world.outside.slack
    await slack.until(lambda: len(slack.sockets.open) > 0)
    await slack.sockets.send(slack.command_of("send", ALICE, "t1"), "e1")
    await slack.until(lambda: bool(slack.stack))
    await slack.submits(**MAIL)


async def submits_again(world: World) -> str:
    slack = world.outside.slack
    await slack.until(lambda: len(slack.sockets.open) > 0)
    return str(await slack.submits())


@pytest.mark.parametrize(
    ("failpoint", "said"),
    [
        # Opened and previewed are commits of a dialog, too.
        ("dialog.staged", "#1 goes to 2 recipients"),
        ("dialog.committed:3", "That was done already. (#1)"),
    ],
)
async def test_killed_before_or_after_the_commit_it_leaves_once(world: World, failpoint: str, said: str) -> None:
    slack = world.outside.slack
    async with Process(world.config, PASSWORD, failpoint) as process:
        await previews(world)
        await slack.sockets.send(slack.submission_of({}), "dies")
        assert await process.dies() < 0
        assert "dies" not in slack.sockets.answers
    async with Process(world.config, PASSWORD):
        assert said in await submits_again(world)
        async with world.smtp.changed:
            await world.smtp.changed.wait_for(lambda: len(world.smtp.mails) == 2)
    assert len(world.smtp.mails) == 2
