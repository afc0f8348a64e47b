"""The ledger at the mailbox's border: remembers as the store would, and lets a test wait for what happens."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from channels.imap.mailbox import (
    Arrived,
    Cursor,
    FiledAsJunk,
    FlagsChanged,
    Happening,
    MailboxBatch,
    Removed,
    Renumbered,
    Watched,
)
from tests.fakes.patience import PATIENCE

T = TypeVar("T", Arrived, FlagsChanged, FiledAsJunk, Removed, Renumbered)
Place = tuple[str, str]


@dataclass
class RecordingLedger:
    """Every mail that arrives is watched from then on, as if all were urgent."""

    cursors: dict[Place, Cursor] = field(default_factory=dict)
    watched: dict[Place, dict[int, Watched]] = field(default_factory=dict)
    batches: list[MailboxBatch] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def load(self, account: str, folder: str) -> tuple[Cursor | None, Mapping[int, Watched]]:
        place = (account, folder)
        return self.cursors.get(place), dict(self.watched.get(place, {}))

    async def followed(self, account: str) -> list[str]:
        return [folder for (one, folder), mails in self.watched.items() if one == account and mails]

    async def commit(self, batch: MailboxBatch) -> None:
        place = (batch.account, batch.folder)
        mails = self.watched.setdefault(place, {})
        for happening in batch.happenings:
            self._follow(batch.account, mails, happening)
            _apply(mails, happening)
        await self.note(batch)

    async def note(self, batch: MailboxBatch) -> None:
        """Keep what happened, and wake who waits for it."""
        self.cursors[batch.account, batch.folder] = batch.cursor
        self.batches.append(batch)
        self.happened += batch.happenings
        async with self._changed:
            self._changed.notify_all()

    def _follow(self, account: str, mails: Mapping[int, Watched], happening: Happening) -> None:
        """A mail that was moved is watched where it went."""
        if isinstance(happening, Removed) and happening.moved_uid:
            mail = replace(mails[happening.uid], uid=happening.moved_uid, is_seen=happening.is_seen)
            self.watched.setdefault((account, happening.moved_to), {})[mail.uid] = mail

    async def until(self, is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(is_so)

    async def synced(self, account: str, folder: str = "INBOX") -> None:
        """The folder was read for the first time."""
        await self.until(lambda: (account, folder) in self.cursors)

    async def happens(self, kind: type[T], count: int = 1) -> T:
        """The newest happening of a kind, when there are so many."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[-1]

    def of(self, kind: type[T]) -> list[T]:
        return [one for one in self.happened if isinstance(one, kind)]

    @property
    def subjects(self) -> list[str]:
        return [one.mail.subject for one in self.of(Arrived)]


def _apply(mails: dict[int, Watched], happening: Happening) -> None:
    match happening:
        case Arrived(uid, mail):
            flags = mail.flags
            mails[uid] = Watched(uid, mail.message_id, "\\Seen" in flags, "\\Answered" in flags)
        case FlagsChanged(uid, _, is_seen, is_answered):
            mails[uid] = replace(mails[uid], is_seen=is_seen, is_answered=is_answered)
        case Removed(uid):
            mails.pop(uid, None)
        case Renumbered(_, old_uid, uid):
            mails[uid] = replace(mails.pop(old_uid), uid=uid)
        case FiledAsJunk():
            return
