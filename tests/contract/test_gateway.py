"""The submission gateway against real clients: who is let in, what is taken, what is refused and how."""

import asyncio
import contextlib
import smtplib
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import aiosmtplib
import pytest

from channels.gateway.submission import Refusal
from tests.fakes.gateway import PASSWORD, USER, Stand, standing

MAIL = b"From: zabbix@company.example\r\nSubject: disk\r\n\r\n.a\r\n..\r\n\xff\r\nend\r\n"
SENDER, TO = "zabbix@company.example", "hanako@company.example"
LOGIN = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as one:
        yield one


def login(client: smtplib.SMTP) -> None:
    client.ehlo()
    assert client.docmd("AUTH", f"PLAIN {LOGIN}")[0] == 235


def hands_in(client: smtplib.SMTP, data: bytes = MAIL, *to: str) -> tuple[int, bytes]:
    """A whole mail; returns the last answer."""
    client.mail(SENDER)
    for one in to or (TO,):
        client.rcpt(one)
    return client.data(data)


def sends(client: smtplib.SMTP) -> tuple[int, bytes]:
    login(client)
    return hands_in(client)


def says(client: smtplib.SMTP, command: str) -> int:
    login(client)
    return client.docmd(command)[0]


# What is taken -------------------------------------------------------------------------------------------------------


async def test_a_mail_is_handed_over_byte_for_byte_with_its_envelope(stand: Stand) -> None:
    def work(client: smtplib.SMTP) -> tuple[int, bytes]:
        login(client)
        return hands_in(client, MAIL, TO, "taro@company.example", TO)

    assert await stand.asks(work) == (250, b"2.0.0 kept")
    [mail] = stand.kept.mails
    assert (mail.user, mail.sender, mail.recipients) == (USER, SENDER, (TO, "taro@company.example"))
    assert mail.data == MAIL


async def test_several_mails_on_one_connection(stand: Stand) -> None:
    def work(client: smtplib.SMTP) -> list[int]:
        login(client)
        return [hands_in(client, b"Subject: %d\r\n\r\n" % number)[0] for number in range(3)]

    assert await stand.asks(work) == [250] * 3
    assert [mail.data for mail in stand.kept.mails] == [b"Subject: %d\r\n\r\n" % number for number in range(3)]


