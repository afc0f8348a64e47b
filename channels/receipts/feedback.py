"""Feedback reports (ARF, RFC 5965): a recipient complained, or asked to be taken off."""

from channels.receipts.address import all_of, distinct, typed
from channels.receipts.entity import Entity
from channels.receipts.fields import MOST_VALUE
from channels.receipts.understood import Reported

_NAMED = ("original-rcpt-to", "removal-recipient", "final-recipient")
_IN_ORIGINAL = ("x-hmxmroriginalrecipient", "x-original-to", "x-rcpt-to", "delivered-to", "to")


def reported(report: str | None, original: Entity | None) -> list[Reported]:
    """Those who complained, by the report's own words, else by the returned mail."""
    said = f"feedback-type: {_type(report)}" if report is not None else ""
    return [Reported(address, diagnostic=said) for address in _addresses(report, original)]


def _addresses(report: str | None, original: Entity | None) -> tuple[str, ...]:
    if report is not None:
        for name in _NAMED:
            if found := [address for value in _values(report, name) if (address := typed(value))]:
                return distinct(found)
    for name in _IN_ORIGINAL if original is not None else ():
        if original is not None and (found := list(all_of(original.values(name)))):
            return distinct(found)
    return ()


def _values(report: str, name: str) -> list[str]:
    """A field of the report; it stands in the part's body, and is repeated for each recipient (RFC 5965, 3.2)."""
    lines = report.split("\n")
    key = f"{name}:"
    return [line[len(key) :][:MOST_VALUE] for line in lines if line.lower().startswith(key)]


def _type(report: str) -> str:
    return next(iter(_values(report, "feedback-type")), "").strip()[:40]
