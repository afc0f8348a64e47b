"""Who and what the examples are about: one team in each language. Nothing here is of this day or this machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.desk import due_at_once
from bot.language import Words
from bot.link import Links
from bot.post import Post
from bot.store.record import EventRow, NotificationRow
from bot.tokens import Tokens
from bot.wording import word_notification
from channels.message import Message
from escalation import machine
from escalation.alert import Alert
from escalation.command import Purpose
from escalation.event import Input, Opened, TimerFired
from escalation.machine import Decision
from escalation.mail import MailBrief
from escalation.policy import Action, EscalationPolicy, Ladder, Step, Target
from escalation.receipt import Recipient
from escalation.roster import Person, Roster
from escalation.rotation import Layer, Role
from escalation.schedule import Schedule
from escalation.target import Reached

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NIGHT = (date(2026, 5, 12), time(2))
"""On the wall of each team: a Tuesday, two in the morning."""
DIGITS = "47"
ALERT = 42
URL = "https://kidoku.company.example"
_SECRET = SecretStr("of the examples alone")


@dataclass(frozen=True, slots=True)
class Cast:
    """One team: its language and zone, what its people are called (by id), the mail that comes and the one it sends.
    ``foreign_subject`` and ``foreign_text`` say the same as ``subject`` and ``text``, in a language that its people may
    not know."""

    language: str
    zone: str
    names: Mapping[str, str]
    phone: str
    sender_name: str
    subject: str
    text: str
    foreign_subject: str
    foreign_text: str
    own_subject: str
    own_text: str
    reason: str
    note: str

    @property
    def words(self) -> Words:
        return Words(self.language, self.zone, lambda: self.at)

    @property
    def at(self) -> datetime:
        """When it all begins, in UTC."""
        return datetime.combine(*NIGHT, ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def roster(self) -> Roster:
        people = {id: self._person(id, name, number) for number, (id, name) in enumerate(self.names.items())}
        layer = Layer("noc", (("alice",), ("bob",)), self.zone, date(2026, 5, 4))
        behind = Layer("behind", (("bob",), ("alice",)), self.zone, date(2026, 5, 4), role=Role.BACKUP)
        rooms = {"#noc": {"slack": "C0NOC", "discord": "111111111111111111"}}
        return Roster(people, {"noc": ("alice", "bob")}, {"noc": Schedule("noc", (layer, behind))}, rooms)

    def _person(self, id: str, name: str, number: int) -> Person:
        mail = f"{id}@team.example"
        phone = f"{self.phone}{number}"
        contacts = {"slack": f"U0{id.upper()}", "discord": f"20{number}", "phone": phone, "sms": phone, "mail": mail}
        return Person(id, name, (mail,), contacts, self.language, self.zone)

    @property
    def post(self) -> Post:
        return Post(Tokens(_SECRET), "Kidoku <kidoku@team.example>", "bounces@team.example", "", public_url=URL)

    @property
    def links(self) -> Links:
        return Links(Tokens(_SECRET), URL)

    def row(
        self,
        channel: str = "slack",
        person: str = "",
        purpose: Purpose = Purpose.STEP,
        text: str = "",
        alert_id: int | None = ALERT,
    ) -> NotificationRow:
        """A notification to the room, or to one person."""
        known = self.roster.people.get(person)
        address = known.contacts.get(channel, "") if known else "C0NOC"
        to = Reached(person or "#noc", channel, address, person or None)
        return due_at_once(f"{ALERT}.1", to, purpose, self.at, text, alert_id)._replace(digits=DIGITS)


CASTS: Mapping[str, Cast] = MappingProxyType(
    {
        "en": Cast(
            language="en",
            zone="Europe/London",
            names={"alice": "Alice Hill", "bob": "Bob Grant", "carol": "Carol Lane", "dave": "Dave Moss"},
            phone="+44207946001",
            sender_name="Carrier NOC",
            subject="[URGENT] London–Leeds line is down",
            text="The fibre was cut at 01:50.\nWe expect the repair at 05:00.",
            foreign_subject="【緊急】ロンドン・リーズ間 回線断",
            foreign_text="01:50に光ファイバーが切断されました。\n復旧は05:00の見込みです。",
            own_subject="[URGENT] Maintenance tonight is called off",
            own_text="Tonight's maintenance is called off.\nPlease leave the traffic where it is.",
            reason="the spare line carries the traffic",
            note="on the phone with the carrier",
        ),
        "ja": Cast(
            language="ja",
            zone="Asia/Tokyo",
            names={"alice": "佐藤 花子", "bob": "田中 健", "carol": "鈴木 誠", "dave": "高橋 涼"},
            phone="+8131234567",
            sender_name="回線事業者NOC",
            subject="【緊急】東京・大阪間 回線断",
            text="1時50分に光ファイバーが切断されました。\n復旧は5時ごろの見込みです。",
            foreign_subject="[URGENT] Tokyo–Osaka line is down",
            foreign_text="The fibre was cut at 01:50.\nWe expect the repair at 05:00.",
            own_subject="【緊急】今夜の保守作業は中止します",
            own_text="今夜の保守作業は中止になりました。\nトラフィックの切り替えは行わないでください。",
            reason="予備回線に切り替え済み",
            note="回線事業者と電話で確認中",
        ),
        "zh": Cast(
            language="zh",
            zone="Asia/Shanghai",
            names={"alice": "王芳", "bob": "李强", "carol": "张伟", "dave": "赵敏"},
            phone="+86108555000",
            sender_name="运营商NOC",
            subject="【紧急】北京—上海线路中断",
            text="光缆于1点50分被挖断。\n预计5点前修复。",
            foreign_subject="[URGENT] Beijing–Shanghai line is down",
            foreign_text="The fibre was cut at 01:50.\nWe expect the repair at 05:00.",
            own_subject="【紧急】今晚的维护取消",
            own_text="今晚的维护作业已取消。\n请勿切换流量。",
            reason="流量已切换到备用线路",
            note="正在与运营商电话确认",
        ),
    }
)


def action(channel: str, *targets: str) -> Action:
    return Action(channel, tuple(Target.parse(one) for one in targets))


STEPS = (
    Step(action("slack", "#noc"), 5 * MINUTE),
    Step(action("phone", "oncall:noc"), 5 * MINUTE),
    Step(action("phone", "bob"), 10 * MINUTE),
)
POLICY = EscalationPolicy(
    name="urgent",
    ladders=(Ladder(STEPS, wait=10 * MINUTE),),
    last_resort=(action("phone", "team:noc"), action("slack", "#noc")),
)


@dataclass
class Story:
    """One alert, and what happened to it."""

    cast: Cast
    made: list[tuple[datetime, Decision]] = field(default_factory=list)

    @classmethod
    def of(cls, cast: Cast, policy: EscalationPolicy = POLICY, **more: object) -> "Story":
        """An urgent mail comes; ``more`` is of ``Opened``."""
        mail = MailBrief(
            message_id="1@carrier.example",
            subject=cast.subject,
            sender="noc@carrier.example",
            sender_name=cast.sender_name,
            received_at=cast.at,
        )
        values: dict[str, object] = {"mail": mail, "policy": policy, "recipients": (Recipient("alice"),)}
        opened = Opened(**(values | {"rule": "urgent mail"} | more))  # type: ignore[arg-type]
        return cls.begin(cast, opened)

    @classmethod
    def begin(cls, cast: Cast, opened: Opened) -> "Story":
        return cls(cast, [(cast.at, machine.open(ALERT, opened, cast.at, cast.roster))])

    @property
    def alert(self) -> Alert:
        return self.made[-1][1].alert

    @property
    def events(self) -> list[EventRow]:
        pairs = [(event, at) for at, decision in self.made for event in decision.events]
        return [EventRow(ALERT, number, at, event) for number, (event, at) in enumerate(pairs)]

    def tell(self, minutes: float, event: Input) -> "Story":
        """Something happens so many minutes after the mail; what falls due before that happens first."""
        at = self.cast.at + minutes * MINUTE
        while (due_at := self.alert.wake_at) is not None and due_at <= at:
            self._decide(TimerFired(), due_at)
        if not isinstance(event, TimerFired):
            self._decide(event, at)
        return self

    def passes(self, minutes: float) -> "Story":
        return self.tell(minutes, TimerFired())

    def _decide(self, event: Input, at: datetime) -> None:
        self.made.append((at, machine.decide(self.alert, event, at, self.cast.roster)))

    def message(self, minutes: float, row: NotificationRow | None = None, translated: str = "") -> Message:
        """How it is told so many minutes after the mail; ``translated`` is its subject in the reader's language."""
        row, words = row or self.cast.row(), self.cast.words
        now = self.cast.at + minutes * MINUTE
        listed = [(one.event, one.at) for one in self.events]
        message = word_notification(self.alert, row, words, self.cast.roster, now, listed, (), translated)
        return self.cast.links.with_link(message, row, words)