async def test_pipelined_commands_are_each_answered_in_order(stand: Stand) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    one = f"MAIL FROM:<{SENDER}> BODY=8BITMIME\r\nRCPT TO:<{TO}>\r\nRCPT TO:<nonsense>\r\nDATA\r\n"
    text = "Subject: a\r\n\r\n..b\r\n.\r\n"
    writer.write(f"EHLO me\r\nAUTH PLAIN {LOGIN}\r\n{one}{text}{one}{text}QUIT\r\n".encode())
    answers = [line[:3] for line in (await asyncio.wait_for(reader.read(), 10)).split(b"\r\n") if line[3:4] == b" "]
    assert answers == [b"220", b"250", b"235", *[b"250", b"250", b"553", b"354", b"250"] * 2, b"221"]
    assert [mail.data for mail in stand.kept.mails] == [b"Subject: a\r\n\r\n.b\r\n"] * 2
    await closed(writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_250_waits_for_the_commit(stand: Stand) -> None:
    stand.kept.gate.clear()
    answer = asyncio.create_task(stand.asks(sends))
    await asyncio.wait_for(stand.kept.arrived.wait(), 10)
    assert not answer.done()
    stand.kept.gate.set()
    assert (await answer)[0] == 250


async def test_line_ends_that_no_mail_may_have_are_mended_and_hide_no_second_mail(stand: Stand) -> None:
    smuggled = b"Subject: a\r\n\r\nx\n.\r\nMAIL FROM:<b@c.example>\n.\n\r.\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    commands = f"EHLO me\r\nAUTH PLAIN {LOGIN}\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{TO}>\r\nDATA\r\n"
    writer.write(commands.encode() + smuggled + b"end\r\n.\r\nQUIT\r\n")
    await asyncio.wait_for(reader.read(), 10)
    await closed(writer)
    [mail] = stand.kept.mails
    assert mail.data == b"Subject: a\r\n\r\nx\r\n.\r\nMAIL FROM:<b@c.example>\r\n.\r\n\r\n.\r\nend\r\n"


async def test_the_null_sender_long_lines_and_the_auth_parameter_of_postfix(stand: Stand) -> None:
    long = b"Subject: a\r\n\r\n" + b"x" * 200_000 + b"\r\n"

    def work(client: smtplib.SMTP) -> list[int]:
        login(client)
        codes = [client.docmd("MAIL", "FROM:<> SIZE=1000 AUTH=<>")[0], client.rcpt(TO)[0]]
        return [*codes, client.data(long)[0]]

    assert await stand.asks(work) == [250, 250, 250]
    assert (stand.kept.mails[0].sender, stand.kept.mails[0].data) == ("", long)


async def test_addresses_beyond_ascii_need_smtputf8(stand: Stand) -> None:
    def work(client: smtplib.SMTP) -> tuple[int, int, int]:
        login(client)
        client.mail(SENDER)
        client.command_encoding = "utf-8"
        without = client.docmd("RCPT", "TO:<花子@example.jp>")[0]
        client.rset()
        client.mail("太郎@example.jp", ["SMTPUTF8", "BODY=8BITMIME"])
        with_it = client.docmd("RCPT", "TO:<花子@例え.jp>")[0]
        return without, with_it, client.data(MAIL)[0]

    assert await stand.asks(work) == (553, 250, 250)
    [mail] = stand.kept.mails
    assert (mail.sender, mail.recipients, mail.is_utf8) == ("太郎@example.jp", ("花子@例え.jp",), True)


async def test_what_is_offered(stand: Stand) -> None:
    def work(client: smtplib.SMTP) -> dict[str, str]:
        client.ehlo()
        return dict(client.esmtp_features)

    offered = await stand.asks(work)
    assert {"size", "8bitmime", "smtputf8", "pipelining", "auth"} <= offered.keys()
    assert "starttls" not in offered
    assert "dsn" not in offered
    assert offered["size"] == "25000000"
    assert set(offered["auth"].split()) == {"LOGIN", "PLAIN"}


# TLS -----------------------------------------------------------------------------------------------------------------


async def test_starttls_before_anything_else(tmp_path: Path) -> None:
    async with standing(tmp_path, security="starttls") as stand:

        def work(client: smtplib.SMTP) -> tuple[int, int, int]:
            client.ehlo()
            assert "auth" not in client.esmtp_features
            before = client.docmd("AUTH", f"PLAIN {LOGIN}")[0], client.docmd("MAIL", f"FROM:<{SENDER}>")[0]
            client._host = "localhost"  # type: ignore[attr-defined]
            client.starttls(context=stand.trust)
            login(client)
            return *before, hands_in(client)[0]

        assert await stand.asks(work) == (530, 530, 250)


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    async with standing(tmp_path, security="tls") as stand:
        assert await stand.asks(lambda client: sends(client)[0], is_tls=True) == 250


async def test_aiosmtplib_sends_over_starttls(tmp_path: Path) -> None:
    async with standing(tmp_path, security="starttls") as stand:
        await aiosmtplib.send(
            MAIL,
            sender=SENDER,
            recipients=[TO],
            hostname="localhost",
            port=stand.port,
            start_tls=True,
            tls_context=stand.trust,
            username=USER,
            password=PASSWORD,
        )
        assert stand.kept.mails[0].data == MAIL


async def test_what_came_before_tls_is_forgotten(tmp_path: Path) -> None:
    """Commands put behind STARTTLS in one packet are not taken for what came within TLS (RFC 3207, 4.2)."""
    async with standing(tmp_path, security="starttls") as stand:

        def work(client: smtplib.SMTP) -> bytes:
            client.ehlo()
            assert client.sock is not None
            client.sock.sendall(b"STARTTLS\r\nEHLO injected\r\n")
            assert client.getreply()[0] == 220
            with stand.trust.wrap_socket(client.sock, server_hostname="localhost") as wrapped:
                wrapped.sendall(b"NOOP\r\n")
                return wrapped.recv(100)

        assert (await stand.asks(work)).startswith(b"250 OK")


async def test_no_tls_is_no_fault(tmp_path: Path) -> None:
    async with standing(tmp_path, security="tls") as stand:
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        writer.write(b"EHLO me\r\n" * 10)
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(reader.read(), 10)
        await closed(writer)
        assert await stand.asks(lambda client: sends(client)[0], is_tls=True) == 250


async def test_a_renewed_certificate_needs_no_restart(tmp_path: Path) -> None:
    async with standing(tmp_path, security="tls") as stand:
        before = await stand.asks(_certificate, is_tls=True)
        from tests.fakes.dovecot import make_certificate

        await asyncio.to_thread(make_certificate, tmp_path)
        assert await stand.asks(_certificate, is_tls=True) != before


def _certificate(client: smtplib.SMTP) -> bytes | None:
    assert isinstance(client.sock, ssl.SSLSocket)
    return client.sock.getpeercert(binary_form=True)


async def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"nowhere\.pem: the gateway's certificate or key can't be read"):
        async with standing(security="tls", cert_file=tmp_path / "nowhere.pem"):
            raise AssertionError


