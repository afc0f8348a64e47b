"""Warnings about the telephone account: who rings Kidoku, and messages by WhatsApp."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.problem import Fault
from escalation.phrase import Phrase


def phone_warnings(settings: Settings) -> Iterator[Fault]:
    """A call-in number that nobody can use; WhatsApp that reaches nobody who has not written first."""
    yield from _without_template(settings)
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
