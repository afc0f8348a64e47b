"""``kidoku simulate``: prints what a policy would do with one mail, hour by hour, without telling anybody."""

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from bot.clock import SystemClock
from bot.settings import Settings, load
from bot.settings.fields import duration
from bot.settings.problem import suggestion
from escalation.event import Acknowledged, Input, ReceiptReported
from escalation.policy import Action, EscalationPolicy, TargetKind
from escalation.receipt import ReceiptKind, Recipient
from escalation.roster import Roster
from escalation.simulate import Entry, EntryKind, SimulationError, TimedInput, simulate

VIA = "simulate"


class _UsageError(Exception):
    """What the user has to write differently; one line for each fault."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What is simulated, and what came of it."""

    policy: EscalationPolicy
    at: datetime
    recipients: tuple[Recipient, ...]
    entries: list[Entry]


def simulate_command(
    config: Path,
    policy: str,
    at: datetime | None,
    reads: Sequence[str],
    acks: Sequence[str],
    as_json: bool,
) -> int:
    """Print the timeline of a mail that arrives at ``at`` (now if None; in the settings' zone if it names none).

    ``reads`` and ``acks`` are written ``alice@+7m``. Returns the exit code: 0, or 2 with the faults on stderr.
    """
    try:
        run = _run(config, policy, at or SystemClock().now(), reads, acks)
    except (_UsageError, SimulationError) as error:
        print(error, file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps([_object(one, run.at) for one in run.entries], ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(run, shutil.get_terminal_size().columns)))
    return 0


def _run(config: Path, name: str, at: datetime, reads: Sequence[str], acks: Sequence[str]) -> _Run:
    settings = _settings(config, at)
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(settings.zone))
    roster = settings.roster()
    policies = settings.escalation_policies()
    if name not in policies:
        raise _UsageError(f"there is no policy {name!r}; the policies are: {', '.join(sorted(policies)) or 'none'}")
    readers = [_timed(text, "--read", roster) for text in reads]
    takers = [_timed(text, "--ack", roster) for text in acks]
    recipients = _recipients(policies[name], roster, [person for person, _ in readers])
    inputs = [_read(person, offset, at) for person, offset in readers]
    inputs += [(offset, Acknowledged(person, VIA)) for person, offset in takers]
    return _Run(policies[name], at, recipients, simulate(policies[name], roster, at, inputs, recipients))


def _settings(config: Path, at: datetime) -> Settings:
    loaded = load(config, os.environ, today=at.date(), needs_secrets=False)
    if loaded.settings is None:
        raise _UsageError("\n".join(str(one) for one in loaded.errors))
    return loaded.settings


def _timed(text: str, option: str, roster: Roster) -> tuple[str, timedelta]:
    person, at, offset = text.rpartition("@")
    if not at or not offset:
        raise _UsageError(f"{option} {text}: it has no time; write it like {text or 'alice'}@+7m")
    if person not in roster.people:
        fix = suggestion(person, roster.people)
        everybody = ", ".join(sorted(roster.people)) or "nobody"
        raise _UsageError(f"{option} {text}: there is no person {person!r}; {fix} The people are: {everybody}")
    try:
        return person, duration(offset.removeprefix("+"))
    except PydanticCustomError as error:
        raise _UsageError(f"{option} {text}: {error.message()}") from error


def _read(person: str, offset: timedelta, at: datetime) -> TimedInput:
    event: Input = ReceiptReported(person, ReceiptKind.SEEN, at + offset, VIA, person)
    return offset, event


# Who gets the mail ---------------------------------------------------------------------------------------------------


def _recipients(policy: EscalationPolicy, roster: Roster, readers: Iterable[str]) -> tuple[Recipient, ...]:
    """Whoever reads in this simulation, and everybody that the policy names; all people if that is nobody."""
    named = [person for action in _actions(policy) for person in _people(action, roster)]
    everybody = dict.fromkeys([*readers, *named]) or dict.fromkeys(roster.people)
    return tuple(Recipient(id) for id in everybody if id in roster.people)


def _actions(policy: EscalationPolicy) -> Iterator[Action]:
    for ladder in policy.ladders:
        for step in ladder.steps:
            yield step.action
            if step.otherwise is not None:
                yield step.otherwise
    yield from policy.last_resort


def _people(action: Action, roster: Roster) -> Iterator[str]:
    for target in action.targets:
        match target.kind:
            case TargetKind.PERSON:
                yield target.name
            case TargetKind.TEAM:
                yield from roster.teams.get(target.name, ())
            case TargetKind.ONCALL if target.name in roster.schedules:
                yield from roster.schedules[target.name].people


# What is printed -----------------------------------------------------------------------------------------------------


def _object(entry: Entry, at: datetime) -> dict[str, Any]:
    return {
        "at": entry.at.astimezone(at.tzinfo).isoformat(),
        "offset_s": entry.offset_s,
        "step": entry.step,
        "loop": entry.loop,
        "channel": entry.channel,
        "target": entry.target,
        "person": entry.person,
        "kind": str(entry.kind),
        "reason": entry.reason,
    }


def _lines(run: _Run, width: int) -> Iterator[str]:
    """Two lines or more for each entry, so that it can be read on 40 columns."""
    yield f"A mail under policy {run.policy.name} arrives at {run.at.isoformat(timespec='minutes')}."
    yield from textwrap.wrap(f"Its recipients are taken to be: {_named(run.recipients)}.", width)
    if ReceiptKind.SEEN not in run.policy.counts:
        yield from textwrap.wrap("This policy does not count \\Seen, which is what --read stands for.", width)
    for entry in run.entries:
        yield ""
        yield f"{_offset(entry):>8}  {entry.at.astimezone(run.at.tzinfo):%H:%M:%S}  {_what(entry)}"
        yield from textwrap.wrap(entry.reason, max(width, 30), initial_indent=" " * 10, subsequent_indent=" " * 10)


def _named(recipients: Sequence[Recipient]) -> str:
    return ", ".join(one.id for one in recipients) or "nobody"


def _offset(entry: Entry) -> str:
    minutes, seconds = divmod(round(entry.offset_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{seconds:02}"


def _what(entry: Entry) -> str:
    if entry.channel is None:
        return str(entry.kind)
    whom = entry.target if entry.person in (None, entry.target) else f"{entry.target} ({entry.person})"
    where = "last resort" if entry.kind is EntryKind.EXHAUSTED else f"step {entry.step}"
    again = f", loop {entry.loop}" if (entry.loop or 1) > 1 else ""
    return f"{where}{again}: {entry.channel} {whom}"
