"""The submission gateway: ordinary mail programs and monitoring systems send through Kidoku."""

from channels.base import Now, Service, Sleep
from channels.gateway.config import GatewaySettings
from channels.gateway.submission import Submissions


def build(settings: GatewaySettings, submissions: Submissions, now: Now, sleep: Sleep) -> Service:
    """The gateway as a service. ``submissions`` keeps what is handed in."""
    # Here, not above: the settings are read by every command.
    from channels.gateway.server import Gateway

    return Gateway(settings, submissions, now, sleep)
