"""Runs commands in the language that can't be English, in one process of their own: ``python -m
tests.fakes.pseudo_commands`` reads a list of commands as JSON, and writes what each printed."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout

from bot import language
from bot.cli import main
from tests.fakes.pseudo import Pseudo


def printed(command: list[str]) -> str:
    """What it prints, and its exit code on the last line."""
    sys.argv = ["kidoku", *command]
    with io.StringIO() as out, redirect_stdout(out), redirect_stderr(out):
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
        return f"{out.getvalue()}\n{code}"


def run() -> None:
    catalogue = Pseudo()
    language._catalogue = lambda _: catalogue  # type: ignore[assignment]
    json.dump([printed(command) for command in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    run()
