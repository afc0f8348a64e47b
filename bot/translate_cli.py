"""``kidoku translate``: what a mail says, in the language of whoever types. It asks mailbox and service by itself,
so it needs their secrets, as the bot does."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from bot import view
from bot.change import refusals
from bot.chatops.translate import Translating
from bot.chatops.vocabulary import Name
from bot.command_line import Errand, Line, look
from bot.language import Words
from bot.mail_text import MailTexts
from bot.metrics import Metrics
from bot.office import Office, settings_of
from bot.settings import Settings
from bot.store.record import AuditOutcome
from bot.terminal import DEFAULT_CONFIG, AsJson, Config, spoken_language
from bot.translation.translations import open_translations
from channels.console.render import printable

app = typer.Typer()


@app.command()
def translate(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]", help="ID: 42, or a part of the subject; left out: the only open one."),
    ] = None,
    language: Annotated[
        str,
        typer.Option(
            "--lang", metavar="ja|en|zh", parser=spoken_language, help="Into which language; default: your own."
        ),
    ] = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what an alert's mail says, translated by the service of the settings."""

    async def work(errand: Errand) -> int:
        own = errand.office.words
        said = own.of(language, str(own.zone)) if language else own
        view.say("\n".join(map(printable, await _lines(errand, config, said))), as_json=as_json)
        return 0

    look(Line(Name.TRANSLATE, words or (), config, as_json), work)


async def _lines(errand: Errand, config: Path, words: Words) -> list[str]:
    """Raises NotOneError, and SettingsError for a secret that is missing."""
    office, alert_id = errand.office, await errand.alert()
    if office.settings.translation is None:
        raise view.NotOneError(words.gettext("No translation service is set up."))
    async with office.store.reading() as tx:
        alert = (await tx.alerts([alert_id]))[alert_id]
    with ThreadPoolExecutor(1, "imap") as pool:
        translating = _translating(office, settings_of(config, os.environ), pool)
        try:
            if await translating.translations.may(alert):
                await _keep(errand)
            with refusals(words):
                return await translating.lines(alert, words)
        finally:
            await translating.translations.close()


async def _keep(errand: Errand) -> None:
    """In the audit trail, before anything leaves: whoever is stopped meanwhile, or can't be answered, has asked."""
    entry = errand.entry(AuditOutcome.DONE)
    await errand.office.engine.run_now(lambda desk: desk.tx.add_audit(entry))
    errand.is_kept = True


def _translating(office: Office, settings: Settings, pool: ThreadPoolExecutor) -> Translating:
    translations = open_translations(settings, office.engine, Metrics())
    assert translations is not None
    return Translating(MailTexts(office.store, office.clock, settings.imap, pool, is_allowed=True), translations)
