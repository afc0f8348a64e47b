"""The mail channel against a server that answers as the test says: every class of answer, at every point."""

import asyncio
import email
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bot.outbox import LEASE
from channels.base import CantTell, Ended, Rejected, RetryLater, Sent
from channels.smtp import pool, session
from escalation.event import Outcome
from tests.fakes.smtp_desk import LETTER, MESSAGE, PASSWORD, Desk, desk, to
from tests.fakes.smtp_scripted import END, GREETING, HANG_UP, SILENCE, ScriptedSmtp

LOGIN = {"username": "kidoku", "password": PASSWORD}


@pytest.fixture
async def server() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp() as scripted:
        yield scripted


@pytest.fixture
async def post(server: ScriptedSmtp) -> AsyncIterator[Desk]:
    async with desk(server.port) as built:
        yield built


# What goes out -------------------------------------------------------------------------------------------------------


async def test_a_letter_is_sent_with_everything_asked_for(server: ScriptedSmtp, post: Desk) -> None:
    result = await post.notifier.send(MESSAGE)
    asked = {"dsn": "yes", "mdn": "yes", "picture": "no"}
    assert result == Sent({"message_id": LETTER.message_id, "server": "250 2.0.0 queued as 4711", **asked})
    (mail,) = server.mails
    size = len(mail.data)
    assert mail.sender == f"MAIL FROM:<bounces+t0k3n@example.jp> SIZE={size} RET=HDRS ENVID=12.1.0-3"
    notify = "NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;hanako@company.example"
    assert mail.recipient == f"RCPT TO:<hanako@company.example> {notify}"
    assert mail.data.isascii()
    assert post.told == [("mail", True, "")]


async def test_lines_that_begin_with_a_dot_arrive(server: ScriptedSmtp, post: Desk) -> None:
    text = ".\n..\n.hidden\nQUIT\n"
    assert isinstance(await post.notifier.send(to("a@company.example", text=text, html="")), Sent)
    mail = email.message_from_bytes(server.mails[0].data)
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes) and body.replace(b"\r\n", b"\n") == text.encode()


async def test_a_server_without_extensions_is_asked_for_none(post: Desk, server: ScriptedSmtp) -> None:
    server.extensions = ()
    result = await post.notifier.send(MESSAGE)
    assert isinstance(result, Sent) and result.ref["dsn"] == "no"
    assert server.mails[0].sender == "MAIL FROM:<bounces+t0k3n@example.jp>"
    assert server.mails[0].recipient == "RCPT TO:<hanako@company.example>"


async def test_a_server_that_knows_only_helo(post: Desk, server: ScriptedSmtp) -> None:
    server.answer("EHLO", "502 5.5.1 command not implemented")
    result = await post.notifier.send(MESSAGE)
    assert isinstance(result, Sent) and result.ref["dsn"] == "no"
    assert "HELO kidoku.example.jp" in server.commands


async def test_what_must_be_encoded_is(post: Desk, server: ScriptedSmtp) -> None:
    await post.notifier.send(to("a+b=c@company.example", envelope_id="12+a=b c"))
    assert server.mails[0].sender.endswith("ENVID=12+2Ba+3Db+20c")
    assert server.mails[0].recipient.endswith("TO:<a+b=c@company.example> NOTIFY=SUCCESS,FAILURE,DELAY "
                                              "ORCPT=rfc822;a+2Bb+3Dc@company.example")  # fmt: skip


@pytest.mark.parametrize("envelope_id", ["", "番号", "x" * 101, "a\r\nRSET"])
async def test_an_envelope_id_that_can_not_be_is_left_out(post: Desk, server: ScriptedSmtp, envelope_id: str) -> None:
    assert isinstance(await post.notifier.send(to("a@company.example", envelope_id=envelope_id)), Sent)
    assert server.mails[0].sender.endswith("RET=HDRS")


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it(post: Desk, server: ScriptedSmtp) -> None:
    message = to("花子@例え.jp")
    assert isinstance(await post.notifier.send(message), Sent)
    (mail,) = server.mails
    assert "BODY=8BITMIME SMTPUTF8" in mail.sender
    assert mail.recipient.startswith("RCPT TO:<花子@xn--r8jz45g.jp>")
    assert mail.recipient.endswith(r"ORCPT=utf-8;\x{82B1}\x{5B50}@xn--r8jz45g.jp")
    server.extensions = ("DSN",)
    server.hang_up()
    await server.until_open(0)
    result = await post.notifier.send(message)
    assert isinstance(result, Rejected) and "SMTPUTF8" in result.reason
    assert post.is_up


