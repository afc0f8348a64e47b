"""What Twilio's error codes mean for a text message: those of the request, and those of what became of it later.

Source: https://www.twilio.com/docs/api/errors (each code has a page). Codes that are the same for calls stand in
``fault.py``. Twilio's own sentence is never repeated: it may hold a number.
"""

from collections.abc import Mapping

from channels.twilio.fault import Fault, because
from escalation.event import Outcome
from escalation.phrase import N_

STOPPED = 21610
"""The person has answered STOP, and Twilio sends them nothing more."""

OUTSIDE = 63016
"""Free text to somebody who has not written to us within 24 hours."""

NO_TEMPLATE = N_(
    "WhatsApp takes only an approved template from somebody who has not written for 24 hours; add one of their "
    "language to %(setting)s"
)

_FROM = N_("the number that text messages are sent from can't send any")
_SERVICE = N_("messaging_service_sid is not right")
_NO_NUMBER = N_("the number can't get text messages")
_COUNTRY = N_("the account may not send text messages to this country; allow it in Twilio's console under Messaging")
_REGISTER = N_("the sender is not registered for this country; register it in Twilio's console")

CROWDED = frozenset({20429, 21611, 63018})
"""The account, or its sender, has as much to send as it may. (14107 is about one recipient.)"""

REFUSALS: Mapping[int, Fault] = {
    14107: Fault(N_("too many text messages to one number at once"), is_passing=True),
    20429: Fault(N_("too many requests at once"), is_passing=True),
    21211: Fault(N_("the number is not valid")),
    21212: Fault(because(_FROM, N_("it is not valid")), is_down=True),
    21214: Fault(_NO_NUMBER),
    21215: Fault(_COUNTRY, is_own=True),
    21217: Fault(N_("the number does not appear to be valid")),
    21219: Fault(N_("a trial account can write only to numbers that are verified in Twilio's console"), is_down=True),
    21265: Fault(N_("a short code can't get text messages")),
    21266: Fault(N_("the message would go to the number that it comes from")),
    21267: Fault(because(_FROM, N_("a name as the sender needs an account that is no trial")), is_down=True),
    21401: Fault(because(_FROM, N_("it is not valid")), is_down=True),
    21408: Fault(_COUNTRY, is_own=True),
    21601: Fault(_FROM, is_down=True),
    21602: Fault(N_("the message has no text")),
    21603: Fault(because(_FROM, N_("there is none")), is_down=True),
    21604: Fault(N_("no number was given")),
    21605: Fault(N_("the text is too long")),
    21606: Fault(because(_FROM, N_("it is no number of this account that can")), is_down=True),
    21607: Fault(because(_FROM, N_("it is no number of this account")), is_down=True),
    21608: Fault(N_("a trial account can write only to numbers that are verified in Twilio's console"), is_own=True),
    21609: Fault(N_("Twilio does not take the public_url as an address for its callbacks")),
    21610: Fault(N_("this person has answered STOP and gets no text messages; START from their phone takes it back")),
    21611: Fault(N_("Twilio's queue of text messages is full"), is_passing=True),
    21612: Fault(N_("Twilio can't reach this number from the one that is configured"), is_own=True),
    21614: Fault(because(_NO_NUMBER, N_("it is no mobile phone"))),
    21616: Fault(N_("the number that text messages are sent from fits more than one account"), is_down=True),
    21617: Fault(N_("the text is too long")),
    21618: Fault(N_("Twilio can't send this text")),
    21619: Fault(N_("the message has neither text nor picture")),
    21620: Fault(N_("Twilio does not take the address of a picture")),
    21623: Fault(N_("Twilio does not take the address of a picture")),
    21635: Fault(because(_NO_NUMBER, N_("it is a landline"))),
    21651: Fault(N_("the number is one of a service that gets no text messages")),
    21654: Fault(N_("a template that does not exist"), is_own=True),
    21655: Fault(N_("a template that does not exist"), is_own=True),
    21656: Fault(N_("a template's values are not right")),
    21658: Fault(N_("a template's values are not right"), is_own=True),
    21659: Fault(because(_FROM, N_("it is no number of Twilio's")), is_down=True),
    21660: Fault(because(_FROM, N_("it is no number of this account")), is_down=True),
    21661: Fault(because(_FROM, N_("it is made for calls only")), is_down=True),
    21701: Fault(_SERVICE, is_down=True),
    21702: Fault(_SERVICE, is_down=True),
    21703: Fault(N_("the messaging service has no number to send from"), is_down=True),
    21704: Fault(N_("the messaging service has no number that can write to this country"), is_own=True),
    21705: Fault(because(_SERVICE, N_("there is none like it")), is_down=True),
    21910: Fault(N_("the sender and the number are of two different services"), is_own=True),
    21911: Fault(N_("the sender and the number are of two different services"), is_own=True),
    30034: Fault(_REGISTER, is_down=True),
    30038: Fault(N_("Twilio holds messages like this one back")),
    30039: Fault(N_("Twilio took this message for part of a loop")),
    30044: Fault(N_("a trial account can't send a text of this length"), is_own=True),
    63001: Fault(N_("WhatsApp does not take the account's credentials"), is_down=True),
    63002: Fault(because(_FROM, N_("WhatsApp does not know it")), is_down=True),
    63003: Fault(N_("the number has no WhatsApp")),
    63007: Fault(because(_FROM, N_("the channel does not know it")), is_down=True),
    63008: Fault(N_("WhatsApp is not set up rightly in Twilio's console"), is_down=True),
    63012: Fault(N_("an error inside WhatsApp"), is_passing=True, maybe_sent=True),
    63013: Fault(N_("WhatsApp does not take this text")),
    63014: Fault(N_("this person blocks the sender on WhatsApp")),
    63015: Fault(N_("the sandbox of WhatsApp can write only to numbers that have joined it"), is_own=True),
    OUTSIDE: Fault(
        N_("WhatsApp takes only an approved template from somebody who has not written for 24 hours"), is_own=True
    ),
    63018: Fault(N_("WhatsApp limits how much this sender may send"), is_passing=True),
    63020: Fault(N_("the business is not confirmed at WhatsApp"), is_down=True),
    63021: Fault(N_("WhatsApp does not take this text")),
    63023: Fault(N_("WhatsApp does not say why")),
    63024: Fault(N_("the number can't get messages by WhatsApp")),
    63027: Fault(N_("the template does not exist in this language"), is_own=True),
    63028: Fault(N_("the template has other placeholders than twilio.whatsapp.variables says"), is_own=True),
    63032: Fault(N_("WhatsApp does not let this person get the message")),
    63040: Fault(N_("WhatsApp has refused the template"), is_own=True),
    63041: Fault(N_("WhatsApp has paused the template"), is_own=True),
    63042: Fault(N_("WhatsApp has disabled the template"), is_own=True),
    63049: Fault(N_("WhatsApp chose not to deliver the message")),
    63038: Fault(N_("the account has sent as much as it may today"), is_down=True),
}

