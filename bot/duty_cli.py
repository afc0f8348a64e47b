"""The commands about schedules: who is on call, overrides, leave."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import duty, duty_view, view
from bot.desk import Desk
from bot.language import Words
from bot.office import Office
from bot.terminal import AT, DEFAULT_CONFIG, AsJson, By, Config, instant, me, with_office
from escalation.schedule import Leave, Override

app = typer.Typer()

From = Annotated[datetime, typer.Option("--from", metavar=AT, parser=instant, help="Without an offset: your time.")]
Until = Annotated[datetime, typer.Option("--until", metavar=AT, parser=instant)]
Remove = Annotated[int, typer.Option("--remove", metavar="N", help="Take this one back.")]


@app.command()
def oncall(
    schedule: Annotated[str, typer.Argument(help="One schedule; left out: all.")] = "",
    at: Annotated[datetime | None, typer.Option("--at", metavar=AT, parser=instant, help="Then; default: now.")] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar=AT, parser=instant, help="Every shift until then.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say who is on call, until when, and who is next. The exit code is 1 where nobody is."""

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, me())
        span = (duty_view.aware(at, words), duty_view.aware(until, words))
        return await duty_view.oncall(office, schedule, *span, words, as_json=as_json)

    with_office(config, work)


@app.command()
def override(
    schedule: Annotated[str, typer.Argument(help="The schedule.")],
    person: Annotated[str, typer.Argument(help="Who takes the duty.")],
    start: From,
    until: Until,
    replaces: Annotated[str, typer.Option("--replaces", help="Only where this person would be on call.")] = "",
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Give somebody the duty for a time, whatever the schedule says."""

    async def work(office: Office) -> int:
        who = view.one_person(office, by or me())
        words = duty_view.words_of(office, who)
        wanted = Override(schedule, person, *duty_view.span_of(start, until, words), replaces, who)
        return await duty_view.carry_out(
            office, lambda desk: duty.take_over(desk, wanted, words), words, as_json=as_json
        )

    with_office(config, work)


@app.command()
def leave(
    person: Annotated[str, typer.Argument(help="Who is away.")],
    start: From,
    until: Until,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say that somebody is away: the next in turn steps in."""

    async def work(office: Office) -> int:
        who = view.one_person(office, by or me())
        words = duty_view.words_of(office, who)
        wanted = Leave(person, *duty_view.span_of(start, until, words), who)
        return await duty_view.carry_out(
            office, lambda desk: duty.go_on_leave(desk, wanted, words), words, as_json=as_json
        )

    with_office(config, work)


@app.command()
def overrides(remove: Remove = 0, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the overrides of now and of later."""
    _list_or_remove(duty_view.list_overrides, duty.remove_override, remove, config, as_json=as_json)


@app.command()
def leaves(remove: Remove = 0, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List who is away, now and later."""
    _list_or_remove(duty_view.list_leaves, duty.remove_leave, remove, config, as_json=as_json)


def _list_or_remove(
    lists: Callable[..., Awaitable[int]],
    removes: Callable[[Desk, int, Words], Awaitable[str]],
    number: int,
    config: Path,
    *,
    as_json: bool,
) -> None:
    async def work(office: Office) -> int:
        words = duty_view.words_of(office, me())
        if not number:
            return await lists(office, words, as_json=as_json)
        return await duty_view.carry_out(office, lambda desk: removes(desk, number, words), words, as_json=as_json)

    with_office(config, work)
