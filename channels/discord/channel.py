"""The channel as a whole: apart from the package, so that who reads the settings need not load a provider's library."""

from channels.base import Channel, HealthListener, Now
from channels.discord import dialog
from channels.discord.api import Connection
from channels.discord.command import CommandService, tree_of
from channels.discord.config import DiscordSettings
from channels.discord.inbound import GatewayService, register
from channels.discord.notifier import DiscordNotifier
from channels.inbox import Inbox


def build(settings: DiscordSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """Discord as a channel. Must be called inside a running event loop."""
    connection = Connection(settings, on_health)
    register(connection.client, inbox)
    dialog.register(connection.client, inbox)
    commands = CommandService(connection, tree_of(connection.client, inbox), inbox)
    services = (GatewayService(connection, on_health), commands)
    return Channel("discord", DiscordNotifier(connection), services=services, answers="discord")
