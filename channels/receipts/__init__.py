"""Receipts: what a mail says of a mail that was sent before. Pure: bytes in, ``Understood`` out."""

from channels.receipts.understand import answering, understand
from channels.receipts.understood import MailKind, Reported, Understood

__all__ = ["MailKind", "Reported", "Understood", "answering", "understand"]
