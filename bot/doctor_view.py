"""``kidoku doctor``: who can't be reached, and what to do about it."""

import json
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

from bot.doctor import Examined, Finding, Trouble, as_json
from bot.known import examined
from bot.language import Words
from bot.office import Office
from bot.wording import name_of
from bot.wording.trouble import trouble_said
from bot.wrapping import wrapped
from channels.console.render import printable


async def doctor(office: Office, words: Words, *, as_json: bool) -> int:
    """Print what is wrong. Exit code 1 if anybody can't be reached at all."""
    async with office.store.reading() as tx:
        found = await examined(tx, office.settings, office.engine.rules.roster, office.clock.now())
    if as_json:
        print(json.dumps({"people": [_object(one) for one in found]}, ensure_ascii=False, indent=2))
    else:
        print("\n".join(printable(line) for line in _lines(office, found, words)))
    return 0 if all(one.is_reachable for one in found) else 1


def _object(one: Examined) -> dict[str, Any]:
    return {
        "person": one.person,
        "is_reachable": one.is_reachable,
        "findings": [as_json(finding) for finding in one.findings],
    }


def _lines(office: Office, found: Sequence[Examined], words: Words) -> Iterator[str]:
    width = max(30, min(100, shutil.get_terminal_size().columns))
    yield from wrapped(_summary(found, words), width)
    for one in (one for one in found if one.findings or not one.is_reachable):
        who = name_of(one.person, office.engine.rules.roster, words)
        form = words.gettext("%(who)s can be reached, but:")
        if not one.is_reachable:
            form = words.gettext("%(who)s CAN'T BE REACHED AT ALL:")
        yield ""
        yield from wrapped(form % {"who": who}, width)
        for finding in one.findings:
            yield from (f"  {line}" for line in wrapped(trouble_said(finding, words), width - 2))
            yield from (f"    {line}" for line in wrapped(f"→ {_advice(finding, words)}", width - 4))


def _summary(found: Sequence[Examined], words: Words) -> str:
    lost, troubled = sum(not one.is_reachable for one in found), sum(bool(one.findings) for one in found)
    people = words.ngettext(
        "Looked at %(n)d person whom the settings tell somewhere.",
        "Looked at %(n)d people whom the settings tell somewhere.",
        len(found),
    ) % {"n": len(found)}
    if not lost and not troubled:
        return words.sentences(people, words.gettext("Nothing is wrong."))
    form = words.ngettext(
        "%(n)d can't be reached at all.",
        "%(n)d can't be reached at all.",
        lost,
    )
    return words.sentences(people, form % {"n": lost})


_KEYS = {"mail": "email"}


def _advice(one: Finding, words: Words) -> str:
    values = {"key": _KEYS.get(one.channel, one.channel), "person": one.person}
    values["command"] = f"kidoku confirm {one.person} {one.channel}"
    match one.trouble:
        case Trouble.NO_CONTACT:
            return words.gettext("add %(key)s to people.%(person)s, or tell them otherwise there") % values
        case Trouble.STOPPED:
            return words.gettext("ask %(person)s to send START from that phone to Kidoku's number") % values
        case Trouble.CHANNEL_DOWN:
            return words.gettext("mend the channel; until then the next step comes forward")
        case Trouble.FAILED:
            return words.gettext("correct %(key)s of people.%(person)s, and try it: %(command)s") % values
        case Trouble.UNANSWERED:
            return words.gettext("ask %(person)s, and try it: %(command)s") % values
        case Trouble.UNCONFIRMED | Trouble.EXPIRED:
            return words.gettext("let %(person)s confirm it: %(command)s") % values