# The login -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["PLAIN", "plain", "LOGIN"])
async def test_logins(stand: Stand, command: str) -> None:
    def work(client: smtplib.SMTP) -> int:
        client.ehlo()
        if command != "LOGIN":
            client.docmd("AUTH", command)
            return client.docmd(LOGIN)[0]
        client.docmd("AUTH", "login " + b64encode(USER.encode()).decode())
        return client.docmd(b64encode(PASSWORD.encode()).decode())[0]

    assert await stand.asks(work) == 235


async def test_nothing_without_a_login(stand: Stand) -> None:
    def work(client: smtplib.SMTP) -> list[int]:
        client.ehlo()
        return [client.mail(SENDER)[0], client.rcpt(TO)[0], client.docmd("DATA")[0], client.docmd("VRFY", TO)[0]]

    assert await stand.asks(work) == [530, 503, 503, 530]
    assert stand.kept.mails == []


WRONG = [f"\0{USER}\0wrong", f"\0nobody\0{PASSWORD}", f"\0{USER}\0", f"\0\0{PASSWORD}", f"\0-\0{PASSWORD}"]


@pytest.mark.parametrize("given", WRONG)
async def test_a_wrong_login_is_refused_after_a_while(stand: Stand, given: str) -> None:
    def work(client: smtplib.SMTP) -> list[int]:
        client.ehlo()
        code = client.docmd("AUTH", f"PLAIN {b64encode(given.encode()).decode()}")[0]
        return [code, client.mail(SENDER)[0]]

    assert await stand.asks(work) == [535, 530]
    assert stand.slept == [timedelta(seconds=2)]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("", 501),
        ("PLAIN !", 501),
        ("PLAIN " + b64encode(b"a").decode(), 501),
        ("PLAIN =", 501),
        ("LOGIN !", 501),
        ("CRAM-MD5", 504),
        ("PLAIN a b", 501),
    ],
)
async def test_a_login_that_is_none(stand: Stand, command: str, code: int) -> None:
    assert await stand.asks(lambda client: (client.ehlo(), client.docmd("AUTH", command))[1][0]) == code


async def test_three_failed_logins_end_the_connection(stand: Stand) -> None:
    wrong = b64encode(b"\0zabbix\0wrong").decode()

    def work(client: smtplib.SMTP) -> list[int]:
        client.ehlo()
        codes = [client.docmd("AUTH", f"PLAIN {wrong}")[0] for _ in range(3)]
        codes.append(client.getreply()[0])
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
        return codes

    assert await stand.asks(work) == [535, 535, 535, 421]


async def test_ten_failed_logins_lock_the_client_out_for_a_while(stand: Stand) -> None:
    wrong = b64encode(b"\0zabbix\0wrong").decode()

    def once(given: str) -> int:
        return stand._work(lambda client: (client.ehlo(), client.docmd("AUTH", f"PLAIN {given}"))[1][0], False)

    assert [await asyncio.to_thread(once, wrong) for _ in range(10)] == [535] * 10
    assert await asyncio.to_thread(once, LOGIN) == 454
    stand.now += timedelta(minutes=10, seconds=1)
    assert await asyncio.to_thread(once, LOGIN) == 235


# What is refused -----------------------------------------------------------------------------------------------------


async def test_what_the_desk_refuses_is_said(stand: Stand) -> None:
    stand.kept.answers += [Refusal(451, "4.3.0 The mail could not be kept; try again later"), ValueError("secret")]

    def work(client: smtplib.SMTP) -> list[tuple[int, bytes]]:
        login(client)
        return [hands_in(client) for _ in range(3)]

    first, second, third = await stand.asks(work)
    assert first == (451, b"4.3.0 The mail could not be kept; try again later")
    assert second[0] == 451
    assert b"secret" not in second[1]
    assert third[0] == 250