async def test_an_international_domain_alone_needs_nothing(post: Desk, server: ScriptedSmtp) -> None:
    server.extensions = ()
    assert isinstance(await post.notifier.send(to("hanako@例え.jp")), Sent)
    assert server.mails[0].recipient == "RCPT TO:<hanako@xn--r8jz45g.jp>"


async def test_what_is_too_large_is_not_even_begun(post: Desk, server: ScriptedSmtp) -> None:
    server.extensions = ("SIZE 100",)
    result = await post.notifier.send(MESSAGE)
    assert isinstance(result, Rejected) and "too large" in result.reason and "takes 100" in result.reason
    assert not any(one.startswith("MAIL") for one in server.commands)


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE many", "SIZE -1", "SIZE ²"])
async def test_a_size_that_is_none_limits_nothing(post: Desk, server: ScriptedSmtp, size: str) -> None:
    server.extensions = (size,)
    assert isinstance(await post.notifier.send(MESSAGE), Sent)


@pytest.mark.parametrize(
    "address", ["nobody", "a b@company.example", "a@company.example>\r\nRSET", "", "a@b@c d", "@x"]
)
async def test_an_address_that_is_none_is_rejected_here(post: Desk, server: ScriptedSmtp, address: str) -> None:
    result = await post.notifier.send(to(address))
    assert isinstance(result, Rejected) and "is no mail address" in result.reason
    assert server.connections == 0


async def test_a_message_without_a_letter_is_rejected(post: Desk) -> None:
    assert await post.notifier.send(type(MESSAGE)(key="1", address="a@b.jp", language="", title="", summary="")) == (
        Rejected("there is no letter to send")
    )


# What the server says ------------------------------------------------------------------------------------------------

WIDE = "wide"
ONE = "one"
NEVER = "never"
ANSWERS = [
    (GREETING, "554 5.3.2 no mail here", WIDE), (GREETING, "421 4.3.2 too busy", WIDE), (GREETING, "521 no", WIDE),
    ("EHLO", "421 4.3.2 too busy", WIDE), ("EHLO", "451 4.3.0 not now", WIDE),
    ("MAIL", "421 4.7.0 too many connections", WIDE), ("MAIL", "450 4.7.1 too much mail", WIDE),
    ("MAIL", "452 4.3.1 disk full", WIDE), ("MAIL", "530 5.7.0 authentication required", WIDE),
    ("MAIL", "550 5.7.60 may not send as this sender", WIDE), ("MAIL", "553 5.7.1 not your address", WIDE),
    ("MAIL", "552 5.3.4 message too big", NEVER), ("MAIL", "501 5.1.7 bad sender syntax", NEVER),
    ("MAIL", "555 5.5.4 unsupported option", NEVER),
    ("RCPT", "421 4.4.5 too busy", WIDE), ("RCPT", "450 4.2.0 greylisted", ONE), ("RCPT", "451 4.7.1 later", ONE),
    ("RCPT", "452 4.2.2 mailbox full", ONE), ("RCPT", "454 4.7.1 relay access denied", ONE),
    ("RCPT", "550 5.1.1 no such user", NEVER), ("RCPT", "551 5.1.6 moved away", NEVER),
    ("RCPT", "552 5.2.2 mailbox full", NEVER), ("RCPT", "553 5.1.3 bad syntax", NEVER),
    ("RCPT", "554 5.7.1 policy", NEVER), ("RCPT", "556 5.1.10 takes no mail", NEVER),
    ("RCPT", "530 5.7.0 authentication required", WIDE), ("RCPT", "535 5.7.8 log in", WIDE),
    ("DATA", "421 4.3.2 shutting down", WIDE), ("DATA", "451 4.3.0 queue", ONE),
    ("DATA", "554 5.5.1 no valid recipients", NEVER),
    (END, "421 4.3.2 shutting down", WIDE), (END, "451 4.3.0 queue file", ONE), (END, "452 4.3.1 disk full", ONE),
    (END, "550 5.7.1 looks like spam", NEVER), (END, "552 5.3.4 too big", NEVER), (END, "554 5.6.0 virus", NEVER),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "answer", "verdict"), ANSWERS)
