"""The channel as a whole: apart from the package, so that who reads the settings need not load a provider's library."""

from channels.base import Channel, HealthListener, Now
from channels.inbox import Inbox
from channels.slack.client import open_client
from channels.slack.config import Mode, SlackSettings
from channels.slack.directory import Directory
from channels.slack.health import SOCKET, Health, Pulse
from channels.slack.inbound import Presses
from channels.slack.notifier import SlackNotifier
from channels.slack.socket import SocketService
from channels.slack.webhook import Webhook


def build(settings: SlackSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """Slack as a channel. Must be called inside a running event loop; ``notifier.close()`` closes everything."""
    client = open_client(settings)
    directory = Directory(client, now)
    presses = Presses(client, directory, inbox)
    health = Health(on_health)
    notifier = SlackNotifier(client, directory, inbox, health, presses.drain)
    pulse = Pulse(directory, health)
    if settings.mode is Mode.HTTP and settings.signing_secret is not None:
        return Channel("slack", notifier, (pulse,), Webhook(presses.app, settings.signing_secret, now).routes())
    app_token = settings.app_token.get_secret_value() if settings.app_token is not None else ""
    return Channel("slack", notifier, (pulse, SocketService(presses.app, app_token, client, health)), answers=SOCKET)
