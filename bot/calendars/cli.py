"""The commands about calendars: the links of ours, and how those of others are."""

from typing import Annotated

import typer

from bot import duty_view
from bot.calendars import command
from bot.office import Office
from bot.terminal import DEFAULT_CONFIG, AsJson, Config, me, with_office

app = typer.Typer()


@app.command()
def feed(
    person: Annotated[str, typer.Option("--person", help="Whose shifts and leave; a person's id.")] = "",
    schedule: Annotated[str, typer.Option("--schedule", help="The shifts of one schedule.")] = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the link back: it leads nowhere any more.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Print the link of a calendar to subscribe to: the shifts and leave of a person, or of a schedule."""

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, me())
        return await command.feed(office, person, schedule, words, is_revoked=revoke, as_json=as_json)

    with_office(config, work)


@app.command()
def calendars(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say how the calendars of others are: when each was read, what is wrong. The exit code is 1 if something is."""

    async def work(office: Office) -> int:
        return await command.calendars(office, duty_view.words_of(office, me()), as_json=as_json)

    with_office(config, work)
