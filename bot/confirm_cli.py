"""The command that has contacts confirmed by their people."""

import json
from typing import Annotated

import typer

from bot import confirm as confirm_
from bot import duty_view, view
from bot.change import change, keep
from bot.chatops.contact import digits_of
from bot.desk import Desk
from bot.language import Words
from bot.office import Office
from bot.post import open_tokens
from bot.store.record import AuditOutcome
from bot.terminal import DEFAULT_CONFIG, AsJson, By, Config, me, with_office

app = typer.Typer()


@app.command()
def confirm(
    person: Annotated[
        str, typer.Argument(metavar="[PERSON|CODE]", help="Whose contacts, left out: your own; or the code that came.")
    ] = "",
    channel: Annotated[str, typer.Argument(metavar="[CHANNEL]", help="Only this one: phone, mail, slack …")] = "",
    code: Annotated[str, typer.Option("--code", help="Instead: the code that came.")] = "",
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send a code to somebody's contacts, to see that they reach them; or enter the code that came."""

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, by or me())
        is_code = bool(digits_of(person)) and person not in office.engine.rules.roster.people
        who = view.one_person(office, by or me() if is_code else person or by or me())
        if code or is_code:
            return await _enter(office, (by or me(), who), code or person, words, as_json)
        return await _ask(office, (by or me(), who), channel, words, as_json)

    with_office(config, work)


async def _ask(office: Office, who: tuple[str, str], channel: str, words: Words, as_json: bool) -> int:
    """``who``: who asks, and whose contacts. Raises NotOneError."""
    by, person = who
    asked = (by, "confirm", f"{person} {channel}".strip())
    return await change(office, lambda desk: confirm_.ask(desk, person, channel, words), words, asked, as_json=as_json)


async def _enter(office: Office, who: tuple[str, str], code: str, words: Words, as_json: bool) -> int:
    """Exit code 1: it was not the right one."""
    by, person = who
    tokens = await open_tokens(office.store)

    async def job(desk: Desk) -> tuple[bool, str]:
        is_right, text = await confirm_.enter(desk, person, code, tokens, words)
        outcome = AuditOutcome.DONE if is_right else AuditOutcome.MISTAKEN
        # Whose: never the code.
        await keep(desk, by, "confirm", f"{person} --code", outcome=outcome)
        return is_right, text

    is_right, text = await office.engine.run_now(job)
    print(json.dumps({"is_right": is_right, "text": text}, ensure_ascii=False) if as_json else text)
    return 0 if is_right else 1
