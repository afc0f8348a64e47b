"""Over which proxy Slack is reached: the environment says, and this machine is never behind one."""

import pytest

from channels.slack.client import open_client, proxy_for, response_to
from channels.slack.config import SlackSettings

PROXY = "http://user:hunter2@proxy.company.example:3128"
WEB = "https://slack.com/api/"
LINK = "wss://wss-primary.slack.com/link/?ticket=1"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("url", [WEB, LINK])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_slack_is_reached_over_the_proxy_that_the_environment_names(
    url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert proxy_for(url) is None
    monkeypatch.setenv(name, PROXY)
    assert proxy_for(url) == PROXY


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/api/", "http://localhost/api/", "ws://[::1]:8080/link"])
def test_this_machine_is_reached_directly(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, PROXY)
    assert proxy_for(url) is None


def test_what_no_proxy_lists_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "gateway.company.example,.slack.com")
    assert proxy_for("https://gateway.company.example/slack/") is None
    assert proxy_for(LINK) is None
    assert proxy_for("https://other.example/") == PROXY


@pytest.mark.parametrize("url", ["https://slack.com/api/", "https://gateway.company.example/"])
async def test_calls_and_answers_to_presses_go_the_same_way(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "gateway.company.example")
    settings = SlackSettings.model_validate({"bot_token": "xoxb-1", "app_token": "xapp-1", "api_url": url})
    client = open_client(settings)
    assert client.session is not None
    async with client.session:
        assert client.proxy == response_to(url, client).proxy == proxy_for(url)
