"""A drill, as each channel draws it: what goes over every one of them alike."""

import contextlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from bot import drill, drill_view
from bot.desk import Desk
from bot.messages_doc.alerts import WHERE
from bot.messages_doc.cast import CASTS, Cast
from bot.messages_doc.live import NAMES, Bot, played
from bot.messages_doc.section import Shown
from bot.messages_doc.transcript import drawn
from bot.office import Office
from channels.base import APPRISE, PHONE
from channels.message import Message, Verb
from escalation.command import Purpose

DIRECT = "In Discord, in a direct message"
_WIDTH = "100"


def everywhere(messages: Mapping[str, Message], cast: Cast, of: Sequence[object]) -> list[Shown]:
    """By channel, in their order."""
    return [
        Shown(WHERE[name], drawn(messages[name], name, cast.language), of=(*of, name))
        for name in NAMES
        if name in messages
    ]


async def _drill(bot: Bot) -> list[Shown]:
    cast, app = bot.cast, bot.app
    policies = app.settings.escalation_policies()

    async def job(desk: Desk) -> int:
        return await drill.begin(desk, drill.Wanted(policy="everywhere", by="carol"), policies, cast.words)

    id = await app.engine.submit(job)
    await bot.passes(1)
    rooms = ("slack", "discord", APPRISE)
    told = {name: bot.told("" if name in rooms else "alice", name) for name in NAMES}
    shown = everywhere(told, cast, (Purpose.STEP,))
    shown.append(Shown(DIRECT, drawn(bot.told("alice", "discord"), "discord", cast.language)))
    await bot.passes(3)
    await bot.presses(Verb.ACK, id, via=PHONE)
    await bot.passes(2)
    office = Office(app.settings, app.store, app.engine, bot.clock, cast.words)
    with _printed() as out:
        await drill_view.report(office, id, cast.words, as_json=False)
    return [*shown, Shown("Its report: kidoku drill --report", out.getvalue().rstrip().splitlines())]


@contextlib.contextmanager
def _printed() -> Iterator[io.StringIO]:
    """What a command prints on a terminal of a known width."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = _WIDTH
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            yield out
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


@lru_cache
def exercised(language: str) -> Sequence[Shown]:
    return played(CASTS[language], _drill)


def drilled(cast: Cast) -> list[Shown]:
    return list(exercised(cast.language))
