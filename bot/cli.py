"""``kidoku``: the command line."""

import asyncio
import getpass
import json
import os
import sys
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot import usage, view
from bot.alert_cli import app as alert
from bot.calendars.cli import app as calendars
from bot.chat_cli import app as chat
from bot.chatops.vocabulary import Name, key_of, name_of
from bot.command_line import Errand, Line, keep_glance, look
from bot.confirm_cli import app as confirm
from bot.consent_cli import app as consent
from bot.doctor_cli import app as doctor
from bot.drill_cli import app as drill
from bot.duty_cli import app as duty
from bot.help import command_of, translate
from bot.language import Words, language_of
from bot.logs import LogFormat, set_up
from bot.office import DatabaseError, SettingsError
from bot.report_cli import app as report_
from bot.silence_cli import app as silence
from bot.terminal import AT, DEFAULT_CONFIG, AsJson, By, Config, Severity, instant, me, tell_fault, with_office
from bot.translate_cli import app as translation
from bot.wanted import Wanted
from escalation.phrase import N_


def _in_english(word: str) -> str:
    """A command by its Japanese or Chinese name, as in chat. English has one name for each here: "resolved", which chat
    takes for "resolve", may be meant as a list."""
    return word if word.isascii() else name_of(key_of(word)) or word


app = typer.Typer(
    name="kidoku",
    help="Kidoku watches urgent mail and does not let it stay unread.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "token_normalize_func": _in_english},
)


def _say_version(is_wanted: bool) -> None:
    if is_wanted:
        print(f"Kidoku {version('kidoku')}")
        raise typer.Exit


@app.callback()
def about(
    is_wanted: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


app.add_typer(alert)
app.add_typer(duty)
app.add_typer(silence)
app.add_typer(calendars)
app.add_typer(consent)
app.add_typer(chat)
app.add_typer(drill)
app.add_typer(doctor)
app.add_typer(confirm)
app.add_typer(translation)
app.add_typer(report_)


def main() -> None:
    """The entry point: an error a user can mend is said on stderr, and the exit code is 2."""
    command = command_of(app)
    words = _words()
    translate(command, words)
    try:
        sys.exit(command(prog_name="kidoku", standalone_mode=False))
    except typer.TyperException as error:
        if _wants_json() and error.format_message():
            print(json.dumps({"error": usage.said(error, words)}, ensure_ascii=False))
        usage.show(error, words)
        sys.exit(error.exit_code)
    except SettingsError as error:
        fail(str(error))
    except view.NotOneError as error:
        fail(str(error))
    except DatabaseError as error:
        fail(str(error), 1)


def _words() -> Words:
    """Those of whoever sits at the terminal, where no settings are read."""
    return Words(language_of(os.environ), "UTC")


def fail(text: str, code: int = 2) -> NoReturn:
    sys.exit(tell_fault(text, as_json=_wants_json(), code=code))


def _wants_json() -> bool:
    typed = sys.argv[1:]
    return "--json" in (typed[: typed.index("--")] if "--" in typed else typed)


@app.command("help")
def help_(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="[COMMAND]", help="One command; left out: all.")] = "",
) -> None:
    """Say what can be typed; of one command, how."""
    above = context.parent
    assert above is not None
    group: Any = above.command
    if word:
        name, command, _ = group.resolve_command(above, [word])
        above = command.make_context(name, [], parent=above, resilient_parsing=True)
    print(above.command.get_help(above), end="")


@app.command()
def run(
    config: Config = DEFAULT_CONFIG,
    log: Annotated[LogFormat, typer.Option("--log", help="Readable lines, or JSON.")] = LogFormat.TEXT,
) -> None:
    """Run the bot until SIGTERM or Ctrl+C."""
    from bot.run import run_bot

    set_up(log)
    sys.exit(asyncio.run(run_bot(config, os.environ)))


