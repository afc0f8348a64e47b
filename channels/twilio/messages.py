"""Text messages and WhatsApp as channels: by one account, or by two."""

from starlette.routing import Route

from channels.base import SMS, WHATSAPP, Channel, HealthListener, Now
from channels.health import Health, JointHealth
from channels.inbox import Inbox
from channels.twilio.config import SmsSettings, TwilioSettings, WhatsAppSettings
from channels.twilio.sms import SmsNotifier
from channels.twilio.sms_inbound import SmsRoutes
from channels.twilio.standby import Standby
from channels.twilio.whatsapp import WhatsAppNotifier, WhatsAppRoutes


def wire_sms(settings: TwilioSettings, sms: SmsSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """The channel; see ``channels.twilio.build_sms``."""
    routes = SmsRoutes(settings, inbox).routes() if settings.public_url is not None else ()
    second = settings.of_fallback() if settings.fallback is not None else None
    if second is None or second.sms is None:
        return Channel(SMS, SmsNotifier(settings, sms, inbox, Health(SMS, on_health), now), routes=routes)
    health = JointHealth(SMS, on_health, 2)
    first = SmsNotifier(settings, sms, inbox, health.of(settings.account_sid), now)
    other = SmsNotifier(second, second.sms, inbox, health.of(second.account_sid), now)
    return _both(settings, first, other, inbox, now, on_health, routes)


def wire_whatsapp(
    settings: TwilioSettings, whatsapp: WhatsAppSettings, inbox: Inbox, now: Now, on_health: HealthListener
) -> Channel:
    """The channel; see ``channels.twilio.build_whatsapp``."""
    routes = WhatsAppRoutes(settings, inbox, now).routes() if settings.public_url is not None else ()
    second = settings.of_fallback() if settings.fallback is not None else None
    if second is None or second.whatsapp is None:
        notifier = WhatsAppNotifier(settings, whatsapp, inbox, Health(WHATSAPP, on_health), now)
        return Channel(WHATSAPP, notifier, routes=routes)
    health = JointHealth(WHATSAPP, on_health, 2)
    first = WhatsAppNotifier(settings, whatsapp, inbox, health.of(settings.account_sid), now)
    part = health.of(second.account_sid)
    other = WhatsAppNotifier(second, second.whatsapp, inbox, part, now, is_first=False)
    return _both(settings, first, other, inbox, now, on_health, routes)


def _both(
    settings: TwilioSettings,
    first: SmsNotifier,
    second: SmsNotifier,
    inbox: Inbox,
    now: Now,
    on_health: HealthListener,
    routes: tuple[Route, ...],
) -> Channel:
    assert settings.fallback is not None
    return Channel(first.name, Standby(first, second, inbox, settings.fallback.after, now, on_health), routes=routes)
