"""The HTTP API over a real server: sending, once for each key, and asking who has read."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.language import Words
from bot.office import Office
from bot.web.api import Api
from bot.web.commands import CommandDesk
from escalation.event import ReceiptReported
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import START, Stage, mail, on_stage
from tests.fakes.twilio_line import serving

TOKEN = "a-token-for-programs"
DAY = timedelta(days=1)
NOTICE = {"to": ["alice", "guest@partner.example"], "subject": "Works tonight", "text": "Line A-1.", "by": "bob"}


class Client:
    def __init__(self, stage: Stage, session: aiohttp.ClientSession, base: str) -> None:
        self.stage = stage
        self._session = session
        self._base = base

    async def ask(self, verb: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = io.BytesIO(body) if isinstance(body, bytes) else None
        sent = {"Authorization": f"Bearer {TOKEN}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        url = f"{self._base}{path}"
        as_json = None if data is not None else body
        async with self._session.request(verb, url, json=as_json, data=data, headers=sent) as answer:
            return answer.status, await answer.json()

    async def sends(self, body: Any = NOTICE, **headers: str) -> tuple[int, Any]:
        return await self.ask("POST", "/api/v1/alerts", body, **headers)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with on_stage(tmp_path, "sent.yaml") as stage, client_of(stage) as one:
        yield one


@asynccontextmanager
async def client_of(stage: Stage, person: str = "alice") -> AsyncIterator[Client]:
    app = stage.app
    office = Office(app.settings, app.store, app.engine, app.clock, Words("en", "UTC"))
    commands = CommandDesk(app.inbox.requests, person, app.engine) if person else None
    routes = Api(office, app.inbox.reception, app.post, SecretStr(TOKEN), commands).routes()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(listener, routes), aiohttp.ClientSession() as session:
            yield Client(stage, session, base)


async def test_a_mail_is_sent_and_its_readers_are_told(client: Client) -> None:
    status, answer = await client.sends()
    assert (status, answer["id"]) == (201, 1)
    assert [one["address"] for one in answer["recipients"]] == ["alice@team.example", "guest@partner.example"]
    await client.stage.work()
    assert len(client.stage.mail.sent) == 2
    status, shown = await client.ask("GET", "/api/v1/alerts/1")
    assert status == 200
    assert [one["has_read"] for one in shown["recipients"]] == [False, False]
    assert [one["receipts"][0]["kind"] for one in shown["recipients"]] == ["accepted", "accepted"]


UNSIGNED = {name: value for name, value in NOTICE.items() if name != "by"}


async def test_who_does_not_say_who_sends_is_the_person_of_the_token_who_hears_what_becomes_of_it(
    client: Client,
) -> None:
    assert (await client.sends(UNSIGNED))[0] == 201
    assert (await client.stage.alert()).sent_by == "alice"
    failed = ReceiptReported("guest@partner.example", ReceiptKind.FAILED, client.stage.clock.now(), "dsn")
    await client.stage.work()
    client.stage.told()
    await client.stage.app.engine.submit(lambda desk: desk.feed(1, failed))
    await client.stage.work()
    assert client.stage.told() == [("mail", "alice@team.example")]


async def test_without_a_person_of_the_token_a_sender_must_be_named(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage, client_of(stage, person="") as client:
        status, answer = await client.sends(UNSIGNED)
        assert (status, answer["error"]) == (422, "by: nobody is named who sends it")
        assert answer["fix"] == "by: one of admin, alice, bob; or set web.api_person"
        await stage.work()
        assert stage.told() == []


async def test_the_same_key_is_one_mail_however_often_and_at_once(client: Client) -> None:
    answers = await asyncio.gather(*(client.sends(Idempotency_Key="incident-7") for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 201]
    assert {answer["id"] for _, answer in answers} == {1}
    await client.stage.work()
    assert len(client.stage.mail.sent) == 2


async def test_a_key_is_of_one_request(client: Client) -> None:
    _, first = await client.sends(NOTICE | {"to": ["alice"]}, Idempotency_Key="k1")
    for other in ({"to": ["bob"]}, {"to": ["alice"], "text": "Line A-2."}, {"to": ["alice"], "severity": "info"}):
        status, answer = await client.sends(NOTICE | other, Idempotency_Key="k1")
        assert (status, answer) == (
            422,
            {
                "error": "Idempotency-Key: it was used for another request already, which is alert 1",
                "fix": "send another key with another request, or the first request unchanged",
            },
        )
    assert await client.sends(NOTICE | {"to": ["alice"], "confirm": True}, Idempotency_Key="k1") == (200, first)
    await client.stage.work()
    assert [one.address for one in client.stage.mail.sent] == ["alice@team.example"]


async def test_the_same_request_again_tells_what_was_sent_whatever_has_changed_since(client: Client) -> None:
    leaves = (START + timedelta(minutes=5)).isoformat()
    body = NOTICE | {"at": leaves, "to": ["guest@partner.example"], "text": "See the attached plan."}
    status, first = await client.sends(body, Idempotency_Key="k1")
    assert (status, [one["kind"] for one in first["concerns"]]) == (201, ["outside", "attachment"])
    await client.stage.passes(timedelta(minutes=10))
    assert await client.sends(body, Idempotency_Key="k1") == (200, first)
    async with client.stage.app.store.transaction() as tx:
        await tx.put("api:k1", "1")
    assert await client.sends(NOTICE | {"to": ["bob"]}, Idempotency_Key="k1") == (200, first)
    assert (await client.sends(Idempotency_Key="k" * 201))[0] == 422


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xe9"])
async def test_nobody_gets_in_without_the_token(client: Client, header: str) -> None:
    for verb, path in (("POST", "/api/v1/alerts"), ("GET", "/api/v1/alerts/1")):
        status, answer = await client.ask(verb, path, NOTICE if verb == "POST" else None, Authorization=header)
        assert status == 401
        assert TOKEN not in str(answer)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "no JSON"),
        (b"\xff", 400, "no JSON"),
        (NOTICE | {"to": []}, 422, "to:"),
        (NOTICE | {"to": ["nobody"]}, 422, "“nobody” is no recipient"),
        (NOTICE | {"subject": " "}, 422, "subject:"),
        (NOTICE | {"policy": "none"}, 422, "policy:"),
        (NOTICE | {"by": "nobody"}, 422, "by:"),
        (NOTICE | {"extra": 1}, 422, "extra:"),
        (NOTICE | {"at": "2026-05-04T09:00"}, 422, "at:"),
        (NOTICE | {"at": START.isoformat()}, 422, "at: This time is past already."),
        (NOTICE | {"at": "0001-01-01T00:00:00+14:00"}, 422, "at: This time is past already."),
        (NOTICE | {"at": "9999-12-31T23:59:59Z"}, 422, "at: That is more than a year ahead; write an earlier time."),
        (NOTICE | {"deadline": "2020-01-01T00:00:00Z"}, 422, "deadline: This time is past already."),
        (NOTICE | {"deadline": "9999-12-31T23:59:59-12:00"}, 422, "deadline: That is more than a year ahead"),
        (
            NOTICE | {"at": (START + timedelta(days=2)).isoformat(), "deadline": (START + DAY).isoformat()},
            422,
            "deadline: By then it has not even left; write a later time.",
        ),
        (
            NOTICE | {"confidential": True, "expires": "9999-12-31T23:59:59Z"},
            422,
            "expires: That is more than a year ahead",
        ),
        (b'{"text": ' + b"[" * 100_000, 400, "no JSON"),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "no JSON"),
        (
            NOTICE | {"severity": "banana"},
            422,
            "severity: 'banana' is not allowed here; write one of: critical, error, info, warning",
        ),
        (b"[]", 422, "the body is no JSON object"),
        (b"null", 422, "the body is no JSON object"),
        (b" " * 2_100_000, 413, "too large"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_sent(client: Client, body: Any, status: int, words: str) -> None:
    found, answer = await client.sends(body)
    assert (found, words in answer["error"]) == (status, True), answer
    await client.stage.work()
    assert client.stage.told() == []


@pytest.mark.parametrize(
    ("accepted", "said", "fix"),
    [
        ("ja", "to：「nobody」は宛先ではありません", "アドレスのある宛先（メールアドレス、人、または team:名前）"),
        ("de, zh-CN;q=0.8", "to：“nobody”不是收件人", "请写有地址的收件人"),
        ("de", "to: “nobody” is no recipient", "write mail addresses, people or team:name, each with an address"),
    ],
)
async def test_what_is_wrong_is_said_in_the_language_that_is_asked_for(
    client: Client, accepted: str, said: str, fix: str
) -> None:
    status, answer = await client.sends(NOTICE | {"to": ["nobody"]}, Accept_Language=accepted)
    assert (status, answer["error"]) == (422, said)
    assert answer["fix"].startswith(fix)


@pytest.mark.parametrize(
    ("verb", "path", "status", "words"),
    [
        ("GET", "/api/v1/alerts", 405, "this takes POST alone"),
        ("DELETE", "/api/v1/alerts/1", 405, "this takes GET alone"),
        ("PUT", "/api/v1/commands", 405, "this takes POST alone"),
        ("GET", "/api/v1/alerts/x", 404, "there is nothing at this path"),
        ("POST", "/api/v2", 404, "there is nothing at this path"),
    ],
)
async def test_what_the_api_does_not_have_is_refused_in_its_own_words(
    client: Client, verb: str, path: str, status: int, words: str
) -> None:
    found, answer = await client.ask(verb, path)
    assert (found, answer["error"]) == (status, words)
    assert answer["fix"] == "send POST /api/v1/alerts or GET /api/v1/alerts/42 or POST /api/v1/commands"
    assert (await client.ask(verb, path, Authorization="Bearer x"))[0] == 401


async def test_an_alert_that_is_not_there(client: Client) -> None:
    assert (await client.ask("GET", "/api/v1/alerts/99"))[0] == 404


# Commands -------------------------------------------------------------------------------------------------------------

COMMANDS = "/api/v1/commands"


async def test_a_command_is_carried_out_as_the_person_of_the_token(client: Client) -> None:
    await client.stage.arrives(mail("[URGENT] link", "a@x"))
    assert await client.ask("POST", COMMANDS, {"text": "ack 1"}) == (
        200,
        {"text": "#1 is yours. Nobody else is called.", "is_done": True},
    )
    assert (await client.stage.alert()).taken_by == ("alice",)
    status, answer = await client.ask("POST", COMMANDS, {"verb": "list", "fields": {"argument": "mine"}})
    assert (status, answer["text"].startswith("#1 taken")) == (200, True)
    assert await client.ask("POST", COMMANDS, {"text": "akc 1"}) == (
        200,
        {"text": "There is no command “akc”; did you mean “ack 42”?", "is_done": False},
    )
    kept = [(one.who, one.via, one.verb, one.outcome) for one in await client.stage.audits()]
    assert kept == [
        ("alice", "api", "ack", "done"),
        ("alice", "api", "list", "done"),
        ("alice", "api", "", "mistaken"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("send bob", "No window can open here. Send the mail by POST /api/v1/alerts, or with kidoku send."),
        ("snooze 1", "For how long?; write it like: snooze 42 30m | until 9:00 | until morning"),
    ],
)
async def test_where_no_window_can_open_it_says_what_to_do_instead(client: Client, line: str, said: str) -> None:
    await client.stage.arrives(mail("[URGENT] link", "a@x"))
    assert await client.ask("POST", COMMANDS, {"text": line}) == (200, {"text": said, "is_done": False})
    assert [one.outcome for one in await client.stage.audits()] == ["mistaken"]


async def test_the_same_key_is_one_command(client: Client) -> None:
    await client.stage.arrives(mail("[URGENT] link", "a@x"))
    answers = [await client.ask("POST", COMMANDS, {"text": "note 1 seen"}, Idempotency_Key="n1") for _ in range(2)]
    assert [one["text"] for _, one in answers] == ["#1: the note is kept.", "That was done already."]
    assert [one.verb for one in await client.stage.audits()] == ["note"]


async def test_the_same_key_with_another_command_is_refused_and_nothing_is_lost(client: Client) -> None:
    await client.stage.arrives(mail("[URGENT] link", "a@x"))
    once, other = {"text": "note 1 once"}, {"text": "note 1 other"}
    assert (await client.ask("POST", COMMANDS, once, Idempotency_Key="n1"))[1]["is_done"]
    for _ in range(2):
        assert await client.ask("POST", COMMANDS, other, Idempotency_Key="n1") == (
            422,
            {
                "error": "Idempotency-Key: it was sent with another command before",
                "fix": "send a new key with each new command",
            },
        )
    assert (await client.ask("POST", COMMANDS, once, Idempotency_Key="n1"))[1]["text"] == "That was done already."
    assert (await client.ask("POST", COMMANDS, other, Idempotency_Key="n2"))[1]["text"] == "#1: the note is kept."


async def test_the_role_of_the_person_is_asked_for(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml", more="roles: {viewer: [alice]}") as stage, client_of(stage) as client:
        await stage.arrives(mail("[URGENT] link", "a@x"))
        status, answer = await client.ask("POST", COMMANDS, {"text": "ack 1"})
        assert (status, answer["is_done"]) == (200, False)
        assert answer["text"] == "Your role here is viewer; this needs responder."
        assert (await stage.alert()).taken_by == ()


async def test_without_a_person_there_are_no_commands(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage, client_of(stage, "") as client:
        status, answer = await client.ask("POST", COMMANDS, {"text": "list"})
        assert (status, answer) == (
            403,
            {"error": "this token stands for nobody", "fix": "set web.api_person to a person of the settings"},
        )
        assert (await client.ask("POST", COMMANDS, {"text": "list"}, Authorization="Bearer x"))[0] == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        ({}, 422),
        ({"text": "list", "verb": "list"}, 422),
        ({"text": "x" * 5000}, 422),
        ({"text": 1}, 422),
        ({"text": "list", "by": "alice"}, 422),
        ({"verb": "list", "fields": {"argument": 1}}, 422),
    ],
)
async def test_a_command_that_can_not_be_read_is_refused(client: Client, body: Any, status: int) -> None:
    assert (await client.ask("POST", COMMANDS, body))[0] == status
    assert (await client.ask("POST", COMMANDS, {"text": "list"}, Idempotency_Key="k" * 201))[0] == 422
    assert await client.stage.audits() == []


# Who may, and the audit trail ----------------------------------------------------------------------------------------


async def audited(client: Client) -> list[tuple[str, str, str, int | None, str]]:
    found = await client.stage.audits()
    assert {one.via for one in found} <= {"api"}
    return [(one.who, one.verb, one.outcome, one.alert_id, one.argument) for one in found]


async def test_what_is_sent_and_looked_at_is_in_the_audit_trail(client: Client) -> None:
    """As the person of the token, with whom ``by`` names beside them; a request that comes again did nothing."""
    for _ in range(2):
        await client.sends(Idempotency_Key="k")
    await client.sends(UNSIGNED)
    await client.ask("GET", "/api/v1/alerts/1")
    await client.ask("GET", "/api/v1/alerts/9")
    assert await audited(client) == [
        ("alice", "send", "done", 1, "by bob: alice, guest@partner.example"),
        ("alice", "send", "done", 2, "alice, guest@partner.example"),
        ("alice", "status", "done", 1, ""),
        ("alice", "status", "mistaken", None, "#9"),
    ]


async def test_what_is_refused_is_in_the_audit_trail_too(client: Client) -> None:
    assert (await client.sends(NOTICE | {"to": ["no address"]}))[0] == 422
    assert (await client.sends(NOTICE | {"by": "carol"}))[0] == 422
    assert (await client.sends(NOTICE | {"confirm": False}))[0] == 409
    assert [one[:3] for one in await audited(client)] == [
        ("alice", "send", "mistaken"),
        ("alice", "send", "mistaken"),
        ("alice", "send", "nothing"),
    ]


async def test_a_token_that_stands_for_nobody_is_named_as_such(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage, client_of(stage, person="") as client:
        assert (await client.sends(UNSIGNED))[0] == 422
        assert (await client.sends(NOTICE))[0] == 201
        assert (await client.ask("GET", "/api/v1/alerts/1"))[0] == 200
        assert [one[:4] for one in await audited(client)] == [
            ("api", "send", "mistaken", None),
            ("bob", "send", "done", 1),
            ("api", "status", "done", 1),
        ]


@pytest.mark.parametrize(("person", "viewer"), [("alice", "alice"), ("", "bob"), ("alice", "bob")])
async def test_whoever_may_only_look_sends_nothing(tmp_path: Path, person: str, viewer: str) -> None:
    """The person of the token, whoever ``by`` names; and nothing is sent in the name of somebody who may not."""
    roles = f"roles: {{viewer: [{viewer}]}}"
    async with on_stage(tmp_path, "sent.yaml", more=roles) as stage, client_of(stage, person=person) as client:
        status, answer = await client.sends()
        assert (status, answer) == (
            403,
            {
                "error": f"{viewer} may not do “send”: their role is “viewer”",
                "fix": "give them the role “responder” in the settings: roles",
            },
        )
        await stage.work()
        assert stage.told() == []
        assert [one[:4] for one in await audited(client)] == [(person or "bob", "send", "denied", None)]


async def test_whoever_may_only_look_may_look(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml", more="roles: {viewer: [alice]}") as stage, client_of(stage) as client:
        assert (await client.ask("GET", "/api/v1/alerts/1"))[0] == 404


async def test_a_look_is_answered_though_the_audit_trail_can_not_be_written(client: Client) -> None:
    await client.sends()
    async with client.stage.app.store.transaction() as tx:
        await tx.connection.execute(text("ALTER TABLE audit RENAME TO gone"))
    status, answer = await client.ask("GET", "/api/v1/alerts/1")
    assert (status, answer["id"]) == (200, 1)
