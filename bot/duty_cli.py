"""The commands about schedules: who is on call, overrides, leave, swaps."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import duty, duty_view, swap, swap_view, view
from bot import load as load_view
from bot.change import change
from bot.chatops.vocabulary import Name
from bot.command_line import Errand, Line, do, glance, look
from bot.desk import Desk
from bot.language import Words
from bot.office import Office
from bot.terminal import AT, DEFAULT_CONFIG, AsJson, By, Config, instant, me, with_office
from escalation.phrase import Phrase
from escalation.schedule import Leave, Override

app = typer.Typer()

From = Annotated[datetime, typer.Option("--from", metavar=AT, parser=instant, help="Without an offset: your time.")]
Until = Annotated[datetime, typer.Option("--until", metavar=AT, parser=instant)]
Remove = Annotated[int, typer.Option("--remove", metavar="N", help="Take this one back.")]
Removed = Annotated[bool, typer.Option("--removed", help="Those that were taken back: by whom, and when.")]


@app.command("who")
@app.command()
def oncall(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[SCHEDULE]", help="One schedule; left out: all.")
    ] = None,
    at: Annotated[datetime | None, typer.Option("--at", metavar=AT, parser=instant, help="Then; default: now.")] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar=AT, parser=instant, help="Every shift until then.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say who is on call, until when, and who is next. The exit code is 1 where nobody is."""

    async def work(errand: Errand) -> int:
        own = errand.office.words
        span = (duty_view.aware(at, own), duty_view.aware(until, own))
        return await duty_view.oncall(errand.office, errand.command.argument, *span, own, as_json=as_json)

    look(Line(Name.WHO, words or (), config, as_json), work)


@app.command()
def override(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCHEDULE] PERSON [from 18:00] until 9:00", help="Who takes the duty, and when; you are “me”."
        ),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", metavar=AT, parser=instant, help="Without an offset: your time.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--until", metavar=AT, parser=instant)] = None,
    replaces: Annotated[str, typer.Option("--replaces", help="Only where this person would be on call.")] = "",
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Give somebody the duty for a time, whatever the schedule says."""
    typed = list(words or ())
    if start is None or until is None or len(typed) != 2:
        if replaces:
            raise typer.BadParameter(
                Phrase("write a schedule, a person, --from and --until with it"), param_hint="--replaces"
            )
        bounds = (("from", start), ("until", until))
        typed += [word for name, at in bounds if at is not None for word in (name, at.isoformat())]
        do(Line(Name.OVERRIDE, typed, config, as_json, by))

    async def work(office: Office) -> int:
        who = view.one_person(office, by or me())
        own = duty_view.words_of(office, who)
        schedule, person = typed
        wanted = Override(schedule, person, *duty_view.span_of(start, until, own), replaces, who)
        asked = (who, "override", f"{schedule} {person} {wanted.start.isoformat()} {wanted.end.isoformat()}")
        return await change(office, lambda desk: duty.take_over(desk, wanted, own), own, asked, as_json=as_json)

    with_office(config, work)


@app.command()
def leave(
    person: Annotated[str, typer.Argument(help="Who is away.")],
    start: From,
    until: Until,
    delegate: Annotated[
        str, typer.Option("--delegate", help="Who is told in their place; left out: whom the settings name.")
    ] = "",
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say that somebody is away: the next in turn steps in."""

    async def work(office: Office) -> int:
        who = view.one_person(office, by or me())
        words = duty_view.words_of(office, who)
        wanted = Leave(person, *duty_view.span_of(start, until, words), who, delegate=delegate)
        asked = (who, "leave", f"{person} {wanted.start.isoformat()} {wanted.end.isoformat()} {delegate}".strip())
        return await change(office, lambda desk: duty.go_on_leave(desk, wanted, words), words, asked, as_json=as_json)

    with_office(config, work)


