"""The parts of the list, in chat and at the command line."""

import json
import re
from pathlib import Path

from tests.acceptance.stage import mail, on_stage
from tests.fakes.command_line import kidoku
from tests.unit.test_cli import config

__all__ = ["config"]

BOB = "U0BOB00000"


def numbers(text: str) -> list[str]:
    """The alerts of a list, by their numbers."""
    return [line.split()[0] for line in text.splitlines() if line.startswith("#")]


async def test_each_part_of_the_list_in_chat_and_in_each_language(tmp_path: Path) -> None:
    """All four are for Alice: 1 is resolved, 2 Bob took for her, 3 she has read, 4 waits."""
    async with on_stage(tmp_path) as stage:
        for number in range(1, 5):
            await stage.arrives(mail(f"[URGENT] {number}", f"{number}@x", flags=["\\Seen"] if number == 3 else []))
        await stage.types("resolve 1 over", BOB)
        await stage.types("ack 2", BOB)

        async def listed(*lines: str, by: str = BOB) -> list[list[str]]:
            return [numbers((await stage.types(line, by)).text) for line in lines]

        assert await listed("list", "一覧", "列表") == [["#4", "#3", "#2"]] * 3
        assert await listed("list unread", "一覧 未読", "列表 未读") == [["#4", "#2"]] * 3
        assert await listed("list mine", "一覧 自分", "列表 我的") == [["#2"]] * 3
        assert await listed("list resolved", "一覧 解決済み", "列表 已解决") == [["#1"]] * 3
        assert await listed("list all", "一覧 すべて", "列表 全部") == [["#4", "#3", "#2", "#1"]] * 3
        resolved = (await stage.types("list resolved")).text
        assert resolved == "#1 resolved · 0/1 · 0 s · [URGENT] 1"
        wrong = await stage.types("list everything")
        assert not wrong.is_done
        assert "list [unread|mine|all|resolved]" in wrong.text
        stage.told()


async def test_an_empty_part_says_so(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        assert [(await stage.types(line)).text for line in ("list", "list mine", "list resolved", "list all")] == [
            "No open alerts.",
            "No open alerts.",
            "No alerts.",
            "No alerts.",
        ]


def test_the_command_line_lists_what_is_unread_and_what_is_ones_own(config: str) -> None:
    """Alert 1 is for Alice alone; then she takes it, which proves that she has read it."""
    path = Path(config)
    bob = "bob: {name: Bob, email: bob@company.example}}"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r"^(people:.*)\}$", rf"\1, {bob}", text, flags=re.MULTILINE), "utf-8")

    def listed(*options: str) -> list[int]:
        run = kidoku("list", *options, "--json", "--config", config)
        assert run.returncode == 0, run.stderr
        return [one["id"] for one in json.loads(run.stdout)]

    assert listed("--unread") == [1]
    assert (listed("--mine", "--by", "alice"), listed("--mine", "--by", "bob")) == ([1], [])
    kidoku("ack", "1", "--by", "bob", "--config", config)
    assert (listed("--mine", "--by", "alice"), listed("--mine", "--by", "bob")) == ([1], [1])
    kidoku("ack", "1", "--by", "alice", "--config", config)
    assert listed("--unread") == []
    nobody = kidoku("list", "--mine", "--by", "carol", "--config", config)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "There is no person “carol”" in nobody.stderr
