"""The submission gateway: ordinary mail programs and monitoring systems send through Kidoku."""

from channels.base import Now, Service, Sleep
from channels.gateway.config import GatewaySettings
from channels.gateway.submission import Receipts, Submissions


def build(
    settings: GatewaySettings, submissions: Submissions, receipts: Receipts, now: Now, sleep: Sleep
) -> dict[str, Service]:
    """The gateway's services, by name. ``submissions`` keeps what is handed in, ``receipts`` reads what comes back."""
    # Here, not above: the settings are read by every command.
    from channels.gateway.server import Gateway, ReceiptsDoor

    services: dict[str, Service] = {"gateway": Gateway(settings, submissions, now, sleep)}
    if settings.receipts is not None:
        services["gateway receipts"] = ReceiptsDoor(settings, settings.receipts, receipts, now)
    return services
