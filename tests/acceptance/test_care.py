"""Stories of care before a mail leaves: the same concerns at the command line, the API and the gateway."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.outgoing.gateway import GatewaySubmissions
from channels.gateway.submission import Refusal
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_api import NOTICE, Client, client
from tests.acceptance.test_gateway_story import URGENT, submitted
from tests.fakes.command_line import kidoku
from tests.unit.test_send_command import config, outbox

__all__ = ["client", "config"]

LOOKALIKE = "bob@tearn.example"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


def with_sending(config: str, lines: str) -> None:
    path = Path(config)
    path.write_text(f"{path.read_text('utf-8')}\nsending: {lines}\n", "utf-8")


def test_the_command_line_shows_what_should_be_looked_at_again(config: str, tmp_path: Path) -> None:
    with_sending(config, "{partners: [carrier.example], most_recipients: 1}")
    to = ["--to", "alice", "--to", "x@cornpany.example", "--to", "noc@carrier.example"]
    said = kidoku("send", *to, "-s", "see attached", "--yes", "--by", "alice", "-c", config, "--json")
    assert [one["kind"] for one in json.loads(said.stdout)["concerns"]] == [
        "lookalike",
        "outside",
        "many",
        "attachment",
    ]
    said = kidoku("send", *to, "-s", "see attached", "--yes", "--by", "alice", "-c", config)
    assert "This looks like company.example, and is another domain:\n  x@cornpany.example\n" in said.stderr
    assert "1 recipient is outside:\n  x@cornpany.example\n" in said.stderr
    assert "There are 3 recipients.\nThe text names an attachment, and there is none.\n" in said.stderr


def test_a_mail_is_held_and_can_be_taken_back(config: str, tmp_path: Path) -> None:
    with_sending(config, "{hold: 2m}")
    said = kidoku("send", "--to", "alice", "-s", "Works", "--yes", "--by", "alice", "-c", config)
    assert "Leaves: in 2 min; until then kidoku recall takes it back" in said.stderr
    assert kidoku("recall", "1", "--by", "alice", "-c", config).stdout == "#1 is recalled: nobody gets the mail.\n"
    assert outbox(tmp_path) == [("alice@company.example", "dropped")]


async def test_the_api_tells_them_and_asks_where_it_is_to_be_asked(client: Client) -> None:
    asked = {**NOTICE, "to": ["alice", LOOKALIKE], "text": "See the attached plan.", "confirm": False}
    status, answer = await client.sends(asked)
    assert (status, answer["fix"]) == (409, 'send it with "confirm": true')
    kinds = [one["kind"] for one in answer["concerns"]]
    assert kinds == ["lookalike", "outside", "attachment"]
    assert answer["concerns"][0]["known"] == "team.example"
    await client.stage.work()
    assert client.stage.mail.sent == []
    for body in (asked | {"confirm": True}, {key: asked[key] for key in asked if key != "confirm"}):
        status, answer = await client.sends(body)
        assert (status, [one["kind"] for one in answer["concerns"]]) == (201, kinds)
    assert (await client.sends(NOTICE | {"to": ["alice"], "confirm": False}))[0] == 201


async def test_the_api_tells_what_nothing_fills_in(client: Client) -> None:
    body = NOTICE | {"text": "Dear ${name}, room ${room}", "confirm": False}
    status, answer = await client.sends(body)
    assert (status, [one["kind"] for one in answer["concerns"]]) == (409, ["outside", "unfilled"])
    assert answer["concerns"][1]["text"] == "Nothing is filled in for ${room}:"
    status, first = await client.sends(body | {"confirm": True}, Idempotency_Key="k1")
    assert (status, first["concerns"]) == (201, answer["concerns"])
    assert await client.sends(body, Idempotency_Key="k1") == (200, first)
    await client.stage.work()
    texts = [one.letter.text for one in client.stage.mail.sent if one.letter]
    assert [text.partition("\n")[0] for text in texts] == [
        "Dear Alice, room ${room}",
        "Dear guest@partner.example, room ${room}",
    ]


async def test_the_gateway_takes_a_text_as_it_is(stage: Stage) -> None:
    app, post = stage.app, stage.app.post
    assert post is not None
    gateway = GatewaySubmissions(app.engine, post, app.intake.routes)
    assert (
        await gateway.accept(submitted(URGENT.replace(b"The disk", b"${HOME} of ${name}"), "alice@team.example"))
        == "Urgent: #1"
    )
    await stage.work()
    [letter] = [one.letter for one in stage.mail.sent]
    assert letter is not None
    assert "${HOME} of ${name} is full" in letter.text


async def test_the_gateway_refuses_what_the_settings_say_and_takes_the_rest(stage: Stage) -> None:
    app, post = stage.app, stage.app.post
    assert post is not None
    gateway = GatewaySubmissions(app.engine, post, app.intake.routes, {"lookalike"})
    assert await gateway.accept(submitted(URGENT, "alice@team.example", "guest@partner.example")) == "Urgent: #1"
    refused = await gateway.accept(submitted(URGENT.replace(b"<2@", b"<3@"), LOOKALIKE))
    assert refused == Refusal(550, "5.7.1 Not sent: a recipient's domain looks like a known one, and is another")
    relayed = await gateway.accept(submitted(URGENT.replace(b"=?utf-8?b?44CQ57eK5oCl44CR", b"=?utf-8?b?"), LOOKALIKE))
    assert isinstance(relayed, str)
    assert relayed.startswith("Relayed: ")
    await stage.passes(timedelta(minutes=1))
