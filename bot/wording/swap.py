"""A swap in words: the question to the other side, and what came of it."""

from dataclasses import replace
from datetime import datetime

from bot.language import N_, Words
from bot.wording.message import Row
from bot.wording.name import name_of
from bot.wording.titled import titled
from channels.message import Button, Fact, Message, Tone, Verb
from escalation.phrase import Phrase
from escalation.roster import Roster
from escalation.swap import Stretch, Swap, SwapState

_OUTCOMES = {
    SwapState.ASKED: (
        N_(
            "Swap %(id)d: %(other)s is asked to take the shift of %(asker)s in %(schedule)s, %(mine)s; until %(until)s."
        ),
        N_(
            "Swap %(id)d: %(other)s is asked to take the shift of %(asker)s in %(schedule)s, %(mine)s, in exchange for "
            "%(theirs)s; until %(until)s."
        ),
    ),
    SwapState.ACCEPTED: (
        N_("Swap %(id)d is done: %(other)s takes the shift of %(asker)s in %(schedule)s, %(mine)s."),
        N_(
            "Swap %(id)d is done: %(other)s takes the shift of %(asker)s in %(schedule)s, %(mine)s, and %(asker)s "
            "that of %(other)s, %(theirs)s."
        ),
    ),
    SwapState.DECLINED: N_("Swap %(id)d: %(other)s declined. %(asker)s keeps the shift in %(schedule)s, %(mine)s."),
    SwapState.WITHDRAWN: N_("Swap %(id)d: %(asker)s has withdrawn it, and keeps the shift in %(schedule)s, %(mine)s."),
    SwapState.LAPSED: N_(
        "Swap %(id)d: %(other)s did not answer in time. %(asker)s keeps the shift in %(schedule)s, %(mine)s."
    ),
    SwapState.VOID: N_(
        "Swap %(id)d is void: the shifts stand no longer as they did when it was asked. Nothing is exchanged in "
        "%(schedule)s, %(mine)s."
    ),
}


def outcome_of(swap: Swap, roster: Roster, words: Words, why: Phrase | None = None) -> str:
    """How a swap stands, in a sentence; ``why`` it is void, if it is."""
    forms = _OUTCOMES[swap.state]
    form = forms if isinstance(forms, str) else forms[swap.theirs is not None]
    said = words.gettext(form) % _values(swap, roster, words)
    return words.sentences(said, words.gettext("(%(why)s)") % {"why": words.said(why)}) if why else said


def _values(swap: Swap, roster: Roster, words: Words) -> dict[str, object]:
    return {
        "id": swap.id,
        "asker": name_of(swap.asker, roster, words),
        "other": name_of(swap.other, roster, words),
        "schedule": swap.schedule,
        "mine": stretch_line(swap.mine, words),
        "theirs": stretch_line(swap.theirs, words) if swap.theirs else "",
        "until": words.instant(swap.ends_at),
    }


def stretch_line(one: Stretch, words: Words) -> str:
    return f"{words.instant(one.start)} – {words.instant(one.end)}"


def word_question(swap: Swap, row: Row, words: Words, roster: Roster, now: datetime) -> Message:
    """What the other side reads: the question while it is asked, and then what came of it."""
    if swap.state is not SwapState.ASKED or swap.ends_at <= now:
        return word_outcome(swap, row, words, roster)
    title = words.gettext("%(asker)s asks you to swap a shift in %(schedule)s") % _values(swap, roster, words)
    nothing = words.gettext("nothing in return")
    commands = f"kidoku swap --accept {swap.id} · kidoku swap --decline {swap.id}"
    return replace(
        titled(row, words, title),
        swap_id=swap.id,
        facts=(
            Fact(words.gettext("You would take"), stretch_line(swap.mine, words)),
            Fact(words.gettext("You would give"), stretch_line(swap.theirs, words) if swap.theirs else nothing),
            Fact(words.gettext("Answer until"), words.instant(swap.ends_at)),
            Fact(words.gettext("Commands"), commands),
        ),
        buttons=(
            Button(Verb.ACCEPT, words.gettext("Accept"), is_primary=True),
            Button(Verb.DECLINE, words.gettext("Decline")),
        ),
        footer=words.gettext("A shift in Kidoku"),
        tone=Tone.CALM,
    )


def word_outcome(swap: Swap, row: Row, words: Words, roster: Roster, why: Phrase | None = None) -> Message:
    """What came of a swap, for either side."""
    said = outcome_of(swap, roster, words, why)
    return replace(
        titled(row, words, said),
        footer=words.gettext("A shift in Kidoku"),
        tone=Tone.CALM,
    )
