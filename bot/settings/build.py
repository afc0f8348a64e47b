"""The settings as the bot uses them, and the core's types made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.chatops.role import Role, Roles
from bot.settings.build_person import delays_of, person_of
from bot.settings.calendar_shape import CalendarShape
from bot.settings.checks_shape import ChecksShape
from bot.settings.failover_shape import FailoverShape
from bot.settings.maintenance_shape import MaintenanceShape
from bot.settings.model import Document, Web
from bot.settings.names import MORNING
from bot.settings.policy_fields import holiday_dates, last_known, outcomes_of
from bot.settings.policy_shape import LadderShape, Outside, PolicyShape, StepShape, TellShape
from bot.settings.rule_shape import RuleShape
from bot.settings.schedule_shape import LayerShape, ScheduleShape, ShiftShape
from bot.settings.sending_shape import SendingShape
from bot.settings.window_shape import OnHolidays, WindowShape
from channels.apprise.config import AppriseService
from channels.discord.config import DiscordSettings
from channels.gateway.config import GatewaySettings
from channels.imap.config import ImapAccount
from channels.slack.config import SlackSettings
from channels.smtp.config import SmtpSettings
from channels.translation.config import TranslationSettings
from channels.twilio.config import TwilioSettings
from escalation.calendar import ALWAYS, Span, Window
from escalation.condition import Condition
from escalation.contact import CONTACTS
from escalation.fairness import FAIR_WITHIN
from escalation.imported import Imported
from escalation.policy import Action, EscalationPolicy, Ladder, Step, Target, TargetKind
from escalation.roster import Roster
from escalation.rotation import Layer
from escalation.routing import Rule
from escalation.schedule import FixedShift, Schedule, taking_turns
from escalation.silence import Maintenance
from escalation.urgency import URGENT_WORDS


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings that were found right. ``today`` decides for which years holidays are known: from the one before it on,
    until ``holidays_until``. ``days`` are the whole days of each calendar, as far as it was read."""

    document: Document = field(repr=False)
    today: date
    days: Mapping[str, frozenset[date]] = field(default_factory=dict, repr=False)

    @property
    def holidays_until(self) -> date | None:
        """The last day whose holidays are known; None if no window asks for those of a country."""
        countries = [
            one for window in self.document.windows.values() for one in window.holidays if isinstance(one, str)
        ]
        return min((last_known(one, self._years) for one in countries), default=None)

    @property
    def _years(self) -> range:
        return range(self.today.year - 1, self.today.year + 4)

    @property
    def language(self) -> str:
        return self.document.language

    @property
    def zone(self) -> str:
        return self.document.zone

    @property
    def database_url(self) -> str:
        """The URL of the database, as SQLAlchemy takes it. It may hold a password: never log it."""
        text = self.document.database.get_secret_value()
        return text if "://" in text else f"sqlite+aiosqlite:///{text}"

    @property
    def web(self) -> Web:
        return self.document.web

    @property
    def retention_days(self) -> int:
        return self.document.retention_days

    @property
    def imap(self) -> dict[str, ImapAccount]:
        return self.document.imap

    @property
    def slack(self) -> SlackSettings | None:
        return self.document.slack

    @property
    def sending(self) -> SendingShape:
        return self.document.sending

    @property
    def contact_checks(self) -> ChecksShape:
        return self.document.contact_checks

    @property
    def failover(self) -> FailoverShape:
        return self.document.failover

    def tested(self) -> tuple[str, ...]:
        """Whose contacts are tested once a week."""
        usual = self.contact_checks.weekly_test
        people = self.document.people.items()
        return tuple(id for id, one in people if (usual if one.weekly_test is None else one.weekly_test))

    @property
    def smtp(self) -> SmtpSettings | None:
        return self.document.smtp

    @property
    def apprise(self) -> dict[str, AppriseService]:
        return self.document.apprise

    @property
    def translation(self) -> TranslationSettings | None:
        return self.document.translation

    @property
    def gateway(self) -> GatewaySettings | None:
        return self.document.gateway

    @property
    def discord(self) -> DiscordSettings | None:
        return self.document.discord

    @property
    def twilio(self) -> TwilioSettings | None:
        """With the web server's public address, unless it has its own."""
        twilio = self.document.twilio
        if twilio is None or twilio.public_url is not None:
            return twilio
        return twilio.model_copy(update={"public_url": self.web.public_url})

    @property
    def calendars(self) -> dict[str, CalendarShape]:
        return self.document.calendars

    @property
    def leave_calendars(self) -> tuple[str, ...]:
        """Those that say who is away."""
        return tuple(self.document.leave)

    @property
    def shift_calendars(self) -> tuple[str, ...]:
        """Those that give shifts."""
        return tuple(dict.fromkeys(name for one in self.document.schedules.values() for name in one.ical))

    @property
    def day_calendars(self) -> tuple[str, ...]:
        """Those that give days to windows."""
        return tuple(dict.fromkeys(name for one in self.document.windows.values() for name in one.ical))

    def has_calendar(self, window: str) -> bool:
        """Whether a window has days of a calendar, or is made of one that has."""
        shape = self.document.windows.get(window)
        return shape is not None and bool(shape.ical or any(self.has_calendar(name) for _, _, name in shape.others()))

    def escalation_policies(self) -> dict[str, EscalationPolicy]:
        """The policies by name, each with its windows and holidays in it."""
        windows, roster = self.windows(), self.roster()
        return {name: _policy(name, shape, windows, roster) for name, shape in self.document.policies.items()}

    def windows(self) -> dict[str, Window]:
        """The windows by name, ``always`` and ``morning`` among them."""
        windows = {"always": ALWAYS}
        if MORNING not in self.document.windows:
            windows[MORNING] = Window(MORNING, self.zone, (Span(start=time(8), end=time(18)),))
        for name in self.document.windows:
            self._add_window(name, windows)
        return windows

    def _add_window(self, name: str, windows: dict[str, Window]) -> None:
        """With those that it is made of first; they name each other in no circle."""
        if name in windows:
            return
        shape = self.document.windows[name]
        for _, _, other in shape.others():
            self._add_window(other, windows)
        days = frozenset[date]().union(*(self.days.get(one, frozenset()) for one in shape.ical))
        window = _window(name, shape, self.zone, self._years, windows)
        windows[name] = replace(window, dates=window.dates | days)

    def routing_rules(self) -> tuple[Rule, ...]:
        """The routing rules, in order."""
        return tuple(_rule(shape) for shape in self.document.rules)

    def maintenance(self) -> tuple[Maintenance, ...]:
        """The maintenance windows, in order."""
        windows = self.windows()
        return tuple(_maintenance(one, self.zone, windows) for one in self.document.maintenance)

    def roster(self) -> Roster:
        """Everybody that a target can name."""
        windows, fair = self.windows(), self.document.fair_turns
        return Roster(
            people={id: person_of(id, shape, self.document, windows) for id, shape in self.document.people.items()},
            teams={id: tuple(members) for id, members in self.document.teams.items()},
            schedules={id: _schedule(id, shape, self.zone, windows) for id, shape in self.document.schedules.items()},
            rooms={name: _room(name, shape.model_dump()) for name, shape in self.document.rooms.items()},
            urgent_from=self.document.urgent_from,
            fair_teams=frozenset(fair.teams if fair else ()),
            fair_within=fair.within if fair else FAIR_WITHIN,
        )

    def roles(self) -> Roles:
        """Who may do what."""
        shape = self.document.roles
        given: dict[TargetKind, dict[str, Role]] = {TargetKind.PERSON: {}, TargetKind.TEAM: {}, TargetKind.ROOM: {}}
        for role in Role:
            for target in map(Target.parse, getattr(shape, role.name.lower())):
                given[target.kind][target.name] = role
        everybody = Role[shape.everybody.upper()]
        return Roles(everybody, given[TargetKind.PERSON], given[TargetKind.TEAM], given[TargetKind.ROOM])

    def alarm_actions(self) -> tuple[Action, ...]:
        """How the administrators are told that Kidoku itself is in trouble."""
        return tuple(_action(one) for one in self.document.alarms)


