"""``kidoku prove``: what each policy does at most, and when it would page nobody, without telling anybody."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bot.clock import SystemClock
from bot.language import Words
from bot.proofs import proofs_of
from bot.settings import load
from bot.settings.problem import suggestion
from bot.standing import standing
from bot.wording import channel_name, name_of
from bot.wording.named import named
from bot.wrapping import wrapped
from escalation.phrase import Phrase, advice
from escalation.policy import EscalationPolicy
from escalation.prove import Most, Proof, Silence
from escalation.roster import Roster

_LEAST_WIDTH = 30


class Prices(NamedTuple):
    """What one call and one text message cost, in whatever currency."""

    call: float = 0
    text: float = 0

    def of(self, calls: int, texts: int) -> float:
        return calls * self.call + texts * self.text


def prove_command(config: Path, policy: str, prices: Prices, *, as_json: bool, now: datetime | None = None) -> int:
    """Print the proof of one policy, or of all. Returns the exit code: 1 if one pages nobody at some instant or does
    not end, 2 with the faults on stderr if the settings or the name are wrong."""
    now = now or SystemClock().now()
    loaded = load(config, os.environ, today=now.date(), needs_secrets=False)
    if loaded.settings is None:
        print(loaded.worded_errors(), file=sys.stderr)
        return 2
    words = loaded.words
    settings, roster = standing(loaded.settings, now)
    policies = settings.escalation_policies()
    if policy and policy not in policies:
        unknown = Phrase("there is no %(what)s %(name)s", what=Phrase("policy"), name=policy)
        print(words.sentence(advice(unknown, suggestion(policy, policies))), file=sys.stderr)
        return 2
    wanted = [policies[policy]] if policy else list(policies.values())
    proofs = _proofs(roster, wanted, now, words)
    if as_json:
        print(json.dumps([_object(one, prices, words) for one in proofs], ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(proofs, prices, roster, words)))
    return 0 if all(map(_is_good, proofs)) else 1


def _proofs(roster: Roster, policies: list[EscalationPolicy], now: datetime, words: Words) -> list[Proof]:
    """The proofs, with a bar on a terminal while they are made."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=None))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(words.gettext("Walking the policies"), total=len(policies))
        return list(proofs_of(roster, policies, now, lambda done: progress.update(bar, completed=done)))


def _is_good(proof: Proof) -> bool:
    return proof.ends and all(one.is_last_resort for one in proof.silences)


# What is printed -----------------------------------------------------------------------------------------------------


def _lines(proofs: list[Proof], prices: Prices, roster: Roster, words: Words) -> Iterator[str]:
    width = max(_LEAST_WIDTH, shutil.get_terminal_size().columns)
    for number, proof in enumerate(proofs):
        yield from ("",) if number else ()
        yield from wrapped(_head(proof, words), width)
        for text in _body(proof, prices, roster, words):
            first, *rest = wrapped(text, width - 4)
            yield f"  {first}"
            yield from (f"    {line}" for line in rest)
    bad = sum(not _is_good(one) for one in proofs)
    yield ""
    form = words.ngettext("%(n)d policy walked: ", "%(n)d policies walked: ", len(proofs))
    good = words.gettext("each ends, and each always pages somebody.")
    some = words.ngettext("%(n)d does not hold.", "%(n)d do not hold.", bad) % {"n": bad}
    yield from wrapped(form % {"n": len(proofs)} + (some if bad else good), width)


def _head(proof: Proof, words: Words) -> str:
    values = {"policy": proof.policy, "places": proof.places, "walks": proof.walks}
    return words.gettext("%(policy)s (%(places)d changes, %(walks)d walks that differ)") % values


