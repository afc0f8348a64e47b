"""The commands about silences: make one, list them with what they swallowed, lift one."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot import duty_view, silence_view, view
from bot import silence as silences_
from bot.change import change
from bot.chatops.vocabulary import Name
from bot.command_line import Errand, Line, do, look
from bot.language import Words
from bot.office import Office
from bot.terminal import AT, DEFAULT_CONFIG, AsJson, By, Config, instant, me, typed_span, with_office
from escalation.silence import Scope, Silence

app = typer.Typer()


@app.command()
def silence(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[rule RULE|from SENDER|subject TEXT] for 2h why REASON",
            help="In words, or with the options; a subject in words stands for itself.",
        ),
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason; whoever lists the silence reads it.")] = "",
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Mail that this rule calls urgent; may be repeated.")
    ] = None,
    sender: Annotated[
        list[str] | None, typer.Option("--from", help="An address, a domain, a glob or /a regex/; may be repeated.")
    ] = None,
    subject: Annotated[
        list[str] | None, typer.Option("--subject", help="A regex, found anywhere; may be repeated.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar=AT, parser=instant, help="When it ends; 30 days at most.")
    ] = None,
    span: Annotated[str, typer.Option("--for", metavar="2h|1d", help="Instead of --until: how long.")] = "",
    start: Annotated[
        datetime | None, typer.Option("--start", metavar=AT, parser=instant, help="When it begins; default: now.")
    ] = None,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Let some urgent mail open no alert for a while. What is open already goes on. At the end you hear what came."""
    options = {"--rule": rule, "--from": sender, "--subject": subject, "--until": until, "--for": span}
    if words or not any((why, start, *options.values())):
        options |= {"--why": why, "--start": start}
        do(Line(Name.SILENCE, words or (), config, as_json, by, options))
    scope = Scope(rules=tuple(rule or ()), senders=tuple(sender or ()), subjects=tuple(subject or ()))

    async def work(office: Office) -> int:
        who = view.one_person(office, by or me())
        own = duty_view.words_of(office, who)
        # The mail server tells when a mail came in whole seconds.
        begin = (duty_view.aware(start, own) or office.clock.now().replace(microsecond=0)).astimezone(UTC)
        end = _end(begin, until, span, own)
        wanted = Silence(scope=scope, start=begin, end=end, why=why, by=who)
        rules = office.settings.routing_rules()
        asked = (who, "silence", silences_.kept_of(wanted))
        return await change(
            office, lambda desk: silences_.silence(desk, wanted, rules, own), own, asked, as_json=as_json
        )

    with_office(config, work)


def _end(start: datetime, until: datetime | None, span: str, words: Words) -> datetime:
    """Raises NotOneError."""
    if (until is None) == (not span):
        raise view.NotOneError(words.gettext("A silence needs an end: write either --until or --for."))
    if until is not None:
        return duty_view.span_of(start, until, words)[1]
    return start + typed_span(span, words)


@app.command()
def silences(
    number: Annotated[int, typer.Argument(metavar="[N]", help="One silence with all that it swallowed.")] = 0,
    everything: Annotated[bool, typer.Option("--all", help="Those that ended long ago, too.")] = False,
    opens: Annotated[
        bool, typer.Option("--open", help="With N: open an alert for each mail that nobody has read.")
    ] = False,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the silences and maintenance windows, and what they swallowed."""

    async def opening(office: Office) -> int:
        words = duty_view.words_of(office, by or me())
        if not number:
            raise view.NotOneError(words.gettext("Which one? Write its number: kidoku silences N --open"))
        who = view.one_person(office, by or me())
        return await silence_view.open_alerts(office, number, who, words, as_json=as_json)

    async def work(errand: Errand) -> int:
        office, words = errand.office, errand.office.words
        if number:
            return await silence_view.show(office, number, words, as_json=as_json)
        return await silence_view.list_silences(office, words, everything=everything, as_json=as_json)

    if opens:
        with_office(config, opening)
    look(Line(Name.SILENCES, [str(number)] if number else (), config, as_json, by), work)


@app.command()
def unsilence(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="N", help="Its number; or the name of a maintenance window.")
    ] = None,
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """End a silence at once, or a maintenance window until it holds the next time."""
    do(Line(Name.UNSILENCE, words or (), config, as_json, by))