async def test_every_answer_has_its_meaning(
    server: ScriptedSmtp, post: Desk, verb: str, answer: str, verdict: str
) -> None:
    server.answer(verb, answer)
    result = await post.notifier.send(MESSAGE)
    assert not isinstance(result, Sent)
    assert result.reason.endswith(answer)
    if verdict == NEVER:
        assert isinstance(result, Rejected)
    else:
        assert isinstance(result, RetryLater)
        assert (result.is_channel_wide, result.maybe_sent) == (verdict == WIDE, False)
    assert post.is_up == (verdict != WIDE)
    assert server.mails == []
    assert isinstance(await post.notifier.send(MESSAGE), Sent)
    assert post.is_up and len(server.mails) == 1


@pytest.mark.parametrize("answer", ["535 5.7.8 bad password", "534 5.7.9 too weak", "530 5.7.0 no", "538 5.7.11 tls"])
async def test_a_login_that_is_refused_loses_no_mail(server: ScriptedSmtp, answer: str) -> None:
    server.extensions = ("AUTH PLAIN", "DSN")
    server.answer("AUTH", answer)
    async with desk(server.port, **LOGIN) as post:
        result = await post.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.is_channel_wide and not result.maybe_sent
        assert "KIDOKU_SMTP__PASSWORD" in result.reason and result.reason.endswith(answer)
        assert result.after == timedelta(minutes=5), "a wrong password must not be tried every second"
        assert post.is_up is False
        assert isinstance(await post.notifier.send(MESSAGE), Sent)
        assert post.is_up


async def test_a_login_that_can_not_be_checked_is_tried_soon(server: ScriptedSmtp) -> None:
    server.extensions = ("AUTH LOGIN PLAIN",)
    server.answer("AUTH", "454 4.7.0 temporary failure")
    server.answer("AUTH", "454 4.7.0 temporary failure")
    async with desk(server.port, **LOGIN) as post:
        result = await post.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and result.is_channel_wide and result.after is None


@pytest.mark.parametrize("extensions", [(), ("AUTH GSSAPI NTLM",)])
async def test_a_server_that_offers_no_login(server: ScriptedSmtp, extensions: tuple[str, ...]) -> None:
    server.extensions = extensions
    async with desk(server.port, **LOGIN) as post:
        result = await post.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and result.is_channel_wide and "offers no login" in result.reason
    assert not any(one.startswith("AUTH") for one in server.commands)


@pytest.mark.parametrize(("login", "words", "is_lost"), [
    ({}, "554 5.7.1 relay access denied", False),
    (LOGIN, "554 5.7.1 relay access denied", True),
    ({}, "550 5.1.1 no such user", True),
])  # fmt: skip
async def test_a_login_that_was_forgotten_loses_no_mail(
    server: ScriptedSmtp, login: dict[str, str], words: str, is_lost: bool
) -> None:
    server.extensions = ("AUTH PLAIN",)
    server.answer("RCPT", words)
    async with desk(server.port, **login) as post:
        result = await post.notifier.send(MESSAGE)
    assert isinstance(result, Rejected if is_lost else RetryLater)
    if isinstance(result, RetryLater):
        assert not result.is_channel_wide, "another recipient's mail must not wait for it"


async def test_the_password_is_in_no_result_log_or_repr(server: ScriptedSmtp) -> None:
    server.extensions = ("AUTH PLAIN",)
    as_login = b64encode(PASSWORD.encode()).decode()
    as_plain = b64encode(f"\0kidoku\0{PASSWORD}".encode()).decode()
    async with desk(server.port, **LOGIN) as post:
        for verb in ("AUTH", "MAIL", "RCPT", END):
            server.answer(verb, f"550 5.0.0 you said {PASSWORD}, {as_login} and {as_plain}")
            with capture_logs() as logs:
                result = await post.notifier.send(MESSAGE)
                await _look(post)
            everything = repr((result, logs, post.told, post.notifier, post.channel))
            assert "you said …, … and …" in everything
            assert not any(one in everything for one in (PASSWORD, as_login, as_plain))


async def _look(post: Desk) -> None:
    await post.notifier.look()  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["x" * 5000, "a\x00b\x1b[31m", "\udce3\udc81", "ok\u2028no", "a\rb"])