def _action(shape: TellShape) -> Action:
    return Action(shape.via, tuple(Target.parse(text) for text in shape.to))


def _step(shape: StepShape, windows: Mapping[str, Window], roster: Roster) -> Step:
    action = _action(shape)
    step = Step(
        action,
        shape.after,
        otherwise=None if shape.otherwise is None else _action(shape.otherwise),
        before=shape.before,
        condition=_condition(shape, windows),
        ways=delays_of(action, roster) if shape.via == CONTACTS else (),
    )
    retry = shape.retry
    if retry is None:
        return step
    retry_on = None if retry.on is None else outcomes_of(retry.on)
    return replace(step, retry_times=retry.times, retry_every=retry.every, retry_on=retry_on)


def _condition(shape: StepShape, windows: Mapping[str, Window]) -> Condition | None:
    if shape.hold is not None:
        held = Target.parse(shape.hold)
        if held.kind is TargetKind.ONCALL:
            return Condition(on_call=held.name, is_waiting=True)
        return Condition(only=windows[shape.hold], is_waiting=True)
    if shape.only is None and shape.never is None:
        return None
    only, never = (windows[one] if one else None for one in (shape.only, shape.never))
    return Condition(only, never, is_waiting=shape.outside is Outside.WAIT)


def _ladder(shape: LadderShape, windows: Mapping[str, Window], roster: Roster) -> Ladder:
    steps = tuple(_step(step, windows, roster) for step in shape.steps)
    return Ladder(steps, windows[shape.when], shape.repeat, shape.wait)


