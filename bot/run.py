"""``kidoku run``: the bot until SIGTERM."""

import asyncio
import gc
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import structlog

from bot.app import App
from bot.clock import SystemClock
from bot.language import Words, prepare
from bot.office import database_words, settings_of
from bot.settings import Settings
from bot.store.alone import alone
from channels.system_fault import why_of

log = structlog.get_logger(__name__)


async def run_bot(config: Path, environ: Mapping[str, str]) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code. Raises DatabaseError if the database can't be used, or if a
    bot runs on it already."""
    settings = settings_of(config, environ)
    with database_words(Words(settings.language, settings.zone)), alone(settings.database_url):
        return await _run(settings)


async def _run(settings: Settings) -> int:
    app = await App.build(settings, SystemClock())
    prepare({settings.language, *(one.language for one in settings.roster().people.values())})
    collect_seldom()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def say_so() -> None:
        log.info(
            "Kidoku is running",
            mailboxes=len(app.watchers),
            channels=", ".join(channel.name for channel in app.channels),
            web=f"http://{settings.web.host}:{settings.web.port}" if app.site else "off",
        )

    try:
        await app.run(stop, say_so)
    except OSError as error:
        words = Words(settings.language, settings.zone)
        print(words.gettext("Kidoku stopped: %(why)s") % {"why": words.said(why_of(error))}, file=sys.stderr)
        return 1
    except Exception:
        log.critical("Kidoku has stopped by a fault of its own; start it again", exc_info=True)
        return 1
    log.info("Kidoku has stopped; nothing is lost")
    return 0


def collect_seldom() -> None:
    """Keep the garbage collector away from what was made at the start, and let it look at the rest seldom: next to
    nothing of a decision is in a cycle, and looking for it took a tenth of each step's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
