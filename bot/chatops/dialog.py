"""What each dialog asks, and what was answered: vendor-free and pure. Slack and Discord only draw it.

One more dialog is one more verb in ``ASKING``: its fields, and the command that they make.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.chatops.asker import Asker
from bot.chatops.command import Command
from bot.chatops.look import offered_alerts
from bot.chatops.vocabulary import Name
from bot.chatops.when import read_when
from bot.chatops.whom import schedule_alone
from bot.language import Words
from bot.refusal import BadArgumentError
from channels.dialog import Ask, Dialog, Kind, Offer
from escalation.alert import Alert
from escalation.phrase import N_
from escalation.roster import Roster

MOST_OFFERED = 100
SNOOZES = ("15m", "30m", "1h", "2h", "4h")


class FaultError(ValueError):
    """Answers that can't be taken: what to write instead, worded, by the names of the fields."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is asked, about what, and what they answered so far. ``alert`` is None if they shall say which: then
    ``alerts`` are the open ones."""

    key: str
    asker: Asker
    roster: Roster
    now: datetime
    alert: Alert | None = None
    alerts: tuple[Alert, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        return self.asker.words

    def given(self, name: str) -> str:
        return self.answers.get(name, "").strip()

    def ask(self, name: str, label: str, kind: Kind = Kind.TEXT, hint: str = "", **more: object) -> Ask:
        """A field with what was answered to it so far; label and hint are translated."""
        texts = (self.words.gettext(label), kind, self.words.gettext(hint))
        return Ask(name, *texts, value=self.given(name), **more)  # type: ignore[arg-type]


def dialog_of(scene: Scene, title: str, submit: str, asks: tuple[Ask, ...]) -> Dialog:
    """A dialog with its buttons in the asker's language."""
    words = scene.words
    return Dialog(
        key=scene.key,
        title=words.gettext(title),
        submit=words.gettext(submit),
        close=words.gettext("Cancel"),
        asks=asks,
        change=words.gettext("Change…"),
        more=words.gettext("More…"),
    )


# What is asked --------------------------------------------------------------------------------------------------------

_UNTIL_HINT = N_("30m, 18:00, tomorrow 9:00")


def asked(verb: str, scene: Scene) -> Dialog:
    """The dialog of a verb. Raises BadArgumentError if there is nothing to ask about."""
    title, submit, fields, _ = ASKING[verb]
    return dialog_of(scene, title, submit, (*_which(scene, verb), *fields(scene)))


def _which(scene: Scene, verb: str) -> tuple[Ask, ...]:
    """The field that asks which alert, where that is not plain."""
    if scene.alert is not None or verb == Name.OVERRIDE:
        return ()
    found = offered_alerts(scene.alerts, "", scene.words, scene.now)[:MOST_OFFERED]
    choices = tuple(Offer(label, value) for label, value in found)
    return (scene.ask("alert", N_("Which alert"), Kind.CHOICE, is_required=True, choices=choices),)


def _snooze(scene: Scene) -> tuple[Ask, ...]:
    words = scene.words
    spans = [Offer(words.duration(_span(one)), one) for one in SNOOZES]
    choices = (*spans, Offer(words.gettext("Until morning"), "morning"))
    return (
        scene.ask("until", N_("How long"), Kind.CHOICE, choices=choices),
        scene.ask("time", N_("Or until when"), hint=_UNTIL_HINT),
    )


def _span(text: str) -> timedelta:
    when = read_when(text)
    return when.span if when is not None and when.span is not None else timedelta(0)


def _escalate(scene: Scene) -> tuple[Ask, ...]:
    person = scene.ask("person", N_("To whom"), Kind.PERSON, choices=_people(scene))
    steps = _steps(scene)
    kind = Kind.CHOICE if steps else Kind.TEXT
    return (person, scene.ask("step", N_("Or to which step"), kind, choices=steps))


def _people(scene: Scene) -> tuple[Offer, ...]:
    return tuple(Offer(f"{one.name} ({one.id})", one.id) for one in scene.roster.people.values())


