"""The gateway's settings, its users, and who may do how much."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.settings.load import load_bytes
from channels.gateway.address import is_address
from channels.gateway.config import GatewaySettings
from channels.gateway.gate import MOST_CLIENTS, Gate, client_of
from channels.gateway.password import NOBODY, Passwords, line_for, read
from tests.fakes.command_line import kidoku

AT = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
LINE = line_for("zabbix", "secret")
SMTP = "smtp: {host: 127.0.0.1, port: 2525, security: plain, sender: a@b.example}\n"
BASE = """
alarms: [{via: console, to: alice}]
people: {alice: {name: Alice, email: alice@b.example}}
policies: {urgent: {steps: [{via: console, to: alice}], last_resort: [{via: console, to: alice}]}}
rules: [{name: urgent, when: {account: gateway, prefix: true}, policy: urgent}]
"""


def settings(**more: Any) -> GatewaySettings:
    return GatewaySettings.model_validate({"security": "plain", "passwords": LINE, **more})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"security": "starttls"}, "needs a certificate"),
        ({"security": "tls"}, "needs a certificate"),
        ({"host": "0.0.0.0"}, "allow_plain: true"),
        ({"passwords": ""}, "there is no user"),
        ({"passwords": "zabbix:secret"}, "line 1 is not user:scrypt"),
        ({"passwords": f"# ours\n\n{LINE}\n{LINE}"}, "line 4 names a user again"),
        ({"passwords": "a b:" + LINE.partition(":")[2]}, "line 1 is not"),
        ({"passwords": LINE.replace("$16384$", "$16385$")}, "line 1 is not"),
        ({"passwords": LINE.replace("$16384$", "$1073741824$")}, "line 1 is not"),
        ({"size": 1}, "greater than or equal to"),
        ({"users": {}}, "Extra inputs"),
    ],
)
def test_settings_that_are_wrong(more: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**more)
    assert told in str(caught.value)
    assert "secret" not in "".join(str(error["msg"]) for error in caught.value.errors())


@pytest.mark.parametrize(
    ("more", "address"),
    [
        ({}, ("127.0.0.1", 587)),
        ({"security": "tls", "cert_file": "c.pem"}, ("127.0.0.1", 465)),
        ({"port": 0, "host": "::1"}, ("::1", 0)),
        ({"host": "0.0.0.0", "allow_plain": True}, ("0.0.0.0", 587)),
    ],
)
def test_where_it_listens(more: dict[str, Any], address: tuple[str, int]) -> None:
    assert settings(**more).address == address


def told(text: str, environ: dict[str, str]) -> list[str]:
    return [str(one) for one in load_bytes(text.encode(), "k.yaml", environ, date(2026, 5, 3)).errors]


def test_between_the_sections(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(f"# ours\n{LINE}\n{line_for('nagios', 'other')}\n")
    environ = {"KIDOKU_GATEWAY__PASSWORDS_FILE": str(passwords)}
    gateway = "gateway: {security: plain, port: 2525}\n"
    assert told(f"{BASE}{SMTP}gateway: {{security: plain}}\n", environ) == []
    assert "mail that is handed in could not leave" in told(BASE + gateway, environ)[0]
    assert "this is the gateway itself" in told(BASE + SMTP + gateway, environ)[0]
    assert "there is no account gateway" in told(BASE + SMTP, {})[0]
    assert "gateway" in told(BASE + SMTP + "gateway: {security: plain}\n", {})[0]


def test_passwords() -> None:
    users = Passwords(f"{LINE}\n{line_for('花子', 'пароль ☃')}")
    assert users.users == {"zabbix", "花子"}
    for _ in range(2):
        assert users.is_right("zabbix", "secret")
        assert users.is_right("花子", "пароль ☃")
        assert not users.is_right("zabbix", "secret ")
        assert not users.is_right("花子", "secret")
    assert not users.is_right("nobody", "secret")
    assert not users.is_right("zabbix", "")
    assert not users.is_right("zabbix", "x" * 2_000)
    assert not users.is_right("-", "")
    assert "secret" not in repr(read(LINE))
    assert line_for("zabbix", "secret") != LINE
    read(NOBODY)
    with pytest.raises(ValueError, match="no colon"):
        line_for("a:b", "secret")


def test_the_command_prints_a_line() -> None:
    from typer.testing import CliRunner

    from bot.cli import app

    run = CliRunner().invoke(app, ["gateway-password", "zabbix"], input="secret\n")
    assert run.exit_code == 0
    assert Passwords(run.output).is_right("zabbix", "secret")
    assert kidoku("gateway-password", "a:b").returncode == 2


def test_the_gate() -> None:
    now = [AT]
    gate = Gate(lambda: now[0], 30, 2)
    places = [object() for _ in range(22)]
    assert [gate.enter(one, "192.0.2.1") for one in places] == [True] * 20 + [False] * 2
    assert gate.enter("other", "192.0.2.2")
    for one in places:
        gate.leave(one)
        gate.leave(one)
    assert gate.enter("again", "192.0.2.1")
    assert [gate.takes("zabbix"), gate.takes("zabbix"), gate.takes("zabbix"), gate.takes("nagios")] == [
        True,
        True,
        False,
        True,
    ]
    now[0] += timedelta(minutes=1)
    assert gate.takes("zabbix")


def test_the_gate_forgets_those_that_failed_longest_ago() -> None:
    gate = Gate(lambda: AT, 1, 1)
    for number in range(MOST_CLIENTS + 5):
        gate.failed(str(number))
    assert len(gate._failures) == MOST_CLIENTS


@pytest.mark.parametrize(
    ("peer", "client"),
    [
        (("192.0.2.1", 5), "192.0.2.1"),
        (("2001:db8:1:2:3::4", 5, 0, 0), "2001:0db8:0001:0002"),
        (("::ffff:192.0.2.1", 5, 0, 0), "192.0.2.1"),
        (("fe80::1%eth0", 5, 0, 2), "fe80:0000:0000:0000"),
        (None, ""),
        ("", ""),
    ],
)
def test_who_is_at_the_other_end(peer: object, client: str) -> None:
    assert client_of(peer) == client


@pytest.mark.parametrize(
    "good", ["a@b", "a..b.@docomo.example", '"a b"@c.example', "花子@例え.jp", "a@[192.0.2.1]", "a+b=c@d_e.example"]
)
def test_addresses(good: str) -> None:
    assert is_address(good)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a",
        "@b",
        "a@",
        "a b@c",
        "a@b c",
        "a>@b",
        "a@b>",
        "a\r\n@b",
        '"a\r\n"@b',
        "a@b\u2028",
        "a@\udcff",
        "a" * 65 + "@b",
    ],
)
def test_no_addresses(bad: str) -> None:
    assert not is_address(bad)
