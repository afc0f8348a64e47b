"""``kidoku simulate``: prints what a policy would do with one mail, hour by hour, without telling anybody."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from bot.chatops.clause import SEVERITIES, timed
from bot.chatops.day import in_shift
from bot.chatops.parse import of_words
from bot.chatops.vocabulary import Name
from bot.chatops.when import MORNING
from bot.clock import SystemClock
from bot.language import N_, Words
from bot.refusal import BadArgumentError, RefusalError
from bot.settings import Settings, load
from bot.settings.fields import duration
from bot.settings.problem import suggestion
from bot.standing import standing
from bot.terminal import refuse_both, tell_fault
from bot.wording.name import channel_name, name_of, recipient_name, target_name
from bot.wording.named import named
from bot.wrapping import wrapped
from escalation.event import Acknowledged, Input, ReceiptReported
from escalation.occasion import recipients_of
from escalation.phrase import Phrase, advice
from escalation.policy import EscalationPolicy, Target
from escalation.receipt import ReceiptKind, Recipient
from escalation.roster import Roster
from escalation.simulate import Entry, EntryKind, SimulationError, TimedInput, simulate

VIA = "simulate"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user wants simulated, as written."""

    policy: str
    at: datetime
    reads: Sequence[str]
    acks: Sequence[str]
    severity: str


@dataclass(frozen=True, slots=True)
class Run:
    """What is simulated, and what came of it."""

    policy: EscalationPolicy
    at: datetime
    recipients: tuple[Recipient, ...]
    entries: list[Entry]
    roster: Roster


def simulate_command(
    config: Path,
    policy: str,
    at: datetime | None,
    reads: Sequence[str],
    acks: Sequence[str],
    as_json: bool,
    severity: str = "",
    typed: Sequence[str] = (),
) -> int:
    """Print the timeline of a mail of this severity that arrives at ``at`` (now if None; in the settings' zone if it
    names none).

    ``reads`` and ``acks`` are written ``alice@+7m``; ``typed`` are the words of chat that say the same, such as "urgent
    at 2:00 read alice 7m". Returns the exit code: 0, or 2 with the faults told.
    """
    now = SystemClock().now()
    loaded = load(config, os.environ, today=(at or now).date(), needs_secrets=False)
    words = loaded.words
    if loaded.settings is None:
        return tell_fault(loaded.worded_errors(), as_json=as_json)
    try:
        given = of_words(Name.SIMULATE, typed)
        refuse_both(
            {"--policy": given.policy and policy, "--at": given.start and at, "--severity": given.severity and severity}
        )
        asked = Asked(
            policy=policy_of(policy or given.policy, loaded.settings.escalation_policies(), words),
            at=at or _begin(given.start, now, loaded.settings, words),
            reads=[*reads, *timed(given.reads)],
            acks=[*acks, *timed(given.acks)],
            severity=severity_of(severity or given.severity, words),
        )
        ran = _run(loaded.settings, asked)
    except (RefusalError, SimulationError) as error:
        told = error.at_terminal if isinstance(error, RefusalError) else error.args[0]
        return tell_fault(words.sentence(told), as_json=as_json)
    if as_json:
        print(json.dumps([_object(one, ran.at, words) for one in ran.entries], ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(ran, words, shutil.get_terminal_size().columns)))
    return 0


def policy_of(written: str, policies: Mapping[str, EscalationPolicy], words: Words) -> str:
    """The policy that was named, or the only one. Raises BadArgumentError, worded."""
    if written or len(policies) == 1:
        return written or next(iter(policies))
    names = ", ".join(sorted(policies))
    raise BadArgumentError(words.gettext("Which policy? There are %(names)s.") % {"names": names})


def severity_of(written: str, words: Words) -> str:
    """Left out, the worst. Raises BadArgumentError, worded."""
    if (severity := written.casefold() or "critical") in SEVERITIES:
        return severity
    wrong = words.gettext("“%(text)s” is no severity; write one of %(names)s.")
    raise BadArgumentError(wrong % {"text": written[:60], "names": ", ".join(SEVERITIES)})


def _begin(written: str, now: datetime, settings: Settings, words: Words) -> datetime:
    """When the mail arrives, in the zone of the settings. Raises BadArgumentError, worded."""
    at = in_shift(written, now, settings.zone, MORNING) if written else now
    if at is None:
        raise BadArgumentError(words.gettext("“%(text)s” is no time.") % {"text": written[:60]})
    return at.astimezone(ZoneInfo(settings.zone))


def _run(settings: Settings, asked: Asked) -> Run:
    at = asked.at if asked.at.tzinfo else asked.at.replace(tzinfo=ZoneInfo(settings.zone))
    settings, roster = standing(settings, at)
    return run(settings.escalation_policies(), roster, replace(asked, at=at))


