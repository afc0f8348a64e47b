"""The commands about tracking: who has agreed to pictures, what mail systems give."""

from datetime import timedelta
from typing import Annotated

import typer

from bot import consent_view, probe_view, view
from bot.consent_view import Act, Wish
from bot.duty_view import words_of
from bot.office import Office
from bot.settings.fields import duration
from bot.terminal import DEFAULT_CONFIG, AsJson, By, Config, me, with_office
from escalation.phrase import N_, Phrase

app = typer.Typer()

Whom = Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Addresses, people, team:name, @domain.")]


@app.command()
def consent(
    to: Whom,
    give: Annotated[bool, typer.Option("--give", help="They have agreed to pictures.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="They want none.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Delete what is recorded of them.")] = False,
    why: Annotated[str, typer.Option("--why", help="With --give: how and when they agreed.")] = "",
    receipts: Annotated[bool, typer.Option("--receipts", help="The same for read receipts.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="With --give: they have agreed since they declined.")] = False,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show or record who has agreed to pictures that tell when a mail is opened, and who has declined."""

    async def work(office: Office) -> int:
        words = words_of(office, me())
        chosen = [act for act, is_on in ((Act.GIVE, give), (Act.WITHDRAW, withdraw), (Act.FORGET, forget)) if is_on]
        if len(chosen) > 1:
            raise view.NotOneError(words.gettext("Write one of --give, --withdraw and --forget."))
        act = chosen[0] if chosen else Act.SHOW
        who = view.one_person(office, by or me()) if act in (Act.GIVE, Act.WITHDRAW) else by or me()
        wish = Wish(act, tuple(to), who, why, receipts, anew)
        return await consent_view.consent_command(office, wish, words, as_json=as_json)

    with_office(config, work)


@app.command()
def consents(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List who has agreed to pictures, on which ground, and who has declined."""
    with_office(config, lambda office: consent_view.list_consents(office, words_of(office, me()), as_json=as_json))


def _span(text: str) -> timedelta:
    """A span as it is typed. Raises BadParameter."""
    try:
        return duration(text)
    except ValueError as error:
        form = N_("“%(text)s” is no span of time; write it like 30m, 12h or 1d")
        raise typer.BadParameter(Phrase(form, text=text)) from error


@app.command()
def probe(
    address: Annotated[str, typer.Argument(help="A mail address, or a person.")],
    within: Annotated[
        timedelta, typer.Option("--within", metavar="12h|1d", parser=_span, help="How long receipts are waited for.")
    ] = timedelta(days=1),
    result: Annotated[bool, typer.Option("--result", help="Send nothing; show what has come back.")] = False,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send a test mail that finds out which receipts a mail system gives; it never calls anybody."""

    async def work(office: Office) -> int:
        words = words_of(office, me())
        if result:
            return await probe_view.result_command(office, address, words, as_json=as_json)
        who = view.one_person(office, by or me())
        return await probe_view.probe_command(office, address, within, who, words, as_json=as_json)

    with_office(config, work)


@app.command()
def clients(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Print which receipts the mail systems of domains give, as far as it was learnt."""
    with_office(config, lambda office: probe_view.clients_command(office, words_of(office, me()), as_json=as_json))
