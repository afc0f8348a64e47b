"""``kidoku report``: how a shift or a week went."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot import report_view
from bot.chatops.survey import span_of
from bot.chatops.vocabulary import Name
from bot.command_line import Errand, Line, look
from bot.duty_view import aware
from bot.refusal import BadArgumentError
from bot.terminal import AT, DEFAULT_CONFIG, AsJson, Config, instant

app = typer.Typer()


@app.command()
def report(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[today|week|month|12h|since 6/1]", help="Which time; left out: the last 7 days."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar=AT, parser=instant, help="From when on; default: 7 days before the end."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar=AT, parser=instant, help="Until when; default: now.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say how a shift or a week went: alerts, how fast they were read, how late pages were, who was woken."""

    async def work(errand: Errand) -> int:
        office = errand.office
        if words:
            span = span_of(errand.command, errand.reader(), office.clock.now())
            if span.since >= span.until:
                raise BadArgumentError(office.words.gettext("It would end before it begins."))
            return await report_view.show(office, span.since, span.until, office.words, as_json=as_json)
        typed = (aware(since, office.words), aware(until, office.words))
        first, last = (at.astimezone(UTC) if at else None for at in typed)
        return await report_view.show(office, first, last, office.words, as_json=as_json)

    options = {"--since": since, "--until": until}
    look(Line(Name.REPORT, words or (), config, as_json, instead=options), work)
