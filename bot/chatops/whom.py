"""People and schedules as they are named in a line."""

from bot.chatops.vocabulary import key_of
from bot.duty import person_of
from bot.refusal import BadArgumentError
from escalation.phrase import Phrase, advice
from escalation.roster import Person, Roster


def person_named(roster: Roster, text: str, via: str = "") -> Person:
    """Whom an id, a mail address, a contact on the channel, a name or a part of one names. Raises BadArgumentError."""
    wanted = text.strip().lstrip("@")
    if wanted in roster.people:
        return roster.people[wanted]
    known = roster.person_at(via, wanted) or roster.person_of(wanted)
    return known or _by_name(roster, wanted)


def _by_name(roster: Roster, wanted: str) -> Person:
    key = key_of(wanted)
    everybody = list(roster.people.values())
    for found in (
        [one for one in everybody if key in (key_of(one.name), key_of(one.id))],
        [one for one in everybody if key and key in key_of(one.name)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(one.id for one in found)
            several = Phrase("%(name)s may be several people", name=wanted[:60])
            raise BadArgumentError(advice(several, Phrase("write one of: %(names)s", names=names)))
    return roster.people[person_of(roster, wanted[:60])]


def schedule_alone(roster: Roster) -> str:
    """The only schedule. Raises BadArgumentError if there are none or several."""
    if len(roster.schedules) == 1:
        return next(iter(roster.schedules))
    if not roster.schedules:
        raise BadArgumentError(Phrase("the settings have no schedules"))
    names = ", ".join(sorted(roster.schedules))
    raise BadArgumentError(advice(Phrase("which schedule?"), Phrase("write one of: %(names)s", names=names)))
