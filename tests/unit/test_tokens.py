"""Stamps and web tokens: genuine ones are known, anything else is nothing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.post import Post
from bot.tokens import Purpose, Tokens

OURS = Tokens(SecretStr("a secret"))
OTHERS = Tokens(SecretStr("another secret"))
ROTATED = Tokens(SecretStr("a new secret"), [SecretStr("a secret")])
DAY = timedelta(days=1)
POST = Post(OURS, "NOC <noc@example.jp>", "bounce@example.jp", "receipts@example.jp", is_verp=True)


def test_a_stamp_is_known_again_in_any_case() -> None:
    stamp = OURS.stamp("42.m3")
    assert OURS.key_of(stamp) == OURS.key_of(stamp.upper()) == ROTATED.key_of(stamp) == "42.m3"


def test_a_seal_is_the_databases_own_and_no_stamp() -> None:
    seal = OURS.seal("42.0")
    assert seal == OURS.seal("42.0") and len(seal) == 20
    assert seal not in (OTHERS.seal("42.0"), OURS.seal("42.1"))
    assert OURS.key_of(f"42.0-{seal}") is None, "what a room sees can't be a receipt's stamp"


def test_a_strangers_stamp_is_nothing() -> None:
    assert OURS.key_of(OTHERS.stamp("42.m3")) is None
    assert OURS.key_of(OURS.stamp("42.m3").replace("m3", "m4")) is None


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert OURS.key_of(text) is None
    assert OURS.read(text, Purpose.CONFIRM, DAY) is None
    assert POST.key_in(text) is None


def test_a_token_is_for_one_purpose_and_expires() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        token = OURS.confirm_token("42.m3")
        assert OURS.read(token, Purpose.CONFIRM, DAY) == ROTATED.read(token, Purpose.CONFIRM, DAY) == "42.m3"
        assert OURS.read(token, Purpose.PIXEL, DAY) is None
        assert OTHERS.read(token, Purpose.CONFIRM, DAY) is None
    with time_machine.travel(at + DAY + timedelta(seconds=2), tick=False):
        assert OURS.read(token, Purpose.CONFIRM, DAY) is None


@pytest.mark.parametrize(
    "text",
    [
        POST.message_id("42.m3"),
        POST.envelope_sender("42.m3"),
        f"<x@elsewhere.example> {POST.message_id('42.m3').upper()}",
        OURS.stamp("42.m3"),
        f"bounce+{OURS.stamp('42.m3')}=extra@example.jp",
    ],
)
def test_a_stamp_is_found_where_it_stands(text: str) -> None:
    assert POST.key_in(text) == "42.m3"


def test_what_is_shown_holds_no_secret() -> None:
    assert "a secret" not in repr(OURS) + repr(POST)
