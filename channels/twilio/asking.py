"""One request to Twilio, with what it says of the channel's health."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from twilio.base.exceptions import TwilioException

from channels.health import Health
from channels.twilio.fault import Fault, RefusedError, UnreachedError, fault_of
from escalation.phrase import N_


async def asked(ask: Callable[[], Awaitable[Any]], health: Health, codes: Mapping[int, Fault] | None = None) -> Any:
    """What Twilio answers. Raises RefusedError or UnreachedError, nothing else."""
    try:
        answer = await ask()
    except RefusedError as error:
        fault = fault_of(error, codes)
        if fault.is_down or error.status >= 500:
            health.down(fault.words)
        else:
            health.up()
        raise
    except UnreachedError as error:
        health.down(error.reason)
        raise
    except (TwilioException, TypeError, ValueError, KeyError) as error:
        raise UnreachedError(N_("Twilio's answer can't be read"), maybe_sent=True) from error
    health.up()
    return answer
