"""The commands about one alert. Their words are those of chat: "snooze 42 until 9:00", "escalate 42 to bob"."""

from typing import Annotated

import typer

from bot import view
from bot.chatops.vocabulary import Name
from bot.command_line import Errand, Line, do, look
from bot.language import N_
from bot.terminal import DEFAULT_CONFIG, AsJson, By, Config
from bot.wanted import Wanted

app = typer.Typer()

_WHICH = N_("ID: 42, or a part of the subject; left out: the only open one.")
Alert = Annotated[list[str] | None, typer.Argument(metavar="[ID]", help=_WHICH)]


@app.command()
def status(words: Alert = None, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show one alert: who has read it and how we know, who was told, what comes next."""
    look(Line(Name.STATUS, words or (), config, as_json), _status)


async def _status(errand: Errand) -> int:
    """Where nothing says which, and not exactly one is open, the open ones."""
    if not errand.command.alert and len(await view.open_ids(errand.office, 2)) != 1:
        return await view.list_alerts(errand.office, Wanted(), errand.as_json)
    return await view.status(errand.office, await errand.alert(), errand.as_json)


@app.command()
def why(words: Alert = None, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Tell an alert's story in sentences: why this person was paged then, and that one was not."""

    async def work(errand: Errand) -> int:
        return await view.why(errand.office, await errand.alert(), errand.as_json)

    look(Line(Name.WHY, words or (), config, as_json), work)


@app.command()
def ack(words: Alert = None, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Take an alert: nobody else is told."""
    do(Line(Name.ACK, words or (), config, as_json, by))


@app.command()
def snooze(
    words: Annotated[list[str] | None, typer.Argument(metavar="[ID] 15m|until 9:00|until morning", help=_WHICH)] = None,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Silence an alert for a while."""
    do(Line(Name.SNOOZE, words or (), config, as_json, by))


@app.command()
def escalate(
    words: Annotated[list[str] | None, typer.Argument(metavar="[ID] [to PERSON|to step 3]", help=_WHICH)] = None,
    to: Annotated[str, typer.Option("--to", metavar="PERSON|STEP", help="A person, or a step's number.")] = "",
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Let the next step go out now, or the step or person that is named."""
    do(Line(Name.ESCALATE, [*(words or ()), *(("to", to) if to else ())], config, as_json, by))


@app.command()
def resolve(
    words: Annotated[list[str] | None, typer.Argument(metavar="[ID] [WHY]", help=_WHICH)] = None,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Close an alert."""
    do(Line(Name.RESOLVE, words or (), config, as_json, by))


@app.command()
def note(
    words: Annotated[list[str] | None, typer.Argument(metavar="[ID] TEXT", help=_WHICH)] = None,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write something down for those who work on an alert."""
    do(Line(Name.NOTE, words or (), config, as_json, by))


@app.command()
def remind(words: Alert = None, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Tell whoever has not read it once more."""
    do(Line(Name.REMIND, words or (), config, as_json, by))


@app.command()
def recall(
    words: Annotated[list[str] | None, typer.Argument(metavar="[ID] [WHY]", help=_WHICH)] = None,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Take back a mail that has not left yet, and cancel its alert."""
    do(Line(Name.RECALL, words or (), config, as_json, by))


@app.command()
def approve(words: Alert = None, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Let a mail leave that waits for a second person."""
    do(Line(Name.APPROVE, words or (), config, as_json, by))


@app.command()
def subscribe(words: Alert = None, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Follow an alert: what becomes of it is told to you alone, without ringing."""
    do(Line(Name.SUBSCRIBE, words or (), config, as_json, by))


@app.command()
def unsubscribe(words: Alert = None, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Follow an alert no longer."""
    do(Line(Name.UNSUBSCRIBE, words or (), config, as_json, by))
