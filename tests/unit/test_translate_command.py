"""``kidoku translate``, as it is typed."""

import asyncio
import json
import subprocess
from pathlib import Path

from tests.fakes.command_line import ROOT, kidoku
from tests.fakes.translation import KEY, Said, serving
from tests.unit.test_cli import config

__all__ = ["config"]

SECRETS = {
    "KIDOKU_SLACK__BOT_TOKEN": "xoxb-test",
    "KIDOKU_SLACK__APP_TOKEN": "xapp-test",
    "KIDOKU_IMAP__ALICE__PASSWORD": "test",
    "KIDOKU_TRANSLATION__API_KEY": KEY,
}


async def translates(*arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(lambda: kidoku("translate", "1", *arguments, cwd=ROOT, **SECRETS))


async def test_a_mail_is_shown_translated(config: str) -> None:
    async with serving() as fake:
        written = await asyncio.to_thread(Path(config).read_text, "utf-8")
        written += f'translation: {{service: deepl, url: "{fake.url}"}}\n'
        await asyncio.to_thread(Path(config).write_text, written, "utf-8")
        fake.words["disk full", "ja"] = "回線断\x1b[2J"
        run = await translates("--lang", "ja", "-c", config)
        assert run.stdout.splitlines() == [
            "#1 disk full",
            "件名の機械翻訳（DeepL）：",
            "│ 回線断 [2J",
            "誤訳の可能性があります。必ず元のメールをご確認ください。",
        ]
        kept = json.loads((await asyncio.to_thread(kidoku, "audit", "--json", "-c", config)).stdout)
        assert [(one["verb"], one["alert_id"], one["outcome"]) for one in kept] == [("translate", 1, "done")]
        fake.said.append(Said(456))
        late = await translates("--lang", "zh", "-c", config)
        assert (late.returncode, late.stdout) == (2, "")
        assert late.stderr == "翻译服务暂无响应，请稍后再试。\n"
        missing = await asyncio.to_thread(kidoku, "translate", "1", "-c", config)
        assert missing.returncode == 2
        assert "KIDOKU_TRANSLATION__API_KEY" in missing.stderr
        assert KEY not in f"{run} {late} {missing}"


def test_where_there_is_no_service_that_is_said(config: str) -> None:
    run = kidoku("translate", "1", "-c", config)
    assert (run.returncode, run.stderr) == (2, "No translation service is set up.\n")
    wrong = kidoku("translate", "1", "--lang", "fr", "-c", config)
    assert (wrong.returncode, "write ja, en or zh" in wrong.stderr) == (2, True)