DELIVERIES: Mapping[int, Fault] = {
    30001: Fault(N_("the queue of the operator was full")),
    30002: Fault(N_("the account is suspended"), is_down=True),
    30003: Fault(N_("the phone is off, or out of reach")),
    30004: Fault(N_("the phone or its operator blocks the message")),
    30005: Fault(N_("there is no such number, or it is out of service")),
    30006: Fault(N_("the number is a landline, or its operator can't be reached")),
    30007: Fault(N_("the operator filters the message as unwanted")),
    30008: Fault(N_("the operator does not say why")),
    30009: Fault(N_("a part of the message was lost")),
    30010: Fault(N_("the message would cost more than is allowed")),
    30011: Fault(N_("the phone takes no pictures")),
    30017: Fault(N_("the operator's network is congested")),
    30018: Fault(N_("the operator wants the sender to be registered")),
    30019: Fault(N_("the message is larger than the phone takes")),
    30022: Fault(N_("the operator limits how much this sender may send")),
    30023: Fault(N_("the operator limits how much this sender may send in a day")),
    30024: Fault(N_("the sender is not prepared for this country yet")),
    30032: Fault(N_("the toll-free number is not verified"), is_down=True),
    30033: Fault(N_("the sender's campaign is suspended"), is_down=True),
    30034: Fault(_REGISTER, is_down=True),
    30035: Fault(N_("the messaging service has a fault"), is_down=True),
    30036: Fault(N_("it could not be delivered in time")),
    30037: Fault(N_("outbound messages are disabled"), is_down=True),
    30410: Fault(N_("the operator did not answer in time")),
    30450: Fault(N_("the message was refused because of what it says")),
    30453: Fault(N_("Twilio refused the message to protect the account")),
    30454: Fault(N_("the account has sent as much as it may today")),
    30500: Fault(N_("an error inside Twilio")),
}

CODES: Mapping[int, Fault] = {**DELIVERIES, **REFUSALS}
"""The first table that a text message's errors are looked up in."""


ARRIVED = frozenset({"delivered", "read", "partially_delivered"})
LOST: Mapping[str, str] = {
    "undelivered": N_("the operator did not deliver it"),
    "failed": N_("it could not be sent"),
    "canceled": N_("it was called off at Twilio"),
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
