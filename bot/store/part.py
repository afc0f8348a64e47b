"""What the parts of a transaction share: the connection, and the policies read so far."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from escalation.policy import EscalationPolicy


@dataclass(slots=True)
class Part:
    """``policies`` and ``digests`` live as long as the store; they hold only what was committed, or is about
    to be. ``digests`` is keyed by identity (the policy beside it keeps that from being reused): hashing one is slow."""

    connection: AsyncConnection
    policies: dict[str, EscalationPolicy]
    digests: dict[int, tuple[EscalationPolicy, str]]
