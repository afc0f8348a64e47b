"""What Twilio's error codes mean for a text message: those of the request, and those of what became of it later.

Source: https://www.twilio.com/docs/api/errors (each code has a page). Codes that are the same for calls stand in
``fault.py``. Twilio's own sentence is never repeated: it may hold a number.
"""

from collections.abc import Mapping

from channels.twilio.fault import Fault
from escalation.event import Outcome

STOPPED = 21610
"""The person has answered STOP, and Twilio sends them nothing more."""

OUTSIDE = 63016
"""Free text to somebody who has not written to us within 24 hours."""

_FROM = "the number that text messages are sent from can't send any"
_SERVICE = "messaging_service_sid is not right"
_NO_NUMBER = "the number can't get text messages"
_COUNTRY = "the account may not send text messages to this country; allow it in Twilio's console under Messaging"
_REGISTER = "the sender is not registered for this country; register it in Twilio's console"

CROWDED = frozenset({20429, 21611, 63018})
"""The account, or its sender, has as much to send as it may. (14107 is about one recipient.)"""

REFUSALS: Mapping[int, Fault] = {
    14107: Fault("too many text messages to one number at once", is_passing=True),
    20429: Fault("too many requests at once", is_passing=True),
    21211: Fault("the number is not valid"),
    21212: Fault(f"{_FROM}: it is not valid", is_down=True),
    21214: Fault(_NO_NUMBER),
    21215: Fault(_COUNTRY, is_own=True),
    21217: Fault("the number does not appear to be valid"),
    21219: Fault("a trial account can write only to numbers that are verified in Twilio's console", is_down=True),
    21265: Fault("a short code can't get text messages"),
    21266: Fault("the message would go to the number that it comes from"),
    21267: Fault(f"{_FROM}: a name as the sender needs an account that is no trial", is_down=True),
    21401: Fault(f"{_FROM}: it is not valid", is_down=True),
    21408: Fault(_COUNTRY, is_own=True),
    21601: Fault(f"{_FROM}", is_down=True),
    21602: Fault("the message has no text"),
    21603: Fault(f"{_FROM}: there is none", is_down=True),
    21604: Fault("no number was given"),
    21605: Fault("the text is too long"),
    21606: Fault(f"{_FROM}: it is no number of this account that can", is_down=True),
    21607: Fault(f"{_FROM}: it is no number of this account", is_down=True),
    21608: Fault("a trial account can write only to numbers that are verified in Twilio's console", is_own=True),
    21609: Fault("Twilio does not take the public_url as an address for its callbacks"),
    21610: Fault("this person has answered STOP and gets no text messages; START from their phone takes it back"),
    21611: Fault("Twilio's queue of text messages is full", is_passing=True),
    21612: Fault("Twilio can't reach this number from the one that is configured", is_own=True),
    21614: Fault(f"{_NO_NUMBER}: it is no mobile phone"),
    21616: Fault("the number that text messages are sent from fits more than one account", is_down=True),
    21617: Fault("the text is too long"),
    21618: Fault("Twilio can't send this text"),
    21619: Fault("the message has neither text nor picture"),
    21620: Fault("Twilio does not take the address of a picture"),
    21623: Fault("Twilio does not take the address of a picture"),
    21635: Fault(f"{_NO_NUMBER}: it is a landline"),
    21651: Fault("the number is one of a service that gets no text messages"),
    21654: Fault("a template that does not exist", is_own=True),
    21655: Fault("a template that does not exist", is_own=True),
    21656: Fault("a template's values are not right"),
    21658: Fault("a template's values are not right", is_own=True),
    21659: Fault(f"{_FROM}: it is no number of Twilio's", is_down=True),
    21660: Fault(f"{_FROM}: it is no number of this account", is_down=True),
    21661: Fault(f"{_FROM}: it is made for calls only", is_down=True),
    21701: Fault(_SERVICE, is_down=True),
    21702: Fault(_SERVICE, is_down=True),
    21703: Fault("the messaging service has no number to send from", is_down=True),
    21704: Fault("the messaging service has no number that can write to this country", is_own=True),
    21705: Fault(f"{_SERVICE}: there is none like it", is_down=True),
    21910: Fault("the sender and the number are of two different services", is_own=True),
    21911: Fault("the sender and the number are of two different services", is_own=True),
    30034: Fault(_REGISTER, is_down=True),
    30038: Fault("Twilio holds messages like this one back"),
    30039: Fault("Twilio took this message for part of a loop"),
    30044: Fault("a trial account can't send a text of this length", is_own=True),
    63001: Fault("WhatsApp does not take the account's credentials", is_down=True),
    63002: Fault(f"{_FROM}: WhatsApp does not know it", is_down=True),
    63003: Fault("the number has no WhatsApp"),
    63007: Fault(f"{_FROM}: the channel does not know it", is_down=True),
    63008: Fault("WhatsApp is not set up rightly in Twilio's console", is_down=True),
    63012: Fault("an error inside WhatsApp", is_passing=True, maybe_sent=True),
    63013: Fault("WhatsApp does not take this text"),
    63014: Fault("this person blocks the sender on WhatsApp"),
    63015: Fault("the sandbox of WhatsApp can write only to numbers that have joined it", is_own=True),
    OUTSIDE: Fault(
        "WhatsApp takes only an approved template from somebody who has not written for 24 hours", is_own=True
    ),
    63018: Fault("WhatsApp limits how much this sender may send", is_passing=True),
    63020: Fault("the business is not confirmed at WhatsApp", is_down=True),
    63021: Fault("WhatsApp does not take this text"),
    63023: Fault("WhatsApp does not say why"),
    63024: Fault("the number can't get messages by WhatsApp"),
    63027: Fault("the template does not exist in this language", is_own=True),
    63028: Fault("the template has other placeholders than twilio.whatsapp.variables says", is_own=True),
    63032: Fault("WhatsApp does not let this person get the message"),
    63040: Fault("WhatsApp has refused the template", is_own=True),
    63041: Fault("WhatsApp has paused the template", is_own=True),
    63042: Fault("WhatsApp has disabled the template", is_own=True),
    63049: Fault("WhatsApp chose not to deliver the message"),
    63038: Fault("the account has sent as much as it may today", is_down=True),
}

