"""The settings of the mail channel: the password goes nowhere in the clear, and what can't work is said."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from channels.host import Security
from channels.smtp.config import SmtpSettings

GOOD: dict[str, Any] = {"host": "smtp.company.example", "sender": "NOC <noc@example.jp>"}
LOGIN = {"username": "kidoku", "password": "hunter2"}


def test_the_defaults() -> None:
    settings = SmtpSettings.model_validate(GOOD | LOGIN)
    assert settings.server == ("smtp.company.example", 587)
    assert (settings.security, settings.timeout, settings.concurrency) == (Security.STARTTLS, timedelta(seconds=20), 4)
    assert (settings.bounce_address, settings.receipts_to, settings.verp) == ("noc@example.jp", None, False)
    assert settings.sender_mailbox.name == "NOC"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587), ("plain", 25)])
def test_each_security_has_its_port(security: str, port: int) -> None:
    settings = SmtpSettings.model_validate(GOOD | {"security": security, "allow_plain": True})
    assert settings.server[1] == port
    assert settings.model_copy(update={"port": 2525}).server[1] == 2525


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_plain_is_for_this_machine(host: str) -> None:
    assert SmtpSettings.model_validate(GOOD | {"host": host, "security": "plain"}).host == host


def test_every_recipient_has_a_bounce_address_of_its_own() -> None:
    settings = SmtpSettings.model_validate(GOOD | {"bounces": "bounces@example.jp", "verp": True})
    assert (settings.bounce_address, settings.verp) == ("bounces@example.jp", True)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"security": "plain"}, "allow_plain: true"),
        ({"security": "plain", "host": "192.0.2.1"}, "write tls or starttls"),
        ({"host": "smtp.company.example:587"}, "is no mail server"),
        ({"host": "smtp company"}, "is no mail server"),
        ({"host": "x\r\ny"}, "is no mail server"),
        ({"host": ""}, "is no mail server"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"port": 70000}, "less than or equal to 65535"),
        ({"username": "kidoku"}, "set KIDOKU_SMTP__PASSWORD"),
        ({"username": "kidoku", "password": ""}, "set KIDOKU_SMTP__PASSWORD"),
        ({"password": "hunter2"}, "write username:"),
        ({"sender": "NOC"}, "write it like noc@example.jp"),
        ({"sender": ""}, "write it like NOC <noc@example.jp>"),
        ({"sender": "NOC <noc@>"}, "is no sender"),
        ({"sender": "noc@-x.example"}, "no domain"),
        ({"bounces": "bounces"}, "write it like noc@example.jp"),
        ({"bounces": "戻り@example.jp"}, "write an ASCII address"),
        ({"sender": "監視@example.jp"}, "write an ASCII address"),
        ({"bounces": "b+x@example.jp", "verp": True}, r"without \+"),
        ({"bounces": "b" * 32 + "@example.jp", "verp": True}, "at most 31 characters"),
        ({"receipts_to": "MDN <x@example.jp>"}, "can't be written in one"),
        ({"helo": "this machine"}, "is no host name"),
        ({"timeout": timedelta(0)}, "write 1s to 1m"),
        ({"timeout": timedelta(hours=1)}, "write 1s to 1m"),
        ({"concurrency": 0}, "greater than or equal to 1"),
        ({"concurrency": 17}, "less than or equal to 16"),
        ({"smarthost": "x"}, "Extra inputs"),
    ],
)
def test_what_can_not_work_is_said(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        SmtpSettings.model_validate(GOOD | more)
    assert "hunter2" not in "".join(one["msg"] for one in caught.value.errors(include_input=False))


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SmtpSettings.model_validate(GOOD).host = "other"
