"""The command that has contacts confirmed by their people."""

import json
from typing import Annotated

import typer

from bot import confirm as confirm_
from bot import duty_view, view
from bot.change import refusals
from bot.language import Words
from bot.office import Office
from bot.post import open_tokens
from bot.terminal import DEFAULT_CONFIG, AsJson, By, Config, me, with_office

app = typer.Typer()


@app.command()
def confirm(
    person: Annotated[str, typer.Argument(metavar="[PERSON]", help="Whose contacts; left out: your own.")] = "",
    channel: Annotated[str, typer.Argument(metavar="[CHANNEL]", help="Only this one: phone, mail, slack …")] = "",
    code: Annotated[str, typer.Option("--code", help="Instead: the code that came.")] = "",
    by: By = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send a code to somebody's contacts, to see that they reach them; or enter the code that came."""

    async def work(office: Office) -> int:
        words = duty_view.words_of(office, by or me())
        who = view.one_person(office, person or by or me())
        return await (_enter(office, who, code, words, as_json) if code else _ask(office, who, channel, words, as_json))

    with_office(config, work)


async def _ask(office: Office, who: str, channel: str, words: Words, as_json: bool) -> int:
    """Raises NotOneError."""
    with refusals(words):
        text = await office.engine.run_now(lambda desk: confirm_.ask(desk, who, channel, words))
    view.say(text, as_json=as_json)
    return 0


async def _enter(office: Office, who: str, code: str, words: Words, as_json: bool) -> int:
    """Exit code 1: it was not the right one."""
    tokens = await open_tokens(office.store)
    is_right, text = await office.engine.run_now(lambda desk: confirm_.enter(desk, who, code, tokens, words))
    print(json.dumps({"is_right": is_right, "text": text}, ensure_ascii=False) if as_json else text)
    return 0 if is_right else 1
