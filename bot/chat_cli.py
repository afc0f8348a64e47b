"""The language in which Kidoku speaks to somebody, and the audit trail."""

import json
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.chatops.vocabulary import Name
from bot.command_line import Line, do
from bot.duty_view import aware, words_of
from bot.language import Words
from bot.office import Office
from bot.store.record import AuditEntry, AuditOutcome
from bot.terminal import AT, DEFAULT_CONFIG, AsJson, By, Config, instant, me, with_office
from bot.wording import channel_name, name_of
from channels.console.render import printable
from escalation.phrase import N_
from escalation.roster import Roster

app = typer.Typer()

_OUTCOMES = {
    AuditOutcome.DONE: N_("done"),
    AuditOutcome.NOTHING: N_("nothing changed"),
    AuditOutcome.DENIED: N_("not allowed"),
    AuditOutcome.STRANGER: N_("a stranger"),
    AuditOutcome.MISTAKEN: N_("not understood"),
    AuditOutcome.FAILED: N_("failed"),
}


@app.command()
def lang(
    words: Annotated[list[str] | None, typer.Argument(metavar="ja|en|zh")] = None,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Choose the language in which Kidoku speaks to you, on every channel."""
    do(Line(Name.LANG, words or (), config, as_json, by))


@app.command()
def audit(
    since: Annotated[
        datetime | None, typer.Option("--since", metavar=AT, parser=instant, help="Only what came since then.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000)] = 100,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List who asked Kidoku for what, and what came of it, newest first."""

    async def work(office: Office) -> int:
        words = words_of(office, me())
        async with office.store.reading() as tx:
            found = await tx.audits(aware(since, words), limit)
        if as_json:
            print(json.dumps([_object(one) for one in found], ensure_ascii=False, indent=2))
        elif not found:
            print(words.gettext("Nobody has asked for anything."))
        else:
            Console(soft_wrap=False, highlight=False, markup=False).print(
                _table(found, office.engine.rules.roster, words)
            )
        return 0

    with_office(config, work)


def _object(one: AuditEntry) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "who": one.who,
        "via": one.via,
        "verb": one.verb,
        "alert_id": one.alert_id,
        "argument": one.argument,
        "outcome": one.outcome,
    }


def _table(found: list[AuditEntry], roster: Roster, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    headings = (N_("When"), N_("Who"), N_("Channel"), N_("Command"), N_("Outcome"))
    for heading in headings:
        table.add_column(words.gettext(heading), overflow="fold")
    for one in found:
        what = [one.verb, f"#{one.alert_id}" if one.alert_id else "", one.argument]
        cells = (
            words.instant(one.at),
            name_of(one.who, roster, words),
            channel_name(one.via, words),
            " ".join(part for part in what if part),
            words.gettext(_OUTCOMES[one.outcome]),
        )
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table
