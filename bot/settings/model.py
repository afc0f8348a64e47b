"""The shape of ``config/kidoku.yaml``. What stands in it is read as written; ``build.py`` makes the core's types of it.

Keys of a channel stand beside the channel (``channels/<name>/config.py``).
"""

from typing import Annotated

from pydantic import Field, SecretStr

from bot.settings.basic import Name, RoomName, Severity, Shape, Word
from bot.settings.calendar_shape import CalendarShape
from bot.settings.checks_shape import ChecksShape
from bot.settings.failover_shape import FailoverShape
from bot.settings.fields import Database, Listed, Zone
from bot.settings.maintenance_shape import MaintenanceShape
from bot.settings.people_shape import FairTurnsShape, PersonShape, RoomShape
from bot.settings.policy_shape import PolicyShape, TellShape
from bot.settings.public_address import PublicAddress
from bot.settings.roles_shape import RolesShape
from bot.settings.rule_shape import RuleShape
from bot.settings.schedule_shape import ScheduleShape
from bot.settings.sending_shape import SendingShape
from bot.settings.window_shape import WindowShape
from channels.apprise.config import AppriseService
from channels.discord.config import DiscordSettings
from channels.gateway.config import GatewaySettings
from channels.imap.config import ImapAccount
from channels.slack.config import SlackSettings
from channels.smtp.config import SmtpSettings
from channels.translation.config import TranslationSettings
from channels.twilio.config import TwilioSettings
from escalation.phrase import Language


class Web(Shape):
    """Where Kidoku listens for callbacks, health and metrics."""

    host: Word = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: PublicAddress | None = None
    """The https address under which the providers reach this server; without one, calls only announce."""
    api_token: SecretStr | None = None
    """The bearer token of the HTTP API, from KIDOKU_WEB__API_TOKEN; without one there is no API."""
    api_person: Word | None = None
    """Whose commands those of the HTTP API are, and who sends its mail where no `by` says it: a person, with their
    role; without one it takes no commands, and wants a `by`."""


class Document(Shape):
    """The settings file of Kidoku."""

    language: Language = "en"
    zone: Zone = "UTC"
    database: Database = SecretStr("sqlite+aiosqlite:///var/kidoku.sqlite3")
    """A path, or a URL. One with a password goes into the environment: KIDOKU_DATABASE."""
    web: Web = Field(default_factory=Web)
    alarms: list[TellShape] = Field(
        min_length=1,
        examples=['[{via: slack, to: "#ops"}]'],
        description="Who is told when Kidoku itself is in trouble.",
    )
    retention_days: int = Field(default=90, ge=1, le=3650)
    people: dict[Name, PersonShape] = Field(
        min_length=1, examples=["{alice: {name: Alice, email: alice@company.example}}"]
    )
    teams: dict[Name, Annotated[list[Word], Field(min_length=1)]] = Field(default={})
    fair_turns: FairTurnsShape | None = None
    """Turns of teams that go by load."""
    rooms: dict[RoomName, RoomShape] = Field(default={})
    roles: RolesShape = Field(default_factory=RolesShape)
    """Who may do what in chat."""
    urgent_from: Severity = "error"
    """From this severity on a matter is urgent, where people's contacts differ by it."""
    schedules: dict[Name, ScheduleShape] = Field(default={})
    windows: dict[Name, WindowShape] = Field(default={})
    calendars: dict[Name, CalendarShape] = Field(default={})
    leave: Listed[Word] = Field(default=[])
    """Calendars that say who is away."""
    policies: dict[Name, PolicyShape] = Field(
        min_length=1,
        examples=['{urgent: {steps: [{via: slack, to: alice}], last_resort: [{via: slack, to: "#ops"}]}}'],
    )
    rules: list[RuleShape] = Field(min_length=1, examples=["[{name: urgent, when: {prefix: true}, policy: urgent}]"])
    maintenance: list[MaintenanceShape] = Field(default=[])
    """Times in which some urgent mail opens no alert."""
    contact_checks: ChecksShape = Field(default_factory=ChecksShape)
    """How people's contacts are proved."""
    failover: FailoverShape = Field(default_factory=FailoverShape)
    """When a channel counts as out of order."""
    imap: dict[Name, ImapAccount] = Field(default={})
    slack: SlackSettings | None = None
    discord: DiscordSettings | None = None
    twilio: TwilioSettings | None = None
    smtp: SmtpSettings | None = None
    """The mail server through which urgent mail leaves."""
    apprise: dict[Name, AppriseService] = Field(default={})
    """Services that have no channel of their own, by the names under which rooms and people refer to them."""
    sending: SendingShape = Field(default_factory=SendingShape)
    """Care for mail that the team sends."""
    translation: TranslationSettings | None = None
    """A service that translates what mails say; without it nothing of them goes to one."""
    gateway: GatewaySettings | None = None
    """Where mail programs and monitoring systems hand in mail."""
