"""Writes ``docs/state-machine.md`` from the transition table: ``python -m bot.state_diagram [--check]``."""

import sys
from collections.abc import Iterator
from pathlib import Path

from escalation import machine
from escalation.alert import AlertStatus

PAGE = Path("docs/state-machine.md")

_HEAD = """\
# The life of an alert

<!-- Generated from escalation/machine.py by `python -m bot.state_diagram`. Do not edit: change the table there. -->

An alert opens when a routing rule says that a mail is urgent. Each input below either has an entry for the status that
the alert is in, or changes nothing. The rules in words stand at the top of `escalation/machine.py` and
`escalation/climb.py`; the words are explained in [concepts](concepts.md).

"""

_OPENED = "Opened"
_FINAL = tuple(status for status in AlertStatus if status.is_closed)
_MEANING = {
    AlertStatus.HELD: "a mail of the team waits for a second person; nothing of it has left",
    AlertStatus.TRIGGERED: "the ladder climbs",
    AlertStatus.ACKNOWLEDGED: "somebody has read it or taken it; nothing more is sent",
    AlertStatus.EXHAUSTED: "the ladder has ended and nobody came; the last resort and the administrators were told",
    AlertStatus.RESOLVED: "over; nothing re-opens it",
    AlertStatus.CANCELLED: "should not have been an alert; nothing re-opens it",
}


def page() -> str:
    """The whole page."""
    parts = (_statuses(), _diagram(), _table())
    return _HEAD + "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _statuses() -> Iterator[str]:
    yield "| status | meaning |"
    yield "|---|---|"
    for status, words in _MEANING.items():
        yield f"| {status} | {words} |"


def _diagram() -> Iterator[str]:
    """Changes of status only; what leaves the status as it is stands in the table."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for status in (AlertStatus.HELD, AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED, AlertStatus.EXHAUSTED):
        yield f"    [*] --> {status}: {_OPENED}"
    for (start, end), inputs in _edges().items():
        yield f"    {start} --> {end}: {', '.join(inputs)}"
    for status in _FINAL:
        yield f"    {status} --> [*]"
    yield "```"


def _edges() -> dict[tuple[AlertStatus, AlertStatus], list[str]]:
    edges: dict[tuple[AlertStatus, AlertStatus], list[str]] = {}
    for (start, kind), transition in machine.TABLE.items():
        for end in transition.to:
            if end is not start:
                edges.setdefault((start, end), []).append(kind.__name__)
    return edges


def _table() -> Iterator[str]:
    yield "| in status | when this happens | it may become | because |"
    yield "|---|---|---|---|"
    yield f"| – | {_OPENED} | held, triggered, acknowledged, exhausted | to be approved: held; \
read already: acknowledged; no ladder: exhausted |"
    for (status, kind), transition in machine.TABLE.items():
        yield f"| {status} | {kind.__name__} | {', '.join(transition.to)} | {transition.words} |"
    for status in _FINAL:
        yield f"| {status} | anything | {status} | a closed alert stays closed |"


def main(arguments: list[str]) -> int:
    """Write the page; with ``--check`` only compare it, and return 1 if it is stale."""
    fresh = page()
    if "--check" not in arguments:
        PAGE.write_text(fresh, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == fresh:
        return 0
    print(f"{PAGE} is stale; run: python -m bot.state_diagram", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
