"""Warnings about the telephone account: who rings Kidoku, who is connected with a sender, and messages by WhatsApp."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.problem import Fault
from channels.base import PHONE
from escalation.phrase import Phrase


def phone_warnings(settings: Settings) -> Iterator[Fault]:
    """A call-in number that nobody can use; being connected with a sender that nobody can be; WhatsApp that reaches
    nobody who has not written first."""
    yield from _without_template(settings)
    yield from _unconnected(settings)
    twilio = settings.twilio
    if twilio is None or twilio.call_in is None:
        return
    if twilio.public_url is None:
        message = Phrase("nobody can ring Kidoku: Twilio has no address to ask what to say")
        yield Fault(("twilio", "call_in"), message, Phrase("write web.public_url"), is_warning=True, is_key=True)
    if not twilio.call_in.by_person():
        message = Phrase("nobody can ring Kidoku: nobody has a PIN")
        fix = Phrase("set KIDOKU_TWILIO__CALL_IN__PINS, or KIDOKU_TWILIO__CALL_IN__PINS_FILE")
        yield Fault(("twilio", "call_in"), message, fix, is_warning=True, is_key=True)


def _without_template(settings: Settings) -> Iterator[Fault]:
    """WhatsApp takes free text for 24 hours after a person's own last message only."""
    if settings.twilio is None or settings.twilio.whatsapp is None or settings.twilio.whatsapp.templates:
        return
    message = Phrase("WhatsApp takes nothing for whoever has not written there in the last 24 hours: no template")
    fix = Phrase("write templates: {ja: HX…}, one approved template for each language")
    yield Fault(("twilio", "whatsapp"), message, fix, is_warning=True, is_key=True)


def _unconnected(settings: Settings) -> Iterator[Fault]:
    loc, twilio = ("twilio", "connect"), settings.twilio
    if twilio is None or twilio.connect is None:
        return
    if twilio.public_url is None:
        message = Phrase("nobody can be connected with a sender: Twilio has no address to ask what to say")
        yield Fault(loc, message, Phrase("write web.public_url"), is_warning=True, is_key=True)
    people = settings.roster().people.values() if twilio.connect.people else ()
    if not twilio.connect.senders and not any(PHONE in one.contacts and one.addresses for one in people):
        message = Phrase("nobody can be connected with a sender: no sender has a number")
        fix = Phrase("write senders: {noc@carrier.example: {phone: +81…, name: NOC}}")
        yield Fault(loc, message, fix, is_warning=True, is_key=True)
    if twilio.concurrent_calls == 1:
        message = Phrase("nobody can be connected with a sender: that takes two calls at once")
        yield Fault(loc, message, Phrase("write concurrent_calls: 2, or more"), is_warning=True, is_key=True)