@app.command()
def overrides(
    remove: Remove = 0, removed: Removed = False, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """List the overrides of now and of later."""
    lists = duty_view.list_removed_overrides if removed else duty_view.list_overrides
    _list_or_remove("overrides", lists, duty.remove_override, remove, by, config, as_json=as_json)


@app.command()
def leaves(
    remove: Remove = 0, removed: Removed = False, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """List who is away, now and later."""
    lists = duty_view.list_removed_leaves if removed else duty_view.list_leaves
    _list_or_remove("leaves", lists, duty.remove_leave, remove, by, config, as_json=as_json)


@app.command()
def load(
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar=AT, parser=instant, help="From then on; default: four weeks before the end."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar=AT, parser=instant, help="Until then; default: now.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say how often each person was paged, and in how many nights."""

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, me())
        span = (duty_view.aware(since, words), duty_view.aware(until, words))
        return await load_view.show(office, *span, words, as_json=as_json)

    glance(config, "load", work)


def _list_or_remove(
    verb: str,
    lists: Callable[..., Awaitable[int]],
    removes: Callable[[Desk, int, str, Words], Awaitable[str]],
    number: int,
    by: str,
    config: Path,
    *,
    as_json: bool,
) -> None:
    async def show(office: Office) -> int:
        return await lists(office, duty_view.words_of(office, by or me()), as_json=as_json)

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, by or me())
        who = view.one_person(office, by or me())
        asked = (who, removes.__name__, str(number))
        return await change(office, lambda desk: removes(desk, number, who, words), words, asked, as_json=as_json)

    if not number:
        glance(config, verb, show)
    with_office(config, work)


@app.command("swap")
def swap_(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCHEDULE] 6/3 with PERSON [for 6/10]|accept 3|decline 3|withdraw 3",
            help="What you ask, or answer; left out: what is asked. With options: the schedule alone.",
        ),
    ] = None,
    mine: Annotated[
        datetime | None, typer.Option("--mine", metavar=AT, parser=instant, help="Your shift that holds this time.")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", metavar=AT, parser=instant, help="Instead: a part of your shift.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar=AT, parser=instant, help="With --from: where the part ends.")
    ] = None,
    other: Annotated[str, typer.Option("--with", metavar="PERSON", help="Who is asked to take it.")] = "",
    theirs: Annotated[
        datetime | None,
        typer.Option("--theirs", metavar=AT, parser=instant, help="Their shift that you take in return, if any."),
    ] = None,
    hours: Annotated[int, typer.Option("--hours", min=1, max=720, help="How long it is asked at most.")] = 24,
    accept: Annotated[int, typer.Option("--accept", metavar="N", help="Accept a swap that you are asked for.")] = 0,
    decline: Annotated[int, typer.Option("--decline", metavar="N", help="Decline it.")] = 0,
    withdraw: Annotated[int, typer.Option("--withdraw", metavar="N", help="Take back what you asked.")] = 0,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Ask somebody to take your shift, in exchange for one of theirs or for nothing; or answer."""
    if not any((mine, start, until, other, theirs, accept, decline, withdraw)):
        do(Line(Name.SWAP, words or (), config, as_json, by))

    async def work(office: Office) -> int:
        who = view.one_person(office, by or me())
        own = duty_view.words_of(office, who)
        answers = [(swap.accept, accept), (swap.decline, decline), (swap.withdraw, withdraw)]
        given = [(act, number) for act, number in answers if number]
        typed = swap_view.Typed(" ".join(words or ()), who, mine, start, until, other, theirs, hours)
        act = swap_view.act_of(typed, given, own)
        asked = (who, *swap_view.kept_of(typed, given, own))
        return await change(office, act, own, asked, as_json=as_json)

    with_office(config, work)


@app.command()
def swaps(
    everything: Annotated[bool, typer.Option("--all", help="Those that were decided, too.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the swaps that wait for an answer."""

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, me())
        return await swap_view.list_swaps(office, words, everything=everything, as_json=as_json)

    glance(config, "swaps", work)
