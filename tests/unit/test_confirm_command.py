"""``kidoku confirm`` as it is typed."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.confirm import code_of
from bot.post import open_tokens
from tests.fakes.command_line import kidoku, ran_once, stored, with_people

PEOPLE = """people:
  alice: {name: Alice, slack: U0ALICE000, language: ja}
"""


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    return await ran_once(tmp_path, with_people(PEOPLE))


async def the_code(config: Path) -> str:
    store = await stored(config)
    async with store.reading() as tx:
        one = await tx.check(1)
    assert one is not None
    code = code_of(one, await open_tokens(store))
    await store.close()
    return code


def test_it_sends_takes_the_code_and_says_so(config: Path) -> None:
    asked = kidoku("confirm", "alice", "-c", str(config))
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.startswith("Sent to Slack U0ALICE000. Press the button there, or type the code")
    code = asyncio.run(the_code(config))
    wrong = kidoku("confirm", "--code", "12", "--by", "alice", "--json", "-c", str(config))
    assert (wrong.returncode, json.loads(wrong.stdout)["is_right"]) == (1, False)
    right = kidoku("confirm", "--code", code, "--by", "alice", "-c", str(config))
    assert right.returncode == 0
    assert right.stdout == "ありがとうございます。Slack U0ALICE000 に連絡が届くことを確認しました。\n"
    assert "never confirmed" not in kidoku("doctor", "-c", str(config)).stdout
    trail = json.loads(kidoku("audit", "--json", "-c", str(config)).stdout)
    assert [(one["verb"], one["argument"], one["outcome"]) for one in trail] == [
        ("confirm", "alice --code", "done"),
        ("confirm", "alice --code", "mistaken"),
        ("confirm", "alice", "done"),
    ]
    assert [one["who"] for one in trail[:2]] == ["alice", "alice"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("alice", "fax"), "Alice has no contact over fax"), (("nobody",), "There is no person")],
)
def test_slips_say_what_is_wrong(config: Path, arguments: tuple[str, ...], said: str) -> None:
    run = kidoku("confirm", *arguments, "-c", str(config))
    assert run.returncode == 2
    assert said in run.stderr
