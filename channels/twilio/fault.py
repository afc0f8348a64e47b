"""Every refusal of Twilio's API, classified in one table by its own error code, then by the HTTP status.

Sources: https://www.twilio.com/docs/api/errors (each code has a page) and
https://www.twilio.com/docs/usage/twilios-response. Twilio's own sentence is never repeated: it may hold a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from channels.base import Rejected, RetryLater
from escalation.phrase import N_


class RefusedError(Exception):
    """Twilio answered, and the answer was no. ``code`` is Twilio's, None if it gave none."""

    def __init__(self, status: int, code: int | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(f"HTTP {status}, Twilio error {code}")
        self.status = status
        self.code = code
        self.retry_after = retry_after


class UnreachedError(Exception):
    """Twilio did not answer. ``maybe_sent``: the request may have arrived there."""

    def __init__(self, reason: str, *, maybe_sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.maybe_sent = maybe_sent


@dataclass(frozen=True, slots=True)
class Fault:
    """What a refusal means.

    ``is_passing``: try again later, and let the whole channel wait. ``is_down``: no call at all can be made until
    somebody mends the account or the settings. ``is_own``: another account may be able
    to make this call, as far as this refusal says. ``maybe_sent``: the call may have been made nevertheless.
    """

    words: str
    is_passing: bool = False
    is_down: bool = False
    maybe_sent: bool = False
    is_own: bool = False


def because(words: str, why: str) -> str:
    """ "the number can't get text messages: it is a landline"."""
    return f"{words}: {why}"


_TRIAL = N_("a trial account can call only numbers that are verified in Twilio's console; verify it, or upgrade")
_GEO = N_("the account may not call this country; allow it in Twilio's console under Voice, Geo permissions")
_FROM = N_("from_number is no number of this account that can make calls")

CODES: Mapping[int, Fault] = {
    10001: Fault(N_("the account is not active"), is_down=True),
    10002: Fault(N_("a trial account does not have this feature; upgrade it in Twilio's console"), is_down=True),
    10003: Fault(N_("the account is not active"), is_down=True),
    10004: Fault(N_("too many calls at once for this account"), is_passing=True),
    10005: Fault(N_("calls are disabled for this account; ask Twilio's support"), is_down=True),
    13223: Fault(N_("the number is not written as a phone number")),
    13224: Fault(N_("Twilio can't call this number, or there is none like it")),
    13225: Fault(N_("Twilio forbids calls to this number")),
    13226: Fault(N_("the number's country code does not exist")),
    13227: Fault(_GEO, is_own=True),
    20001: Fault(N_("the request held an unknown parameter")),
    20003: Fault(N_("the account SID and the auth token don't fit together"), is_down=True),
    20004: Fault(N_("the method is not allowed there; look at api_url"), is_down=True),
    20005: Fault(N_("the account is not active"), is_down=True),
    20006: Fault(N_("access denied: the credentials may not do this"), is_down=True),
    20008: Fault(N_("test credentials can't do this; use the live ones"), is_down=True),
    20403: Fault(N_("access denied: the credentials may not do this"), is_down=True),
    20404: Fault(N_("Twilio knows nothing under this address; look at account_sid and api_url"), is_own=True),
    20429: Fault(N_("too many requests at once"), is_passing=True),
    20500: Fault(N_("an error inside Twilio"), is_passing=True, maybe_sent=True),
    20503: Fault(N_("Twilio is out of service"), is_passing=True, maybe_sent=True),
    21200: Fault(N_("Twilio does not take the request"), is_own=True),
    21201: Fault(N_("no number to call was given")),
    21202: Fault(N_("the number is a premium number, which Twilio does not call")),
    21203: Fault(N_("the account may not call other countries; allow it in Twilio's console"), is_own=True),
    21205: Fault(N_("Twilio does not take the public_url as an address")),
    21208: Fault(N_("Twilio does not take the ring_timeout")),
    21210: Fault(because(_FROM, N_("it is not verified")), is_down=True),
    21211: Fault(N_("the number to call is not valid")),
    21212: Fault(because(_FROM, N_("it is not valid")), is_down=True),
    21213: Fault(N_("from_number is missing"), is_down=True),
    21214: Fault(N_("the number can't be reached by Twilio")),
    21215: Fault(_GEO, is_own=True),
    21216: Fault(N_("Twilio blocks calls to this number")),
    21217: Fault(N_("the number does not appear to be valid")),
    21219: Fault(_TRIAL, is_own=True),
    21220: Fault(N_("the call is not in a state in which that can be done")),
    21609: Fault(N_("Twilio does not take the public_url as an address for its callbacks")),
    21626: Fault(N_("the request held an unknown parameter")),
    22005: Fault(N_("Twilio's queue of calls is full"), is_passing=True),
    32018: Fault(N_("what was to be said is too long")),
    32205: Fault(_GEO, is_own=True),
}

STATUSES: Mapping[int, Fault] = {
    400: Fault(N_("Twilio does not take the request"), is_own=True),
    401: Fault(N_("the account SID and the auth token don't fit together"), is_down=True),
    403: Fault(N_("access denied: the credentials may not do this"), is_down=True),
    404: Fault(N_("Twilio knows nothing under this address; look at account_sid and api_url"), is_own=True),
    405: Fault(N_("the method is not allowed there; look at api_url"), is_down=True),
    408: Fault(N_("Twilio waited too long for the request"), is_passing=True, maybe_sent=True),
    409: Fault(N_("Twilio is busy with another change of the same thing"), is_passing=True),
    425: Fault(N_("too early"), is_passing=True),
    429: Fault(N_("too many requests at once"), is_passing=True),
}

_SERVER = Fault(N_("an error inside Twilio"), is_passing=True, maybe_sent=True)
_MOVED = Fault(N_("the address has moved; look at api_url"), is_down=True)
_OTHER = Fault(N_("Twilio refuses the request"), is_own=True)

NOT_FOUND = 20404
WRONG_STATE = 21220


def fault_of(refused: RefusedError, codes: Mapping[int, Fault] | None = None) -> Fault:
    """What ``refused`` means: by the code if it is known, else by the status. ``codes`` go before those of calls. What
    the status says will pass does, whatever the code."""
    known = {**CODES, **(codes or {})}
    by_code = known.get(refused.code) if refused.code is not None else None
    is_passing = refused.status == 429 or refused.status >= 500
    return by_code if by_code is not None and (by_code.is_passing or not is_passing) else _by_status(refused.status)


def _by_status(status: int) -> Fault:
    if status in STATUSES:
        return STATUSES[status]
    if status >= 500:
        return _SERVER
    return _MOVED if 300 <= status < 400 else _OTHER


def result_of(error: RefusedError | UnreachedError, codes: Mapping[int, Fault] | None = None) -> RetryLater | Rejected:
    """The outcome of a request that failed."""
    if isinstance(error, UnreachedError):
        return RetryLater(error.reason, is_channel_wide=True, maybe_sent=error.maybe_sent)
    fault = fault_of(error, codes)
    reason = f"{fault.words} ({error})"
    if fault.is_passing:
        return RetryLater(reason, error.retry_after, is_channel_wide=True, maybe_sent=fault.maybe_sent)
    return Rejected(reason)


def patient(result: RetryLater | Rejected) -> RetryLater:
    """What left is asked about until Twilio answers."""
    return result if isinstance(result, RetryLater) else RetryLater(result.reason)


def is_own(error: RefusedError | UnreachedError, codes: Mapping[int, Fault] | None = None) -> bool:
    """Whether another account might take what this one refuses."""
    fault = fault_of(error, codes) if isinstance(error, RefusedError) else None
    return fault is not None and (fault.is_down or fault.is_own)


def put_off(
    result: RetryLater, other: RefusedError | UnreachedError, codes: Mapping[int, Fault] | None = None
) -> RetryLater:
    """One account may take it later, and the ``other`` refuses for a reason of its own. The channel is out of order
    only where that one can't be used at all: it may take everybody else's."""
    is_down = isinstance(other, RefusedError) and fault_of(other, codes).is_down
    return replace(result, is_channel_wide=is_down, has_other_way=False)


def is_gone(error: RefusedError) -> bool:
    """Whether what was asked for does not exist."""
    return error.code == NOT_FOUND or error.status == 404
