"""What an inbox is to a channel about being connected with a sender."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from channels.inbox import LegReport, Reply, SenderCall, SenderLine, Whisper
from escalation.event import Outcome

NOC = "+81399990000"
LINE = SenderLine(
    number=NOC,
    language="ja-JP",
    digit="2",
    taken="引き受けました。",
    offer="送信者と話すには 2 を押してください。",
    again="もう一度かけるには 2 を押してください。",
    calling="送信者を呼び出します。",
    goodbye="失礼します。",
    ended={
        Outcome.ENDED: "通話が終わりました。",
        Outcome.HUNG_UP: "切られました。",
        Outcome.BUSY: "話し中です。",
        Outcome.NO_ANSWER: "応答がありません。",
        Outcome.REJECTED: "かけられませんでした。",
    },
)


@dataclass
class Senders:
    """``line`` is whoever can be called. A call is under way from when it is asked for
    until its end was reported."""

    line: SenderLine | None = None
    sender_calls: list[SenderCall] = field(default_factory=list)
    leg_reports: list[LegReport] = field(default_factory=list)
    connect_reply: Reply = field(default_factory=lambda: Reply(""))
    talking: list[Mapping[str, str]] = field(default_factory=list)

    async def sender(self, key: str) -> SenderLine | None:
        return self.line

    async def connect(self, call: SenderCall) -> Reply:
        self.sender_calls.append(call)
        return self.connect_reply

    async def whisper(self, id: str) -> Whisper | None:
        return Whisper("ja-JP", "おつなぎします。") if any(one.id == id for one in self.sender_calls) else None

    async def leg(self, report: LegReport) -> bool:
        self.leg_reports.append(report)
        is_known = any(one.id == report.id for one in self.sender_calls)
        return is_known and not any(one.outcome for one in self.leg_reports if one.id == report.id)

    async def is_connected(self, channel: str, ref: Mapping[str, str]) -> bool:
        return ref in self.talking
