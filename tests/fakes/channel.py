"""A channel whose provider is the test: it records what is sent, and answers as it is told."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from channels.base import CantTell, Capabilities, Ended, FollowResult, NotFound, Ongoing, SendResult, Sent
from channels.message import Message

FAR = timedelta(hours=6)


class ScriptedChannel:
    """Implements ``channels.base.Notifier``. ``answers`` are given in order; after those everything is taken.
    ``loses``: what is raised after something was taken."""

    def __init__(self, name: str, *, is_phone: bool = False, can_update: bool = True) -> None:
        self.name = name
        self.capabilities = Capabilities(can_update=can_update, can_reconcile=True)
        self._is_phone = is_phone
        self.sent: list[Message] = []
        self.updated: list[Message] = []
        self.asked: list[str] = []
        self.answers: deque[SendResult | BaseException] = deque()
        self.loses: deque[Exception] = deque()
        self.remembered: dict[str, Sent] = {}
        self.found: CantTell | None = None
        self.ends: deque[Ended | Ongoing] = deque()

    async def send(self, message: Message) -> SendResult:
        self.sent.append(message)
        answer = self.answers.popleft() if self.answers else self._take(message)
        if not isinstance(answer, BaseException) and self.loses:
            answer = self.loses.popleft()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _take(self, message: Message) -> Sent:
        sent = Sent({"key": message.key}, is_final=not self._is_phone)
        self.remembered[message.key] = sent
        return sent

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        self.asked.append(message.key)
        return self.found or self.remembered.get(message.key) or NotFound()

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        self.updated.append(message)
        return Sent(ref)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        return self.ends.popleft() if self.ends else Ongoing(after=FAR)

    async def close(self) -> None:
        return None
