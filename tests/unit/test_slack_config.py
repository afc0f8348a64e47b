"""The settings of Slack: each mode has its secret, and the token goes nowhere in the clear."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from channels.slack.config import Mode, SlackSettings
from channels.slack.modal import SHORTCUT
from channels.slack.scope import METHODS, SCOPES

GIVEN: dict[str, Any] = {"bot_token": "xoxb-hunter2", "app_token": "xapp-hunter2"}
ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "config" / "slack-manifest.yaml"


def test_tokens_are_enough() -> None:
    settings = SlackSettings.model_validate(GIVEN)
    assert (settings.mode, settings.api_url) == (Mode.SOCKET, "https://slack.com/api/")
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"app_token": None}, "KIDOKU_SLACK__APP_TOKEN"),
        ({"app_token": " "}, "KIDOKU_SLACK__APP_TOKEN"),
        ({"mode": "http"}, "KIDOKU_SLACK__SIGNING_SECRET"),
        ({"mode": "http", "signing_secret": ""}, "KIDOKU_SLACK__SIGNING_SECRET"),
        ({"api_url": "http://proxy.company.example/api/"}, "not encrypted"),
        ({"api_url": "slack.com/api"}, "no address of a server"),
        ({"api_url": "https://slack.com/api/?token=x"}, "no address of a server"),
        ({"timeout": timedelta(0)}, "1s to 2m"),
        ({"timeout": timedelta(hours=1)}, "1s to 2m"),
        ({"workspace": "x"}, "Extra inputs"),
    ],
)
def test_what_can_not_work_is_said(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        SlackSettings.model_validate(GIVEN | more)
    assert "hunter2" not in "".join(one["msg"] for one in caught.value.errors(include_input=False))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/api/", "http://localhost/api", "https://gateway.example/slack"])
def test_a_gateway_may_stand_between(url: str) -> None:
    assert SlackSettings.model_validate(GIVEN | {"api_url": url}).api_url == url.rstrip("/") + "/"


CALLED = re.compile(r"client\.((?:apps|auth|chat|conversations|users|views)_\w+)\(")


def test_every_method_that_is_called_says_what_it_needs() -> None:
    sources = "".join(one.read_text("utf-8") for one in (ROOT / "channels" / "slack").glob("*.py"))
    assert {one.replace("_", ".") for one in CALLED.findall(sources)} == set(METHODS)


def test_the_manifest_asks_for_what_the_channel_needs_and_no_more() -> None:
    manifest = YAML(typ="safe").load(MANIFEST.read_text("utf-8"))
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert sorted(scopes) == sorted(SCOPES)
    assert "user" not in manifest["oauth_config"]["scopes"]
    # A token that Slack changes every twelve hours would be refused from then on.
    assert manifest["settings"]["token_rotation_enabled"] is False
    assert manifest["features"]["bot_user"]["display_name"]
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]


def test_the_manifest_has_the_command() -> None:
    """Members and rooms in it must come with their ids, and over Socket Mode it has no address."""
    [command] = YAML(typ="safe").load(MANIFEST.read_text("utf-8"))["features"]["slash_commands"]
    assert command["command"] == "/kidoku"
    assert command["should_escape"] is True
    assert "url" not in command and command["description"] and command["usage_hint"]


def test_the_manifest_has_the_shortcut_that_the_channel_takes() -> None:
    """Slack allows 24 characters for its name and 150 for what it does."""
    [shortcut] = YAML(typ="safe").load(MANIFEST.read_text("utf-8"))["features"]["shortcuts"]
    assert (shortcut["callback_id"], shortcut["type"]) == (SHORTCUT, "message")
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
