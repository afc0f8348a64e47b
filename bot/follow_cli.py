"""The commands that look back and follow: reports, and alerts of which somebody is told in private."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import follow, report_view, view
from bot.desk import Desk
from bot.duty_view import aware, words_of
from bot.language import Words
from bot.office import Office
from bot.store.record import AuditEntry, AuditOutcome
from bot.terminal import AT, DEFAULT_CONFIG, AsJson, By, Config, instant, me, with_office
from escalation.roster import Person

app = typer.Typer()

Alert = Annotated[str, typer.Argument(metavar="ID", help="42, #42, or a part of the subject.")]
Follow = Callable[[Desk, int, Person, Words], Awaitable[tuple[str, bool]]]


@app.command()
def report(
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

    async def work(office: Office) -> int:
        words = words_of(office, me())
        first, last = (at.astimezone(UTC) if at else None for at in (aware(since, words), aware(until, words)))
        return await report_view.show(office, first, last, words, as_json=as_json)

    with_office(config, work)


@app.command()
def subscribe(id: Alert, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Follow an alert: what becomes of it is told to you alone, without ringing."""
    _follow("subscribe", follow.subscribe, id, by, config, as_json=as_json)


@app.command()
def unsubscribe(id: Alert, by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Follow an alert no longer."""
    _follow("unsubscribe", follow.unsubscribe, id, by, config, as_json=as_json)


def _follow(verb: str, act: Follow, id: str, by: str, config: Path, *, as_json: bool) -> None:
    async def work(office: Office) -> int:
        alert_id = await view.one_alert(office, id)
        person = office.engine.rules.roster.people[view.one_person(office, by or me())]
        words = words_of(office, person.id)

        async def job(desk: Desk) -> str:
            text, is_new = await act(desk, alert_id, person, words)
            outcome = AuditOutcome.DONE if is_new else AuditOutcome.NOTHING
            kept = AuditEntry(at=desk.now, who=person.id, via="cli", verb=verb, outcome=outcome, alert_id=alert_id)
            await desk.tx.add_audit(kept)
            return text

        view.say(await office.engine.run_now(job), as_json=as_json)
        return 0

    with_office(config, work)
