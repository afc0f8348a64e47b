"""The command about drills."""

from typing import Annotated

import typer

from bot import drill_view, duty_view, view
from bot.drill import Wanted
from bot.office import Office
from bot.terminal import DEFAULT_CONFIG, AsJson, By, Config, Severity, me, typed_span, with_office
from channels.base import PHONE

app = typer.Typer()


@app.command()
def drill(
    policy: Annotated[str, typer.Argument(metavar="[POLICY]", help="The policy to exercise.")] = "",
    at_most: Annotated[str, typer.Option("--at-most", metavar="30m|2h", help="When it ends, answered or not.")] = "1h",
    no_calls: Annotated[
        bool, typer.Option("--no-calls", help="Leave the phone out; the time of its steps passes.")
    ] = False,
    severity: Annotated[Severity, typer.Option("--severity", help="How severe it is taken to be.")] = "critical",
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is over, and print the report.")] = False,
    report: Annotated[int, typer.Option("--report", metavar="ID", help="Instead: how this drill went, or goes.")] = 0,
    by: By = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Exercise a policy for real, marked as an exercise wherever it is told, and report how long each step took."""

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, by or me())
        if report:
            return await drill_view.report(office, report, words, as_json=as_json)
        if not policy:
            values = {"policies": ", ".join(sorted(office.policies))}
            raise view.NotOneError(words.gettext("Which policy? Write one of %(policies)s.") % values)
        who = view.one_person(office, by or me())
        left_out = (PHONE,) if no_calls else ()
        wanted = Wanted(policy=policy, by=who, at_most=typed_span(at_most, words), severity=severity, left_out=left_out)
        return await drill_view.begin(office, wanted, words, is_sure=yes, waits=wait, as_json=as_json)

    with_office(config, work)