@app.command()
def demo(
    send: Annotated[str, typer.Option("--send", help="Send a mail with this subject to a demo that runs.")] = "",
    to: Annotated[str, typer.Option("--to", help="With --send: alice or bob.")] = "alice",
    speed: Annotated[float, typer.Option("--speed", min=1, max=600, help="Times faster than the policy.")] = 60,
    language: Annotated[str, typer.Option("--language", help="ja, en or zh; default: your LANG.")] = "",
    port: Annotated[int, typer.Option("--port", help="With --send: the port that the demo printed.")] = 2525,
) -> None:
    """Play the main job on embedded parts; needs no account and no configuration."""
    try:
        from bot.demo import demo_command
    except ModuleNotFoundError as error:
        form = N_("The demo needs one more package (%(name)s): pip install 'kidoku[demo]', or just: make demo")
        fail(_words().gettext(form) % {"name": error.name})
    sys.exit(demo_command(send=send, to=to, speed=speed, language=language, port=port))


@app.command()
def check(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check the settings: every error at once, with file, line and what to write instead."""
    from bot.settings.check import check_command

    sys.exit(check_command(config, as_json))


@app.command()
def route(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.eml...", help="Mails as files.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say which routing rule a mail matches, and why the others do not."""
    from bot.route import route_command

    sys.exit(route_command(files, config, as_json))


@app.command()
def receipt(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.eml...", help="Mails as files.")],
    as_json: AsJson = False,
) -> None:
    """Say what a mail that came back means: delivered, failed, read, answered; by whom, and how it is known."""
    from bot.receipt import receipt_command

    sys.exit(receipt_command(files, as_json, _words()))


@app.command()
def simulate(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="POLICY [at 2:00] [read alice 7m] [ack bob 9m]",
            help="In words, or with the options; left out: the only policy, now.",
        ),
    ] = None,
    policy: Annotated[str, typer.Option("--policy", help="The policy's name.")] = "",
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at",
            metavar=AT,
            parser=instant,
            help="When the mail arrives; default: now. Without an offset: in the zone of the settings.",
        ),
    ] = None,
    read: Annotated[list[str] | None, typer.Option("--read", metavar="PERSON@+7m", help="Who reads when.")] = None,
    ack: Annotated[list[str] | None, typer.Option("--ack", metavar="PERSON@+9m", help="Who takes it when.")] = None,
    severity: Annotated[
        Severity | None, typer.Option("--severity", help="How severe the mail is; left out: critical.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Run a policy over virtual time: who would be told, when, how, and why."""
    from bot.simulate import simulate_command

    set_up(LogFormat.QUIET)
    code = simulate_command(config, policy, at, read or [], ack or [], as_json, severity or "", words or ())
    if code == 0:
        keep_glance(config, Name.SIMULATE, " ".join([policy, *(words or ())]).strip())
    sys.exit(code)


@app.command()
def prove(
    policy: Annotated[str, typer.Argument(help="One policy; left out: all.")] = "",
    call_price: Annotated[float, typer.Option("--call-price", min=0, help="What one call costs.")] = 0,
    sms_price: Annotated[float, typer.Option("--sms-price", min=0, help="What one text message costs.")] = 0,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Walk the policies over every kind of instant: how late, how often, and when nobody is paged."""
    from bot.prove import Prices, prove_command

    set_up(LogFormat.QUIET)
    sys.exit(prove_command(config, policy, Prices(call_price, sms_price), as_json=as_json))


@app.command()
def replay(
    since: Annotated[
        datetime, typer.Option("--since", metavar=AT, parser=instant, help="Alerts that opened since then.")
    ],
    other: Annotated[Path, typer.Option("--with", metavar="FILE", help="The other settings.")],
    id: Annotated[int, typer.Option("--id", metavar="N", help="Every notification of this alert.")] = 0,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Run past alerts through other settings: what would have been different."""
    from bot.replay import replay_command

    with_office(config, lambda office: replay_command(office, other, office.aware(since) or since, id, as_json=as_json))


@app.command()
def calendar(
    month: Annotated[str, typer.Option("--month", metavar="2026-12", help="Which month; default: this one.")] = "",
    schedule: Annotated[str, typer.Option("--schedule", help="Only this schedule.")] = "",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Draw a month: who is on call, which ladder would be climbed, holidays."""
    from bot.month_view import calendar_command

    set_up(LogFormat.QUIET)
    sys.exit(calendar_command(config, month, schedule, html, as_json=as_json, login=me()))


@app.command("list")
def list_(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[unread|mine|all|resolved]", help="Which of them; left out: all that are open."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    resolved: Annotated[bool, typer.Option("--resolved", help="Only what is resolved or was recalled.")] = False,
    unread: Annotated[bool, typer.Option("--unread", help="Only where somebody has not read.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only what you are to read, have taken, or sent.")] = False,
    since: Annotated[
        datetime | None, typer.Option("--since", metavar=AT, parser=instant, help="Only what opened since then.")
    ] = None,
    deadline: Annotated[
        datetime | None,
        typer.Option("--deadline", metavar=AT, parser=instant, help="Only what is to be read by then."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="With --mine: whose; a person's id.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the open alerts, newest first."""
    flags = {"all": everything, "resolved": resolved, "unread": unread, "mine": mine}

    async def work(errand: Errand) -> int:
        office = errand.office
        asked = {name for name, is_set in flags.items() if is_set} | {errand.command.argument}
        # For the audit trail: what was asked for by options, too.
        errand.command = replace(errand.command, argument=" ".join(sorted(asked - {""})))
        person = view.one_person(office, errand.who) if "mine" in asked else ""
        times = (office.aware(since), office.aware(deadline))
        wanted = Wanted("all" in asked, "unread" in asked, person, *times, limit, "resolved" in asked)
        return await view.list_alerts(office, wanted, as_json)

    look(Line(Name.LIST, words or (), config, as_json, by), work)


@app.command("send")
def send_(
    subject: Annotated[str, typer.Option("--subject", "-s", help="The subject.")],
    to: Annotated[
        list[str] | None, typer.Option("--to", help="An address, a person, team:name; may be repeated.")
    ] = None,
    csv: Annotated[
        list[Path] | None, typer.Option("--csv", help="A list: a column email, and others for ${column} in the mail.")
    ] = None,
    body: Annotated[str, typer.Option("--body", help="The file with the text; - for what comes in.")] = "",
    html: Annotated[Path | None, typer.Option("--html", help="The file with the same as HTML.")] = None,
    charset: Annotated[str, typer.Option("--charset", help="That of all these; left out, it is found out.")] = "",
    attach: Annotated[
        list[Path] | None, typer.Option("--attach", help="A file to go with it; may be repeated.")
    ] = None,
    policy: Annotated[str, typer.Option("--policy", help="Who is reminded and told how.")] = "",
    at: Annotated[datetime | None, typer.Option("--at", metavar=AT, parser=instant, help="When it leaves.")] = None,
    confidential: Annotated[
        bool, typer.Option("--confidential", help="The mail is a link; it is read on a page, after a one-time code.")
    ] = False,
    expires: Annotated[
        datetime | None,
        typer.Option("--expires", metavar=AT, parser=instant, help="With --confidential: when its content is deleted."),
    ] = None,
    deadline: Annotated[
        datetime | None, typer.Option("--deadline", metavar=AT, parser=instant, help="By when it should be read.")
    ] = None,
    by: By = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send an urgent mail, and watch who has read it."""
    from bot.outgoing.command import Asked, send_command

    files = (tuple(csv or ()), tuple(attach or ()))
    more = (confidential, expires, charset)
    asked = Asked(tuple(to or ()), files[0], subject, body, html, files[1], policy, at, by or me(), deadline, *more)
    with_office(config, lambda office: send_command(office, asked, is_sure=yes, as_json=as_json))


@app.command("gateway-password")
def gateway_password(user: Annotated[str, typer.Argument(help="Who logs in at the gateway.")]) -> None:
    """Print the line of a user for the gateway's file of passwords; the password is asked for, or read from stdin."""
    from channels.gateway.password import line_for

    words, is_asked = _words(), sys.stdin.isatty()
    password = getpass.getpass(words.gettext("Password: ")) if is_asked else sys.stdin.readline().rstrip("\r\n")
    if not password or (is_asked and getpass.getpass(words.gettext("Again: ")) != password):
        fail(words.gettext("That is no password: it is empty, or not the same twice."))
    try:
        print(line_for(user, password))
    except ValueError as error:
        fail(words.sentence(error.args[0]))
