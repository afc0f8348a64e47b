"""Slack: Socket Mode by default, signed HTTP as an option."""

from channels.base import Channel, HealthListener, Inbox, Now
from channels.slack.answer import open_client
from channels.slack.config import Mode, SlackSettings
from channels.slack.directory import Directory
from channels.slack.inbound import Presses, SocketService, http_routes
from channels.slack.notifier import SlackNotifier

__all__ = ["build"]


def build(settings: SlackSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """Slack as a channel. Must be called inside a running event loop."""
    client = open_client(settings)
    directory = Directory(client)
    notifier = SlackNotifier(client, directory, on_health if settings.mode is Mode.HTTP else None)
    presses = Presses(settings, client, directory, inbox)
    if settings.mode is Mode.HTTP:
        return Channel("slack", notifier, routes=http_routes(presses))
    return Channel("slack", notifier, services=(SocketService(settings, presses, on_health),))