def _steps(scene: Scene) -> tuple[Offer, ...]:
    """The steps of the ladder that the alert climbs, or would climb now."""
    alert = scene.alert
    if alert is None:
        return ()
    index = alert.ladder if alert.ladder is not None else alert.policy.ladder_at(scene.now)
    steps = sorted({rung.step for rung in alert.policy.ladders[index].rungs}) if index is not None else []
    form = scene.words.gettext("step %(n)d")
    return tuple(Offer(form % {"n": step + 1}, str(step + 1)) for step in steps[:MOST_OFFERED])


def _override(scene: Scene) -> tuple[Ask, ...]:
    schedules = tuple(Offer(one, one) for one in sorted(scene.roster.schedules))
    if len(schedules) < 2:
        schedule_alone(scene.roster)
    which = (scene.ask("schedule", N_("Schedule"), Kind.CHOICE, is_required=True, choices=schedules[:MOST_OFFERED]),)
    return (
        scene.ask("person", N_("Who takes the duty"), Kind.PERSON, is_required=True, choices=_people(scene)),
        *(which if len(schedules) > 1 else ()),
        scene.ask("start", N_("From when; empty: now"), hint=_UNTIL_HINT),
        scene.ask("end", N_("Until when"), hint=_UNTIL_HINT, is_required=True),
    )


# What was answered ----------------------------------------------------------------------------------------------------


def command_of(verb: str, scene: Scene) -> tuple[Command, str]:
    """The command that the answers make, and the field that a refusal of it belongs to. Raises FaultError."""
    return ASKING[verb][3](scene)


def alert_named(scene: Scene) -> str:
    """Which alert was chosen. Raises FaultError if none was."""
    if chosen := scene.given("alert"):
        return chosen
    raise FaultError({"alert": scene.words.gettext("Which alert?")})


def _snoozed(scene: Scene) -> tuple[Command, str]:
    time = scene.given("time")
    if not (argument := time or scene.given("until")):
        raise FaultError({"time": scene.words.gettext("Choose how long, or write until when.")})
    check_time(scene, "time", time)
    return Command(Name.SNOOZE, argument=argument), "time" if time else "until"


def _escalated(scene: Scene) -> tuple[Command, str]:
    person, step = scene.given("person"), scene.given("step")
    if bool(person) == bool(step):
        raise FaultError({"person": scene.words.gettext("Name a person or a step: one of both.")})
    return Command(Name.ESCALATE, argument=person or step), "person" if person else "step"


def _overridden(scene: Scene) -> tuple[Command, str]:
    person, end, start = scene.given("person"), scene.given("end"), scene.given("start")
    needed = scene.words.gettext("This is needed.")
    faults = {name: needed for name, value in (("person", person), ("end", end)) if not value}
    faults |= time_faults(scene, {"start": start, "end": end})
    if faults:
        raise FaultError(faults)
    return Command(Name.OVERRIDE, schedule=scene.given("schedule"), person=person, start=start, end=end), "end"


def check_time(scene: Scene, name: str, text: str) -> None:
    """Raises FaultError if something that is no time stands in a field."""
    if faults := time_faults(scene, {name: text}):
        raise FaultError(faults)


def time_faults(scene: Scene, texts: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with times as they were typed, by field; empty ones are right."""
    form = scene.words.gettext("“%(text)s” is no time; write 2h, 18:00 or tomorrow 9:00.")
    return {
        name: form % {"text": text[:60]} for name, text in texts.items() if text.strip() and read_when(text) is None
    }


ASKING: Mapping[str, tuple[str, str, Callable[[Scene], tuple[Ask, ...]], Callable[[Scene], tuple[Command, str]]]] = (
    MappingProxyType(
        {
            Name.SNOOZE: (N_("Snooze until…"), N_("Snooze"), _snooze, _snoozed),
            Name.ESCALATE: (N_("Escalate to…"), N_("Escalate"), _escalate, _escalated),
            Name.OVERRIDE: (N_("Override a duty"), N_("Save"), _override, _overridden),
        }
    )
)
"""Per verb: title, button, fields, and what the answers mean. Sending is in ``compose.py``: it is confirmed."""


def refuse_unless_open(scene: Scene) -> None:
    """Raises BadArgumentError if there is no alert to ask about."""
    if scene.alert is None and not scene.alerts:
        raise BadArgumentError(scene.words.gettext("No open alerts."))
