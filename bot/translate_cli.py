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
from bot.duty_view import words_of
from bot.language import Words
from bot.mail_text import MailTexts
from bot.metrics import Metrics
from bot.office import Office, settings_of
from bot.settings import Settings
from bot.store.record import AuditEntry, AuditOutcome
from bot.terminal import DEFAULT_CONFIG, AsJson, Config, me, spoken_language, with_office
from bot.translation.translations import open_translations
from channels.console.render import printable

app = typer.Typer()

Alert = Annotated[str, typer.Argument(metavar="ID", help="42, #42, or a part of the subject.")]


@app.command()
def translate(
    id: Alert,
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

    async def work(office: Office) -> int:
        words = words_of(office, me())
        words = words.of(language, str(words.zone)) if language else words
        view.say("\n".join(map(printable, await _lines(office, config, id, words))), as_json=as_json)
        return 0

    with_office(config, work)


async def _lines(office: Office, config: Path, id: str, words: Words) -> list[str]:
    """Raises NotOneError, and SettingsError for a secret that is missing."""
    alert_id = await view.one_alert(office, id)
    if office.settings.translation is None:
        raise view.NotOneError(words.gettext("No translation service is set up."))
    async with office.store.reading() as tx:
        alert = (await tx.alerts([alert_id]))[alert_id]
    with ThreadPoolExecutor(1, "imap") as pool:
        translating = _translating(office, settings_of(config, os.environ), pool)
        try:
            if await translating.translations.may(alert):
                await _keep(office, alert_id)
            with refusals(words):
                return await translating.lines(alert, words)
        finally:
            await translating.translations.close()


async def _keep(office: Office, alert_id: int) -> None:
    """In the audit trail, before anything leaves: whoever is stopped meanwhile, or can't be answered, has asked."""
    now = office.clock.now()
    kept = AuditEntry(at=now, who=me(), via="cli", verb="translate", outcome=AuditOutcome.DONE, alert_id=alert_id)
    await office.engine.run_now(lambda desk: desk.tx.add_audit(kept))


def _translating(office: Office, settings: Settings, pool: ThreadPoolExecutor) -> Translating:
    translations = open_translations(settings, office.engine, Metrics())
    assert translations is not None
    return Translating(MailTexts(office.store, office.clock, settings.imap, pool, is_allowed=True), translations)
