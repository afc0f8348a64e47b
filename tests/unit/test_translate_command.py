"""``kidoku translate``, as it is typed."""

import asyncio
import json
import subprocess
from pathlib import Path

from bot.store.store import Store
from bot.wording.name import NEUTRAL_SUBJECT
from tests.acceptance.stage import START
from tests.fakes.command_line import ROOT, kidoku
from tests.fakes.stored import first
from tests.fakes.translation import KEY, FakeTranslation, Said, serving
from tests.unit.test_cli import config

__all__ = ["config"]

SECRETS = {
    "KIDOKU_SLACK__BOT_TOKEN": "xoxb-test",
    "KIDOKU_SLACK__APP_TOKEN": "xapp-test",
    "KIDOKU_IMAP__ALICE__PASSWORD": "test",
    "KIDOKU_TRANSLATION__API_KEY": KEY,
}


async def translates(*arguments: str, id: str = "1") -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(lambda: kidoku("translate", id, *arguments, cwd=ROOT, **SECRETS))


async def audited(config: str) -> list[tuple[str, int, str]]:
    kept = json.loads((await asyncio.to_thread(kidoku, "audit", "--json", "-c", config)).stdout)
    return [(one["verb"], one["alert_id"], one["outcome"]) for one in kept]


async def sets_up(config: str, fake: FakeTranslation) -> None:
    written = await asyncio.to_thread(Path(config).read_text, "utf-8")
    written += f'translation: {{service: deepl, url: "{fake.url}"}}\n'
    await asyncio.to_thread(Path(config).write_text, written, "utf-8")


async def test_a_mail_is_shown_translated(config: str) -> None:
    async with serving() as fake:
        await sets_up(config, fake)
        fake.words["disk full", "ja"] = "回線断\x1b[2J"
        run = await translates("--lang", "ja", "-c", config)
        assert run.stdout.splitlines() == [
            "#1 disk full",
            "件名の機械翻訳（DeepL）：",
            "│ 回線断 [2J",
            "誤訳の可能性があります。必ず元のメールをご確認ください。",
        ]
        assert await audited(config) == [("translate", 1, "done")]
        fake.said.append(Said(456))
        late = await translates("--lang", "zh", "-c", config)
        assert (late.returncode, late.stdout) == (2, "")
        assert late.stderr == "翻译服务暂无响应，请稍后再试。\n"
        missing = await asyncio.to_thread(kidoku, "translate", "1", "-c", config)
        assert missing.returncode == 2
        assert "KIDOKU_TRANSLATION__API_KEY" in missing.stderr
        assert KEY not in f"{run} {late} {missing}"


async def test_what_leaves_is_in_the_audit_trail_before_it_does(config: str) -> None:
    """Whoever is stopped while the service is asked, is in it; whoever asks for what does not leave, as refused."""
    async with serving() as fake:
        await sets_up(config, fake)
        fake.is_open.clear()
        asking = asyncio.create_task(translates("--lang", "ja", "-c", config))
        async with asyncio.timeout(30):
            await fake.came.wait()
        kept = await audited(config)
        fake.said.append(Said(456))
        fake.is_open.set()
        assert ((await asking).returncode, kept) == (2, [("translate", 1, "done")])
        store = await Store.open(f"sqlite+aiosqlite:///{Path(config).parent}/kidoku.sqlite3", START)
        async with store.transaction() as tx:
            await tx.save([first((await tx.next_alert_ids(1))[0], subject=NEUTRAL_SUBJECT)])
        await store.close()
        assert (await translates("-c", config, id="2")).returncode == 2
        assert (await audited(config))[0] == ("translate", 2, "mistaken")


def test_where_there_is_no_service_that_is_said(config: str) -> None:
    run = kidoku("translate", "1", "-c", config)
    assert (run.returncode, run.stderr) == (2, "No translation service is set up.\n")
    wrong = kidoku("translate", "1", "--lang", "fr", "-c", config)
    assert (wrong.returncode, "write ja, en or zh" in wrong.stderr) == (2, True)
