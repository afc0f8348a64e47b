"""Warnings about the telephone account: who rings Kidoku, who is connected with a sender, messages by WhatsApp, and
machines that nobody notices."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.places import steps
from bot.settings.policy_fields import RedialOn
from bot.settings.problem import Fault
from channels.base import PHONE
from escalation.phrase import Phrase


def phone_warnings(settings: Settings) -> Iterator[Fault]:
    """A call-in number that nobody can use; being connected with a sender that nobody can be; WhatsApp that reaches
    nobody who has not written first; redialling after a voicemail that is taken for somebody."""
    yield from _without_template(settings)
    yield from _unconnected(settings)
    yield from _unnoticed(settings)
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


def _unnoticed(settings: Settings) -> Iterator[Fault]:
    """Without machine detection a voicemail is somebody who answered and took nothing."""
    if settings.twilio is None or settings.twilio.machine_detection:
        return
    for name, policy in settings.document.policies.items():
        for loc, step in steps(name, policy):
            on = step.retry.on if step.retry is not None and step.retry.on is not None else []
            if RedialOn.VOICEMAIL in on and RedialOn.NOT_ACKNOWLEDGED not in on:
                message = Phrase("a voicemail is not noticed, and not rung again: it counts as not_acknowledged")
                fix = Phrase("write twilio.machine_detection: true, or add not_acknowledged")
                yield Fault((*loc, "retry", "on"), message, fix, is_warning=True)
