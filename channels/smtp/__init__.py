"""The mail that Kidoku sends, through a configured smart host."""

from channels.base import MAIL, Channel, HealthListener, Now
from channels.smtp.config import SmtpSettings


def build(settings: SmtpSettings, now: Now, on_health: HealthListener) -> Channel:
    """Mail as a channel, named "mail"; its messages have a ``Letter``."""
    # Here, not above: the settings are read by every command.
    from channels.health import Health
    from channels.smtp.health import Pulse
    from channels.smtp.notifier import SmtpNotifier

    notifier = SmtpNotifier(settings, now, Health(MAIL, on_health))
    return Channel(MAIL, notifier, (Pulse(notifier.look),))