def _policy(name: str, shape: PolicyShape, windows: Mapping[str, Window], roster: Roster) -> EscalationPolicy:
    return EscalationPolicy(
        name=name,
        ladders=tuple(_ladder(ladder, windows, roster) for ladder in shape.all_ladders()),
        last_resort=tuple(_action(one) for one in shape.last_resort),
        read_by=shape.read_by,
        counts=frozenset(shape.counts),
        stop_on=shape.stop_on,
        ack_timeout=shape.ack_timeout,
        resolve_after=shape.resolve_after,
        reopen_on_unread=shape.reopen_on_unread,
        remind_every=shape.remind_every,
        remind_most=shape.remind_most,
    )


def _window(name: str, shape: WindowShape, zone: str, years: range, known: Mapping[str, Window]) -> Window:
    spans = tuple(Span(span.days, span.start, span.end) for span in shape.all_spans())
    inside = None if shape.on_holidays is None else shape.on_holidays is OnHolidays.IN
    return Window(
        name,
        shape.zone or zone,
        spans,
        inside,
        holiday_dates(shape.holidays, years),
        frozenset(day for days in shape.dates for day in days),
        tuple(known[other] for other in shape.all_of),
        tuple(known[other] for other in shape.any_of),
        tuple(known[other] for other in shape.none_of),
    )


def _room(name: str, ids: dict[str, str | None]) -> dict[str, str]:
    return {"console": name} | {channel: id for channel, id in ids.items() if id is not None}


def _schedule(id: str, shape: ScheduleShape, zone: str, windows: Mapping[str, Window]) -> Schedule:
    zone = shape.zone or zone
    return replace(
        _rotations(id, shape, zone, windows),
        fixed=tuple(_fixed(one, zone) for one in shape.shifts),
        imported=tuple(Imported(name) for name in shape.ical),
        remind=tuple(sorted(set(shape.remind), reverse=True)),
        handoff_to=tuple(_action(one) for one in shape.handoff_to),
    )


def _rotations(id: str, shape: ScheduleShape, zone: str, windows: Mapping[str, Window]) -> Schedule:
    if shape.layers is None and shape.start is not None:
        return taking_turns(id, shape.people, zone, shape.start, shape.handoff, shape.days)
    named = enumerate(shape.layers or (), 1)
    return Schedule(id, tuple(_layer(one.name or f"{id} {number}", one, zone, windows) for number, one in named))


def _layer(name: str, shape: LayerShape, zone: str, windows: Mapping[str, Window]) -> Layer:
    return Layer(
        name=name,
        turns=tuple(tuple(turn) for turn in shape.people),
        zone=shape.zone or zone,
        start=shape.start,
        handoff=shape.handoff,
        unit=shape.every.unit,
        count=shape.every.number,
        cycle=tuple(shape.cycle or ()),
        window=windows[shape.window] if shape.window else None,
        role=shape.role,
    )


def _fixed(shape: ShiftShape, zone: str) -> FixedShift:
    return FixedShift(shape.person, _utc(shape.start, zone), _utc(shape.end, zone))


def _utc(at: datetime, zone: str) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _maintenance(shape: MaintenanceShape, zone: str, windows: Mapping[str, Window]) -> Maintenance:
    found = Maintenance(name=shape.name, scope=shape.when.scope(), why=shape.why)
    if shape.window is not None:
        return replace(found, window=windows[shape.window])
    assert shape.start is not None and shape.end is not None
    own = shape.zone or zone
    return replace(found, start=_utc(shape.start, own), end=_utc(shape.end, own))


def _rule(shape: RuleShape) -> Rule:
    when = shape.when
    return Rule(
        name=shape.name,
        policy=shape.policy or "",
        is_ignore=shape.ignore,
        severity=shape.severity,
        include_bulk=shape.include_bulk,
        accounts=tuple(when.account),
        folders=tuple(when.folder),
        senders=tuple(when.sender),
        recipients=tuple(when.to),
        subjects=tuple(when.subject),
        list_ids=tuple(when.list_id),
        headers=tuple(when.header.items()),
        is_important=when.importance == "high",
        is_flagged=when.flagged,
        keywords=tuple(when.keyword),
        prefixes=URGENT_WORDS if when.prefix is None else frozenset(when.prefix),
        texts=tuple(when.body),
    )
