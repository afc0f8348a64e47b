"""Twilio's channels as a whole: apart from the package, so that who reads the settings need not load its library."""

from starlette.routing import Route

from channels.base import PHONE, SMS, WHATSAPP, Channel, HealthListener, Now
from channels.health import Health, JointHealth
from channels.inbox import Inbox
from channels.twilio.account import Accounts
from channels.twilio.apology import apologetic
from channels.twilio.call import LONGEST_LINE, CallBook
from channels.twilio.call_in import CallInRoutes
from channels.twilio.config import SmsSettings, TwilioSettings, WhatsAppSettings
from channels.twilio.connect import LEG_PATH, WHISPER_PATH, ConnectRoutes, talk_of
from channels.twilio.inbound import STATUS_PATH, PhoneRoutes
from channels.twilio.notifier import TwilioNotifier
from channels.twilio.sms import SmsNotifier
from channels.twilio.sms_inbound import SmsRoutes
from channels.twilio.standby import Standby
from channels.twilio.whatsapp import WhatsAppNotifier, WhatsAppRoutes

_UNSPOKEN = frozenset({STATUS_PATH, LEG_PATH, WHISPER_PATH})
"""What is answered there is heard by nobody, or by a stranger. What could not be kept is asked for later."""


def build(settings: TwilioSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """The phone as a channel, named "phone"; its routes exist only where there is a ``public_url``."""
    book = CallBook(LONGEST_LINE + talk_of(settings))
    accounts = Accounts(settings, inbox, on_health, now)
    notifier = TwilioNotifier(settings, inbox, accounts, book, now)
    services = (accounts,) if settings.fallback is not None else ()
    return Channel(PHONE, notifier, services=services, routes=_phone_routes(settings, inbox, book, now))


def _phone_routes(settings: TwilioSettings, inbox: Inbox, book: CallBook, now: Now) -> tuple[Route, ...]:
    """Nothing comes in where there is no ``public_url``; people ring us only where that is set up."""
    if settings.public_url is None:
        return ()
    ringing = CallInRoutes(settings, inbox, book, now).routes() if settings.call_in is not None else ()
    connecting = ConnectRoutes(settings, inbox, book, now).routes() if settings.connect is not None else ()
    routes = (*PhoneRoutes(settings, inbox, book).routes(), *ringing, *connecting)
    return tuple(one if one.path in _UNSPOKEN else apologetic(one, inbox, settings.voices) for one in routes)


def build_sms(settings: TwilioSettings, sms: SmsSettings, inbox: Inbox, now: Now, on_health: HealthListener) -> Channel:
    """Text messages as a channel, named "sms": by one account, or by two."""
    routes = SmsRoutes(settings, inbox).routes() if settings.public_url is not None else ()
    second = settings.of_fallback() if settings.fallback is not None else None
    if second is None or second.sms is None:
        return Channel(SMS, SmsNotifier(settings, sms, inbox, Health(SMS, on_health), now), routes=routes)
    health = JointHealth(SMS, on_health, 2)
    first = SmsNotifier(settings, sms, inbox, health.of(settings.account_sid), now)
    other = SmsNotifier(second, second.sms, inbox, health.of(second.account_sid), now)
    return _both(settings, first, other, inbox, now, on_health, routes)


def build_whatsapp(
    settings: TwilioSettings, whatsapp: WhatsAppSettings, inbox: Inbox, now: Now, on_health: HealthListener
) -> Channel:
    """Messages by WhatsApp as a channel, named "whatsapp": by one account, or by two."""
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