async def test_hostile_words_are_cleaned_and_cut(server: ScriptedSmtp, post: Desk, words: str) -> None:
    server.answer("RCPT", f"550-5.1.1 {words}\r\n550 5.1.1 {words}")
    result = await post.notifier.send(MESSAGE)
    assert isinstance(result, Rejected)
    assert result.reason.isprintable() and len(result.reason) < 260
    result.reason.encode()


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", END])
@pytest.mark.parametrize("answer", ["hello there", "999 what", "100 hm", "354 go on", "2"])
async def test_nonsense_is_no_answer(server: ScriptedSmtp, post: Desk, verb: str, answer: str) -> None:
    if (verb, answer) == ("DATA", "354 go on"):
        return
    server.answer(verb, answer)
    result = await post.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and result.is_channel_wide
    assert result.maybe_sent == (verb == END)
    assert post.is_up is False


# What the network does -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", END])
async def test_a_connection_that_is_cut(server: ScriptedSmtp, post: Desk, verb: str) -> None:
    server.answer(verb, HANG_UP)
    result = await post.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and result.is_channel_wide
    assert result.maybe_sent == (verb == END)
    assert post.is_up is False
    assert isinstance(await post.notifier.send(MESSAGE), Sent)


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", END])
async def test_a_server_that_falls_silent(server: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(session, "END_TIMEOUT", 0.2)
    server.answer(verb, SILENCE)
    async with desk(server.port, timeout=1) as post:
        result = await post.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.is_channel_wide
        assert "does not answer" in result.reason and result.maybe_sent == (verb == END)
        await server.until_open(0)
        assert isinstance(await post.notifier.send(MESSAGE), Sent)


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT"])
async def test_a_server_that_takes_its_time(server: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    # The outbox takes a mail up again when its lease ends: nothing may still be sending it then.
    monkeypatch.setattr("channels.smtp.pool.START_TIMEOUT", 0.2)
    server.answer(verb, SILENCE)
    async with desk(server.port, timeout=60) as post:
        result = await post.notifier.send(MESSAGE)
        assert result == RetryLater("the mail server is too slow", is_channel_wide=True)
        await server.until_open(0)


def test_a_mail_is_given_up_before_the_outbox_takes_it_up_again() -> None:
    assert timedelta(seconds=pool.START_TIMEOUT + session.END_TIMEOUT) < LEASE


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with desk(taken.getsockname()[1]) as post:
            result = await post.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and result.is_channel_wide and not result.maybe_sent
    assert result.reason == "the mail server can't be reached: nobody listens there"
    assert post.told == [("mail", False, "the mail server can't be reached")]


async def test_a_name_that_does_not_exist() -> None:
    async with desk(25, host="smtp.nowhere.invalid", allow_plain=True) as post:
        result = await post.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and result.is_channel_wide
    assert "can't be reached" in result.reason


async def test_a_server_that_speaks_no_tls(server: ScriptedSmtp) -> None:
    for security, words in (("tls", "TLS can't be trusted"), ("starttls", "offers no STARTTLS")):
        async with desk(server.port, security=security) as post:
            result = await post.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.is_channel_wide and words in result.reason
    assert not any(one.startswith("MAIL") for one in server.commands)


async def test_a_refused_starttls_is_not_gone_past(server: ScriptedSmtp) -> None:
    server.extensions = ("STARTTLS", "AUTH PLAIN")
    server.answer("STARTTLS", "454 4.7.0 TLS not available")
    async with desk(server.port, security="starttls", **LOGIN) as post:
        result = await post.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and "454 4.7.0" in result.reason
    assert [one for one in server.commands if one.startswith(("AUTH", "MAIL"))] == []


# Connections ---------------------------------------------------------------------------------------------------------


async def test_one_connection_carries_several_mails(server: ScriptedSmtp, post: Desk) -> None:
    for number in range(3):
        assert isinstance(await post.notifier.send(to(f"{number}@company.example")), Sent)
    assert server.connections == 1
    assert "RSET" not in server.commands


async def test_a_connection_that_waited_is_asked_first(
    server: ScriptedSmtp, post: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "JUST_NOW", 0.0)
    for number in range(3):
        assert isinstance(await post.notifier.send(to(f"{number}@company.example")), Sent)
    assert server.connections == 1
    assert server.commands.count("RSET") == 2


async def test_a_refused_recipient_does_not_cost_the_connection(server: ScriptedSmtp, post: Desk) -> None:
    await post.notifier.send(MESSAGE)
    server.answer("RCPT", "550 5.1.1 unknown")
    await post.notifier.send(MESSAGE)
    assert isinstance(await post.notifier.send(MESSAGE), Sent)
    assert server.connections == 1
    assert server.commands.count("RSET") == 1


@pytest.mark.parametrize(
    ("verb", "answer"),
    [("RSET", HANG_UP), ("RSET", f"421 4.4.2 timeout{HANG_UP}"), ("RSET", "500 5.5.1 what"), ("MAIL", HANG_UP),
     ("MAIL", "421 4.7.0 enough"), ("MAIL", "452 4.3.2 too many messages on this connection"), ("RCPT", HANG_UP)],
)  # fmt: skip
async def test_a_worn_connection_is_replaced_unnoticed(
    server: ScriptedSmtp, post: Desk, verb: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if verb == "RSET":
        monkeypatch.setattr(session, "JUST_NOW", 0.0)
    await post.notifier.send(MESSAGE)
    server.answer(verb, answer)
    assert isinstance(await post.notifier.send(MESSAGE), Sent)
    assert server.connections == 2 and len(server.mails) == 2
    assert post.told == [("mail", True, "")]


async def test_a_connection_that_died_meanwhile_is_replaced(server: ScriptedSmtp, post: Desk) -> None:
    await post.notifier.send(MESSAGE)
    server.hang_up()
    await server.until_open(0)
    assert isinstance(await post.notifier.send(MESSAGE), Sent)
    assert server.connections == 2


async def test_not_more_connections_than_allowed(server: ScriptedSmtp) -> None:
    server.gate.clear()
    async with desk(server.port, concurrency=3) as post:
        assert post.notifier.capabilities.concurrency == 3
        sending = [asyncio.create_task(post.notifier.send(to(f"{n}@company.example"))) for n in range(9)]
        async with asyncio.timeout(10), server.changed:
            await server.changed.wait_for(lambda: server.commands.count(END) == 3)
        server.gate.set()
        results = await asyncio.gather(*sending)
    assert all(isinstance(one, Sent) for one in results)
    assert len({one.recipient for one in server.mails}) == 9
    assert (server.connections, server.most_at_once) == (3, 3)


async def test_a_send_that_is_cancelled_leaves_no_half_conversation(server: ScriptedSmtp, post: Desk) -> None:
    server.gate.clear()
    sending = asyncio.create_task(post.notifier.send(MESSAGE))
    await server.until(END)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    server.gate.set()
    await server.until_open(0)
    assert isinstance(await post.notifier.send(to("other@company.example")), Sent)
    assert server.connections == 2


async def test_an_idle_connection_is_given_back(server: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.smtp.pool.IDLE", 0.0)
    async with desk(server.port) as post:
        await post.notifier.send(MESSAGE)
        await server.until("QUIT")
        await server.until_open(0)


async def test_a_connection_in_use_is_not_idle(server: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.smtp.pool.IDLE", 0.0)
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    async with desk(server.port) as post:
        assert isinstance(await post.notifier.send(MESSAGE), Sent)
        assert isinstance(await post.notifier.send(MESSAGE), Sent)
    assert (faults, server.connections) == ([], 1)


async def test_closing_takes_leave(server: ScriptedSmtp) -> None:
    async with desk(server.port) as post:
        await post.notifier.send(MESSAGE)
    assert server.commands[-1] == "QUIT"
    await server.until_open(0)


# The rest of the contract --------------------------------------------------------------------------------------------


async def test_what_mail_can_not_do(post: Desk) -> None:
    can = post.notifier.capabilities
    assert (can.can_update, can.can_reconcile) == (False, False)
    answer = await post.notifier.reconcile(MESSAGE, datetime(2026, 5, 1, tzinfo=UTC))
    assert isinstance(answer, CantTell) and answer.is_final
    assert isinstance(await post.notifier.update(MESSAGE, {}), Rejected)
    assert await post.notifier.follow({}) == Ended(Outcome.ENDED)


async def test_the_pulse_finds_a_dead_server_before_the_alarm_does(server: ScriptedSmtp) -> None:
    server.extensions = ("AUTH PLAIN",)
    server.answer("AUTH", "535 5.7.8 password expired")
    async with desk(server.port, **LOGIN) as post:
        (pulse,) = post.channel.services
        running = asyncio.create_task(pulse.run())
        await server.until("AUTH")
        await asyncio.wait_for(post.has_told.wait(), 10)
        running.cancel()
        assert post.is_up is False
        await _look(post)
        assert post.is_up
        assert not any(one.startswith("MAIL") for one in server.commands)
