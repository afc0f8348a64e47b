"""What the commands share: their options, and the office in which they work."""

import asyncio
import getpass
import json
import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from pydantic_core import PydanticCustomError

from bot.language import LANGUAGES, Words
from bot.logs import LogFormat, set_up
from bot.office import open_office
from bot.refusal import BadArgumentError
from bot.settings.fields import duration
from bot.view import NotOneError, Work
from escalation.phrase import N_, Phrase, advice

DEFAULT_CONFIG = Path("config/kidoku.yaml")

AT = "2026-05-03T02:00[+09:00]"
Config = Annotated[Path, typer.Option("--config", "-c", envvar="KIDOKU_CONFIG", help="The settings file.")]
Severity = Literal["critical", "error", "warning", "info"]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
By = Annotated[
    str, typer.Option("--by", help="Who does it: a person's id from the settings. Left out: your login, if it is one.")
]


def instant(text: str) -> datetime:
    """A time as it is typed. Raises BadParameter."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        form = N_("“%(text)s” is no time; write it like 2026-05-03T02:00 or 2026-05-03T02:00+09:00")
        raise typer.BadParameter(Phrase(form, text=text)) from error


def spoken_language(text: str) -> str:
    """One of Kidoku's languages, or "" for none, as it is typed. Raises BadParameter."""
    if text and text not in LANGUAGES:
        raise typer.BadParameter(Phrase("“%(text)s” is no language of Kidoku; write ja, en or zh", text=text))
    return text


def typed_span(text: str, words: Words) -> timedelta:
    """A length of time as it is typed, such as 2h. Raises NotOneError."""
    try:
        return duration(text)
    except PydanticCustomError as error:
        context = error.context or {}
        raise NotOneError(words.sentence(advice(context["wrong"], context["fix"]))) from error


def refuse_both(options: Mapping[str, object]) -> None:
    """Words and options say the same: raises BadArgumentError where any of these is given beside words."""
    if given := [name for name, value in options.items() if value]:
        form = N_("write it in words or with %(options)s, not both ways at once")
        raise BadArgumentError(Phrase(form, options=", ".join(given)))


def tell_fault(text: str, *, as_json: bool, code: int = 2) -> int:
    """What reads JSON gets JSON for a fault, too, and people and logs read the same on stderr; returns the code."""
    if as_json:
        print(json.dumps({"error": text}, ensure_ascii=False))
    print(text, file=sys.stderr)
    return code


def me() -> str:
    """The login of whoever types; where the system has no name for them, as in many a container, their number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


async def agreed(question: str, otherwise: str) -> bool:
    """Whether whoever types says yes. Raises NotOneError with ``otherwise`` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise NotOneError(otherwise)
    return (await _answer(question)).strip().lower() in ("y", "yes", "はい", "是")


async def _answer(question: str) -> str:
    """A line as it is typed; "" for Ctrl+C. The loop waits for both: a read that begins just after Ctrl+C came would
    wait for a line all the same."""
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)
    answered: asyncio.Future[bool] = loop.create_future()

    def settle(is_line: bool) -> None:
        if not answered.done():
            answered.set_result(is_line)

    loop.add_signal_handler(signal.SIGINT, settle, False)
    loop.add_reader(sys.stdin, settle, True)
    try:
        print(question, end="", file=sys.stderr, flush=True)
        if await answered:
            return sys.stdin.readline()
        print(file=sys.stderr)
        return ""
    finally:
        loop.remove_reader(sys.stdin)
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def with_office(config: Path, work: Work) -> NoReturn:
    """Do the work, and exit with its code."""

    async def inside() -> int:
        async with open_office(config, os.environ) as office:
            return await work(office)

    set_up(LogFormat.QUIET)
    sys.exit(asyncio.run(inside()))
