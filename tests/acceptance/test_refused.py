"""What the command line refuses, a script can tell by the exit code, and by JSON."""

import json

import pytest

from tests.acceptance.test_approval import with_approval
from tests.fakes.command_line import kidoku
from tests.unit.test_send_command import config

__all__ = ["config"]


@pytest.fixture
def alert(config: str) -> str:
    """The settings' file of a team that has sent one mail, #1."""
    kidoku("send", "--to", "alice", "-s", "Works", "--yes", "--by", "alice", "-c", config)
    return config


def code(*words: str, config: str) -> int:
    return kidoku(*words, "--by", "alice", "-c", config).returncode


def test_what_stands_so_already_is_no_refusal(alert: str) -> None:
    assert [code("ack", "1", config=alert) for _ in range(2)] == [0, 0]
    assert [code("resolve", "1", config=alert) for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "words", [("ack", "1"), ("snooze", "1", "15m"), ("escalate", "1"), ("recall", "1"), ("remind", "1")]
)
def test_nothing_is_done_with_what_is_closed(alert: str, words: tuple[str, ...]) -> None:
    assert code("resolve", "1", config=alert) == 0
    assert code(*words, config=alert) == 1
    refused = kidoku(*words, "--json", "--by", "alice", "-c", alert)
    assert (refused.returncode, json.loads(refused.stdout)["is_refused"]) == (1, True)


def test_a_snooze_that_ends_in_the_past_is_no_snooze(alert: str) -> None:
    refused = kidoku("snooze", "1", "2020-01-01T00:00", "--by", "alice", "-c", alert)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "is no time to snooze" in refused.stderr


def test_a_mail_that_waits_for_approval_can_not_be_taken(config: str) -> None:
    with_approval(config)
    kidoku("send", "--to", "x@guest.example", "-s", "Works", "--yes", "--by", "alice", "-c", config)
    assert [code(verb, "1", config=config) for verb in ("ack", "escalate", "approve")] == [1, 1, 1]
    assert kidoku("approve", "1", "--by", "bob", "-c", config).returncode == 0
    assert kidoku("approve", "1", "--by", "bob", "-c", config).returncode == 1
    done = kidoku("ack", "1", "--json", "--by", "bob", "-c", config)
    assert (done.returncode, json.loads(done.stdout)["is_refused"]) == (0, False)