async def test_too_many_recipients(tmp_path: Path) -> None:
    async with standing(recipients=2) as stand:

        def work(client: smtplib.SMTP) -> list[int]:
            login(client)
            client.mail(SENDER)
            codes = [client.rcpt(f"user{number}@company.example")[0] for number in range(3)]
            return [*codes, client.data(MAIL)[0]]

        assert await stand.asks(work) == [250, 250, 452, 250]
        assert len(stand.kept.mails[0].recipients) == 2


async def test_a_user_over_their_rate_waits_a_minute() -> None:
    async with standing(messages_per_minute=2) as stand:

        def work(client: smtplib.SMTP) -> list[int]:
            login(client)
            return [*(hands_in(client)[0] for _ in range(2)), client.mail(SENDER)[0]]

        assert await stand.asks(work) == [250, 250, 452]
        stand.now += timedelta(seconds=61)
        assert await stand.asks(lambda client: sends(client)[0]) == 250


async def test_too_large_said_before_and_after() -> None:
    async with standing(size=10_000) as stand:

        def work(client: smtplib.SMTP) -> list[int]:
            login(client)
            said = client.docmd("MAIL", f"FROM:<{SENDER}> SIZE=10001")[0]
            return [said, hands_in(client, b"x" * 9_998 + b"\r\n")[0], hands_in(client, b"x" * 500_000)[0]]

        assert await stand.asks(work) == [552, 250, 552]
        assert len(stand.kept.mails) == 1


@pytest.mark.parametrize(
    "command",
    ["MAIL FROM:<a b@c.example>", "MAIL FROM:a@", f"MAIL FROM:<{'a' * 65}@c.example>", "MAIL FROM:<a@b@@>"],
)
async def test_senders_that_are_none(stand: Stand, command: str) -> None:
    assert await stand.asks(lambda client: says(client, command)) in (501, 553)


async def test_too_many_connections_are_told_so() -> None:
    async with standing(connections=2) as stand, contextlib.AsyncExitStack() as stack:
        greetings = []
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
            stack.push_async_callback(closed, writer)
            greetings.append((await asyncio.wait_for(reader.readline(), 10))[:3])
        assert greetings == [b"220", b"220", b"421"]


async def test_a_connection_that_ends_makes_room() -> None:
    async with standing(connections=1) as stand:
        for _ in range(5):
            assert await stand.asks(lambda client: (sends(client)[0], client.quit())[0]) == 250


HOSTILE = [
    b"\x00\xff\xfe\r\n" * 50,
    b"EHLO " + b"a" * 100_000 + b"\r\n",
    b"MAIL FROM:<" + b"(" * 3_000 + b"\r\n",
    b'EHLO me\r\nMAIL FROM:<"\xff@[>\r\nRCPT TO:<>\r\nDATA\r\n.\r\n',
    b"AUTH PLAIN " + b"A" * 60_000 + b"\r\n",
    b"EHLO me\r\nAUTH LOGIN\r\n" + b"\xff" * 70_000 + b"\r\n",
    b"EHLO me\r\nMAIL FROM:<a@b.example> SIZE=\xc2\xb2\r\n",
    b"BDAT 10 LAST\r\n0123456789",
    b"STARTTLS\r\nEXPN a\r\nHELP \xff\r\nVRFY <\r\n",
]


@pytest.mark.parametrize("said", HOSTILE)
async def test_hostile_input_ends_nothing_but_itself(stand: Stand, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    writer.write(said)
    writer.write_eof()
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 10)
    await closed(writer)
    assert stand.kept.mails == []
    assert await stand.asks(lambda client: sends(client)[0]) == 250


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(stand: Stand) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    commands = f"EHLO me\r\nAUTH PLAIN {LOGIN}\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{TO}>\r\nDATA\r\nSubject: half"
    writer.write(commands.encode())
    await writer.drain()
    await closed(writer)
    assert await stand.asks(lambda client: sends(client)[0]) == 250
    assert [mail.data for mail in stand.kept.mails] == [MAIL]


@pytest.fixture(autouse=True)
def no_stray_faults(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What nobody awaits is told to the log alone."""
    yield
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
