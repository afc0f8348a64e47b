"""Everything that has no channel of its own, through apprise."""

from collections.abc import Mapping

from channels.apprise.config import AppriseService
from channels.base import APPRISE, Channel, HealthListener


def build(settings: Mapping[str, AppriseService], on_health: HealthListener) -> Channel:
    """The services as one channel, named "apprise"."""
    # Here, not above: the settings are read by every command.
    from channels.apprise.notifier import AppriseNotifier

    return Channel(APPRISE, AppriseNotifier(settings, on_health))
