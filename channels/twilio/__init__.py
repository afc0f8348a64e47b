"""The phone, by Twilio's Programmable Voice."""

from channels.base import Channel, HealthListener, Now
from channels.inbox import Inbox
from channels.twilio.config import TwilioSettings


def build(settings: TwilioSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """The phone as a channel, named "phone"; its routes exist only where there is a ``public_url``."""
    # Here, not above: the settings are read by every command, and Twilio's library costs tens of megabytes.
    from channels.twilio.notifier import wire

    return wire(settings, inbox, now, on_health)


def build_sms(settings: TwilioSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """Text messages as a channel, named "sms"; ``settings.sms`` must be set."""
    from channels.twilio.messages import wire_sms

    if settings.sms is None:
        raise ValueError("text messages are not configured")
    return wire_sms(settings, settings.sms, inbox, now, on_health)


def build_whatsapp(settings: TwilioSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """Messages by WhatsApp as a channel, named "whatsapp"; ``settings.whatsapp`` must be set."""
    from channels.twilio.messages import wire_whatsapp

    if settings.whatsapp is None:
        raise ValueError("WhatsApp is not configured")
    return wire_whatsapp(settings, settings.whatsapp, inbox, now, on_health)