DELIVERIES: Mapping[int, Fault] = {
    30001: Fault("the queue of the operator was full"),
    30002: Fault("the account is suspended", is_down=True),
    30003: Fault("the phone is off, or out of reach"),
    30004: Fault("the phone or its operator blocks the message"),
    30005: Fault("there is no such number, or it is out of service"),
    30006: Fault("the number is a landline, or its operator can't be reached"),
    30007: Fault("the operator filters the message as unwanted"),
    30008: Fault("the operator does not say why"),
    30009: Fault("a part of the message was lost"),
    30010: Fault("the message would cost more than is allowed"),
    30011: Fault("the phone takes no pictures"),
    30017: Fault("the operator's network is congested"),
    30018: Fault("the operator wants the sender to be registered"),
    30019: Fault("the message is larger than the phone takes"),
    30022: Fault("the operator limits how much this sender may send"),
    30023: Fault("the operator limits how much this sender may send in a day"),
    30024: Fault("the sender is not prepared for this country yet"),
    30032: Fault("the toll-free number is not verified", is_down=True),
    30033: Fault("the sender's campaign is suspended", is_down=True),
    30034: Fault(_REGISTER, is_down=True),
    30035: Fault("the messaging service has a fault", is_down=True),
    30036: Fault("it could not be delivered in time"),
    30037: Fault("outbound messages are disabled", is_down=True),
    30410: Fault("the operator did not answer in time"),
    30450: Fault("the message was refused because of what it says"),
    30453: Fault("Twilio refused the message to protect the account"),
    30454: Fault("the account has sent as much as it may today"),
    30500: Fault("an error inside Twilio"),
}

CODES: Mapping[int, Fault] = {**DELIVERIES, **REFUSALS}
"""The first table that a text message's errors are looked up in."""


ARRIVED = frozenset({"delivered", "read", "partially_delivered"})
LOST: Mapping[str, str] = {
    "undelivered": "the operator did not deliver it",
    "failed": "it could not be sent",
    "canceled": "it was called off at Twilio",
}


def outcome_of(status: str) -> Outcome | None:
    """What a status means; None while it is under way.
    https://www.twilio.com/docs/messaging/api/message-resource#message-status-values"""
    if status in ARRIVED:
        return Outcome.ENDED
    return Outcome.REJECTED if status in LOST else None


def words_of(status: str, code: str) -> str:
    """Why a message did not arrive, in words: "the phone is off, or out of reach (Twilio error 30003)"; "" if it did.
    ``code`` is Twilio's, "" if it gave none."""
    if not (code.isascii() and code.isdigit()):
        return LOST.get(status, "")
    known = CODES.get(int(code[:9]))
    named = f"Twilio error {code[:9]}"
    return f"{known.words} ({named})" if known else named
