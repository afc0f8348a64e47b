"""The command that finds who can't be reached."""

import typer

from bot import doctor_view, duty_view
from bot.terminal import DEFAULT_CONFIG, AsJson, By, Config, me, with_office

app = typer.Typer()


@app.command()
def doctor(by: By = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Find who can't be reached, and say what to do. Exit code 1: somebody can't be reached at all."""
    with_office(
        config, lambda office: doctor_view.doctor(office, duty_view.words_of(office, by or me()), as_json=as_json)
    )
