"""The phone, by Twilio's Programmable Voice."""

from channels.base import Channel, HealthListener, Inbox, Now
from channels.twilio.config import TwilioSettings


def build(settings: TwilioSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """The phone as a channel, named "phone"; its routes exist only where there is a ``public_url``."""
    # Here, not above: the settings are read by every command, and Twilio's library costs tens of megabytes.
    from channels.twilio.notifier import wire

    return wire(settings, inbox, on_health)