def run(policies: Mapping[str, EscalationPolicy], roster: Roster, asked: Asked) -> Run:
    """Climb the policy; ``asked.at`` is aware. Raises BadArgumentError and SimulationError, with a phrase."""
    name, at = asked.policy, asked.at
    if name not in policies:
        known: str = ", ".join(sorted(policies)) or Phrase("none")
        raise BadArgumentError(
            Phrase("there is no policy “%(name)s”; the policies are: %(known)s", name=name, known=known)
        )
    readers = [_timed(text, "--read", roster) for text in asked.reads]
    takers = [_timed(text, "--ack", roster) for text in asked.acks]
    recipients = recipients_of(policies[name], roster, [person for person, _ in readers])
    inputs = [_read(person, offset, at) for person, offset in readers]
    inputs += [(offset, Acknowledged(person, VIA)) for person, offset in takers]
    entries = simulate(policies[name], roster, at, inputs, recipients, severity=asked.severity)
    return Run(policies[name], at, recipients, entries, roster)


def _timed(text: str, option: str, roster: Roster) -> tuple[str, timedelta]:
    person, at, offset = text.rpartition("@")
    if not at or not offset:
        example = Phrase("write it like %(example)s", example=f"{text or 'alice'}@+7m")
        raise _misused(option, text, Phrase("it has no time"), example)
    if person not in roster.people:
        fix = suggestion(person, roster.people, Phrase("write the id of a person from the settings"))
        raise _misused(option, text, Phrase("there is no person %(name)s", name=person), fix)
    try:
        return person, duration(offset.removeprefix("+"))
    except PydanticCustomError as error:
        context = error.context or {}
        raise _misused(option, text, context["wrong"], context["fix"]) from error


def _misused(option: str, text: str, wrong: str, fix: str) -> BadArgumentError:
    return BadArgumentError(Phrase("%(option)s: %(why)s", option=f"{option} {text}", why=advice(wrong, fix)))


def _read(person: str, offset: timedelta, at: datetime) -> TimedInput:
    event: Input = ReceiptReported(person, ReceiptKind.SEEN, at + offset, VIA, person)
    return offset, event


# What is printed -----------------------------------------------------------------------------------------------------


def _object(entry: Entry, at: datetime, words: Words) -> dict[str, Any]:
    return {
        "at": entry.at.astimezone(at.tzinfo).isoformat(),
        "offset_s": entry.offset_s,
        "step": entry.step,
        "loop": entry.loop,
        "channel": entry.channel,
        "target": entry.target,
        "person": entry.person,
        "kind": str(entry.kind),
        "reason": words.said(entry.reason),
    }


_KINDS = {
    EntryKind.NOTIFY: N_("told"),
    EntryKind.EXHAUSTED: N_("exhausted"),
    EntryKind.ALARM: N_("alarm"),
    EntryKind.STOPPED: N_("stopped"),
    EntryKind.SPARED: N_("not told"),
}


def _lines(run: Run, words: Words, width: int) -> Iterator[str]:
    """Two lines or more for each entry, so that it can be read on 40 columns."""
    width = max(width, 30)
    for head in _head(run, words):
        yield from wrapped(words.said(head), width)
    for entry in run.entries:
        yield ""
        yield f"{_offset(entry):>8}  {words.moment(entry.at, run.at)}  {words.said(_what(entry, run, words))}"
        yield from (f"{'':10}{line}" for line in wrapped(_why(entry, run, words), width - 10))


def brief_lines(run: Run, words: Words) -> Iterator[str]:
    """A line for each entry, for chat: "+0:05:00 02:05 step 1: slack #noc – why"."""
    yield from map(words.said, _head(run, words))
    for entry in run.entries:
        at = words.moment(entry.at, run.at)
        yield f"{_offset(entry)}  {at}  {words.said(_what(entry, run, words))} – {_why(entry, run, words)}"


def _head(run: Run, words: Words) -> Iterator[Phrase]:
    values = {"policy": run.policy.name, "at": words.instant(run.at)}
    yield Phrase("A mail under policy %(policy)s arrives at %(at)s.", **values)
    names = words.listed([recipient_name(one, run.roster, words) for one in run.recipients]) or Phrase("nobody")
    yield Phrase("Its recipients are taken to be: %(names)s.", names=names)
    if ReceiptKind.SEEN not in run.policy.counts:
        yield Phrase("This policy does not count \\Seen, which is what --read stands for.")


def _offset(entry: Entry) -> str:
    minutes, seconds = divmod(round(entry.offset_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{seconds:02}"


def _why(entry: Entry, run: Run, words: Words) -> str:
    return words.said(named(entry.reason, run.roster, words, run.at))


def _what(entry: Entry, run: Run, words: Words) -> Phrase:
    if entry.kind is EntryKind.SPARED:
        return Phrase("step %(step)d: not told", step=entry.step)
    if entry.channel is None:
        return Phrase(_KINDS[entry.kind])
    told = f"{channel_name(entry.channel, words)} → {_whom(entry, run, words)}"
    if entry.kind is EntryKind.EXHAUSTED:
        return Phrase("last resort: %(told)s", told=told)
    if (entry.loop or 1) > 1:
        return Phrase("step %(step)d, loop %(loop)d: %(told)s", step=entry.step, loop=entry.loop, told=told)
    return Phrase("step %(step)d: %(told)s", step=entry.step, told=told)


def _whom(entry: Entry, run: Run, words: Words) -> str:
    if entry.person is not None:
        return name_of(entry.person, run.roster, words)
    return target_name(Target.parse(entry.target or ""), run.roster, words, entry.at)
