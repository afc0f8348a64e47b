"""What comes back for the mail that was sent, straight from the mail servers: bounces, delivery reports, answers.

RFC 5321. Nobody logs in, and nothing is passed on: an address that Kidoku did not make is refused at once.
"""

from typing import Any

import structlog

from channels.gateway.config import GatewaySettings
from channels.gateway.gate import Gate, client_of
from channels.gateway.handler import EMPTY, fault, unfit, worded
from channels.gateway.submission import Receipts
from channels.gateway.text import with_line_ends

log = structlog.get_logger(__name__)

MOST_RECIPIENTS = 20
"""Of one mail: a receipt is for one address, rarely for a few."""


class ReceiptHandler:
    """The hooks of aiosmtpd (``handle_…``), for all connections."""

    wants_login = False

    def __init__(self, settings: GatewaySettings, receipts: Receipts, gate: Gate) -> None:
        self._per_minute = settings.messages_per_minute
        self._receipts = receipts
        self._gate = gate

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        others = [one for one in responses[1:] if not one.startswith("250-AUTH")]
        return [responses[0], "250-PIPELINING", *others]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Any sender: a bounce has none, and none proves anything."""
        if not self._gate.takes(client_of(session.peer)):
            log.warning("A mail server hands in too many receipts", client=client_of(session.peer))
            return f"452 4.7.1 More than {self._per_minute} mails a minute; try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if refusal := unfit(address, envelope):
            return refusal
        if not self._receipts.is_awaited(address):
            return "550 5.1.1 No receipt is awaited here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return f"452 4.5.3 More than {MOST_RECIPIENTS} recipients; hand in the mail again for others"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_VRFY(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str
    ) -> str:
        return "252 2.5.2 Hand it in, and it will be tried"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """The answer after the final dot: a 250 says that what it proves is kept."""
        data = with_line_ends(envelope.content)
        return worded(await self._receipts.accept(tuple(envelope.rcpt_tos), data)) if data.strip() else EMPTY

    async def handle_exception(self, error: Exception) -> str:
        return fault(error)