def _body(proof: Proof, prices: Prices, roster: Roster, words: Words) -> Iterator[str]:
    if proof.ends:
        values = {"seen": words.duration(proof.ends_after), "most": words.duration(proof.bound.ends_after)}
        yield words.gettext("ends after %(seen)s at the latest (proved: %(most)s)") % values
    else:
        yield words.gettext("DOES NOT END within the decisions that are allowed")
    values = {"seen": words.duration(proof.latest_page), "most": words.duration(proof.bound.latest_page)}
    yield words.gettext("latest page of a step after %(seen)s (proved: %(most)s)") % values
    yield words.gettext("most calls to one person: %(most)s") % {"most": _most(proof.calls, roster, words)}
    yield words.gettext("most messages to one person: %(most)s") % {"most": _most(proof.messages, roster, words)}
    if any(prices):
        yield _cost(proof, prices, words)
    yield from (_silence(one, roster, words) for one in proof.silences)
    if not proof.silences:
        yield words.gettext("pages somebody at every instant, whichever channel is down")
    if not proof.is_whole:
        yield words.gettext("there is too much to walk: not every instant of a climb was laid against every change")


def _cost(proof: Proof, prices: Prices, words: Words) -> str:
    calls, texts = proof.dearest(*prices)
    told = [words.ngettext("%(n)d call", "%(n)d calls", calls) % {"n": calls}]
    if prices.text:
        told.append(words.ngettext("%(n)d text message", "%(n)d text messages", texts) % {"n": texts})
    values = {"cost": f"{prices.of(calls, texts):.2f}", "told": words.listed(told)}
    return words.gettext("highest cost: %(cost)s (%(told)s)") % values


def _most(most: Most, roster: Roster, words: Words) -> str:
    return f"{most.count} ({name_of(most.person, roster, words)})" if most.count else "0"


def _silence(one: Silence, roster: Roster, words: Words) -> str:
    down = channel_name(one.down, words) if one.down else ""
    values = {"at": words.instant(one.at), "down": down, "times": one.times}
    told = {
        (False, False): words.gettext("PAGES NOBODY at %(at)s"),
        (False, True): words.gettext("PAGES NOBODY at %(at)s while %(down)s is down"),
        (True, False): words.gettext("only the last resort is told at %(at)s"),
        (True, True): words.gettext("only the last resort is told at %(at)s while %(down)s is down"),
    }[one.is_last_resort, one.down is not None]
    places = words.ngettext("(near %(times)d change)", "(near %(times)d changes)", one.times)
    why = named(advice(one.why, one.fix), roster, words, one.at)
    parts = {"told": words.sentences(told, places) % values, "why": words.said(why)}
    return words.gettext("%(told)s: %(why)s") % parts


def _object(proof: Proof, prices: Prices, words: Words) -> dict[str, Any]:
    calls, texts = proof.dearest(*prices)
    cost = {"highest_cost": round(prices.of(calls, texts), 4)} if any(prices) else {}
    return {
        "policy": proof.policy,
        "is_good": _is_good(proof),
        "ends": proof.ends,
        "ends_after_s": proof.ends_after.total_seconds(),
        "ends_after_proved_s": proof.bound.ends_after.total_seconds(),
        "latest_page_s": proof.latest_page.total_seconds(),
        "latest_page_proved_s": proof.bound.latest_page.total_seconds(),
        "most_calls": {"person": proof.calls.person or None, "count": proof.calls.count},
        "most_messages": {"person": proof.messages.person or None, "count": proof.messages.count},
        "all_calls": max(calls for calls, _ in proof.charged),
        "all_texts": max(texts for _, texts in proof.charged),
        **cost,
        "changes": proof.places,
        "walks": proof.walks,
        "is_whole": proof.is_whole,
        "pages_nobody": [_silence_object(one, words) for one in proof.silences],
    }


def _silence_object(one: Silence, words: Words) -> dict[str, Any]:
    return {
        "at": one.at.astimezone(words.zone).isoformat(),
        "down": one.down,
        "only_last_resort": one.is_last_resort,
        "changes": one.times,
        "why": words.said(one.why),
        "fix": words.said(one.fix),
    }
